//! On PostgreSQL: however long the log, nothing that engine or panel asks looks through it.

use crate::{
    server,
    support::{Schema, *},
};
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryState},
    event::Event,
    page::Cursor,
    trace::{AttemptOutcome, FailureClass},
};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Batch, Completion, EventReceipt, NewEvent, Stretch, Unfinished},
    nodes::Shards,
    retention::Walk,
};

/// How many deliveries the log has, and how many of them one statement writes.
const LOG: usize = 20_000;
const BATCH: usize = 2_000;
/// How many rows of the log all that is asked below may read together.
const READ_MAX: i64 = 4_000;

/// Fills the log: all is delivered but the last.
async fn fill(store: &dyn Storage, one: &Wired) -> Accepted {
    let mut last = None;
    for batch in 0..LOG / BATCH {
        let new = |row: usize| -> NewEvent {
            let number = batch * BATCH + row;
            one.sent(NOW.plus(number as i64), &format!("sender-{number}"), 1)
        };
        let events: Vec<_> = (0..BATCH).map(new).collect();
        let ids: Vec<_> = events.iter().map(|new| (new.deliveries[0].id, new.event.id)).collect();
        let committed = commit(store, events).await;
        let mut done = Vec::new();
        for (receipt, (id, event_id)) in committed.events.iter().zip(ids) {
            let EventReceipt::Accepted { deliveries } = receipt else { panic!("{receipt:?}") };
            let accepted = Accepted { seq: deliveries[0], id, event_id };
            let ended = one.completion(&accepted, DeliveryState::Delivered, NOW);
            let attempt = Some(attempt(1, AttemptOutcome::Completed, None));
            done.push(Completion { attempt, ..ended });
            last = Some(accepted);
        }
        if batch + 1 == LOG / BATCH {
            done.pop();
        }
        complete(store, done).await;
    }
    last.unwrap()
}

/// How many rows of the log have been read, by looking through it and by an index. Counted once
/// nobody else is connected: a connection tells its numbers at its end.
async fn read(connection: &mut PgConnection) -> (i64, i64) {
    server::alone(connection, 0).await;
    sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(seq_tup_read), 0) AS BIGINT),
                CAST(COALESCE(SUM(idx_tup_fetch), 0) AS BIGINT)
         FROM pg_stat_user_tables WHERE relname ~ '^(events|deliveries|attempts)_'",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

