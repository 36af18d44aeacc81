//! Deliveries that a person calls off.

use crate::support::{Receiver, Server, until};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    user::{Actor, Scope},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn one_delivery_is_called_off_and_with_its_hook_the_others_where_that_is_asked() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.admin.pause_hook(&Actor::operator(), hook.id).await.unwrap();
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    server.post(&token, "/api/v1/events", json!([event, event, event])).await;

    let first = server.log().await[0].id;
    let path = format!("/api/v1/deliveries/{first}/cancel");
    assert_eq!(server.post(&token, &path, "").await.0, 204);
    server.delivery_that(first, |detail| detail.row.state == DeliveryState::Cancelled).await;
    assert_eq!(server.post(&token, &path, "").await.0, 409, "it has ended");

    let at = format!("/call_center/queues/{queue}/hooks/{}", hook.id);
    let delete =
        async |query: &str| server.ask(Method::DELETE, &token, &format!("{at}{query}"), "").await.0;
    assert_eq!(delete("?deliveries=perhaps").await, 400);
    assert_eq!(delete("?deliveries=cancel").await, 200);
    until("all are called off", async || {
        server.log().await.iter().all(|row| row.state == DeliveryState::Cancelled)
    })
    .await;
    assert!(receiver.received().is_empty());
}
