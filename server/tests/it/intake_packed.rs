//! Taking bodies that are packed by gzip or zstd.

use crate::{
    intake::{EVENTS, served},
    support::Server,
};
use flate2::{Compression, write::GzEncoder};
use model::settings::{BATCH_BYTES_MAX, EVENT_BYTES_MAX};
use serde_json::{Value, json};
use std::io::Write;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;
const BOTH: [(&str, Pack); 2] = [("gzip", gzip), ("zstd", zstd)];

async fn post(server: &Server, token: &str, encoding: &str, body: Vec<u8>) -> (u16, Value) {
    let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
    server.post_as(token, EVENTS, &headers, body).await
}

fn event(queue: i64, size: usize) -> Value {
    json!({"event": "joined", "queue_id": queue, "variables": {"x": "x".repeat(size)}})
}

#[tokio::test]
async fn a_packed_body_is_what_it_is_unpacked() {
    let (server, token, queue) = served().await;
    let event = json!({"id": "e-1", "event": "joined", "queue_id": queue}).to_string();
    let (status, first) = server.post(&token, EVENTS, &event).await;
    assert_eq!(status, 202);
    for (encoding, pack) in BOTH {
        let (status, again) = post(&server, &token, encoding, pack(event.as_bytes())).await;
        assert_eq!(status, 202, "{encoding}: {again}");
        assert_eq!((&again["id"], &again["duplicate"]), (&first["id"], &json!(true)));
        let array = format!("[{event}, {event}]");
        let (status, many) = post(&server, &token, encoding, pack(array.as_bytes())).await;
        assert_eq!((status, &many["duplicates"]), (202, &json!(2)), "{encoding}: {many}");
        let headers = [("content-type", "application/x-ndjson"), ("content-encoding", encoding)];
        let lines = pack(format!("{event}\nno\n").as_bytes());
        let (status, many) = server.post_as(&token, EVENTS, &headers, lines).await;
        assert_eq!((status, &many["items"][1]["line"]), (202, &json!(2)), "{encoding}: {many}");
    }
}

#[tokio::test]
async fn the_limits_hold_for_what_comes_out() {
    let (server, token, queue) = served().await;
    for (encoding, pack) in BOTH {
        let large = event(queue, EVENT_BYTES_MAX).to_string();
        let (status, problem) = post(&server, &token, encoding, pack(large.as_bytes())).await;
        assert_eq!(status, 413, "{encoding}: {problem}");
        let half = event(queue, EVENT_BYTES_MAX / 2);
        let many = json!([event(queue, EVENT_BYTES_MAX), half, half, half]).to_string();
        let (status, answer) = post(&server, &token, encoding, pack(many.as_bytes())).await;
        assert_eq!((status, &answer["accepted"]), (202, &json!(3)), "{encoding}: {answer}");
        assert_eq!(answer["items"][0]["error"]["status"], 413, "{encoding}: {answer}");
        let many = json!([event(queue, BATCH_BYTES_MAX)]).to_string();
        let (status, problem) = post(&server, &token, encoding, pack(many.as_bytes())).await;
        assert_eq!(status, 413, "{encoding}: {problem}");
        let event = event(queue, EVENT_BYTES_MAX / 2).to_string();
        let (status, answer) = post(&server, &token, encoding, pack(event.as_bytes())).await;
        assert_eq!(status, 202, "{encoding}: {answer}");
    }
}

#[tokio::test]
async fn a_bomb_is_refused_and_hurts_nobody() {
    let (server, token, queue) = served().await;
    for (encoding, pack) in BOTH {
        // Parts of 1 MiB each, so many that together they are nearly as large as a body may be;
        // unpacked they would be gigabytes.
        let part = pack(&vec![b' '; 1 << 20]);
        let bomb = part.repeat((BATCH_BYTES_MAX - 1) / part.len());
        assert!(bomb.len() / part.len() > 1_000, "{encoding}");
        for kind in ["application/json", "application/x-ndjson", "application/cloudevents+json"] {
            let headers = [("content-type", kind), ("content-encoding", encoding)];
            let (status, problem) = server.post_as(&token, EVENTS, &headers, bomb.clone()).await;
            assert_eq!(status, 413, "{encoding} {kind}: {problem}");
        }
    }
    let (status, _) = server.post(&token, EVENTS, event(queue, 1)).await;
    assert_eq!(status, 202);
}

#[tokio::test]
async fn broken_data_is_said_to_be_so() {
    let (server, token, queue) = served().await;
    for (encoding, pack) in BOTH {
        let packed = pack(event(queue, 1_000).to_string().as_bytes());
        let cut = packed[..packed.len() - 2].to_vec();
        for broken in [cut, event(queue, 1).to_string().into_bytes()] {
            let (status, problem) = post(&server, &token, encoding, broken).await;
            assert_eq!(status, 400, "{encoding}: {problem}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("unpacked as {encoding}")), "{detail}");
        }
        let (status, problem) = post(&server, &token, encoding, pack(b"{\"event\"")).await;
        assert_eq!(status, 400, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("not JSON"), "{problem}");
    }
}

#[tokio::test]
async fn another_encoding_is_refused_with_those_that_are_unpacked() {
    let (server, token, queue) = served().await;
    for encoding in ["br", "deflate", "gzip, zstd", "aes128gcm"] {
        let request = server.http.post(format!("{}{EVENTS}", server.url)).bearer_auth(&token);
        let request = request.header("content-encoding", encoding);
        let answer = request.body(event(queue, 1).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 415, "{encoding}");
        assert_eq!(answer.headers()["accept-encoding"], "gzip, zstd");
        assert!(!answer.headers().contains_key("accept-post"));
        let problem: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(encoding), "{problem}");
    }
    let (status, _) = post(&server, &token, "identity", event(queue, 1).to_string().into()).await;
    assert_eq!(status, 202);
}
