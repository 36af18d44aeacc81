//! Hooks and queues by the API: how deliveries are run, and whether.

use crate::support::{Receiver, Server, until};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    hook::Hook,
    ids::QueueId,
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

/// A served installation with a hook, and a token that may do all.
async fn served() -> (Server, Receiver, QueueId, Hook, String) {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    (server, receiver, queue, hook, token)
}

/// Posts so many events of one call.
async fn post(server: &Server, token: &str, queue: QueueId, calls: std::ops::Range<i64>) {
    let events: Vec<_> = calls
        .map(|call| {
            json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1},
                   "variables": {"call": call}})
        })
        .collect();
    assert_eq!(server.post(token, EVENTS, json!(events)).await.0, 202);
}

async fn are_parked(server: &Server, token: &str, many: usize) {
    until("they are parked", async || {
        let (_, log) = server.get(token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().map(Vec::len) == Some(many)
    })
    .await;
}

#[tokio::test]
async fn what_a_patch_names_of_a_hooks_policy_changes_and_nothing_else() {
    let (server, _receiver, queue, hook, token) = served().await;
    let path = format!("/api/v1/hooks/{}", hook.id);
    let (status, was) = server.get(&token, &path).await;
    assert_eq!((status, &was["queue_id"], &was["event"]), (200, &json!(queue), &json!("joined")));
    assert_eq!((&was["policy"], &was["paused"]), (&json!({}), &Value::Null));

    let patch = async |body: Value| server.ask(Method::PATCH, &token, &path, body).await;
    let waits = json!({"policy": {"retry_waits_ms": [5000.0, 6e4], "max_age_ms": 86400000}});
    let (status, hook) = patch(waits).await;
    assert_eq!(status, 200, "{hook}");
    assert_eq!(
        hook["policy"],
        json!({"retry_waits_ms": [5_000, 60_000], "max_age_ms": 86_400_000})
    );
    let (_, hook) = patch(json!({"ordered": false, "max_hold_ms": 86400000.0})).await;
    assert_eq!((&hook["ordered"], &hook["max_hold_ms"]), (&json!(false), &json!(86_400_000)));
    let low = json!({"policy": {"priority": "low", "attempt_limit_ms": 100, "max_age_ms": null}});
    let (_, hook) = patch(low).await;
    let expected =
        json!({"retry_waits_ms": [5_000, 60_000], "attempt_limit_ms": 100, "priority": "low"});
    assert_eq!(hook["policy"], expected);
    let (_, now) = patch(json!({})).await;
    assert_eq!((&now["policy"], &now["condition"]), (&expected, &was["condition"]));
    assert_eq!(server.get(&token, &path).await.1["policy"], expected);

    for (body, at) in [
        (json!({"policy": {"retry_waits_ms": [1, -1]}}), "/policy/retry_waits_ms/1"),
        (json!({"policy": {"retry_waits_ms": vec![1; 31]}}), "/policy/retry_waits_ms"),
        (json!({"policy": {"max_age_ms": 999}}), "/policy/max_age_ms"),
        (json!({"policy": {"attempt_limit_ms": "1s"}}), "/policy/attempt_limit_ms"),
        (json!({"policy": {"priority": "first"}}), "/policy/priority"),
        (json!({"policy": {"waits": []}}), "/policy/waits"),
        (json!({"policy": null}), "/policy"),
        (json!({"policy": []}), "/policy"),
        (json!({"max_hold_ms": 86_400_001}), "/max_hold_ms"),
        (json!({"max_hold_ms": 0.5}), "/max_hold_ms"),
        (json!({"ordered": null}), "/ordered"),
        (json!({"condition": "true"}), "/condition"),
        (json!([]), ""),
    ] {
        let (status, problem) = patch(body.clone()).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(at)), "{body}");
    }
    let (status, problem) = server.ask(Method::PATCH, &token, &path, "policy").await;
    assert_eq!(status, 400, "{problem}");
    assert_eq!(server.get(&token, &path).await.1["policy"], expected);
    assert_eq!(server.ask(Method::PATCH, &token, "/api/v1/hooks/999", "{}").await.0, 404);
}

