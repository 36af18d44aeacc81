//! `LogStore::call`: every event and delivery of a call.

use crate::support::*;
use model::{
    catalog::EventKind, delivery::DeliveryState, event::Event, ids::DeliveryId,
    trace::AttemptOutcome,
};
use std::sync::Arc;
use storage::journal::{Batch, Completion, NewDelivery, NewEvent};

/// The event as one of this call.
fn of_call(new: NewEvent, call: i64) -> NewEvent {
    let event = Event { call_attempt: Some(call), ..(*new.event).clone() };
    NewEvent { event: Arc::new(event), ..new }
}

#[tokio::test]
async fn a_call_has_its_events_of_every_queue_and_their_deliveries_and_nothing_else() {
    on_every_backend(async |store| {
        let sales = wired(&*store, "Sales", EventKind::Joined).await;
        let support = wired(&*store, "Support", EventKind::Missed).await;
        let a = accept(&*store, of_call(sales.new_event(NOW), 7)).await;
        let b = accept(&*store, of_call(support.new_event(NOW.plus(5)), 7)).await;
        accept(&*store, of_call(sales.new_event(NOW), 8)).await;
        sales.accept(&*store, NOW, DeliveryState::Pending).await;
        let bare = of_call(NewEvent { deliveries: Vec::new(), ..sales.sent(NOW, "bare", 1) }, 7);
        commit(&*store, vec![bare]).await;

        let call = store.call(7, 10, &Overlay::default()).await.unwrap();
        let told: Vec<_> = call
            .events
            .iter()
            .map(|event| {
                let ids: Vec<_> = event.deliveries.iter().map(|one| one.row.id).collect();
                (event.queue_name.as_str(), event.kind, ids)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("Sales", EventKind::Joined, vec![]),
                ("Support", EventKind::Missed, vec![b.id]),
                ("Sales", EventKind::Joined, vec![a.id]),
            ]
        );
        assert_eq!(call.events[0].sender_id.as_deref(), Some("bare"));
        assert_eq!((call.events[1].accepted_at, call.events[1].id), (NOW.plus(5), b.event_id));
        assert!(!call.cut);
        assert_eq!(store.call(9, 10, &Overlay::default()).await.unwrap(), Default::default());
    })
    .await;
}

#[tokio::test]
async fn a_delivery_of_a_call_says_when_its_attempts_ran_and_how_its_hook_orders_it() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut draft = hook_draft(one.flow.id, EventKind::Joined);
        draft.ordered = false;
        draft.max_hold_ms = 1_234;
        store.change_hook(&one.hook, &draft, NOW).await.unwrap();
        let accepted = accept(&*store, of_call(one.new_event(NOW), 7)).await;
        for (number, outcome, state) in [
            (1, AttemptOutcome::Failed, DeliveryState::Retrying),
            (2, AttemptOutcome::Completed, DeliveryState::Delivered),
        ] {
            let done = one.completion(&accepted, state, NOW.plus(9));
            let attempt = Some(attempt(number, outcome, None));
            complete(&*store, vec![Completion { attempt, ..done }]).await;
        }
        let told = async || {
            store.call(7, 10, &Overlay::default()).await.unwrap().events.remove(0).deliveries
        };
        let delivery = told().await.remove(0);
        let runs: Vec<_> =
            delivery.runs.iter().map(|run| (run.number, run.outcome, run.duration_us)).collect();
        assert_eq!(
            runs,
            [(1, AttemptOutcome::Failed, 1_000), (2, AttemptOutcome::Completed, 2_000)]
        );
        assert_eq!(delivery.runs[1].started_at, NOW.plus(2));
        assert_eq!((delivery.ordered, delivery.max_hold_ms), (false, 1_234));
        store.delete_hook(one.hook.id).await.unwrap();
        assert!(told().await[0].ordered);
    })
    .await;
}

#[tokio::test]
async fn a_replay_stands_with_its_event_and_what_runs_now_is_shown_so() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let new = of_call(one.new_event(NOW), 7);
        let event = new.event.clone();
        let first = accept(&*store, new).await;
        let replay = NewDelivery {
            id: DeliveryId(uuid_at(NOW.plus(HOUR))),
            replay_of: Some(first.id),
            ..one.delivery(&event)
        };
        let id = replay.id;
        store.commit(&Batch { replays: vec![replay], ..Batch::default() }).await.unwrap();
        let call = store.call(7, 10, &Overlay::running(vec![id])).await.unwrap();
        let told: Vec<_> =
            call.events[0].deliveries.iter().map(|one| (one.row.id, one.row.state)).collect();
        assert_eq!(told, [(first.id, DeliveryState::Pending), (id, DeliveryState::Running)]);
    })
    .await;
}

#[tokio::test]
async fn of_a_long_call_the_newest_events_are_told_and_that_there_are_more() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for second in 0..5 {
            accept(&*store, of_call(one.new_event(NOW.plus(second * 1_000)), 7)).await;
        }
        for (size, events, cut) in [(5, 5, false), (4, 4, true), (2, 2, true)] {
            let call = store.call(7, size, &Overlay::default()).await.unwrap();
            let times: Vec<_> = call.events.iter().map(|event| event.accepted_at).collect();
            let newest: Vec<_> = (0..events).map(|n| NOW.plus((4 - n) * 1_000)).collect();
            assert_eq!((times, call.cut), (newest, cut), "{size}");
            assert!(call.events.iter().all(|event| event.deliveries.len() == 1), "{size}");
        }
    })
    .await;
}
