//! However long the log, whatever is asked of it takes the same steps of SQLite's machine: nothing
//! looks through it.

use super::{Pool, SqliteStorage};
use crate::{
    LogStore,
    journal::{JournalStore, Stretch},
    nodes::Shards,
    replays::ReplayStore,
};
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState, Overlay},
    ids::{DeliveryId, FlowId, HookId, QueueId},
    page::Cursor,
    time::Millis,
    trace::FailureClass,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

/// How long the log is, and how much longer it gets: longer than the longest walk.
const SHORT: i64 = 75_000;
const LONG: i64 = 95_000;
/// When its first event was accepted; each of the others a second later.
const BEGAN: Millis = Millis(1_763_800_200_000);
/// Steps between two reports.
const REPORT: u64 = 50;
/// Steps that a deeper tree may take, and by which share a walk may be longer.
const SPARE: u64 = 3_000;
const MORE: f64 = 1.1;

/// How many deliveries of one call wait.
const OF_A_CALL: i64 = 20_000;

/// Writes the rows behind these up to that one: every other is dead of a time-out.
async fn fill(store: &SqliteStorage, after: i64, to: i64) {
    let numbers =
        "WITH RECURSIVE n (i) AS (SELECT $1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)";
    let id =
        |what: u8| format!("unhex(printf('%012x7000800{what}%012x', {} + i * 1000, i))", BEGAN.0);
    let events = format!(
        "INSERT INTO events {numbers}
         SELECT i, {}, 1, 'joined', 'sent-' || i, x'00', i, {began} + i * 1000, {began} + i * 1000, '{{}}', '{{}}',
                1, 0, FALSE FROM n",
        id(1),
        began = BEGAN.0,
    );
    let deliveries = format!(
        "INSERT INTO deliveries (seq, id, event_seq, event, queue_id, hook_id, flow_id, flow_version,
             call_attempt, state, attempts, failure_class, created_at, finished_at, out_of_order, test)
         {numbers}
         SELECT i, {}, i, 'joined', 1, 1 + i % 2, 1, 1, i, CASE WHEN i % 2 THEN 'delivered' ELSE 'dead' END,
                1, CASE WHEN i % 2 THEN NULL ELSE 'timeout' END, {began} + i * 1000, {began} + i * 1000, FALSE,
                FALSE FROM n",
        id(2),
        began = BEGAN.0,
    );
    for sql in [events, deliveries] {
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::query(sql).bind(after).bind(to).execute(&store.writer).await.unwrap();
    }
}

/// Has all connections of the pool count their steps.
async fn count(pool: &Pool, steps: &Arc<AtomicU64>) {
    let mut all = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        let mut connection = pool.acquire().await.unwrap();
        let steps = steps.clone();
        let report = move || steps.fetch_add(REPORT, Ordering::Relaxed) < u64::MAX;
        connection.lock_handle().await.unwrap().set_progress_handler(REPORT as i32, report);
        all.push(connection);
    }
}