#[tokio::test]
async fn a_paused_hook_parks_its_deliveries_and_releases_them_in_order() {
    let (server, receiver, queue, hook, token) = served().await;
    let path = format!("/api/v1/hooks/{}", hook.id);
    let act = async |act: &str| server.post(&token, &format!("{path}/{act}"), "").await;
    let (status, paused) = act("pause").await;
    assert_eq!((status, &paused["paused"]), (200, &json!("person")));
    post(&server, &token, queue, 0..5).await;
    are_parked(&server, &token, 5).await;

    for wrong in ["0", "10001", "fast"] {
        let (status, problem) = act(&format!("resume?release_per_s={wrong}")).await;
        assert_eq!((status, &problem["parameters"][0]["name"]), (400, &json!("release_per_s")));
    }
    let (status, resumed) = act("resume?release_per_s=100").await;
    assert_eq!(
        (status, &resumed["paused"], &resumed["release_per_s"]),
        (200, &Value::Null, &json!(100))
    );
    server.settled().await;
    let log = server.log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    let delivered: Vec<_> =
        receiver.received().iter().map(|one| one.json()["delivery"].clone()).collect();
    assert_eq!(delivered, log.iter().map(|row| json!(row.id)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_paused_queue_parks_the_deliveries_of_its_hooks() {
    let (server, receiver, queue, _, token) = served().await;
    let path = format!("/api/v1/queues/{queue}");
    let (status, paused) = server.post(&token, &format!("{path}/pause"), "").await;
    assert_eq!(
        (status, &paused["paused"], &paused["type"]),
        (200, &json!(true), &json!("inbound"))
    );
    assert_eq!(server.get(&token, &path).await.1, paused);
    let (_, page) = server.get(&token, "/api/v1/queues").await;
    assert_eq!(page["items"][0]["paused"], true);
    post(&server, &token, queue, 0..3).await;
    are_parked(&server, &token, 3).await;
    let (status, resumed) = server.post(&token, &format!("{path}/resume"), "").await;
    assert_eq!(
        (status, &resumed["paused"], &resumed["release_per_s"]),
        (200, &json!(false), &Value::Null)
    );
    server.settled().await;
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn whoever_deletes_says_what_becomes_of_what_is_unfinished() {
    let (server, receiver, queue, hook, token) = served().await;
    let delete = async |path: &str| server.ask(Method::DELETE, &token, path, "").await;
    let at = format!("/api/v1/hooks/{}", hook.id);
    server.post(&token, &format!("{at}/pause"), "").await;
    post(&server, &token, queue, 0..2).await;
    let (status, problem) = delete(&format!("{at}?deliveries=perhaps")).await;
    assert_eq!((status, &problem["parameters"][0]["name"]), (400, &json!("deliveries")));
    let (status, gone) = delete(&format!("{at}?deliveries=cancel")).await;
    assert_eq!((status, &gone["id"]), (200, &json!(hook.id)));
    assert_eq!(delete(&at).await.0, 404);
    let count = async |state| server.log().await.iter().filter(|row| row.state == state).count();
    until("they are called off", async || count(DeliveryState::Cancelled).await == 2).await;

    let again = server.hook(queue, EventKind::Joined, hook.flow_id).await;
    let pause = format!("/api/v1/hooks/{}/pause", again.id);
    assert_eq!(server.post(&token, &pause, "").await.0, 200);
    post(&server, &token, queue, 2..4).await;
    let (status, gone) = delete(&format!("/api/v1/queues/{queue}?deliveries=finish")).await;
    assert_eq!((status, &gone["name"]), (200, &json!("Support line")));
    until("they are delivered all the same", async || count(DeliveryState::Delivered).await == 2)
        .await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn a_path_that_there_is_not_is_named_as_it_was_asked_for() {
    let (server, ..) = served().await;
    for path in ["/api/v1/hook/7", "/api/v1/", "/api/v1/replays/7/rate/x"] {
        let (status, problem) = server.get("", path).await;
        assert_eq!((status, &problem["detail"]), (404, &json!(format!("there is no {path}"))));
    }
}
