//! On PostgreSQL: the end of a day. The log has a partition for each day, by the database's clock.

use crate::{
    server::Made,
    support::{Schema, *},
};
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState},
    event::Event,
    page::Cursor,
    time::Millis,
    trace::AttemptOutcome,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Completion, EventReceipt, NewEvent},
};

pub const DAY: i64 = 24 * HOUR;
/// The day of [`NOW`], in days since 1970, and its end.
const TODAY: i64 = NOW.0 / DAY;
const MIDNIGHT: Millis = Millis((TODAY + 1) * DAY);
/// How many days have a partition, today among them.
const AHEAD: i64 = 3;
const LOG: [&str; 3] = ["events", "deliveries", "attempts"];
const CALL: i64 = 7;

/// A database with a clock of its own: whatever asks for the time without naming a schema finds the one
/// in `public` before the server's.
const CLOCK: &str = "
    CREATE TABLE clock (ms BIGINT NOT NULL);
    INSERT INTO clock VALUES (0);
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT to_timestamp(ms / 1000.0) FROM public.clock';
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog',
                       current_database());
    END $$";

/// A new database, and a connection to look into it and to set its clock.
pub struct Clocked {
    connection: PgConnection,
    made: Made,
}

impl Clocked {
    pub async fn at(now: Millis) -> Self {
        let made = Made::new(Schema::None).await;
        let mut connection = PgConnection::connect(&made.url()).await.unwrap();
        sqlx::raw_sql(CLOCK).execute(&mut connection).await.unwrap();
        let mut clocked = Self { connection, made };
        clocked.set(now).await;
        clocked
    }

