//! When no more can be taken: intake says so and why, and takes events again by itself.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    user::{Actor, Scope},
};
use serde_json::{Value, json};
use std::process::Command;

const EVENTS: &str = "/api/v1/events";

/// Why an event is not taken, and after how many seconds it is to be sent again.
pub async fn refusal(server: &Server, token: &str, event: &Value) -> (String, String) {
    let request = server.http.post(format!("{}{EVENTS}", server.url)).body(event.to_string());
    let refused = request.bearer_auth(token).send().await.unwrap();
    let status = refused.status().as_u16();
    let after =
        refused.headers().get("retry-after").map(|after| after.to_str().unwrap().to_owned());
    let told: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(status, 503, "{told}");
    (told["detail"].as_str().unwrap().into(), after.unwrap_or_default())
}

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
    loop {
        let (status, answer) = server.post(&token, EVENTS, &event).await;
        if status == 503 {
            break;
        }
        assert_eq!(status, 202, "{answer}");
        taken += 1;
        // What is unfinished is looked at every half a second.
        assert!(taken < 100_000, "it takes whatever comes");
    }
    let (detail, after) = refusal(&server, &token, &event).await;
    assert!(detail.ends_with("deliveries are unfinished, and 3 may be at most"), "{detail}");
    assert_eq!(after, "5");

    server.admin.resume_hook(&Actor::operator(), hook.id, None).await.unwrap();
    until("it takes events again", async || server.post(&token, EVENTS, &event).await.0 == 202)
        .await;
    server.settled().await;
    assert_eq!(receiver.received().len(), taken + 1);
}

#[tokio::test]
async fn when_there_is_room_on_the_disk_again_events_are_taken_again() {
    const MARGIN: u64 = 512;
    let mut server = Server::prepare_on_sqlite().await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    // What is free is known once something asked for it.
    let free = server.storage.free_bytes().unwrap() >> 20;
    server.set("OFFHOOK_FREE_MIB_MIN", (free - MARGIN).to_string());
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);

    let large = server.folder.path().join("large");
    let size = format!("{}MiB", 2 * MARGIN);
    let made = Command::new("fallocate").args(["-l", &size]).arg(&large).status().unwrap();
    assert!(made.success());
    until("it has too little room", async || server.post(&token, EVENTS, &event).await.0 == 503)
        .await;
    std::fs::remove_file(large).unwrap();
    until("it takes events again", async || server.post(&token, EVENTS, &event).await.0 == 202)
        .await;
}

#[tokio::test]
async fn on_a_disk_that_is_nearly_full_no_events_are_taken() {
    // Of a server's disk nothing is known.
    let mut server = Server::prepare_on_sqlite().await;
    server.set("OFFHOOK_FREE_MIB_MIN", "1000000000");
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    until("the disk has been looked at", async || {
        server.post(&token, EVENTS, &event).await.0 == 503
    })
    .await;
    let (detail, after) = refusal(&server, &token, &event).await;
    assert!(detail.ends_with("and 1000000000 MiB must be"), "{detail}");
    assert_eq!(after, "30");
}
