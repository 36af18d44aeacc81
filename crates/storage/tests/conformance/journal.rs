//! `JournalStore`: completions, what is unfinished, counters, a second open.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState},
    flow::FlowDraft,
    hook::HookDraft,
    ids::FlowId,
    page::Cursor,
    policy::Policy,
    queue::Figures,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use std::sync::Arc;
use storage::{
    journal::{Batch, Completion, EventReceipt, KeptRun, RunChange, Unfinished},
    nodes::Shards,
};

#[tokio::test]
async fn a_completion_sets_state_attempts_failure_and_what_is_due() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let failure = Failure::new(FailureClass::Timeout, "no answer in 10 s");
        let failed = Completion {
            attempt: Some(attempt(1, AttemptOutcome::Failed, Some(failure.clone()))),
            failure: Some(failure.clone()),
            next_at: Some(NOW.plus(5_000)),
            hold_until: Some(NOW.plus(30_000)),
            out_of_order: true,
            ..one.completion(&accepted, DeliveryState::Retrying, NOW.plus(100))
        };
        complete(&*store, vec![failed]).await;
        let open = store.open_delivery(accepted.id).await.unwrap().unwrap();
        assert_eq!((open.state, open.attempts), (DeliveryState::Retrying, 1));
        assert_eq!(
            (open.next_at, open.hold_until),
            (Some(NOW.plus(5_000)), Some(NOW.plus(30_000)))
        );
        assert!(open.out_of_order);
        let row = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap().row;
        assert_eq!((row.state, row.attempts), (DeliveryState::Retrying, 1));
        assert_eq!((row.duration_us, row.failure), (Some(1_000), Some(failure.clone())));
        assert_eq!((row.next_at, row.hold_until), (open.next_at, open.hold_until));
        assert_eq!((row.finished_at, row.out_of_order), (None, true));

        let done = Completion {
            attempt: Some(attempt(2, AttemptOutcome::Completed, None)),
            ..one.completion(&accepted, DeliveryState::Delivered, NOW.plus(6_000))
        };
        complete(&*store, vec![done]).await;
        let detail = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap();
        let row = detail.row;
        assert_eq!((row.state, row.attempts), (DeliveryState::Delivered, 2));
        assert_eq!((row.duration_us, row.failure), (Some(2_000), None));
        assert_eq!((row.next_at, row.hold_until, row.out_of_order), (None, None, false));
        assert_eq!(row.finished_at, Some(NOW.plus(6_000)));
        assert_eq!(detail.attempts.len(), 2);
        assert_eq!(detail.attempts[0].failure, Some(failure));
    })
    .await;
}

#[tokio::test]
async fn a_completion_without_an_attempt_leaves_what_the_last_attempt_left() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let failure = Some(Failure::new(FailureClass::Dns, "no such host"));
        let failed = Completion {
            attempt: Some(attempt(1, AttemptOutcome::Failed, failure.clone())),
            failure: failure.clone(),
            next_at: Some(NOW.plus(5_000)),
            ..one.completion(&accepted, DeliveryState::Retrying, NOW)
        };
        complete(&*store, vec![failed]).await;
        for (state, finished) in
            [(DeliveryState::Parked, None), (DeliveryState::Cancelled, Some(NOW.plus(9)))]
        {
            complete(&*store, vec![one.completion(&accepted, state, NOW.plus(9))]).await;
            let row = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap().row;
            assert_eq!((row.state, row.attempts), (state, 1));
            assert_eq!((row.duration_us, &row.failure), (Some(1_000), &failure));
            assert_eq!((row.next_at, row.finished_at), (None, finished));
            let filter = DeliveryFilter { failures: vec![FailureClass::Dns], ..Default::default() };
            let query = DeliveryQuery { filter, ..stretch(Cursor::Newest, 10) };
            assert_eq!(seqs(&log(&*store, query).await.items), [accepted.seq]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_skipped_delivery_is_finished_when_it_is_accepted() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for state in [DeliveryState::Skipped, DeliveryState::Parked, DeliveryState::Pending] {
            let accepted = one.accept(&*store, NOW, state).await;
            let row = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap().row;
            let finished = state.is_final().then_some(NOW);
            assert_eq!((row.state, row.finished_at), (state, finished));
        }
    })
    .await;
}

