//! Firing hooks: conditions, retries, pauses, replays, tests of order.

use crate::support::{Receiver, Server, until};
use admin::changes::FlowChange;
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryState, Overlay},
    hook::PauseReason,
    ids::DeliveryId,
    policy::Policy,
    trace::FailureClass,
    user::{Actor, Scope},
};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

#[tokio::test]
async fn an_event_fires_every_hook_whose_condition_holds_and_the_log_shows_it() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let first = server.telling_flow("first", receiver.addr).await;
    let second = server.telling_flow("second", receiver.addr).await;
    let third = server.telling_flow("third", receiver.addr).await;
    server.hook(queue, EventKind::Leaving, first).await;
    let abandoned = "cc_result == 'abandoned' && call_duration > 20";
    server.conditional_hook(queue, EventKind::Leaving, second, abandoned).await;
    server.conditional_hook(queue, EventKind::Leaving, third, "no_such_field == 1").await;

    server.up().await;
    let event = json!({"event": "leaving", "queue_id": queue,
                       "data": {"attempt_id": 7, "cc_result": "success", "call_duration": 25.5}});
    let (status, answer) = server.post(&token, EVENTS, &event).await;
    assert_eq!(status, 202);
    assert_eq!((&answer["deliveries"], &answer["skipped"]), (&json!(2), &json!(1)));
    server.settled().await;

    let mut paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    paths.sort();
    assert_eq!(paths, ["/first", "/third"]);
    let log = server.log().await;
    let states: Vec<_> = log.iter().map(|row| (row.flow_id, row.state)).collect();
    assert_eq!(
        states,
        [
            (first, DeliveryState::Delivered),
            (second, DeliveryState::Skipped),
            (third, DeliveryState::Delivered)
        ]
    );
    let warned = log[2].warning.as_ref().unwrap();
    assert_eq!(warned.field.as_deref(), Some("no_such_field"), "{warned:?}");

    let path = format!("/api/v1/deliveries/{}", log[0].id);
    let (status, detail) = server.get(&token, &path).await;
    assert_eq!(status, 200);
    let http = &detail["attempts"][0]["steps"][0]["http"];
    assert_eq!(http["answer"]["status"], json!(200));
    let sent: Value = serde_json::from_str(http["request_body"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(sent, json!({"delivery": log[0].id, "event": "leaving", "queue": queue, "call": 7}));
    let arrived = &receiver.received()[0];
    assert!(arrived.has_timestamp && arrived.webhook_id.contains('_'), "{arrived:?}");
}

#[tokio::test]
async fn a_retry_carries_the_same_webhook_id_and_later_events_of_its_call_wait() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    for event in [EventKind::Joined, EventKind::Bridged, EventKind::Leaving] {
        server.hook(queue, event, flow).await;
    }
    server.up().await;
    // Not one that asks for patience: that would slow the other call too.
    receiver.answer_next(vec![(500, None)]);
    let of = |event: &str, call: i64| json!({"event": event, "queue_id": queue, "data": {"attempt_id": call}});
    let many = json!([of("joined", 1), of("bridged", 1), of("leaving", 1)]);
    server.post(&token, EVENTS, many).await;
    until("the first attempt has failed", async || {
        server.log().await[0].state == DeliveryState::Retrying
    })
    .await;
    server.post(&token, EVENTS, of("joined", 2)).await;
    server.settled().await;

    let received = receiver.received();
    let order: Vec<_> = received
        .iter()
        .map(|one| (one.json()["call"].clone(), one.json()["event"].clone()))
        .collect();
    assert_eq!(
        Value::from(order.iter().map(|(call, event)| json!([call, event])).collect::<Vec<_>>()),
        json!([[1, "joined"], [2, "joined"], [1, "joined"], [1, "bridged"], [1, "leaving"]])
    );
    assert_eq!(received[0].webhook_id, received[2].webhook_id);
    assert_eq!(received[0].body, received[2].body);
    let first = server.log().await.remove(0);
    assert_eq!((first.attempts, first.out_of_order), (2, false));
    let detail = server.storage.delivery(first.id, &Overlay::default()).await.unwrap().unwrap();
    let failure = detail.attempts[0].failure.clone().unwrap();
    assert_eq!((failure.class, failure.status), (FailureClass::Status, Some(500)));
}

