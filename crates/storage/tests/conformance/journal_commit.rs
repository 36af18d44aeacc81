//! `JournalStore::commit`: what one transaction writes, and what it answers.

use crate::{
    server,
    support::{Schema, *},
};
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    event::Event,
    ids::DeliveryId,
    page::Cursor,
    queue::Figures,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use sqlx::{Connection, PgConnection};
use std::{collections::HashSet, sync::Arc, time::Duration};
use storage::{
    Storage,
    journal::{Batch, Completion, EventReceipt, KeptRun, NewDelivery, NewEvent},
};

/// Sizes on both sides of the runs of rows that a backend writes at once.
const SIZES: [usize; 13] = [1, 2, 3, 31, 100, 127, 128, 255, 256, 257, 511, 512, 600];

fn accepted(receipt: &EventReceipt) -> &[i64] {
    match receipt {
        EventReceipt::Accepted { deliveries } => deliveries,
        other => panic!("not accepted: {other:?}"),
    }
}

#[tokio::test]
async fn an_empty_batch_commits() {
    on_every_backend(async |store| {
        let committed = store.commit(&Batch::default()).await.unwrap();
        assert!(committed.events.is_empty() && committed.replays.is_empty());
    })
    .await;
}

#[tokio::test]
async fn batches_of_every_size_are_written_whole_and_answered_in_their_order() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for size in SIZES {
            let events: Vec<_> = (0..size)
                .map(|at| one.sent(NOW.plus(at as i64), &format!("{size}/{at}"), 1))
                .collect();
            let ids: Vec<_> = events.iter().map(|new| new.deliveries[0].id).collect();
            let committed = commit(&*store, events).await;
            let numbers: Vec<_> = committed.events.iter().flat_map(accepted).copied().collect();
            assert_eq!(numbers.len(), size);
            assert!(numbers.is_sorted_by(|a, b| a < b), "size {size}");
            let unfinished = open(&*store).await;
            let written: Vec<_> = unfinished.iter().map(|open| (open.seq, open.id)).collect();
            assert_eq!(written, numbers.iter().copied().zip(ids).collect::<Vec<_>>());
            let ended = unfinished.iter().map(|open| {
                let of = Accepted { seq: open.seq, id: open.id, event_id: open.event.id };
                let failure = Some(Failure::new(FailureClass::Dns, format!("no {}", of.seq)));
                Completion {
                    attempt: Some(attempt(1, AttemptOutcome::Failed, failure.clone())),
                    failure,
                    ..one.completion(&of, DeliveryState::Dead, NOW)
                }
            });
            complete(&*store, ended.collect()).await;
            assert!(open(&*store).await.is_empty(), "size {size}");
        }
        let total = SIZES.iter().sum::<usize>() as u64;
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(figures, Figures { events: total, failed: total, delivered: 0, skipped: 0 });
        for row in log(&*store, stretch(Cursor::Newest, 200)).await.items {
            assert_eq!((row.state, row.attempts), (DeliveryState::Dead, 1));
            assert_eq!(row.failure.unwrap().detail, format!("no {}", row.seq));
            let attempts =
                store.delivery(row.id, &Overlay::default()).await.unwrap().unwrap().attempts;
            assert_eq!(attempts[0].failure.as_ref().unwrap().detail, format!("no {}", row.seq));
        }
    })
    .await;
}

#[tokio::test]
async fn one_event_may_have_no_delivery_or_hundreds() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut many = one.new_event(NOW);
        many.deliveries = (0..300).map(|_| one.delivery(&many.event)).collect();
        let none = NewEvent { deliveries: vec![], ..one.new_event(NOW) };
        let last = one.new_event(NOW);
        let committed = commit(&*store, vec![none, many, last]).await.events;
        let counts: Vec<_> = committed.iter().map(|one| accepted(one).len()).collect();
        assert_eq!(counts, [0, 300, 1]);
        let numbers: Vec<_> = committed.iter().flat_map(accepted).copied().collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert_eq!(open(&*store).await.len(), 301);
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(figures.events, 3);
    })
    .await;
}

