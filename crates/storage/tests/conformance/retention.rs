//! `RetentionStore`: the end of the log.

use crate::{
    days::{Clocked, DAY},
    support::*,
};
use model::{
    catalog::EventKind,
    delivery::{Begun, DeliveryState},
    event::Event,
    ids::DeliveryId,
    time::Millis,
    trace::AttemptOutcome,
};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use storage::{
    Storage,
    copy::TABLES,
    journal::{
        Batch, Beginning, Completion, EventReceipt, KeptRun, NewChild, NewDelivery, NewEvent,
        RunChange, Start,
    },
    retention::Walk,
};

/// A moment of which nothing is to be kept that has ended.
const OLD: Millis = Millis(NOW.0 - 100 * DAY);
/// Before that what has ended goes.
const BEFORE: Millis = Millis((NOW.0 / DAY - 90) * DAY);
const DELIVERED: DeliveryState = DeliveryState::Delivered;

/// A backend whose clock the test sets.
struct Backend {
    store: Arc<dyn Storage>,
    clocked: Option<Clocked>,
    _database: Option<Database>,
}

impl Backend {
    /// Everything that happens from now on happens at this time.
    async fn at(&mut self, now: Millis) {
        if let Some(clocked) = &mut self.clocked {
            clocked.set(now).await;
            self.store.maintain().await.unwrap();
        }
    }

    /// Walks over all that is old; how many rows were forgotten.
    async fn walk(&self) -> u64 {
        let (mut walk, mut rows) = (Some(Walk::START), 0);
        while let Some(from) = walk {
            let step = self.store.forget(BEFORE, from, 200).await.unwrap();
            (walk, rows) = (step.next, rows + step.rows);
        }
        rows
    }

    /// How many rows the table has.
    async fn count(&self, table: &str) -> u64 {
        let table = TABLES.iter().find(|one| one.name == table).unwrap();
        self.store.count(table).await.unwrap()
    }

    async fn is_there(&self, id: DeliveryId) -> bool {
        self.store.delivery(id, &Overlay::default()).await.unwrap().is_some()
    }
}

/// Runs the test on each backend, at [`OLD`].
async fn on_every_clock(test: impl AsyncFn(Backend)) {
    println!("on SQLite");
    let database = BACKENDS[0].1(Schema::None).await;
    let store = database.open().await;
    test(Backend { store, clocked: None, _database: Some(database) }).await;
    println!("on PostgreSQL");
    let clocked = Clocked::at(OLD).await;
    test(Backend { store: clocked.open().await, clocked: Some(clocked), _database: None }).await;
}

/// That the delivery ended so, with an attempt that tells of it.
fn ended(one: &Wired, of: &Accepted, state: DeliveryState, at: Millis) -> Completion {
    Completion {
        attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
        ..one.completion(of, state, at)
    }
}

/// A delivery of the same event as that one, made at this time.
fn again(one: &Wired, of: &Accepted, at: Millis) -> NewDelivery {
    NewDelivery {
        id: DeliveryId(uuid_at(at)),
        event_id: of.event_id,
        replay_of: Some(of.id),
        ..one.delivery(&one.event(at))
    }
}

fn start() -> Start {
    Start {
        begun: Begun { step: Some("a".into()), visit: 1, function: None },
        depth: 1,
        inherited: "{}".into(),
        zone: None,
    }
}

