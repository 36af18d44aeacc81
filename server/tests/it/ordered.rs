//! What one call sends to one flow: in order, unless its hook says otherwise.

use crate::{
    gate::Gate,
    support::{Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    hook::HookDraft,
    ids::{FlowId, QueueId},
    policy::Policy,
    user::{Actor, Scope},
};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

/// A queue with hooks for both events.
async fn queue(server: &Server, name: &str, flow_id: FlowId, ordered: bool) -> QueueId {
    let queue = server.queue(name, QueueType::Inbound).await;
    for event in [EventKind::Joined, EventKind::Leaving] {
        let draft = HookDraft {
            event,
            flow_id,
            condition: String::new(),
            enabled: true,
            ordered,
            max_hold_ms: 30_000,
            policy: Policy::default(),
            extras: None,
        };
        server.admin.create_hook(&Actor::operator(), queue, draft).await.unwrap();
    }
    queue
}

fn event(event: &str, queue: QueueId, call: u32) -> Value {
    json!({"event": event, "queue_id": queue, "data": {"attempt_id": call}})
}

#[tokio::test]
async fn while_an_earlier_event_of_a_call_is_held_a_later_one_waits_only_if_order_is_on() {
    let (mut server, gate) = (Server::prepare().await, Gate::start("/joined").await);
    let token = server.token(&[Scope::Ingest]).await;
    let url = format!("http://{}/${{event}}/${{attempt_id}}", gate.addr);
    let steps = json!([{"httpRequest": {"url": url, "timeout": 30_000}}]);
    let flow = server.flow("Tells", steps).await;
    let in_order = queue(&server, "In order", flow, true).await;
    let at_once = queue(&server, "At once", flow, false).await;
    server.up().await;
    let post = async |events: Value| assert_eq!(server.post(&token, EVENTS, events).await.0, 202);
    let asked = async |path: &str| {
        until(path, async || gate.asked().iter().any(|one| one == path)).await;
    };

    post(json!([event("joined", in_order, 1), event("leaving", in_order, 1)])).await;
    asked("/joined/1").await;
    // These were accepted later, and go ahead.
    post(json!([event("joined", at_once, 2), event("leaving", at_once, 2)])).await;
    asked("/joined/2").await;
    asked("/leaving/2").await;
    post(event("leaving", in_order, 3)).await;
    asked("/leaving/3").await;
    until("what was not held is delivered", async || {
        let log = server.log().await;
        log.iter().filter(|row| row.state == DeliveryState::Delivered).count() == 2
    })
    .await;
    let log = server.log().await;
    let delivered: Vec<_> = log.iter().map(|row| row.state == DeliveryState::Delivered).collect();
    assert_eq!(delivered, [false, false, false, true, true]);
    let held = |path: &str| !gate.asked().iter().any(|one| one == path);
    assert!(held("/leaving/1"), "{:?}", gate.asked());

    gate.open();
    server.settled().await;
    let last = gate.asked().pop();
    assert_eq!((gate.asked().len(), last.as_deref()), (5, Some("/leaving/1")));
    let log = server.log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
}