#[tokio::test]
async fn an_event_reads_back_as_it_was_accepted() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Leaving).await;
        let event = Arc::new(Event {
            sender_id: Some("дзвінок-7".into()),
            call_attempt: Some(i64::MAX),
            data: object([
                ("destination", "+38".into()),
                ("call_bill_sec", 1.5.into()),
                ("agent_id", i64::MAX.into()),
                ("use_processing", false.into()),
            ]),
            variables: object([
                ("zone", "b\u{0}\n\"".into()),
                ("a", serde_json::json!([{}, null])),
            ]),
            test: true,
            ..one.event(NOW)
        });
        let delivery =
            NewDelivery { state: DeliveryState::Parked, flow_version: 7, ..one.delivery(&event) };
        let id = delivery.id;
        let new =
            NewEvent { event: event.clone(), fingerprint: [9; 16], deliveries: vec![delivery] };
        let seq = accept(&*store, new).await.seq;
        let open = store.open_delivery(id).await.unwrap().unwrap();
        assert_eq!(open.event, event);
        assert_eq!(open.event.data.keys().next().unwrap(), "destination", "in their order");
        assert_eq!((open.seq, open.id, open.hook_id), (seq, id, one.hook.id));
        assert_eq!((open.flow_id, open.flow_version), (one.flow.id, 7));
        assert_eq!((open.state, open.attempts, open.test), (DeliveryState::Parked, 0, true));
        assert_eq!((open.next_at, open.hold_until, open.out_of_order), (None, None, false));
    })
    .await;
}

#[tokio::test]
async fn the_same_content_under_one_id_gets_the_same_answer_and_is_written_once() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut first = one.sent(NOW, "s", 1);
        let skipped = NewDelivery { state: DeliveryState::Skipped, ..one.delivery(&first.event) };
        first.deliveries.extend([one.delivery(&first.event), skipped]);
        let id = first.event.id;
        let again = EventReceipt::Duplicate { id, deliveries: 2, skipped: 1 };
        // Within the batch that brings the first one, and later.
        let batch = vec![first, one.sent(NOW, "s", 1), one.sent(NOW.plus(5), "other", 1)];
        let committed = commit(&*store, batch).await.events;
        assert_eq!((accepted(&committed[0]).len(), &committed[1]), (3, &again));
        assert_eq!(accepted(&committed[2]).len(), 1);
        let later = commit(&*store, vec![one.sent(NOW.plus(HOUR), "s", 1)]).await.events;
        assert_eq!(later, [again]);
        assert_eq!(open(&*store).await.len(), 3);
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!((figures.events, figures.skipped), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn other_content_under_one_id_is_a_conflict_that_names_the_first_event() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = one.sent(NOW, "s", 1);
        let conflict = EventReceipt::Conflict { id: first.event.id };
        let committed = commit(&*store, vec![first, one.sent(NOW, "s", 2)]).await.events;
        assert_eq!(committed[1], conflict);
        let later = commit(&*store, vec![one.sent(NOW, "s", 3)]).await.events;
        assert_eq!(later, [conflict]);
        assert_eq!(open(&*store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_senders_id_counts_within_its_queue_and_only_where_there_is_one() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let batch = vec![
            a.sent(NOW, "s", 1),
            b.sent(NOW, "s", 2),
            a.sent(NOW, "S", 3),
            a.new_event(NOW),
            a.new_event(NOW),
        ];
        let committed = commit(&*store, batch).await.events;
        assert!(committed.iter().all(|one| accepted(one).len() == 1));
    })
    .await;
}