#[tokio::test]
async fn what_ended_is_forgotten_and_what_has_not_stays() {
    on_every_clock(async |mut backend| {
        let store = backend.store.clone();
        let store = &*store;
        let one = wired(store, "Sales", EventKind::Joined).await;
        let sent = async |id: &str| accept(store, one.sent(OLD, id, 1)).await;
        let (delivered, dead, waits, late, replayed) =
            (sent("a").await, sent("b").await, sent("c").await, sent("d").await, sent("e").await);
        let begun = NewDelivery { parent: Some(dead.id), ..again(&one, &dead, OLD) };
        let begun = NewDelivery { replay_of: None, ..begun };
        let runs = vec![(dead.seq, KeptRun::default()), (waits.seq, KeptRun::default())];
        let children = vec![NewChild { delivery: begun.clone(), start: start() }];
        let made = store.commit(&Batch { runs, children, ..Batch::default() }).await.unwrap();
        let child = Accepted { seq: made.children[0].unwrap(), id: begun.id, ..dead };
        let dies = ended(&one, &dead, DeliveryState::Dead, OLD.plus(5));
        let dies = Completion { run: RunChange::Keep(KeptRun::default()), ..dies };
        let done = |of| ended(&one, of, DELIVERED, OLD.plus(5));
        complete(store, vec![done(&delivered), dies, done(&replayed), done(&child)]).await;
        let alone = NewEvent { deliveries: Vec::new(), ..one.sent(OLD, "f", 1) };
        commit(store, vec![alone]).await;

        backend.at(NOW).await;
        let replay = again(&one, &replayed, NOW);
        let beginning = Beginning {
            at: model::replay::AtStep { step: "a".into(), visit: 1 },
            run: KeptRun::default(),
        };
        let (beginnings, replays) = (vec![(replay.id, beginning)], vec![replay.clone()]);
        store.commit(&Batch { replays, beginnings, ..Batch::default() }).await.unwrap();
        let new = accept(store, one.sent(NOW, "g", 1)).await;
        complete(
            store,
            vec![ended(&one, &late, DELIVERED, NOW), ended(&one, &new, DELIVERED, NOW)],
        )
        .await;

        assert_eq!(backend.walk().await, 4 + 3, "deliveries and events");
        for gone in [delivered.id, dead.id, replayed.id, child.id] {
            assert!(!backend.is_there(gone).await);
        }
        for kept in [waits.id, late.id, replay.id, new.id] {
            assert!(backend.is_there(kept).await);
        }
        // Of the events those stay of which a delivery does.
        for (event, stays) in
            [(delivered, false), (dead, false), (waits, true), (late, true), (replayed, true)]
        {
            let found = store.event(event.event_id, &Overlay::default()).await.unwrap();
            assert_eq!(found.is_some(), stays, "{event:?}");
        }
        let counts = async |tables: [&str; 6]| {
            let mut counted = Vec::new();
            for table in tables {
                counted.push(backend.count(table).await);
            }
            counted
        };
        let tables = ["deliveries", "events", "attempts", "children", "runs", "begun_at"];
        assert_eq!(counts(tables).await, [4, 4, 2, 0, 2, 1]);
        // What was counted in old minutes has gone with them.
        let figures = store.histogram(None, None, OLD, NOW, 1).await.unwrap();
        assert_eq!((figures[0].events, figures[0].delivered), (1, 2));

        // What still has to happen goes on, and a sender's id stands for what is kept.
        let ids: Vec<_> = open(store).await.iter().map(|open| open.id).collect();
        assert_eq!(ids, [waits.id, replay.id]);
        let sent = async |id: &str| {
            commit(store, vec![one.sent(NOW.plus(9), id, 1)]).await.events.remove(0)
        };
        assert!(matches!(sent("a").await, EventReceipt::Accepted { .. }));
        assert!(matches!(sent("f").await, EventReceipt::Accepted { .. }));
        let id = waits.event_id;
        let known = EventReceipt::Duplicate { id, deliveries: 1, skipped: 0 };
        assert_eq!(sent("c").await, known);
        assert_eq!(backend.walk().await, 0, "all is done");
    })
    .await;
}

