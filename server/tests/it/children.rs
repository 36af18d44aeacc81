//! Runs that a run begins beside itself, and the failure flow of a delivery that dies.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::{Receiver, Server, until},
};
use admin::changes::FlowChange;
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    flow::FlowKind,
    ids::{DeliveryId, QueueId},
    policy::Policy,
    user::{Actor, Role, Scope},
};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

async fn token(server: &Server) -> String {
    server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await
}

async fn joined(server: &Server, token: &str, queue: QueueId) {
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(token, EVENTS, &event).await;
}

/// The log has so many deliveries, the one at this place in this state; its id.
async fn stands(server: &Server, many: usize, place: usize, state: DeliveryState) -> DeliveryId {
    until("the log stands so", async || {
        let log = server.log().await;
        log.len() == many && log[place].state == state
    })
    .await;
    server.log().await[place].id
}

fn paths(receiver: &Receiver) -> Vec<String> {
    let mut paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    paths.sort();
    paths
}

/// A function `later` that is begun with what was set before, a copy.
fn with_a_child(receiver: &Receiver, before: &Value, after: &Value) -> Value {
    let url = |path: &str| format!("http://{}/{path}", receiver.addr);
    let told = json!({"who": "${who}", "delivery": "${delivery_id}"});
    json!([
        {"function": {"name": "later", "actions": [
            before, {"httpRequest": {"url": url("child"), "data": told}}
        ]}},
        {"set": {"who": "Olena"}},
        {"execute": {"name": "later", "async": true}},
        {"set": {"who": "nobody"}},
        after,
        {"httpRequest": {"url": url("parent"), "data": told}}
    ])
}

#[tokio::test]
async fn a_child_has_a_copy_of_the_variables_and_is_linked_to_its_parent() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = token(&server).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let nothing = json!({"log": "on"});
    let flow = server.flow("Begins", with_a_child(&receiver, &nothing, &nothing)).await;
    let at_once = Policy { retry_waits_ms: Some(vec![0]), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, at_once).await;
    server.up().await;
    // Whichever of the two comes first fails once, and is tried again: nothing is begun twice.
    receiver.answer_next(vec![(500, None)]);
    joined(&server, &token, queue).await;
    until("both are there", async || server.log().await.len() == 2).await;
    server.settled().await;
    let log = server.log().await;
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].parent, log[1].parent), (None, Some(log[0].id)));
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    for one in received {
        let (who, row) = if one.path == "/child" { ("Olena", 1) } else { ("nobody", 0) };
        assert_eq!(one.json(), json!({"who": who, "delivery": log[row].id}));
    }
    let detail = async |row: usize| {
        server.get(&token, &format!("/api/v1/deliveries/{}", log[row].id)).await.1
    };
    let (parent, child) = (detail(0).await, detail(1).await);
    assert_eq!(parent["children"][0]["id"], json!(log[1].id));
    assert_eq!(child["row"]["parent"], json!(log[0].id));
    assert_eq!(child["begun"]["function"], "later");
    let step = child["begun"]["step"].as_str().unwrap();
    let steps = parent["attempts"][0]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|one| one["action"] == "execute" && one["id"] == step));

    // A replay of it is the same again.
    let replay = format!("/api/v1/deliveries/{}/replay", log[1].id);
    assert_eq!(server.post(&token, &replay, "").await.0, 202);
    server.settled().await;
    let last = receiver.received().pop().unwrap();
    assert_eq!((last.path.as_str(), &last.json()["who"]), ("/child", &json!("Olena")));
    assert_eq!(server.log().await.len(), 3);
}

#[tokio::test]
async fn a_child_survives_a_crash_and_its_parent_and_runs_once() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = token(&server).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let hour = json!({"softSleep": 3_600_000});
    let flow = server.flow("Begins", with_a_child(&receiver, &hour, &hour)).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    joined(&server, &token, queue).await;
    let child = stands(&server, 2, 1, DeliveryState::Waiting).await;
    let parent = stands(&server, 2, 0, DeliveryState::Waiting).await;
    server.kill();
    server.up().await;
    let run = |id| format!("/api/v1/deliveries/{id}/run");
    let cancel = format!("/api/v1/deliveries/{parent}/cancel");
    assert!(server.post(&token, &cancel, "").await.0 < 300);
    assert_eq!(server.post(&token, &run(child), "").await.0, 202);
    server.settled().await;
    assert_eq!(paths(&receiver), ["/child"]);
    let states: Vec<_> = server.log().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::Cancelled, DeliveryState::Delivered]);
}