#[tokio::test]
async fn a_410_parks_the_delivery_and_pauses_the_hook_until_a_person_resumes_it() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    receiver.answer_next(vec![(410, None)]);
    let event =
        |call: i64| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    server.post(&token, EVENTS, event(1)).await;
    until("the hook is paused", async || {
        let hook = server.storage.hook(hook.id).await.unwrap().unwrap();
        hook.paused == Some(PauseReason::Gone)
    })
    .await;
    server.post(&token, EVENTS, event(2)).await;
    until("both are parked", async || {
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() == 2)
    })
    .await;
    server.admin.resume_hook(&Actor::operator(), hook.id, None).await.unwrap();
    server.settled().await;
    let calls: Vec<_> = receiver.received().iter().map(|one| one.json()["call"].clone()).collect();
    assert_eq!(calls.iter().filter(|call| **call == json!(1)).count(), 2);
    assert_eq!(calls.iter().filter(|call| **call == json!(2)).count(), 1);
}

#[tokio::test]
async fn a_hook_that_got_another_target_is_not_paused_by_what_was_made_for_the_old_one() {
    let (mut server, old, new) =
        (Server::prepare().await, Receiver::start().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", old.addr).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    let hook = server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    old.answer_next(vec![(410, None); 1_000]);
    let event =
        |call: i64| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    let is_paused = async || server.storage.hook(hook.id).await.unwrap().unwrap().paused.is_some();
    server.post(&token, EVENTS, event(1)).await;
    until("the hook is paused", is_paused).await;
    server.post(&token, EVENTS, event(2)).await;

    let elsewhere = json!([{"httpRequest": {"url": format!("http://{}/", new.addr)}}]);
    let change = FlowChange { source: Some(elsewhere.to_string()), ..FlowChange::default() };
    server.admin.change_flow(&Actor::operator(), flow, change).await.unwrap();
    server.admin.resume_hook(&Actor::operator(), hook.id, None).await.unwrap();
    // What another process has changed is known within half a second.
    until("the new target is called", async || {
        server.post(&token, EVENTS, event(3)).await;
        !new.received().is_empty()
    })
    .await;
    server.settled().await;
    assert!(!is_paused().await);
    for row in server.log().await {
        let state =
            if row.flow_version == 2 { DeliveryState::Delivered } else { DeliveryState::Dead };
        assert_eq!(row.state, state, "{row:?}");
    }
}

#[tokio::test]
async fn a_paused_queue_parks_the_deliveries_of_all_its_hooks_and_releases_them_in_order() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.hook(queue, EventKind::Leaving, flow).await;
    let operator = Actor::operator();
    server.admin.pause_queue(&operator, queue).await.unwrap();
    server.up().await;
    for (event, call) in [("joined", 1), ("joined", 2), ("leaving", 1), ("leaving", 2)] {
        let data = json!({"event": event, "queue_id": queue, "data": {"attempt_id": call}});
        server.post(&token, EVENTS, data).await;
    }
    until("all are parked", async || {
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() == 4)
    })
    .await;
    assert!(receiver.received().is_empty());
    server.admin.resume_queue(&operator, queue, None).await.unwrap();
    server.settled().await;
    let mut told: Vec<_> = receiver
        .received()
        .iter()
        .map(|one| (one.json()["call"].as_i64().unwrap(), one.json()["event"].to_string()))
        .collect();
    // Calls go side by side; within each the order holds.
    told.sort_by_key(|(call, _)| *call);
    let events: Vec<_> = told.iter().map(|(_, event)| event.as_str()).collect();
    assert_eq!(events, ["\"joined\"", "\"leaving\"", "\"joined\"", "\"leaving\""]);
}