#[tokio::test]
async fn nothing_looks_through_the_log() {
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let last = fill(&*store, &one).await;
    drop(store);
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    sqlx::query("ANALYZE").execute(&mut connection).await.unwrap();
    let before = read(&mut connection).await;
    let (changed, on_their_page): (i64, i64) = sqlx::query_as(
        "SELECT CAST(SUM(n_tup_upd) AS BIGINT), CAST(SUM(n_tup_hot_upd) AS BIGINT)
         FROM pg_stat_user_tables WHERE relname ~ '^deliveries_'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(changed, LOG as i64 - 1);
    assert_eq!(on_their_page, changed, "every completion finds room on its page");

    let store = storage::open(&made.url()).await.unwrap();
    ask_as_the_engine(&*store, &one, last).await;
    ask_as_the_panel(&*store, last).await;
    // A step of what forgets the log's end, where all of it is old.
    let years_later = NOW.plus(3 * 366 * 24 * HOUR);
    for walk in [Walk::Deliveries(0), Walk::Events(0)] {
        assert!(store.forget(years_later, walk, 200).await.unwrap().rows > 0);
    }
    drop(store);
    let after = read(&mut connection).await;
    assert_eq!(after.0 - before.0, 0, "rows were looked through");
    let by_index = after.1 - before.1;
    assert!(by_index < READ_MAX, "{by_index} rows were read by an index");
}

/// What a completion writes, of what a delivery has.
const CHANGED: [&str; 9] = [
    "state",
    "attempts",
    "duration_us",
    "failure_class",
    "failure",
    "finished_at",
    "next_at",
    "hold_until",
    "out_of_order",
];

#[tokio::test]
async fn no_index_of_the_log_hears_of_a_completion() {
    let made = server::Made::new(Schema::UpToDate).await;
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    // In its key or in its condition.
    let hear: Vec<(String, String)> = sqlx::query_as(
        "SELECT CAST(CAST(i.indexrelid AS REGCLASS) AS TEXT), CAST(a.attname AS TEXT)
         FROM pg_inherits p
         JOIN pg_index i ON i.indrelid = p.inhrelid
         JOIN pg_attribute a ON a.attrelid = i.indrelid
         WHERE p.inhparent = CAST('deliveries' AS REGCLASS) AND a.attname = ANY ($1)
           AND (a.attnum = ANY (i.indkey) OR EXISTS (
                    SELECT 1 FROM pg_depend d
                    WHERE d.objid = i.indexrelid AND d.refobjid = i.indrelid
                      AND d.refobjsubid = a.attnum))",
    )
    .bind(CHANGED.map(str::to_owned).to_vec())
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(hear.is_empty(), "{hear:?}");
}

#[tokio::test]
async fn what_is_named_by_its_number_is_found_by_its_key_alone() {
    let made = server::Made::new(Schema::UpToDate).await;
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    // While little is there each index that holds the number costs the same.
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(CAST(i.indexrelid AS REGCLASS) AS TEXT)
         FROM pg_index i
         JOIN pg_class c ON c.oid = i.indrelid
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'seq'
         WHERE c.relname ~ '^(events|deliveries|undelivered|runs)' AND NOT i.indisprimary
           AND i.indpred IS NULL AND a.attnum = ANY (i.indkey)",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(others.is_empty(), "{others:?}");
}

async fn ask_as_the_engine(store: &dyn Storage, one: &Wired, last: Accepted) {
    assert_eq!(store.backlog(Shards::ALL).await.unwrap().lots.len(), 1);
    let stretch = Stretch { flow: Some(one.flow.id), limit: 100, ..Stretch::default() };
    assert_eq!(store.unfinished(&stretch).await.unwrap().len(), 1);
    let ahead = Stretch { only: vec![one.hook.id], ahead: true, ..stretch };
    assert_eq!(store.unfinished(&ahead).await.unwrap().len(), 1);
    assert_eq!(store.unfinished_among(&[1, last.seq]).await.unwrap().len(), 1);
    assert!(store.due((NOW, 0), NOW.plus(HOUR), Shards::ALL, 100).await.unwrap().is_empty());
    assert!(store.open_delivery(last.id).await.unwrap().is_some());
    let batch = Batch {
        events: vec![one.sent(NOW, "sender-7", 1), one.sent(NOW, "new", 1)],
        completions: vec![one.completion(&last, DeliveryState::Delivered, NOW)],
        ..Batch::default()
    };
    let committed = store.commit(&batch).await.unwrap();
    assert!(matches!(committed.events[0], EventReceipt::Duplicate { .. }));
    assert!(matches!(committed.events[1], EventReceipt::Accepted { .. }));
    let hook = Unfinished::Hook(one.hook.id);
    assert_eq!(store.cancel(hook, Shards::ALL, &[], 100, NOW, None).await.unwrap().len(), 1);
}

async fn ask_as_the_panel(store: &dyn Storage, last: Accepted) {
    let now = Overlay::default();
    assert!(store.delivery(last.id, &now).await.unwrap().is_some());
    assert!(store.event(last.event_id, &now).await.unwrap().is_some());
    store.call(7, 50, &now).await.unwrap();
    store.unended().await.unwrap();
    let all = DeliveryFilter::default;
    let search = |text: &str| DeliveryFilter { search: text.into(), ..all() };
    for (filter, found) in [
        (all(), 20),
        (DeliveryFilter { events: vec![EventKind::Offering], ..all() }, 0),
        (DeliveryFilter { queues: vec![NO_QUEUE], ..all() }, 0),
        (DeliveryFilter { hooks: vec![NO_HOOK], ..all() }, 0),
        (DeliveryFilter { flows: vec![NO_FLOW], ..all() }, 0),
        (DeliveryFilter { states: vec![DeliveryState::Cancelled], ..all() }, 1),
        (DeliveryFilter { states: vec![DeliveryState::Dead, DeliveryState::Pending], ..all() }, 0),
        (DeliveryFilter { failures: vec![FailureClass::Dns], ..all() }, 0),
        (DeliveryFilter { test: Some(true), ..all() }, 0),
        (DeliveryFilter { warned: Some(true), ..all() }, 0),
        (DeliveryFilter { to: Some(NOW.plus(-HOUR)), ..all() }, 0),
        (search("sender-12345"), 1),
        (search("80217"), 0),
        (search(&last.id.to_string()), 1),
    ] {
        let query = model::delivery::DeliveryQuery { filter, ..stretch(Cursor::Newest, 20) };
        let items = log(store, query.clone()).await.items;
        assert_eq!(items.len(), found, "{query:?}");
    }
}

#[tokio::test]
async fn what_was_counted_in_parts_is_put_together_however_long_ago_it_was() {
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    // Nothing was put together in these hours: no process served the database.
    let long_ago = NOW.plus(-30 * 3_600_000);
    for _ in 0..200 {
        let accepted = one.accept(&*store, long_ago, DeliveryState::Pending).await;
        complete(&*store, vec![one.completion(&accepted, DeliveryState::Delivered, long_ago)])
            .await;
    }
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    let mut counted = async || {
        let sql = "SELECT COUNT(*), CAST(SUM(delivered) AS BIGINT),
                          (SELECT CAST(SUM(count) AS BIGINT) FROM latencies),
                          (SELECT COUNT(*) FROM latencies)
                   FROM counters WHERE hook_id > 0";
        sqlx::query_as::<_, (i64, i64, i64, i64)>(sql).fetch_one(&mut connection).await.unwrap()
    };
    let (parts, delivered, latencies, kinds) = counted().await;
    assert!(parts > 1 && kinds > 1, "{parts} parts of a minute, {kinds} of its latencies");
    assert_eq!((delivered, latencies), (200, 200));
    store.roll_up(NOW).await.unwrap();
    assert_eq!(counted().await, (1, 200, 200, 1));
}

#[tokio::test]
async fn what_was_planned_while_little_was_there_serves_when_there_is_much() {
    const WAITING: usize = 2_000;
    const ENDED: usize = 50;
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let end = async |accepted: &[Accepted]| {
        let ended = |one_of: &Accepted| Completion {
            attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
            ..one.completion(one_of, DeliveryState::Delivered, NOW)
        };
        complete(&*store, accepted.iter().map(ended).collect()).await;
    };
    let accept = async |senders: std::ops::Range<usize>| {
        let sent = |number: usize| {
            let new = one.sent(NOW, &format!("sender-{number}"), 1);
            let event = Event { call_attempt: Some(number as i64), ..(*new.event).clone() };
            NewEvent { event: Arc::new(event), ..new }
        };
        let events: Vec<_> = senders.map(sent).collect();
        let ids: Vec<_> = events.iter().map(|new| (new.deliveries[0].id, new.event.id)).collect();
        let mut all = Vec::new();
        for (receipt, (id, event_id)) in commit(&*store, events).await.events.iter().zip(ids) {
            if let EventReceipt::Accepted { deliveries } = receipt {
                all.push(Accepted { seq: deliveries[0], id, event_id });
            }
        }
        all
    };

    let open = async || {
        let (flow, only) = (Some(one.flow.id), vec![one.hook.id]);
        let stretch = Stretch { flow, limit: ENDED as u32, ..Stretch::default() };
        let ahead = Stretch { only, ahead: true, ..stretch.clone() };
        let many = store.unfinished(&stretch).await.unwrap().len();
        assert_eq!(store.unfinished(&ahead).await.unwrap().len(), many);
        many
    };
    let among = async |all: &[Accepted]| {
        let numbers: Vec<_> = all.iter().map(|one_of| one_of.seq).collect();
        store.unfinished_among(&numbers).await.unwrap().len()
    };

    // Each statement is planned when it is known how little there is, and the plan is kept.
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    let little = accept(0..2).await;
    end(&little[..1]).await;
    sqlx::query("VACUUM ANALYZE").execute(&mut connection).await.unwrap();
    assert_eq!((open().await, among(&little).await), (1, 1));
    end(&little[1..]).await;
    assert!(accept(0..1).await.is_empty(), "the sender's id came before");

    let waiting = accept(2..WAITING).await;
    assert_eq!((open().await, among(&waiting[..ENDED]).await), (ENDED, ENDED));
    for ended in waiting.chunks(ENDED).take(4) {
        end(ended).await;
    }
    assert!(accept(1..ENDED).await.is_empty(), "the senders' ids came before");
    drop(store);
    server::alone(&mut connection, 0).await;
    let read: i64 = sqlx::query_scalar(
        "SELECT CAST(SUM(idx_tup_read) AS BIGINT) FROM pg_stat_user_indexes
         WHERE relname ~ '^(deliveries|undelivered|senders)'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    let asked = 4 * ENDED;
    assert!(read < WAITING as i64, "{read} rows read to end {asked} of {WAITING} and see {ENDED}");
}

#[tokio::test]
async fn a_call_of_many_is_looked_through_once_however_much_of_it_is_read() {
    const WAITING: usize = 2_000;
    const READ: u32 = 50;
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let accept = async |numbers: std::ops::Range<usize>| {
        let of_call = |number: usize| {
            let new = one.sent(NOW, &format!("sender-{number}"), 1);
            let event = Event { call_attempt: Some(7), ..(*new.event).clone() };
            NewEvent { event: Arc::new(event), ..new }
        };
        commit(&*store, numbers.map(of_call).collect()).await;
    };
    let read = async || {
        let (flow, only) = (Some(one.flow.id), vec![one.hook.id]);
        let stretch = Stretch { flow, limit: READ, ..Stretch::default() };
        let ahead = Stretch { only, ahead: true, ..stretch.clone() };
        let many = store.unfinished(&stretch).await.unwrap().len();
        assert_eq!(store.unfinished(&ahead).await.unwrap().len(), many);
        many
    };
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    accept(0..2).await;
    sqlx::query("VACUUM ANALYZE").execute(&mut connection).await.unwrap();
    assert_eq!(read().await, 2);
    accept(2..WAITING).await;
    assert_eq!(read().await, READ as usize);
    drop(store);
    server::alone(&mut connection, 0).await;
    let read: i64 = sqlx::query_scalar(
        "SELECT CAST(SUM(idx_tup_read) AS BIGINT) FROM pg_stat_user_indexes
         WHERE relname ~ '^(deliveries|undelivered)'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    let most = 3 * WAITING as i64;
    assert!(read < most, "{read} rows read to see {READ} of a call of {WAITING} twice");
}