#[tokio::test]
async fn duplicates_and_conflicts_are_told_from_new_events_across_a_large_batch() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let known = (0..600).step_by(3).map(|at| one.sent(NOW, &at.to_string(), 1));
        commit(&*store, known.collect()).await;
        // Every third is known; of these every other says something else now.
        let batch: Vec<_> = (0..600)
            .map(|at| one.sent(NOW, &at.to_string(), if at % 6 == 3 { 2 } else { 1 }))
            .collect();
        let receipts = commit(&*store, batch).await.events;
        for (at, receipt) in receipts.iter().enumerate() {
            let as_expected = match at % 6 {
                0 => matches!(receipt, EventReceipt::Duplicate { deliveries: 1, skipped: 0, .. }),
                3 => matches!(receipt, EventReceipt::Conflict { .. }),
                _ => matches!(receipt, EventReceipt::Accepted { .. }),
            };
            assert!(as_expected, "{at}: {receipt:?}");
        }
        let ids: HashSet<_> = open(&*store).await.into_iter().map(|open| open.event.id).collect();
        assert_eq!(ids.len(), 600);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_accept_the_same_ids_at_once_one_alone_accepts_each() {
    on_every_database(async |database| {
        let (here, there) = (database.open().await, database.open().await);
        let one = wired(&*here, "Sales", EventKind::Joined).await;
        for round in 0..40 {
            let post = async |store: &dyn Storage, ids: std::ops::Range<usize>| {
                let id = |at: usize| format!("{round}-{at}");
                let events = ids.clone().map(|at| one.sent(NOW, &id(at), 1)).collect();
                ids.zip(commit(store, events).await.events).collect::<Vec<_>>()
            };
            let (a, b) = tokio::join!(post(&*here, 0..7), post(&*there, 3..10));
            let mut accepted = [0; 10];
            for (at, receipt) in a.into_iter().chain(b) {
                match receipt {
                    EventReceipt::Accepted { .. } => accepted[at] += 1,
                    EventReceipt::Duplicate { deliveries: 1, skipped: 0, .. } => {}
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(accepted, [1; 10], "round {round}");
        }
        let ids: HashSet<_> = open(&*here).await.into_iter().map(|open| open.event.id).collect();
        assert_eq!(ids.len(), 400);
    })
    .await;
}

#[tokio::test]
async fn after_an_error_nothing_of_the_batch_is_written_and_it_may_be_committed_again() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let new = one.sent(NOW, "s", 1);
        let stray = one.event(NOW);
        let mut batch = Batch {
            events: vec![new],
            // The event that it goes back to is not in the log.
            replays: vec![one.delivery(&stray)],
            completions: vec![one.completion(&first, DeliveryState::Delivered, NOW)],
            ..Batch::default()
        };
        assert!(store.commit(&batch).await.is_err());
        let unfinished = open(&*store).await;
        assert_eq!(unfinished.iter().map(|open| open.id).collect::<Vec<_>>(), [first.id]);
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(figures, Figures { events: 1, ..Figures::default() });
        batch.replays.clear();
        let committed = store.commit(&batch).await.unwrap();
        assert_eq!(accepted(&committed.events[0]).len(), 1);
        assert_eq!(open(&*store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_not_written_twice_under_one_id() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let mut new = one.new_event(NOW);
        new.deliveries[0].id = first.id;
        let batch = Batch { events: vec![new], ..Batch::default() };
        assert!(store.commit(&batch).await.is_err());
        assert_eq!(open(&*store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn many_commits_at_once_give_every_row_a_number_of_its_own() {
    on_every_backend(async |store| {
        let one = Arc::new(wired(&*store, "Sales", EventKind::Joined).await);
        let mut committers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (store, one) = (store.clone(), one.clone());
            committers.spawn(async move {
                let events = (0..20).map(|at| one.new_event(NOW.plus(at))).collect();
                let committed = commit(&*store, events).await.events;
                committed.iter().flat_map(accepted).copied().collect::<Vec<_>>()
            });
        }
        let numbers: HashSet<_> = committers.join_all().await.into_iter().flatten().collect();
        assert_eq!(numbers.len(), 320);
        assert_eq!(open(&*store).await.len(), 320);
    })
    .await;
}

#[tokio::test]
async fn on_postgres_runs_are_kept_while_a_commit_waits_for_its_numbers() {
    let made = server::Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    assert!(store.keeps_apart());
    let wired = wired(&*store, "Sales", EventKind::Joined).await;
    let accepted = wired.accept(&*store, NOW, DeliveryState::Pending).await;
    let mut other = PgConnection::connect(&made.url()).await.unwrap();
    let mut holds = other.begin().await.unwrap();
    sqlx::query("SELECT take_numbers(0, 0, 0)").execute(&mut *holds).await.unwrap();
    let waiting = {
        let (store, events) = (store.clone(), vec![wired.new_event(NOW)]);
        tokio::spawn(async move { commit(&*store, events).await })
    };
    let is_waiting =
        "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                     WHERE NOT granted AND datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(is_waiting).fetch_one(&mut *holds).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let runs = vec![(accepted.seq, KeptRun { uncounted: 1, ..KeptRun::default() })];
    store.commit(&Batch { runs, ..Batch::default() }).await.unwrap();
    assert_eq!(store.kept_run(accepted.seq).await.unwrap().unwrap().uncounted, 1);
    assert!(!waiting.is_finished());
    holds.commit().await.unwrap();
    assert!(matches!(waiting.await.unwrap().events[..], [EventReceipt::Accepted { .. }]));
}

#[tokio::test]
async fn replays_are_numbered_in_their_order_after_the_events_of_the_batch() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let origin = one.new_event(NOW);
        let replay =
            NewDelivery { replay_of: Some(origin.deliveries[0].id), ..one.delivery(&origin.event) };
        let first = accept(&*store, origin).await;
        complete(&*store, vec![one.completion(&first, DeliveryState::Delivered, NOW)]).await;
        let replays: Vec<_> = (0..300)
            .map(|at| NewDelivery { id: DeliveryId(uuid_at(NOW.plus(at))), ..replay.clone() })
            .collect();
        let ids: Vec<_> = replays.iter().map(|one| one.id).collect();
        let batch = Batch { events: vec![one.new_event(NOW)], replays, ..Batch::default() };
        let committed = store.commit(&batch).await.unwrap();
        assert!(accepted(&committed.events[0])[0] < committed.replays[0]);
        // The first is the batch's own event.
        let written = open(&*store).await;
        let written: Vec<_> = written[1..].iter().map(|open| (open.seq, open.id)).collect();
        assert_eq!(written, committed.replays.into_iter().zip(ids).collect::<Vec<_>>());
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(figures.events, 2, "a replay is no event");
    })
    .await;
}