#[tokio::test]
async fn unfinished_is_what_is_not_final_in_the_order_of_acceptance() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut expected = Vec::new();
        // Twice, and the later ones earlier in time: neither state nor time makes the order.
        for (round, state) in [0, 1]
            .into_iter()
            .flat_map(|round| DeliveryState::ALL.into_iter().map(move |state| (round, state)))
        {
            let at = NOW.plus(-round * MINUTE);
            let accepted = one.accept(&*store, at, DeliveryState::Pending).await;
            complete(&*store, vec![one.completion(&accepted, state, NOW)]).await;
            if !state.is_final() {
                expected.push((accepted.seq, accepted.id, state));
            }
        }
        let unfinished = open(&*store).await;
        let found: Vec<_> = unfinished.iter().map(|one| (one.seq, one.id, one.state)).collect();
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_opened_whatever_its_state() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for state in DeliveryState::ALL {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            complete(&*store, vec![one.completion(&accepted, state, NOW)]).await;
            let open = store.open_delivery(accepted.id).await.unwrap().unwrap();
            assert_eq!((open.seq, open.state), (accepted.seq, state));
        }
        let stranger = one.delivery(&one.event(NOW)).id;
        assert!(store.open_delivery(stranger).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn each_end_is_counted_once_in_its_own_figure_and_minute() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let later = NOW.plus(2 * MINUTE);
        for state in DeliveryState::ALL {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            if state != DeliveryState::Skipped {
                complete(&*store, vec![one.completion(&accepted, state, later)]).await;
            }
        }
        one.accept(&*store, NOW, DeliveryState::Skipped).await;
        let events = Figures { events: 11, skipped: 1, ..Figures::default() };
        let ends = Figures { delivered: 1, failed: 2, ..Figures::default() };
        let bars = store.histogram(Some(one.queue.id), None, NOW, later, 3).await.unwrap();
        assert_eq!(bars, [events, Figures::default(), ends]);
        let whole = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(whole, Figures { events: 11, delivered: 1, failed: 2, skipped: 1 });
        assert_eq!(store.queue_figures(one.queue.id, later).await.unwrap(), ends);
    })
    .await;
}

#[tokio::test]
async fn tests_are_counted_nowhere() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for end in [DeliveryState::Delivered, DeliveryState::Dead, DeliveryState::Skipped] {
            let mut new = one.new_event(NOW);
            Arc::get_mut(&mut new.event).unwrap().test = true;
            new.deliveries[0].test = true;
            if end == DeliveryState::Skipped {
                new.deliveries[0].state = end;
                accept(&*store, new).await;
            } else {
                let accepted = accept(&*store, new).await;
                let done = one.completion(&accepted, end, NOW);
                complete(&*store, vec![Completion { test: true, ..done }]).await;
            }
        }
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        assert_eq!(figures, Figures::default());
        let bars = store.histogram(None, None, NOW, NOW, 1).await.unwrap();
        assert_eq!(bars, [Figures::default()]);
    })
    .await;
}