#[tokio::test]
async fn another_flow_begins_by_itself_and_too_many_are_refused() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = token(&server).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{round}}", receiver.addr);
    let other = server.flow("Other", json!([{"httpRequest": {"url": url}}])).await;
    let rounds: Vec<_> = (0..3).collect();
    let steps = json!([
        {"forEach": {"list": rounds, "as": "round", "do": [
            {"schema": {"id": other, "async": true}}
        ]}}
    ]);
    let flow = server.flow("Begins", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    // It begins itself, until that is too deep.
    let deep = server.flow("Deep", json!([{"log": "to be changed"}])).await;
    let change = admin::changes::FlowChange {
        source: Some(json!([{"schema": {"id": deep, "async": true}}]).to_string()),
        ..admin::changes::FlowChange::default()
    };
    server.admin.change_flow(&Actor::operator(), deep, change).await.unwrap();
    let sales = server.queue("Sales", QueueType::Inbound).await;
    server.hook(sales, EventKind::Joined, deep).await;
    server.up().await;
    joined(&server, &token, queue).await;
    until("all are there", async || server.log().await.len() == 4).await;
    server.settled().await;
    assert_eq!(paths(&receiver), ["/0", "/1", "/2"]);

    joined(&server, &token, sales).await;
    until("the last is dead", async || {
        server.log().await.last().unwrap().state == DeliveryState::Dead
    })
    .await;
    let log = server.log().await;
    let failure = log.last().unwrap().failure.clone().unwrap();
    assert_eq!((log.len(), failure.limit), (4 + 17, Some(16)), "{failure}");
}

#[tokio::test]
async fn the_failure_flow_runs_once_for_each_death() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = token(&server).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let url = |path: &str| format!("http://{}/{path}", receiver.addr);
    let calls = json!([{"set": {"who": "Olena"}}, {"httpRequest": {"url": url("calls")}}]);
    let flow = server.flow("Calls", calls).await;
    let told = json!({"who": "${who}", "class": "${error.class}", "step": "${error.step}",
                      "message": "${error.message}"});
    let alarm = json!([{"httpRequest": {"url": url("alarm"), "data": told}}]);
    let alarm = server.flow("Alarm", alarm).await;
    let operator = Actor::operator();
    server.admin.set_failure_flow(&operator, flow, Some(alarm)).await.unwrap();
    // What a failure flow dies of begins nothing.
    server.admin.set_failure_flow(&operator, alarm, Some(flow)).await.unwrap();
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    receiver.answer_next(vec![(404, None), (404, None), (404, None)]);
    joined(&server, &token, queue).await;
    let alarmed = stands(&server, 2, 1, DeliveryState::Dead).await;
    let dead = stands(&server, 2, 0, DeliveryState::Dead).await;
    let told = receiver.received().pop().unwrap().json();
    assert_eq!(
        (&told["who"], &told["class"], &told["step"]),
        (&json!("Olena"), &json!("status"), &json!("/1"))
    );
    assert!(told["message"].as_str().unwrap().contains("404"), "{told}");
    let (_, detail) = server.get(&token, &format!("/api/v1/deliveries/{alarmed}")).await;
    assert_eq!(detail["begun"], json!({"step": null, "visit": 1, "function": null}));

    // Resumed it dies again, and is told of again.
    assert_eq!(server.post(&token, &format!("/api/v1/deliveries/{dead}/run"), "").await.0, 202);
    stands(&server, 3, 2, DeliveryState::Delivered).await;
    server.settled().await;
    assert_eq!(server.log().await.len(), 3);
    assert_eq!(paths(&receiver), ["/alarm", "/alarm", "/calls", "/calls"]);
}

#[tokio::test]
async fn the_choice_of_a_failure_flow_keeps_one_whose_type_has_changed() {
    let server = Server::start().await;
    let (admin, operator) = (&server.admin, Actor::operator());
    let flow = server.flow("Asks", json!([{"log": "asks"}])).await;
    let alarm = server.flow("Alarm", json!([{"log": "alarm"}])).await;
    server.flow("Other", json!([{"log": "other"}])).await;
    admin.set_failure_flow(&operator, flow, Some(alarm)).await.unwrap();
    let voice = FlowChange { kind: Some(FlowKind::Voice), ..FlowChange::default() };
    admin.change_flow(&operator, alarm, voice).await.unwrap();
    admin.create_user(&operator, "ann", Role::Admin, PASSWORD.into()).await.unwrap();
    let browser = Browser::new(&server);
    let session = browser.sign_in("ann", PASSWORD).await;
    let page = browser.page(&format!("/flows/{flow}/failure-flow"), cookie(&session).0);
    let page = page.send().await.unwrap().text().await.unwrap();
    let chosen = page.split("<option").find(|option| option.contains(" selected"));
    let chosen = chosen.unwrap_or(&page);
    assert!(chosen.contains("Alarm (its type has changed"), "{chosen}");
    assert!(page.contains(">Other</option>"), "{page}");
}
