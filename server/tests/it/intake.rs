//! Taking events over HTTP.

use crate::support::Server;
use model::{
    catalog::QueueType,
    settings::{BATCH_BYTES_MAX, EVENT_BYTES_MAX},
    user::Scope,
};
use serde_json::{Value, json};

pub const EVENTS: &str = "/api/v1/events";

/// A server, a token that may post, and an inbound queue.
pub async fn served() -> (Server, String, i64) {
    let server = Server::start().await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    (server, token, queue.0)
}

#[tokio::test]
async fn one_event_is_accepted_and_a_repeat_gets_the_same_answer_even_after_a_crash() {
    let (mut server, token, queue) = served().await;
    let event = json!({"id": "e-1", "event": "joined", "queue_id": queue.to_string(),
                       "data": {"attempt_id": 991, "channel": "chat"}});
    let (status, first) = server.post(&token, EVENTS, &event).await;
    assert_eq!(status, 202, "{first}");
    assert_eq!(first["duplicate"], json!(false));
    assert_eq!((&first["deliveries"], &first["skipped"]), (&json!(0), &json!(0)));

    server.kill();
    server.up().await;
    let (status, again) = server.post(&token, EVENTS, &event).await;
    assert_eq!((status, &again["id"], &again["duplicate"]), (202, &first["id"], &json!(true)));

    let other = json!({"id": "e-1", "event": "joined", "queue_id": queue});
    let (status, conflict) = server.post(&token, EVENTS, &other).await;
    assert_eq!(status, 409);
    assert_eq!(conflict["errors"][0]["pointer"], json!("/id"));
    assert!(conflict["detail"].as_str().unwrap().contains(first["id"].as_str().unwrap()));
}

#[tokio::test]
async fn of_many_events_a_bad_one_costs_no_good_one() {
    let (server, token, queue) = served().await;
    let good = |id: &str| json!({"id": id, "event": "joined", "queue_id": queue});
    let many = json!([good("a"), {"event": "ringing", "queue_id": queue}, good("a"), good("b"),
                      {"id": "b", "event": "bridged", "queue_id": queue}, 7]);
    let (status, answer) = server.post(&token, EVENTS, &many).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(
        (&answer["accepted"], &answer["duplicates"], &answer["rejected"]),
        (&json!(2), &json!(1), &json!(3))
    );
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 6);
    assert_eq!(items[1]["error"]["errors"][0]["pointer"], json!("/1/event"));
    assert_eq!((&items[2]["id"], &items[2]["duplicate"]), (&items[0]["id"], &json!(true)));
    assert_eq!(items[4]["error"]["status"], json!(409));
    assert_eq!(items[5]["error"]["errors"][0]["pointer"], json!("/5"));
}

#[tokio::test]
async fn faults_are_told_as_problems_by_their_place() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "leaving", "queue_id": queue,
                       "data": {"attempt_id": "many", "call_sip_code": 99}});
    let request = server.http.post(format!("{}{EVENTS}", server.url)).bearer_auth(&token);
    let answer = request.body(event.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(
        problem["errors"],
        json!([
            {"pointer": "/data/attempt_id", "detail": "is an integer, not the text \"many\""},
            {"pointer": "/data/call_sip_code", "detail": "is a SIP status, 100 to 699, not 99"},
        ])
    );
    let (status, problem) = server.post(&token, EVENTS, "{\"event\": ").await;
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().unwrap().contains("line 1 column"), "{problem}");
    let (status, _) = server.post(&token, EVENTS, "[]").await;
    assert_eq!(status, 422);
    let (status, _) = server.post(&token, EVENTS, "{\"a\":".repeat(5_000)).await;
    assert_eq!(status, 422);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let (status, answer) = server.post(&token, EVENTS, deep).await;
    assert_eq!((status, &answer["items"][0]["error"]["status"]), (202, &json!(422)), "{answer}");
    let event = json!({"event": "joined", "queue_id": queue});
    let (status, _) = server.post(&token, EVENTS, Value::from(vec![event; 1_001])).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (server, token, queue) = served().await;
    let of_size = |size: usize| json!({"event": "joined", "queue_id": queue, "variables": {"x": "x".repeat(size)}});
    let (status, problem) = server.post(&token, EVENTS, of_size(EVENT_BYTES_MAX)).await;
    assert_eq!(status, 413, "{problem}");
    let (status, _) = server.post(&token, EVENTS, of_size(EVENT_BYTES_MAX / 2)).await;
    assert_eq!(status, 202);
    let (status, problem) = server.post(&token, EVENTS, json!([of_size(BATCH_BYTES_MAX)])).await;
    assert_eq!(status, 413, "{problem}");
    let (status, _) = server.post(&token, EVENTS, json!([of_size(EVENT_BYTES_MAX / 2)])).await;
    assert_eq!(status, 202);
}

#[tokio::test]
async fn a_token_is_needed_and_its_scope() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "joined", "queue_id": queue});
    let bare = server.http.post(format!("{}{EVENTS}", server.url)).body(event.to_string());
    assert_eq!(bare.send().await.unwrap().status(), 401);
    let (status, _) = server.post("oh_wrong", EVENTS, &event).await;
    assert_eq!(status, 401);
    let reader = server.token(&[Scope::Read, Scope::Manage]).await;
    let (status, problem) = server.post(&reader, EVENTS, &event).await;
    assert_eq!(status, 403);
    assert!(problem["detail"].as_str().unwrap().contains("scope ingest"), "{problem}");
    let (status, _) = server.get(&token, "/api/v1/queues").await;
    assert_eq!(status, 403);
    let (status, list) = server.get(&reader, "/api/v1/queues").await;
    assert_eq!((status, &list["items"][0]["type"]), (200, &json!("inbound")));
    let (status, problem) = server.get(&reader, "/api/v1/nothing").await;
    assert_eq!((status, &problem["status"]), (404, &json!(404)));
    let (status, _) = server.get(&reader, EVENTS).await;
    assert_eq!(status, 405);
}
