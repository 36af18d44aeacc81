//! Runs that rest: over a wait, and after a failure until a person resumes them; and the scripts of
//! flows, which run in processes of the real program.

use crate::support::{Receiver, Server, until};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::FlowId,
    policy::Policy,
    time::Millis,
    user::Scope,
};
use reqwest::Method;
use serde_json::json;
use std::{net::SocketAddr, time::UNIX_EPOCH};

const EVENTS: &str = "/api/v1/events";

/// A flow that calls `/one`, waits, and calls `/two` and `/three`.
async fn flow(server: &Server, receiver: SocketAddr, wait_ms: u64) -> FlowId {
    let request = |path: &str| json!({"httpRequest": {"url": format!("http://{receiver}/{path}")}});
    let wait = json!({"softSleep": wait_ms});
    server.flow("Calls", json!([request("one"), wait, request("two"), request("three")])).await
}

#[tokio::test]
async fn a_long_wait_is_seen_and_can_be_ended() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = flow(&server, receiver.addr, 3_600_000).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(&token, EVENTS, &event).await;
    until("the flow waits", async || server.log().await[0].state == DeliveryState::Waiting).await;
    let row = server.log().await.remove(0);
    assert_eq!((row.attempts, row.failure), (1, None));
    assert!(row.next_at.is_some_and(|at| at.0 - row.created_at.0 >= 3_600_000));
    let path = format!("/api/v1/deliveries/{}", row.id);
    let (_, detail) = server.get(&token, &path).await;
    assert_eq!(detail["attempts"][0]["outcome"], "waiting");
    assert_eq!(detail["attempts"][0]["steps"][1]["action"], "softSleep");

    let (status, _) = server.post(&token, &format!("{path}/run"), "").await;
    assert_eq!(status, 202);
    server.settled().await;
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/one", "/two", "/three"]);
    let (_, detail) = server.get(&token, &path).await;
    assert_eq!(detail["row"]["state"], "delivered");
    assert_eq!(detail["attempts"][1]["steps"][0]["path"], "/2");
    let (status, problem) = server.post(&token, &format!("{path}/run"), "").await;
    assert_eq!(status, 409, "{problem}");
}

#[tokio::test]
async fn a_dead_delivery_is_resumed_at_the_step_that_failed() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = flow(&server, receiver.addr, 0).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    receiver.answer_next(vec![(200, None), (200, None), (400, None)]);
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(&token, EVENTS, &event).await;
    until("it is dead", async || server.log().await[0].state == DeliveryState::Dead).await;
    let id = server.log().await[0].id;
    // Over a restart.
    server.terminate().await;
    server.up().await;
    let run = format!("/api/v1/deliveries/{id}/run");
    assert_eq!(server.post(&token, &run, "").await.0, 202);
    server.settled().await;
    assert_eq!(server.log().await[0].state, DeliveryState::Delivered);
    let received = receiver.received();
    let paths: Vec<_> = received.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/one", "/two", "/three", "/three"]);
    assert_eq!(received[2].webhook_id, received[3].webhook_id);
}

#[tokio::test]
async fn what_was_resumed_is_found_when_it_falls_due_though_nobody_was_told() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    receiver.answer_next(vec![(400, None)]);
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(&token, EVENTS, &event).await;
    until("it is dead", async || server.log().await[0].state == DeliveryState::Dead).await;
    // As where its node fails between the commit and the word to who runs it.
    let (id, now) = (server.log().await[0].id, UNIX_EPOCH.elapsed().unwrap());
    let due = Millis(now.as_millis() as i64 + 3_000);
    assert!(server.storage.resume(id, due).await.unwrap());
    server.settled().await;
    assert_eq!(server.log().await[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_flow_that_is_called_stays_as_it_was_over_waits_and_retries() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let request =
        |path: &str| json!({"httpRequest": {"url": format!("http://{}/{path}", receiver.addr)}});
    let called = server.flow("Called", json!([request("old")])).await;
    let call = || json!({"schema": {"id": called}});
    let waits = server.flow("Waits", json!([call(), {"softSleep": 3_600_000}, call()])).await;
    let calls = server.flow("Calls", json!([call()])).await;
    let sales = server.queue("Sales", QueueType::Inbound).await;
    let support = server.queue("Support", QueueType::Inbound).await;
    server.hook(sales, EventKind::Joined, waits).await;
    let hourly = Policy { retry_waits_ms: Some(vec![3_600_000]), ..Policy::default() };
    server.hook_with(support, EventKind::Joined, calls, hourly).await;
    server.up().await;
    let post = async |queue| {
        let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
        server.post(&token, EVENTS, &event).await;
    };
    let has = async |place: usize, state| {
        until("it is so", async || {
            server.log().await.get(place).is_some_and(|row| row.state == state)
        })
        .await;
        format!("/api/v1/deliveries/{}/run", server.log().await[place].id)
    };
    post(sales).await;
    let waiting = has(0, DeliveryState::Waiting).await;
    // It has not done anything that would have to be kept.
    receiver.answer_next(vec![(500, None)]);
    post(support).await;
    let retrying = has(1, DeliveryState::Retrying).await;

    // By the server itself, which knows of it at once.
    let (path, new) = (format!("/routing/schema/{called}"), json!({"schema": [request("new")]}));
    let (status, changed) = server.ask(Method::PATCH, &token, &path, new).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(server.post(&token, &waiting, "").await.0, 202);
    assert_eq!(server.post(&token, &retrying, "").await.0, 202);
    server.settled().await;
    post(support).await;
    server.settled().await;
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/old", "/old", "/old", "/old", "/new"]);
}

#[tokio::test]
async fn a_flow_runs_javascript_and_what_a_script_throws_is_its_own_fault() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let steps = json!([
        {"js": {"data": "return '${agent_name}'.split('').reverse().join('')", "setVar": "turned"}},
        {"if": {"expression": "'${turned}'.toUpperCase() === 'ANNA'", "then": [
            {"httpRequest": {"url": format!("http://{}/${{turned}}", receiver.addr)}}
        ]}},
        {"js": {"data": "throw new Error('no such client')", "setVar": "never"}}
    ]);
    let flow = server.flow("Scripts", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "variables": {"agent_name": "anna"}});
    server.post(&token, EVENTS, &event).await;
    until("it is dead", async || server.log().await[0].state == DeliveryState::Dead).await;
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/anna"]);
    let failure = server.log().await.remove(0).failure.unwrap();
    assert!(failure.detail.contains("no such client"), "{failure}");
}
