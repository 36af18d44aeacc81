use super::{super::traffic::Score, super::traffic::Traffic, *};
use axum::{Router, extract::State, http::StatusCode, routing::post};
use model::{catalog::QueueType, ids::QueueId, time::Millis};
use serde_json::{Value, json};
use std::{collections::HashSet, future::pending, sync::Mutex};

/// What a server saw of posts that fail now and then.
#[derive(Default)]
struct Seen {
    posts: u64,
    /// Attempts of which a post is under way.
    busy: HashSet<u64>,
    /// Ids that were accepted, in that order.
    accepted: Vec<(u64, String)>,
    overlaps: u64,
}

async fn take(State(seen): State<Arc<Mutex<Seen>>>, body: String) -> (StatusCode, String) {
    let event: Value = serde_json::from_str(&body).unwrap();
    let attempt = event["data"]["attempt_id"].as_u64().unwrap();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.posts += 1;
        let free = seen.busy.insert(attempt);
        seen.overlaps += u64::from(!free);
        seen.posts
    };
    tokio::time::sleep(Duration::from_millis(number % 7)).await;
    let mut seen = seen.lock().unwrap();
    seen.busy.remove(&attempt);
    if number.is_multiple_of(5) {
        return (StatusCode::SERVICE_UNAVAILABLE, json!({"title": "busy"}).to_string());
    }
    seen.accepted.push((attempt, event["id"].as_str().unwrap().to_owned()));
    let answer = json!({"id": "x", "deliveries": 1, "skipped": 0, "duplicate": false});
    (StatusCode::ACCEPTED, answer.to_string())
}

async fn server(seen: &Arc<Mutex<Seen>>) -> Api {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/api/v1/events", post(take)).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    rustls::crypto::ring::default_provider().install_default().ok();
    Api::new(&url, "oh_test").unwrap()
}

fn traffic(total: u64) -> Vec<Planned> {
    let score = Score {
        queues: vec![(QueueId(1), QueueType::Inbound), (QueueId(2), QueueType::Task)],
        rate: 400.0,
        total,
        speed: 100.0,
        seed: 4,
        prefix: "sim-test".into(),
        first_attempt: 1,
        begins_at: Millis(1_800_000_000_000),
    };
    Traffic::new(score).collect()
}

#[tokio::test]
async fn a_busy_server_gets_every_event_once_and_each_call_in_order() {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let planned = traffic(200);
    let summary = play(server(&seen).await, planned.clone().into_iter(), pending(), |_| {}).await;

    assert_eq!((summary.accepted, summary.failed(), summary.rejected()), (200, 0, 0));
    assert!(summary.retries >= 40, "{} retries", summary.retries);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.overlaps, 0);
    let of_call = |attempt: u64| -> Vec<String> {
        seen.accepted.iter().filter(|(of, _)| *of == attempt).map(|(_, id)| id.clone()).collect()
    };
    let calls: HashSet<u64> = seen.accepted.iter().map(|(attempt, _)| *attempt).collect();
    for attempt in calls {
        let sent = planned.iter().filter(|event| event.body["data"]["attempt_id"] == attempt);
        let sent: Vec<_> = sent.map(|event| event.body["id"].as_str().unwrap()).collect();
        assert_eq!(of_call(attempt), sent);
    }
}

#[tokio::test]
async fn an_interrupt_ends_the_run_and_loses_no_answer() {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let counted = seen.clone();
    let soon = async move {
        while counted.lock().unwrap().accepted.len() < 50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let summary = play(server(&seen).await, traffic(4_000).into_iter(), soon, |_| {}).await;
    assert!(summary.interrupted);
    let accepted = seen.lock().unwrap().accepted.len() as u64;
    assert!(accepted > 0 && accepted < 4_000);
    assert_eq!(summary.accepted, accepted);
}
