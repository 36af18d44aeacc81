//! What a post says of its body, and whether it may be posted at all.

use crate::intake::{EVENTS, served};
use model::user::Scope;
use serde_json::{Value, json};

#[tokio::test]
async fn json_is_read_under_its_names_and_without_any() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "joined", "queue_id": queue}).to_string();
    for kind in [
        None,
        Some("application/json"),
        Some("Application/JSON; charset=utf-8"),
        Some("text/json"),
        Some("application/vnd.dialler.v2+json"),
    ] {
        let headers: Vec<_> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
        let (status, answer) = server.post_as(&token, EVENTS, &headers, event.clone()).await;
        assert_eq!((status, &answer["duplicate"]), (202, &json!(false)), "{kind:?}: {answer}");
    }
}

#[tokio::test]
async fn a_type_that_is_not_read_is_refused_with_those_that_are() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "joined", "queue_id": queue}).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/cloudevents+avro"]
    {
        let request = server.http.post(format!("{}{EVENTS}", server.url)).bearer_auth(&token);
        let request = request.header("content-type", kind).body(event.clone());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
        assert!(answer.headers()["accept-post"].to_str().unwrap().contains("application/x-ndjson"));
        assert!(!answer.headers().contains_key("accept-encoding"));
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(kind) && detail.contains("application/json"), "{detail}");
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused_whatever_the_body_is() {
    let (server, _, _) = served().await;
    let reader = server.token(&[Scope::Read, Scope::Manage]).await;
    for headers in [
        [("content-type", "text/plain"), ("content-encoding", "br")],
        [("content-type", "application/x-ndjson"), ("content-encoding", "gzip")],
        [("content-type", "application/cloudevents+json"), ("content-encoding", "zstd")],
        [("ce-id", "1"), ("content-encoding", "identity")],
    ] {
        let (status, problem) = server.post_as(&reader, EVENTS, &headers, "{").await;
        assert_eq!(status, 403, "{headers:?}: {problem}");
        let (status, problem) = server.post_as("oh_wrong", EVENTS, &headers, "{").await;
        assert_eq!(status, 401, "{headers:?}: {problem}");
    }
}

#[tokio::test]
async fn a_sender_that_asks_first_is_answered_by_what_its_token_may() {
    let (server, token, _) = served().await;
    let ask = |token: &str, origin: Option<&str>| {
        let url = format!("{}{EVENTS}", server.url);
        let mut request = server.http.request(reqwest::Method::OPTIONS, url).bearer_auth(token);
        if let Some(origin) = origin {
            request = request
                .header("WebHook-Request-Origin", origin)
                .header("WebHook-Request-Rate", "120");
        }
        request.send()
    };
    let answer = ask(&token, Some("events.example.com")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["webhook-allowed-origin"], "events.example.com");
    assert_eq!(answer.headers()["webhook-allowed-rate"], "*");
    assert_eq!(answer.headers()["allow"], "POST, OPTIONS");

    let answer = ask(&token, None).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["accept-encoding"], "gzip, zstd");
    assert!(!answer.headers().contains_key("webhook-allowed-origin"));

    let reader = server.token(&[Scope::Read, Scope::Manage]).await;
    for (token, status) in [(reader.as_str(), 403), ("oh_wrong", 401)] {
        let answer = ask(token, Some("events.example.com")).await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(!answer.headers().contains_key("webhook-allowed-origin"));
    }
}