#[tokio::test]
async fn counters_of_one_minute_add_up_over_commits() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for _ in 0..3 {
            commit(&*store, vec![one.new_event(NOW), one.new_event(NOW.plus(59_999))]).await;
        }
        let bars = store.histogram(None, None, NOW, NOW.plus(MINUTE), 2).await.unwrap();
        assert_eq!(bars.iter().map(|bar| bar.events).collect::<Vec<_>>(), [6, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_second_open_of_the_database_sees_everything() {
    on_every_database(async |database| {
        let store = database.open().await;
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = accept(&*store, one.sent(NOW, "s", 1)).await;
        let failed = Completion {
            attempt: Some(attempt(1, AttemptOutcome::Failed, None)),
            next_at: Some(NOW.plus(5_000)),
            ..one.completion(&accepted, DeliveryState::Retrying, NOW)
        };
        complete(&*store, vec![failed]).await;
        let detail = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap();
        let figures = store.queue_figures(one.queue.id, NOW).await.unwrap();
        drop(store);

        let again = database.open().await;
        assert_eq!(again.delivery(accepted.id, &Overlay::default()).await.unwrap(), Some(detail));
        let open = open(&*again).await.remove(0);
        assert_eq!((open.seq, open.id, open.attempts), (accepted.seq, accepted.id, 1));
        assert_eq!(open.next_at, Some(NOW.plus(5_000)));
        assert_eq!(again.queue_figures(one.queue.id, NOW).await.unwrap(), figures);
        let receipts = commit(&*again, vec![one.sent(NOW, "s", 1)]).await.events;
        let id = accepted.event_id;
        assert_eq!(receipts, [EventReceipt::Duplicate { id, deliveries: 1, skipped: 0 }]);
        let next = one.accept(&*again, NOW, DeliveryState::Pending).await;
        assert!(next.seq > accepted.seq);
    })
    .await;
}

#[tokio::test]
async fn a_sync_is_answered_after_each_commit_and_where_nothing_is_new() {
    on_every_database(async |database| {
        let store = database.open().await;
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut accepted = Vec::new();
        for later in 0..2 {
            let next = one.accept(&*store, NOW.plus(later), DeliveryState::Pending).await;
            accepted.push(next.id);
            store.sync().await.unwrap();
            store.sync().await.unwrap();
        }
        let found = open(&*database.open().await).await;
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), accepted);
    })
    .await;
}