#[tokio::test]
async fn the_last_of_a_log_that_is_old_stays_so_that_numbers_go_on_behind_it() {
    on_every_clock(async |mut backend| {
        let store = backend.store.clone();
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = one.accept(&*store, OLD, DeliveryState::Skipped).await;
        let last = one.accept(&*store, OLD.plus(1), DeliveryState::Skipped).await;
        backend.at(NOW).await;
        assert_eq!(store.forget_days(BEFORE).await.unwrap(), 0);
        assert_eq!(backend.walk().await, 2);
        assert!(!backend.is_there(first.id).await && backend.is_there(last.id).await);
        let next = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert!(next.seq > last.seq);
        store.forget_days(BEFORE).await.unwrap();
        backend.walk().await;
        assert!(!backend.is_there(last.id).await && backend.is_there(next.id).await);
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_written_while_the_clock_was_ahead_end_no_walk() {
    on_every_clock(async |mut backend| {
        let store = backend.store.clone();
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let skipped = |at| {
            let mut new = one.new_event(at);
            new.deliveries[0].state = DeliveryState::Skipped;
            new
        };
        let ahead = accept(&*store, skipped(NOW.plus(DAY))).await;
        commit(&*store, (1..300).map(|_| skipped(NOW.plus(DAY))).collect()).await;
        commit(&*store, (0..450).map(|_| skipped(OLD)).collect()).await;
        backend.at(NOW).await;
        let new = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert_eq!(backend.walk().await, 900);
        assert!(backend.is_there(ahead.id).await && backend.is_there(new.id).await);
        let counts = (backend.count("deliveries").await, backend.count("events").await);
        assert_eq!(counts, (301, 301));
    })
    .await;
}

#[tokio::test]
async fn whole_days_go_as_partitions_when_nothing_in_them_is_to_be_kept() {
    let day = OLD.0 / DAY;
    let mut clocked = Clocked::at(OLD).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let accept_at = async |at: Millis, sender: &str| {
        let new = one.sent(at, sender, 1);
        let event = Event { call_attempt: Some(7), ..(*new.event).clone() };
        accept(&*store, NewEvent { event: Arc::new(event), ..new }).await
    };
    let over = accept_at(OLD, "a").await;
    let dead = accept_at(OLD, "b").await;
    let begun = NewDelivery { parent: Some(dead.id), ..again(&one, &dead, OLD) };
    let children = vec![NewChild { delivery: begun.clone(), start: start() }];
    let made = store.commit(&Batch { children, ..Batch::default() }).await.unwrap();
    let child = Accepted { seq: made.children[0].unwrap(), id: begun.id, ..dead };
    let dies = ended(&one, &dead, DeliveryState::Dead, OLD);
    let dies = Completion { run: RunChange::Keep(KeptRun::default()), ..dies };
    let done = |of, at| ended(&one, of, DELIVERED, at);
    complete(&*store, vec![done(&over, OLD), dies, done(&child, OLD)]).await;
    // The next day one waits, the day after it one is replayed later.
    let (second, third) = (OLD.plus(DAY), OLD.plus(2 * DAY));
    clocked.set(second).await;
    let (waits, ends) = (accept_at(second, "c").await, accept_at(second, "d").await);
    clocked.set(third).await;
    let replayed = accept_at(third, "e").await;
    complete(&*store, vec![done(&ends, second), done(&replayed, third)]).await;
    clocked.set(NOW).await;
    store.maintain().await.unwrap();
    let replay = again(&one, &replayed, NOW);
    store.commit(&Batch { replays: vec![replay], ..Batch::default() }).await.unwrap();

    // While somebody reads the log, nobody is kept waiting for its lock.
    let mut reader = PgConnection::connect(&clocked.url()).await.unwrap();
    // What is called alike and is somebody else's is not touched.
    sqlx::query("CREATE TABLE events_2024 (seq BIGINT)").execute(&mut reader).await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    sqlx::query("SELECT COUNT(*) FROM deliveries").execute(&mut *reading).await.unwrap();
    assert_eq!(store.forget_days(BEFORE).await.unwrap(), 0);
    assert_eq!(clocked.days("deliveries").await[..3], [day, day + 1, day + 2]);
    reading.rollback().await.unwrap();

    assert_eq!(store.forget_days(BEFORE).await.unwrap(), 2);
    let old = async |clocked: &mut Clocked, table: &str| {
        let mut days = clocked.days(table).await;
        days.retain(|one| *one < day + 5);
        days
    };
    assert_eq!(old(&mut clocked, "deliveries").await, [day + 1]);
    assert_eq!(old(&mut clocked, "attempts").await, [day + 1]);
    assert_eq!(old(&mut clocked, "events").await, [day + 1, day + 2], "of a replay that is kept");
    for table in ["children", "runs"] {
        let table = TABLES.iter().find(|one| one.name == table).unwrap();
        assert_eq!(store.count(table).await.unwrap(), 0, "{}", table.name);
    }
    for (sql, expected) in [
        ("SELECT COUNT(*) FROM undelivered", 2),
        ("SELECT COUNT(*) FROM senders", 3),
        ("SELECT COUNT(*) FROM events_2024", 0),
        (
            "SELECT COUNT(*) FROM pg_class
             WHERE relname ~ '_forgotten$'",
            0,
        ),
    ] {
        let counted: i64 = sqlx::query_scalar(sql).fetch_one(&mut reader).await.unwrap();
        assert_eq!(counted, expected, "{sql}");
    }

    // The rest of the second day goes by rows; once it is over, as a partition as well.
    let backend = Backend { store: store.clone(), clocked: None, _database: None };
    assert_eq!(backend.walk().await, 2, "a delivery and its event");
    complete(&*store, vec![done(&waits, second.plus(1))]).await;
    assert_eq!(store.forget_days(BEFORE).await.unwrap(), 1);
    assert_eq!(old(&mut clocked, "attempts").await, [0; 0]);
    assert_eq!(old(&mut clocked, "events").await, [day + 2]);
    assert!(!backend.is_there(waits.id).await);
}

#[tokio::test]
async fn days_of_events_that_fired_nothing_go_as_well() {
    let day = OLD.0 / DAY;
    let mut clocked = Clocked::at(OLD).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let alone = |at| NewEvent { deliveries: Vec::new(), ..one.new_event(at) };
    commit(&*store, vec![alone(OLD)]).await;
    clocked.set(NOW).await;
    store.maintain().await.unwrap();
    commit(&*store, vec![alone(NOW)]).await;
    store.forget_days(BEFORE).await.unwrap();
    for table in ["events", "attempts"] {
        assert!(!clocked.days(table).await.contains(&day), "{table}");
    }
    let table = TABLES.iter().find(|one| one.name == "events").unwrap();
    assert_eq!(store.count(table).await.unwrap(), 1);
}

#[tokio::test]
async fn a_day_of_which_something_ended_late_is_left_to_go_as_a_whole_a_day_later() {
    let last = BEFORE.plus(-HOUR);
    let mut clocked = Clocked::at(last).await;
    let store = clocked.open().await;
    let one = wired(&*store, "Sales", EventKind::Joined).await;
    let in_time = one.accept(&*store, last, DeliveryState::Pending).await;
    let late = one.accept(&*store, last, DeliveryState::Pending).await;
    let done = |of, at| ended(&one, of, DELIVERED, at);
    complete(&*store, vec![done(&in_time, last), done(&late, BEFORE.plus(1))]).await;
    clocked.set(NOW).await;
    store.maintain().await.unwrap();
    one.accept(&*store, NOW, DeliveryState::Pending).await;

    let backend = Backend { store: store.clone(), clocked: None, _database: None };
    assert_eq!((store.forget_days(BEFORE).await.unwrap(), backend.walk().await), (0, 0));
    assert!(backend.is_there(in_time.id).await && backend.is_there(late.id).await);
    assert!(store.forget_days(BEFORE.plus(DAY)).await.unwrap() > 0);
    assert!(!backend.is_there(in_time.id).await && !backend.is_there(late.id).await);
    assert_eq!(backend.count("attempts").await, 0);
}