    /// Opens it as a process would that starts now.
    pub async fn open(&self) -> Arc<dyn Storage> {
        let store = storage::open(&self.made.url()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    pub fn url(&self) -> String {
        self.made.url()
    }

    pub async fn set(&mut self, now: Millis) {
        let set = sqlx::query("UPDATE clock SET ms = $1").bind(now.0);
        set.execute(&mut self.connection).await.unwrap();
    }

    /// The partition in which the table's row of this number or id lies.
    async fn place(&mut self, table: &str, column: &str, of: impl ToString) -> String {
        let sql = format!("SELECT tableoid::regclass::text FROM {table} WHERE {column}::text = $1");
        let place = sqlx::query_scalar(AssertSqlSafe(sql)).bind(of.to_string());
        place.fetch_one(&mut self.connection).await.unwrap()
    }

    /// The days for which the table has partitions.
    pub async fn days(&mut self, table: &str) -> Vec<i64> {
        let names = sqlx::query_scalar(
            "SELECT inhrelid::regclass::text FROM pg_inherits
             WHERE inhparent = to_regclass($1) ORDER BY 1",
        );
        let names: Vec<String> = names.bind(table).fetch_all(&mut self.connection).await.unwrap();
        let day = |name: &String| name.rsplit('_').next().unwrap().parse().ok();
        names.iter().filter_map(day).collect()
    }
}

/// An event of the call with a sender's id, accepted at this time.
fn of_call(one: &Wired, at: Millis, sender_id: &str) -> NewEvent {
    let new = one.sent(at, sender_id, 1);
    let event = Event { call_attempt: Some(CALL), ..(*new.event).clone() };
    NewEvent { event: Arc::new(event), ..new }
}

#[tokio::test]
async fn rows_from_before_and_after_midnight_are_in_order_and_found() {
    let mut clocked = Clocked::at(MIDNIGHT.plus(-5_000)).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    // The third by a process whose clock is a little late.
    let times = [-2_000, -1, -1, 0, 2_000].map(|ms| MIDNIGHT.plus(ms));
    let days = [TODAY, TODAY, TODAY + 1, TODAY + 1, TODAY + 1];
    let mut accepted = Vec::new();
    for (number, at) in times.into_iter().enumerate() {
        if number == 2 {
            clocked.set(MIDNIGHT).await;
        }
        let new = of_call(&one, at, &format!("sender-{number}"));
        accepted.push(accept(&*store, new).await);
    }
    assert!(accepted.is_sorted_by(|a, b| a.seq < b.seq), "{accepted:?}");
    for ((of, day), at) in accepted.iter().zip(days).zip(times) {
        let of_day = format!("deliveries_{day}");
        assert_eq!(clocked.place("deliveries", "seq", of.seq).await, of_day, "{at:?}");
        assert_eq!(clocked.place("events", "id", of.event_id).await, format!("events_{day}"));
    }

    // What the engine goes by, what senders repeat, and all ends in one commit.
    let ids: Vec<_> = accepted.iter().map(|of| of.id).collect();
    let unfinished = open(&*store).await;
    assert_eq!(unfinished.iter().map(|open| open.id).collect::<Vec<_>>(), ids);
    let again = commit(&*store, vec![of_call(&one, MIDNIGHT.plus(3_000), "sender-0")]).await;
    let id = accepted[0].event_id;
    assert_eq!(again.events, [EventReceipt::Duplicate { id, deliveries: 1, skipped: 0 }]);
    let done = |of: &Accepted| Completion {
        attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
        ..one.completion(of, DeliveryState::Delivered, MIDNIGHT.plus(4_000))
    };
    complete(&*store, accepted.iter().map(done).collect()).await;
    assert!(open(&*store).await.is_empty());
    for (of, at) in accepted.iter().zip(times) {
        let shown = store.delivery(of.id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((shown.row.seq, shown.row.state), (of.seq, DeliveryState::Delivered));
        assert_eq!(shown.attempts.len(), 1);
        // With their delivery's id, which is of the time at which it was accepted.
        let place = clocked.place("attempts", "delivery_id", of.id).await;
        assert_eq!(place, format!("attempts_{}", at.0 / DAY));
        let event = store.event(of.event_id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(event.deliveries.len(), 1);
    }

    // What people look at: the newest first, a stretch at a time, by time, and by call.
    let (mut cursor, mut shown) = (Cursor::Newest, Vec::new());
    loop {
        let slice = log(&*store, stretch(cursor, 2)).await;
        shown.extend(slice.items.iter().map(|row| row.id));
        let Some(older) = slice.older else { break };
        cursor = Cursor::Before(older);
    }
    shown.reverse();
    assert_eq!(shown, ids);
    let between = async |from, to| {
        let filter = DeliveryFilter { from, to, ..DeliveryFilter::default() };
        let query = DeliveryQuery { filter, size: 10, ..DeliveryQuery::default() };
        let rows = log(&*store, query).await.items;
        rows.iter().rev().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(between(None, Some(MIDNIGHT)).await, ids[..3]);
    assert_eq!(between(Some(MIDNIGHT), None).await, ids[3..]);
    assert_eq!(between(Some(times[1]), Some(times[4])).await, ids[1..4]);
    let call = store.call(CALL, 10, &Overlay::default()).await.unwrap();
    let mut told: Vec<_> = call.events.iter().map(|event| event.id).collect();
    told.reverse();
    assert_eq!(told, accepted.iter().map(|of| of.event_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_coming_days_have_their_partitions_before_they_begin() {
    let mut clocked = Clocked::at(NOW).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let mut last = 0;
    for day in TODAY..TODAY + 4 {
        // An hour before its end, when there has been time enough to make ready what comes.
        clocked.set(Millis((day + 1) * DAY - HOUR)).await;
        store.maintain().await.unwrap();
        for table in LOG {
            let days: Vec<_> = (TODAY..day + AHEAD).collect();
            assert_eq!(clocked.days(table).await, days, "{table}");
        }
        // The next day begins, and nothing has been made ready since.
        let begins = Millis((day + 1) * DAY);
        clocked.set(begins).await;
        let of = one.accept(&*store, begins, DeliveryState::Pending).await;
        assert!(of.seq > last);
        last = of.seq;
        let place = clocked.place("deliveries", "seq", of.seq).await;
        assert_eq!(place, format!("deliveries_{}", day + 1));
    }
    // One that was not served for longer than it had made ready for is ready when it starts.
    drop(store);
    let later = Millis(NOW.0 + 30 * DAY);
    clocked.set(later).await;
    let store = clocked.open().await;
    let of = one.accept(&*store, later, DeliveryState::Pending).await;
    let place = clocked.place("deliveries", "seq", of.seq).await;
    assert_eq!(place, format!("deliveries_{}", TODAY + 30));
}

#[tokio::test]
async fn a_clock_that_is_set_back_over_midnight_gives_no_number_twice() {
    let mut clocked = Clocked::at(MIDNIGHT).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let after = one.accept(&*store, MIDNIGHT, DeliveryState::Pending).await;
    let back = MIDNIGHT.plus(-HOUR);
    clocked.set(back).await;
    store.maintain().await.unwrap();
    let before = one.accept(&*store, back, DeliveryState::Pending).await;
    assert_eq!(before.seq, after.seq + 1);
    let ids: Vec<_> = open(&*store).await.iter().map(|open| open.id).collect();
    assert_eq!(ids, [after.id, before.id]);
    let done = |of: &Accepted| Completion {
        attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
        ..one.completion(of, DeliveryState::Delivered, back)
    };
    complete(&*store, vec![done(&after), done(&before)]).await;
    for of in [after, before] {
        let shown = store.delivery(of.id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((shown.row.state, shown.attempts.len()), (DeliveryState::Delivered, 1));
    }
}
