//! When no more can be taken: intake says so and why, and takes events again by itself.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    user::{Actor, Scope},
};
use serde_json::json;

const EVENTS: &str = "/api/v1/events";

#[tokio::test]
async fn beyond_the_backlog_that_is_allowed_no_events_are_taken_until_it_is_worked_off() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    server.set("OFFHOOK_BACKLOG_MAX", "3");
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.admin.pause_hook(&Actor::operator(), hook.id).await.unwrap();
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    let mut taken = 0;
    let refusal = loop {
        let (status, answer) = server.post(&token, EVENTS, &event).await;
        if status == 503 {
            break answer;
        }
        assert_eq!(status, 202, "{answer}");
        taken += 1;
        // What is unfinished is looked at every half a second.
        assert!(taken < 100_000, "it takes whatever comes");
    };
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.ends_with("deliveries are unfinished, and 3 may be at most"), "{detail}");

    server.admin.resume_hook(&Actor::operator(), hook.id, None).await.unwrap();
    until("it takes events again", async || server.post(&token, EVENTS, &event).await.0 == 202)
        .await;
    server.settled().await;
    assert_eq!(receiver.received().len(), taken + 1);
}

#[tokio::test]
async fn on_a_disk_that_is_nearly_full_no_events_are_taken() {
    let mut server = Server::prepare().await;
    server.set("OFFHOOK_FREE_MIB_MIN", "1000000000");
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    until("the disk has been looked at", async || {
        server.post(&token, EVENTS, &event).await.0 == 503
    })
    .await;
    let (_, answer) = server.post(&token, EVENTS, &event).await;
    let detail = answer["detail"].as_str().unwrap();
    assert!(detail.ends_with("and 1000000000 MiB must be"), "{detail}");
}
