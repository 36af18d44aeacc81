//! On PostgreSQL: while somebody reads for long, no dead row is cleared away. What the engine asks
//! must not pass by all of them again and again.

use crate::{
    server,
    support::{Schema, *},
};
use model::{catalog::EventKind, delivery::DeliveryState, trace::AttemptOutcome};
use sqlx::{Connection, PgConnection};
use storage::{
    Storage,
    journal::{Completion, EventReceipt, OpenDelivery, Stretch},
    nodes::Shards,
};

/// Deliveries of a round.
const MANY: usize = 100;
const ROUNDS: usize = 12;
/// How many rows all that is asked may read more behind many rounds than behind one: of a page that
/// is reached another way.
const MORE_MAX: i64 = 20;

/// Accepts deliveries, fails each once, and delivers them; the row number of the last.
async fn round(store: &dyn Storage, one: &Wired) -> i64 {
    let events: Vec<_> = (0..MANY).map(|_| one.new_event(NOW)).collect();
    let ids: Vec<_> = events.iter().map(|new| (new.deliveries[0].id, new.event.id)).collect();
    let mut accepted = Vec::new();
    for (receipt, (id, event_id)) in commit(store, events).await.events.iter().zip(ids) {
        let EventReceipt::Accepted { deliveries } = receipt else { panic!("{receipt:?}") };
        accepted.push(Accepted { seq: deliveries[0], id, event_id });
    }
    let again = |of: &Accepted| Completion {
        next_at: Some(NOW.plus(-MINUTE)),
        attempt: Some(attempt(1, AttemptOutcome::Failed, None)),
        ..one.completion(of, DeliveryState::Retrying, NOW)
    };
    complete(store, accepted.iter().map(again).collect()).await;
    let done = |of: &Accepted| Completion {
        attempt: Some(attempt(2, AttemptOutcome::Completed, None)),
        ..one.completion(of, DeliveryState::Delivered, NOW)
    };
    complete(store, accepted.iter().map(done).collect()).await;
    accepted.last().unwrap().seq
}

/// What lies behind a row number, as the engine reads it on, and reads it ahead.
async fn behind(store: &dyn Storage, one: &Wired, after: i64) -> Vec<OpenDelivery> {
    let stretch = Stretch { flow: Some(one.flow.id), after, limit: 256, ..Stretch::default() };
    let only = vec![one.hook.id];
    let ahead = Stretch { only, ahead: true, since: after, ..stretch.clone() };
    let ahead = store.unfinished(&ahead).await.unwrap();
    let found = store.unfinished(&stretch).await.unwrap();
    assert_eq!(ahead.len(), found.len());
    found
}

/// How many rows have been looked at, those that are dead too. Counted once only this connection and
/// the one that reads for long are left: a connection tells its numbers at its end.
async fn rows_read(connection: &mut PgConnection) -> i64 {
    server::alone(connection, 1).await;
    sqlx::query_scalar(
        "SELECT CAST((SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes)
                     + (SELECT SUM(seq_tup_read) FROM pg_stat_user_tables) AS BIGINT)",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

/// A round, and what the engine asks behind this row number: nothing is left but one delivery.
async fn ask(made: &server::Made, one: &Wired, after: i64) {
    let store = storage::open(&made.url()).await.unwrap();
    round(&*store, one).await;
    let waiting = one.accept(&*store, NOW, DeliveryState::Pending).await;
    let found = behind(&*store, one, after).await;
    assert_eq!(found.iter().map(|open| open.id).collect::<Vec<_>>(), [waiting.id]);
    assert_eq!(store.unfinished_among(&[waiting.seq]).await.unwrap().len(), 1);
    let due = store.due((NOW, 0), NOW.plus(HOUR), Shards::ALL, 100).await.unwrap();
    assert!(due.is_empty());
    complete(&*store, vec![one.completion(&waiting, DeliveryState::Delivered, NOW)]).await;
}

#[tokio::test]
async fn a_long_read_does_not_slow_what_the_engine_asks() {
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let mut reader = PgConnection::connect(&made.url()).await.unwrap();
    for sql in ["BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT COUNT(*) FROM deliveries"] {
        sqlx::query(sql).execute(&mut reader).await.unwrap();
    }
    let first = round(&*store, &one).await;
    drop(store);
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();

    let before = rows_read(&mut connection).await;
    ask(&made, &one, first).await;
    let early = rows_read(&mut connection).await - before;

    let store = storage::open(&made.url()).await.unwrap();
    let mut last = first;
    for _ in 0..ROUNDS {
        last = round(&*store, &one).await;
    }
    drop(store);
    let before = rows_read(&mut connection).await;
    ask(&made, &one, last).await;
    let after = rows_read(&mut connection).await;
    let late = after - before;
    assert!(late <= early + MORE_MAX, "{early} rows at first, {late} behind {ROUNDS} rounds");

    // The dead are there, though: whoever asked from the beginning would pass by each.
    let store = storage::open(&made.url()).await.unwrap();
    assert!(behind(&*store, &one, 0).await.is_empty());
    drop(store);
    let all = rows_read(&mut connection).await - after;
    assert!(all > (ROUNDS * MANY) as i64, "{all} rows");
}
