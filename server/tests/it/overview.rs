//! What the overview tells.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    user::Scope,
};
use serde_json::{Value, json};

#[tokio::test]
async fn the_time_to_a_receiver_is_told_when_somebody_has_answered_whatever_comes_after() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let refused = server.telling_flow("refused", "127.0.0.1:1".parse().unwrap()).await;
    let failing = server.telling_flow("failing", receiver.addr).await;
    let silent = server.flow("silent", json!([{"set": {"said": "nothing"}}])).await;
    server.hook(queue, EventKind::Joined, refused).await;
    server.hook(queue, EventKind::Joined, silent).await;
    server.hook(queue, EventKind::Leaving, failing).await;
    server.up().await;
    let post = async |event: &str| {
        let event = json!({"event": event, "queue_id": queue});
        assert_eq!(server.post(&token, "/api/v1/events", event).await.0, 202);
    };
    let states = async || -> Vec<_> { server.log().await.iter().map(|row| row.state).collect() };
    let told = async || -> Value {
        let (status, overview) = server.get(&token, "/api/v1/overview?span=hour").await;
        assert_eq!(status, 200);
        overview["whole"]["p50_ms"].clone()
    };

    post("joined").await;
    let wanted = [DeliveryState::Retrying, DeliveryState::Delivered];
    until("nobody was there", async || states().await == wanted).await;
    assert_eq!(told().await, Value::Null);

    receiver.answer_next(vec![(500, Some("3600"))]);
    post("leaving").await;
    let wanted = [wanted[0], wanted[1], DeliveryState::Retrying];
    until("somebody has answered", async || states().await == wanted).await;
    assert!(told().await.is_number(), "though nothing was delivered to it yet");
}