#[tokio::test]
async fn two_opens_of_one_database_number_their_rows_as_one() {
    on_every_database(async |database| {
        let (here, there) = (database.open().await, database.open().await);
        let one = wired(&*here, "Sales", EventKind::Joined).await;
        let mut last = 0;
        for round in 0..6 {
            let store = if round % 2 == 0 { &here } else { &there };
            let seq = one.accept(&**store, NOW, DeliveryState::Pending).await.seq;
            assert!(seq > last);
            last = seq;
        }
        let shown = log(&*here, stretch(Cursor::Newest, 10)).await;
        assert_eq!(shown, log(&*there, stretch(Cursor::Newest, 10)).await);
        assert_eq!(shown.items.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn the_configuration_holds_queues_hooks_and_newest_flow_versions_at_one_revision() {
    on_every_backend(async |store| {
        let empty = store.configuration().await.unwrap();
        assert!(empty.queues.is_empty() && empty.hooks.is_empty() && empty.flows.is_empty());
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let draft = FlowDraft { source: "[2]".into(), ..flow_draft("Sales 2") };
        store.save_flow(one.flow.id, 1, &draft, "olena", NOW).await.unwrap();
        let policy = Policy { max_age_ms: Some(60_000), ..Policy::default() };
        let draft_of_hook = HookDraft { policy, ..hook_draft(one.flow.id, EventKind::Joined) };
        store.change_hook(&one.hook, &draft_of_hook, NOW).await.unwrap();
        let off = store.set_hook_enabled(one.hook.id, false, NOW).await.unwrap().unwrap();
        assert_eq!(off.policy.max_age_ms, Some(60_000));
        let all = store.configuration().await.unwrap();
        assert_eq!(all.revision, store.revision().await.unwrap());
        assert_eq!((all.queues, all.hooks), (vec![one.queue], vec![off]));
        assert_eq!(all.flows.len(), 1);
        let flow = &all.flows[0];
        assert_eq!((flow.id, flow.name.as_str(), flow.number), (one.flow.id, "Sales 2", 2));
        assert_eq!((flow.mode, flow.source.as_str()), (draft.mode, "[2]"));
        let before = store.revision().await.unwrap();
        store.commit(&Batch::default()).await.unwrap();
        assert_eq!(store.revision().await.unwrap(), before, "the log is no configuration");
    })
    .await;
}

#[tokio::test]
async fn a_run_at_rest_is_kept_until_it_has_ended() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let other = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let run = |uncounted, checkpoint: &str| KeptRun {
            uncounted,
            checkpoint: Some(checkpoint.to_owned()),
            called: [(FlowId(7), 2)].into(),
            logged_bytes: 5,
            logged_by: Some(2),
        };
        assert_eq!(store.kept_run(accepted.seq).await.unwrap(), None);
        // At a barrier, and again at the next one.
        for at in ["first", "second"] {
            let runs = vec![(accepted.seq, run(0, at)), (other.seq, run(0, "other"))];
            store.commit(&Batch { runs, ..Batch::default() }).await.unwrap();
            assert_eq!(store.kept_run(accepted.seq).await.unwrap(), Some(run(0, at)));
        }
        let open = store.open_delivery(accepted.id).await.unwrap().unwrap();
        assert_eq!((open.rests, open.state, open.attempts), (true, DeliveryState::Pending, 0));
        // With what an attempt came to.
        for (state, change, left) in [
            (DeliveryState::Waiting, RunChange::Keep(run(1, "third")), Some(run(1, "third"))),
            (DeliveryState::Retrying, RunChange::Leave, Some(run(1, "third"))),
            (DeliveryState::Dead, RunChange::Leave, Some(run(1, "third"))),
            (DeliveryState::Delivered, RunChange::Forget, None),
        ] {
            let done = one.completion(&accepted, state, NOW);
            complete(&*store, vec![Completion { run: change, ..done }]).await;
            let kept = store.kept_run(accepted.seq).await.unwrap();
            let rests = store.open_delivery(accepted.id).await.unwrap().unwrap().rests;
            assert_eq!((kept.as_ref(), rests), (left.as_ref(), left.is_some()), "{state}");
        }
        // A dead one is resumed, once.
        let dead = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert!(!store.resume(dead.id, NOW).await.unwrap());
        let failed = Completion {
            attempt: Some(attempt(3, AttemptOutcome::Failed, None)),
            run: RunChange::Keep(run(1, "rest")),
            ..one.completion(&dead, DeliveryState::Dead, NOW)
        };
        complete(&*store, vec![failed]).await;
        assert!(store.resume(dead.id, NOW.plus(5)).await.unwrap());
        assert!(!store.resume(dead.id, NOW.plus(6)).await.unwrap());
        let open = store.open_delivery(dead.id).await.unwrap().unwrap();
        assert_eq!((open.state, open.attempts), (DeliveryState::Retrying, 3));
        assert_eq!((open.next_at, open.rests), (Some(NOW.plus(5)), true));
        assert_eq!(store.kept_run(dead.seq).await.unwrap(), Some(run(3, "rest")));
        assert!(crate::support::open(&*store).await.iter().any(|one| one.seq == dead.seq));
        // What is called off is not gone on with.
        let of = Unfinished::Delivery(other.id);
        let went = store.cancel(of, Shards::ALL, &[], 10, NOW, None).await.unwrap();
        assert_eq!((went.len(), store.kept_run(other.seq).await.unwrap()), (1, None));
        // Nor does a change without an attempt, decided before it was, make it due again.
        let late = Completion {
            next_at: Some(NOW),
            ..one.completion(&other, DeliveryState::Waiting, NOW)
        };
        complete(&*store, vec![late]).await;
        let shown = store.delivery(other.id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(shown.row.state, DeliveryState::Cancelled);
        let due = store.due((NOW, 0), NOW.plus(10), Shards::ALL, 9).await.unwrap();
        assert_eq!(due.iter().map(|open| open.id).collect::<Vec<_>>(), [dead.id]);
    })
    .await;
}