#[tokio::test]
async fn a_fault_of_the_flow_is_dead_at_once_and_a_replay_runs_the_mended_flow() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let bad = json!([{"httpRequest": {"url": "${nothing}"}}]);
    let flow = server.flow("mend me", bad).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    server.post(&token, EVENTS, json!({"event": "joined", "queue_id": queue})).await;
    server.settled().await;
    let dead = server.log().await.remove(0);
    assert_eq!((dead.state, dead.attempts), (DeliveryState::Dead, 1));
    assert_eq!(dead.failure.unwrap().class, FailureClass::Flow);

    let stored = server.storage.flow(flow, None).await.unwrap().unwrap();
    let steps = json!([{"httpRequest": {"url": format!("http://{}/mended", receiver.addr)}}]);
    let draft = model::flow::FlowDraft {
        name: stored.name,
        kind: stored.kind,
        description: stored.description,
        mode: stored.version.mode,
        source: steps.to_string(),
        extras: None,
    };
    server.admin.save_flow(&Actor::operator(), flow, 1, draft).await.unwrap();
    let path = format!("/api/v1/deliveries/{}/replay", dead.id);
    let (status, replay) = server.post(&token, &path, "").await;
    assert_eq!((status, &replay["replay_of"]), (202, &json!(dead.id)));
    let id: DeliveryId = replay["id"].as_str().unwrap().parse().unwrap();
    let done = server.delivery_that(id, |detail| detail.row.state.is_final()).await;
    assert_eq!((done.row.state, done.row.flow_version), (DeliveryState::Delivered, 2));
    assert_eq!(done.row.replay_of, Some(dead.id));
    assert_eq!(receiver.received()[0].path, "/mended");
    // As it ran it fails as it did.
    let (status, replay) = server.post(&token, &format!("{path}?version=ran"), "").await;
    assert_eq!(status, 202);
    let again: DeliveryId = replay["id"].as_str().unwrap().parse().unwrap();
    let done = server.delivery_that(again, |detail| detail.row.state.is_final()).await;
    assert_eq!((done.row.state, done.row.flow_version), (DeliveryState::Dead, 1));
    let (status, problem) = server.post(&token, &format!("{path}?version=old"), "").await;
    assert_eq!((status, &problem["parameters"][0]["name"]), (400, &json!("version")));
    let origin = server.storage.delivery(dead.id, &Overlay::default()).await.unwrap().unwrap();
    assert_eq!(origin.replays, [again, id]);
}

#[tokio::test]
async fn a_disabled_queue_keeps_its_events_and_makes_no_deliveries() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let operator = Actor::operator();
    let event = json!({"event": "joined", "queue_id": queue});
    let fired = async || server.post(&token, EVENTS, &event).await.1["deliveries"].clone();
    // Another process changes what is set up here, which the server looks for twice a second.
    server.admin.set_queue_enabled(&operator, queue, false).await.unwrap();
    until("the queue is off", async || fired().await == json!(0)).await;
    server.admin.set_queue_enabled(&operator, queue, true).await.unwrap();
    until("the queue is on", async || fired().await == json!(1)).await;
    server.admin.set_hook_enabled(&operator, hook.id, false).await.unwrap();
    until("the hook is off", async || fired().await == json!(0)).await;
    server.settled().await;
    assert_eq!(receiver.received().len(), server.log().await.len());
}

#[tokio::test]
async fn an_address_that_is_not_admitted_is_not_called() {
    let mut server = Server::prepare().await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    for (name, url) in [("literal", "http://10.0.0.1/"), ("disguised", "http://[::ffff:10.0.0.1]/")]
    {
        let flow = server.flow(name, json!([{"httpRequest": {"url": url}}])).await;
        server.hook(queue, EventKind::Joined, flow).await;
    }
    server.up().await;
    server.post(&token, EVENTS, json!({"event": "joined", "queue_id": queue})).await;
    until("both were refused", async || {
        let log = server.log().await;
        let refused = log.iter().filter_map(|row| row.failure.as_ref());
        refused.filter(|failure| failure.class == FailureClass::ForbiddenTarget).count() == 2
    })
    .await;
}
