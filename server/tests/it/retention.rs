//! The end of the log, through the program.

use crate::{
    panel::{Browser, cookie},
    support::{Receiver, Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::{DeliveryId, QueueId},
    user::{Role, Scope},
};
use reqwest::header;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

const DAY_MS: i64 = 24 * 3_600_000;
const FORGOTTEN: &str = "the end of the log is forgotten";

/// Makes all that is in the log so many days older.
async fn age(server: &Server, days: i64) {
    let file = server.folder.path().join("offhook.db");
    let mut database = SqliteConnection::connect(&file.display().to_string()).await.unwrap();
    for sql in [
        "UPDATE deliveries SET created_at = created_at - $1, finished_at = finished_at - $1",
        "UPDATE events SET accepted_at = accepted_at - $1",
    ] {
        sqlx::query(sql).bind(days * DAY_MS).execute(&mut database).await.unwrap();
    }
}

/// Posts an event with this id; how the API answers.
async fn post(server: &Server, token: &str, queue: QueueId, id: &str) -> (u16, serde_json::Value) {
    let event = json!({"id": id, "event": "joined", "queue_id": queue});
    server.post(token, "/api/v1/events", event).await
}

#[tokio::test]
async fn what_ended_before_the_days_that_are_kept_is_forgotten_and_what_waits_goes_out() {
    let (mut server, receiver) = (Server::prepare_on_sqlite().await, Receiver::start().await);
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("first", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    server.set("OFFHOOK_LOG_DAYS", "0");
    server.up().await;
    post(&server, &token, queue, "ended").await;
    until("it has ended", async || server.log().await[0].state.is_final()).await;
    let (paused, _) =
        server.post(&token, &format!("/api/v1/queues/{queue}/pause"), json!({})).await;
    assert_eq!(paused, 200);
    post(&server, &token, queue, "waits").await;
    server.terminate().await;
    age(&server, 40).await;

    // Kept for good. What happens now says that the clock is right.
    server.up().await;
    post(&server, &token, queue, "new").await;
    assert_eq!(server.log().await.len(), 3);
    server.terminate().await;
    assert!(!server.logged().contains(FORGOTTEN));

    server.set("OFFHOOK_LOG_DAYS", "30");
    server.up().await;
    until("the end is forgotten", async || server.logged().contains(FORGOTTEN)).await;
    let log = server.log().await;
    let [waits, new] = &log[..] else { panic!("{log:?}") };
    assert_eq!((waits.state, new.state), (DeliveryState::Pending, DeliveryState::Pending));
    // Its sender's id stands for nothing any more, and that of what waits does.
    assert_eq!(post(&server, &token, queue, "ended").await.1["duplicate"], false);
    assert_eq!(post(&server, &token, queue, "waits").await.1["duplicate"], true);
    server.post(&token, &format!("/api/v1/queues/{queue}/resume"), json!({})).await;
    until("what waited has gone out", async || {
        server.log().await.iter().all(|row| row.state == DeliveryState::Delivered)
    })
    .await;
    assert_eq!(receiver.received().len(), 4);

    // Whoever asks for what is not there any more is told why.
    let long_ago = DeliveryId(Uuid::from_u128((1_700_000_000_000 << 80) | (7 << 76) | (2 << 62)));
    let (status, told) = server.get(&token, &format!("/api/v1/deliveries/{long_ago}")).await;
    let detail = told["detail"].as_str().unwrap();
    assert_eq!(status, 404);
    assert!(detail.ends_with("what ended more than 30 days ago is not kept"), "{told}");
    let (browser, set) = Browser::of(&server, Role::Viewer).await;
    let (cookie, _) = cookie(&set);
    for (from, is_told) in [("2026-01-01T00:00:00Z", true), ("2027-01-01T00:00:00Z", false)] {
        let page = browser.page(&format!("/deliveries?from={from}"), cookie);
        let page = page.header(header::ACCEPT, "text/html").send().await.unwrap();
        let page = page.text().await.unwrap();
        assert_eq!(
            page.contains("What ended more than 30 days ago is not kept."),
            is_told,
            "{from}"
        );
    }
}