type Term = (&'static str, fn(&mut DeliveryFilter));

/// What the panel narrows the log to, each of much and of nothing.
const TERMS: [Term; 22] = [
    ("dead", |all| all.states = vec![DeliveryState::Dead]),
    ("delivered", |all| all.states = vec![DeliveryState::Delivered]),
    ("running", |all| all.states = vec![DeliveryState::Running]),
    ("dead or skipped", |all| all.states = vec![DeliveryState::Dead, DeliveryState::Skipped]),
    ("joined", |all| all.events = vec![EventKind::Joined]),
    ("missed", |all| all.events = vec![EventKind::Missed]),
    ("any event", |all| all.events = EventKind::ALL.to_vec()),
    ("queue", |all| all.queues = vec![QueueId(1)]),
    ("no queue", |all| all.queues = vec![QueueId(9), QueueId(8)]),
    ("hook", |all| all.hooks = vec![HookId(1)]),
    ("no hook", |all| all.hooks = vec![HookId(9)]),
    ("many hooks, of which there is none", |all| all.hooks = (100..150).map(HookId).collect()),
    ("flow", |all| all.flows = vec![FlowId(1)]),
    ("timed out", |all| all.failures = vec![FailureClass::Timeout]),
    ("a name failed", |all| all.failures = vec![FailureClass::Dns]),
    ("tests", |all| all.test = Some(true)),
    ("no tests", |all| all.test = Some(false)),
    ("warned", |all| all.warned = Some(true)),
    ("not warned", |all| all.warned = Some(false)),
    ("since", |all| all.from = Some(BEGAN)),
    ("until", |all| all.to = Some(BEGAN.plus(SHORT / 2 * 1_000))),
    ("searched", |all| all.search = "4242".into()),
];

/// Each of them.
fn alone() -> Vec<(String, DeliveryFilter)> {
    let mut all = vec![("everything".to_owned(), DeliveryFilter::default())];
    for (name, term) in TERMS {
        let mut one = DeliveryFilter::default();
        term(&mut one);
        all.push((name.to_owned(), one));
    }
    all
}

/// Each with each other.
fn pairs() -> Vec<(String, DeliveryFilter)> {
    let mut all = Vec::new();
    for (place, (name, term)) in TERMS.iter().enumerate() {
        let mut one = DeliveryFilter::default();
        term(&mut one);
        for (other, and) in &TERMS[place + 1..] {
            let mut both = one.clone();
            and(&mut both);
            all.push((format!("{name}, {other}"), both));
        }
    }
    all
}

/// What each question takes.
async fn ask(store: &SqliteStorage, steps: &AtomicU64) -> Vec<(String, u64)> {
    let now = Overlay::default();
    let mut all = Vec::new();
    let mut told = |what: String| all.push((what, steps.swap(0, Ordering::Relaxed)));
    let newest = alone().into_iter().chain(pairs()).map(|one| (one, Cursor::Newest));
    let upwards = alone().into_iter().map(|one| (one, Cursor::After(0)));
    for ((name, filter), cursor) in newest.chain(upwards) {
        let query = DeliveryQuery { filter, cursor, size: 50 };
        store.deliveries(&query, &now).await.unwrap();
        told(format!("{name}, {cursor:?}"));
    }
    for (name, filter) in alone() {
        store.matching(&filter, &now).await.unwrap();
        told(format!("how many are {name}"));
    }
    let nobody = DeliveryId(Uuid::from_u128(7));
    assert_eq!(store.delivery(nobody, &now).await.unwrap(), None);
    told("one".into());
    store.call(4_242, 50, &now).await.unwrap();
    told("a call".into());
    store.backlog(Shards::ALL).await.unwrap();
    told("the backlog".into());
    let stretch = Stretch { flow: Some(FlowId(1)), limit: 100, ..Stretch::default() };
    store.unfinished(&stretch).await.unwrap();
    told("a stretch of the backlog".into());
    store.unfinished(&Stretch { ahead: true, ..stretch }).await.unwrap();
    told("one read ahead of others".into());
    store.unfinished_among(&[1, 4_242, SHORT]).await.unwrap();
    told("some by their row numbers".into());
    store.due((BEGAN, 0), BEGAN.plus(LONG * 1_000), Shards::ALL, 100).await.unwrap();
    told("what is due".into());
    all
}

#[tokio::test]
async fn what_is_asked_takes_the_same_steps_however_long_the_log() {
    let (_folder, store) = super::temporary().await;
    fill(&store, 0, SHORT).await;
    let steps = Arc::default();
    count(&store.readers, &steps).await;
    count(&store.engine, &steps).await;
    let short = ask(&store, &steps).await;
    fill(&store, SHORT, LONG).await;
    let long = ask(&store, &steps).await;
    let walks: Vec<_> = short
        .into_iter()
        .zip(long)
        .filter(|((_, short), (_, long))| *long > (*short as f64 * MORE) as u64 + SPARE)
        .map(|((what, short), (_, long))| format!("{what}: {short} steps, then {long}"))
        .collect();
    assert!(walks.is_empty(), "these look through the log:\n{}", walks.join("\n"));
}

#[tokio::test]
async fn a_call_of_many_is_looked_through_once_however_much_of_it_is_read() {
    let (_folder, store) = super::temporary().await;
    fill(&store, 0, OF_A_CALL).await;
    sqlx::query(
        "UPDATE deliveries SET call_attempt = 1, state = 'pending', attempts = 0,
             failure_class = NULL, finished_at = NULL",
    )
    .execute(&store.writer)
    .await
    .unwrap();
    let steps = Arc::default();
    count(&store.engine, &steps).await;
    let read = async |limit| {
        let stretch = Stretch { flow: Some(FlowId(1)), limit, ..Stretch::default() };
        assert_eq!(store.unfinished(&stretch).await.unwrap().len(), limit as usize);
        steps.swap(0, Ordering::Relaxed)
    };
    let (few, many) = (read(10).await, read(200).await);
    assert!(many < 2 * few, "{few} steps for 10 deliveries, {many} for 200");
}
