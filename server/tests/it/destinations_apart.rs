//! Destinations do not hold each other up, and one that fails is left alone for a while.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    user::Scope,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpListener;

const EVENTS: &str = "/api/v1/events";

/// Takes connections and answers nothing.
async fn silent() -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    (addr, task)
}

fn calling(addr: SocketAddr, timeout: u32) -> Value {
    json!([{"httpRequest": {"url": format!("http://{addr}/"), "timeout": timeout}}])
}

#[tokio::test]
async fn a_receiver_that_never_answers_does_not_slow_the_others() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let (addr, task) = silent().await;
    let token = server.token(&[Scope::Ingest]).await;
    let slow = server.queue("slow", QueueType::Inbound).await;
    let fast = server.queue("fast", QueueType::Inbound).await;
    let hangs = server.flow("hangs", calling(addr, 90_000)).await;
    let tells = server.telling_flow("tells", receiver.addr).await;
    server.hook(slow, EventKind::Joined, hangs).await;
    server.hook(fast, EventKind::Joined, tells).await;
    server.up().await;
    // Many more than may run at once, at the destination and in all.
    let many: Vec<_> = (0..3_000).map(|_| json!({"event": "joined", "queue_id": slow})).collect();
    for part in many.chunks(500) {
        assert_eq!(server.post(&token, EVENTS, json!(part)).await.0, 202);
    }
    let few: Vec<_> = (0..50).map(|_| json!({"event": "joined", "queue_id": fast})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(few)).await.0, 202);
    until("the fast ones have arrived", async || receiver.received().len() == 50).await;
    task.abort();
}

#[tokio::test]
async fn what_a_dead_destination_would_get_is_parked_and_not_tried() {
    let mut server = Server::prepare().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = gone.local_addr().unwrap();
    drop(gone);
    let flow = server.flow("tells", calling(addr, 1_000)).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let many: Vec<_> = (0..40).map(|_| json!({"event": "joined", "queue_id": queue})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(many)).await.0, 202);
    let event = json!({"event": "joined", "queue_id": queue});
    until("what comes now is parked", async || {
        assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() >= 3)
    })
    .await;
    let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
    assert!(log["items"].as_array().unwrap().iter().all(|one| one["attempts"] == 0));
}
