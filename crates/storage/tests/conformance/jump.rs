//! `JumpStore`.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    event::Event,
    ids::DeliveryId,
    jump::{Fit, Found, Target},
};
use std::sync::Arc;
use storage::{Storage, journal::NewEvent};

/// The names of queues and flows that were found, with how well each fits.
fn named(found: Vec<Found>) -> Vec<(Fit, String)> {
    let one = |found: Found| match found.target {
        Target::Queue { name, .. } | Target::Flow { name, .. } => (found.fit, name),
        other => panic!("neither a queue nor a flow: {other:?}"),
    };
    found.into_iter().map(one).collect()
}

async fn queues(store: &dyn Storage, search: &str) -> Vec<(Fit, String)> {
    named(store.find_queues(search, 8).await.unwrap())
}

async fn hooks(store: &dyn Storage, search: &str) -> Vec<(Fit, i64)> {
    let found = store.find_hooks(search, 8).await.unwrap();
    let one = |found: Found| match found.target {
        Target::Hook { id, .. } => (found.fit, id.0),
        other => panic!("no hook: {other:?}"),
    };
    found.into_iter().map(one).collect()
}

/// A word for each thing of the log that was found.
async fn logged(store: &dyn Storage, search: &str) -> Vec<(Fit, String)> {
    let found = store.find_logged(search, 8).await.unwrap();
    let one = |found: Found| match found.target {
        Target::Call { attempt, .. } => (found.fit, format!("call {attempt}")),
        Target::Delivery { id, .. } => (found.fit, format!("delivery {id}")),
        Target::Event { id, .. } => (found.fit, format!("event {id}")),
        other => panic!("not of the log: {other:?}"),
    };
    found.into_iter().map(one).collect()
}

#[tokio::test]
async fn queues_and_flows_are_found_by_number_and_by_name_the_best_first() {
    on_every_backend(async |store| {
        for name in ["Resale", "Sale", "sale-north", "Pre (SALE)", "Продаж", "Other"] {
            store.create_queue(&queue_draft(name), NOW).await.unwrap();
            store.create_flow(&flow_draft(name), "olena", NOW).await.unwrap();
        }
        let best = [
            (Fit::Exact, "Sale"),
            (Fit::Start, "sale-north"),
            (Fit::Word, "Pre (SALE)"),
            (Fit::Part, "Resale"),
        ];
        let best = best.map(|(fit, name)| (fit, name.to_owned()));
        assert_eq!(queues(&*store, "sAlE").await, best);
        assert_eq!(named(store.find_flows("sAlE", 8).await.unwrap()), best);
        assert_eq!(named(store.find_flows("sale", 2).await.unwrap()), best[..2]);
        assert_eq!(queues(&*store, "продА").await, [(Fit::Start, "Продаж".to_owned())]);
        assert_eq!(queues(&*store, "3").await, [(Fit::Exact, "sale-north".to_owned())]);
        assert_eq!(queues(&*store, "north sale").await, [(Fit::Part, "sale-north".to_owned())]);
        assert_eq!(queues(&*store, "%").await, []);
    })
    .await;
}

#[tokio::test]
async fn a_hook_is_found_by_number_and_by_words_of_its_queue_event_and_flow() {
    on_every_backend(async |store| {
        let first = wired(&*store, "Support", EventKind::Joined).await;
        let draft = hook_draft(first.flow.id, EventKind::Missed);
        let second = store.create_hook(first.queue.id, &draft, NOW).await.unwrap();
        let other = wired(&*store, "Sales", EventKind::Missed).await;
        let (one, two, three) = (first.hook.id.0, second.id.0, other.hook.id.0);

        assert_eq!(hooks(&*store, "SUPPORT").await, [(Fit::Part, one), (Fit::Part, two)]);
        assert_eq!(hooks(&*store, "missed").await, [(Fit::Part, three), (Fit::Part, two)]);
        assert_eq!(hooks(&*store, "missed supp").await, [(Fit::Part, two)]);
        assert_eq!(hooks(&*store, &two.to_string()).await, [(Fit::Exact, two)]);
        assert_eq!(store.find_hooks("s", 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_found_by_its_number_whether_its_events_made_deliveries_or_not() {
    on_every_backend(async |store| {
        let wired = wired(&*store, "Support", EventKind::Joined).await;
        for minute in 0..3 {
            let at = NOW.plus(minute * MINUTE);
            let event = Event { call_attempt: Some(80_217), ..wired.event(at) };
            let deliveries = if minute < 2 { vec![wired.delivery(&event)] } else { Vec::new() };
            let new = NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries };
            commit(&*store, vec![new]).await;
        }
        let found = store.find_logged("80217", 8).await.unwrap();
        let target = Target::Call {
            attempt: 80_217,
            queue_name: "Support".into(),
            at: NOW.plus(2 * MINUTE),
        };
        assert_eq!(found, [Found { fit: Fit::Exact, target }]);
        assert_eq!(logged(&*store, "80218").await, []);
    })
    .await;
}

#[tokio::test]
async fn deliveries_and_events_are_found_by_their_id_and_its_beginning() {
    on_every_backend(async |store| {
        let wired = wired(&*store, "Support", EventKind::Joined).await;
        let one = wired.accept(&*store, NOW, DeliveryState::Dead).await;
        // An hour later, so that the first eight digits differ.
        let two = wired.accept(&*store, NOW.plus(HOUR), DeliveryState::Pending).await;
        let delivery = |id: DeliveryId| format!("delivery {id}");
        let event = |of: Accepted| format!("event {}", of.event_id);

        let whole = one.id.to_string().to_uppercase();
        assert_eq!(logged(&*store, &whole).await, [(Fit::Exact, delivery(one.id))]);
        let whole = two.event_id.to_string();
        assert_eq!(logged(&*store, &whole).await, [(Fit::Exact, event(two))]);
        let beginning = &one.id.to_string()[..8];
        let both = [(Fit::Start, delivery(one.id)), (Fit::Start, event(one))];
        assert_eq!(logged(&*store, beginning).await, both);
        assert_eq!(logged(&*store, &beginning[..7]).await, []);

        let found = store.find_logged(&one.id.to_string(), 8).await.unwrap();
        let target = Target::Delivery {
            id: one.id,
            event: EventKind::Joined,
            flow_name: "Support".into(),
            state: DeliveryState::Dead,
            at: NOW,
        };
        assert_eq!(found, [Found { fit: Fit::Exact, target }]);
    })
    .await;
}

#[tokio::test]
async fn events_are_found_by_the_senders_id_once() {
    on_every_backend(async |store| {
        let wired = wired(&*store, "Support", EventKind::Joined).await;
        let sent = accept(&*store, wired.sent(NOW, "dialler-17", 1)).await;
        let event = (Fit::Exact, format!("event {}", sent.event_id));
        assert_eq!(logged(&*store, "dialler-17").await, [event]);
        assert_eq!(logged(&*store, "dialler-1").await, []);

        let mut own = wired.new_event(NOW);
        let named = Event { sender_id: Some(own.event.id.to_string()), ..(*own.event).clone() };
        own.event = Arc::new(named);
        let own = accept(&*store, own).await;
        let event = (Fit::Exact, format!("event {}", own.event_id));
        assert_eq!(logged(&*store, &own.event_id.to_string()).await, [event]);
    })
    .await;
}
