//! A destination that bears fewer requests at once than there are nodes.

use crate::{
    destinations_apart::counting,
    nodes::several,
    postgres::Cluster,
    support::{Receiver, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    destination::{DestinationKey, DestinationLimits},
    time::Millis,
    user::Scope,
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use tempfile::TempDir;

const CALLS: u64 = 40;

#[tokio::test]
async fn one_that_bears_a_single_request_gets_one_at_a_time_from_all_nodes_together() {
    let (cluster, keys) = (Cluster::start(), TempDir::new().unwrap());
    let (receiver, (narrow, counts)) = (Receiver::start().await, counting().await);
    let mut all = several(&cluster, &keys, 3).await;
    let token = all[0].token(&[Scope::Ingest, Scope::Read]).await;
    let queue = all[0].queue("Support line", QueueType::Inbound).await;
    let request = |addr| json!({"httpRequest": {"url": format!("http://{addr}/")}});
    let (first, second) = (json!([request(narrow)]), [request(receiver.addr), request(narrow)]);
    let first = all[0].flow("Tells it first", first).await;
    let second = all[0].flow("Tells it second", json!(second)).await;
    all[0].hook(queue, EventKind::Joined, first).await;
    all[0].hook(queue, EventKind::Bridged, second).await;
    let key = DestinationKey::new("http", "127.0.0.1", narrow.port());
    let limits = DestinationLimits { concurrency: Some(1), ..DestinationLimits::default() };
    all[0].storage.set_destination_limits(&key, &limits, Millis(0)).await.unwrap();
    for one in &mut all {
        one.up().await;
    }
    until("each holds its share", async || {
        let (_, nodes) = all[0].get(&token, "/api/v1/nodes").await;
        let shards = |node: &Value| node["shards"][0].as_u64().unwrap_or_default();
        let nodes = nodes["items"].as_array().unwrap();
        nodes.len() == all.len() && nodes.iter().all(|node| (20..=22).contains(&shards(node)))
    })
    .await;

    let post = async |kind: &str| {
        let event = |call| json!({"event": kind, "queue_id": queue, "data": {"attempt_id": call}});
        for (place, node) in (0..).zip(&all) {
            let calls = (0..CALLS).filter(|call| call % 3 == place);
            let events: Vec<_> = calls.map(event).collect();
            let (status, answer) = node.post(&token, "/api/v1/events", json!(events)).await;
            assert_eq!((status, &answer["accepted"]), (202, &json!(events.len())), "{answer}");
        }
    };
    for _ in 0..2 {
        post("joined").await;
        post("bridged").await;
    }
    all[0].settled().await;
    // One of them stops in order, and what it leaves undone the others do.
    post("joined").await;
    assert!(all[2].terminate().await.success());
    all[0].settled().await;

    let [_, most, count] = &*counts;
    let seen = (most.load(Ordering::SeqCst), count.load(Ordering::SeqCst) as u64);
    assert_eq!((seen, receiver.received().len() as u64), ((1, 5 * CALLS), 2 * CALLS));
    let log = all[0].log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
}
