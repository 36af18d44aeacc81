//! A node that dies and does not come back: another does what it leaves undone.

use crate::{
    gate::Gate,
    postgres::Cluster,
    roles::node,
    support::{Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    user::{Actor, Scope},
};
use serde_json::{Value, json};
use std::collections::HashMap;
use tempfile::TempDir;

const EVENTS: &str = "/api/v1/events";
/// What a node does that does all.
pub const ROLES: &str = "panel,intake,dispatch";
/// As many as one node may run at once at one destination, if two share it.
const CALLS: u64 = 32;

/// The node that answers and the other one, as they are listed.
pub async fn nodes(server: &Server, token: &str) -> (Value, Value) {
    let (_, nodes) = server.get(token, "/api/v1/nodes").await;
    let of = |here: bool| {
        let nodes = nodes["items"].as_array().unwrap();
        nodes.iter().find(|node| node["here"] == json!(here)).cloned().unwrap_or_default()
    };
    (of(true), of(false))
}

#[tokio::test]
async fn what_a_killed_node_leaves_undone_another_does_and_lists_it_as_lost() {
    let (cluster, gate) = (Cluster::start(), Gate::start("/").await);
    let keys = TempDir::new().unwrap();
    let mut killed = node(&cluster.url(), &keys, ROLES).await;
    let mut survivor = node(&cluster.url(), &keys, ROLES).await;
    let token = survivor.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = survivor.queue("Support line", QueueType::Inbound).await;
    let calling = |path: &str| {
        let url = format!("http://{}/{path}/${{attempt_id}}/${{event}}", gate.addr);
        json!([{"httpRequest": {"url": url, "timeout": 30_000}}])
    };
    let tells = survivor.flow("Tells", calling("tells")).await;
    let paused = survivor.flow("Is paused", calling("paused")).await;
    survivor.hook(queue, EventKind::Joined, tells).await;
    survivor.hook(queue, EventKind::Bridged, tells).await;
    let hook = survivor.hook(queue, EventKind::Leaving, paused).await;
    survivor.admin.pause_hook(&Actor::operator(), hook.id).await.unwrap();
    killed.up().await;
    survivor.up().await;
    until("each holds half of the shards", async || {
        let (here, other) = nodes(&survivor, &token).await;
        [here, other].iter().all(|one| one["shards"] == json!([32, 64]))
    })
    .await;

    let mut events = Vec::new();
    for event in ["joined", "bridged", "leaving"] {
        events.extend(
            (0..CALLS).map(
                |call| json!({"event": event, "queue_id": queue, "data": {"attempt_id": call}}),
            ),
        );
    }
    let (status, answer) = killed.post(&token, EVENTS, Value::Array(events)).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(3 * CALLS)), "{answer}");
    let mut interrupted = 0;
    until("both have begun all that they may", async || {
        let (here, other) = nodes(&survivor, &token).await;
        let [here, other] = [here, other].map(|one| one["running"].as_u64().unwrap_or_default());
        interrupted = other;
        here > 0 && other > 0 && here + other == CALLS
    })
    .await;
    until("the receiver holds them", async || gate.asked().len() as u64 >= CALLS).await;
    let (_, before) = nodes(&survivor, &token).await;
    assert_eq!(before["shards"], json!([32, 64]));

    killed.kill();
    gate.open();
    until("it is lost, and the other one holds all shards", async || {
        let (here, other) = nodes(&survivor, &token).await;
        other["state"] == "lost" && here["shards"] == json!([64, 64])
    })
    .await;
    let (_, lost) = nodes(&survivor, &token).await;
    assert_eq!((&lost["name"], &lost["shards"]), (&before["name"], &json!([0, 64])));
    until("the rest is done but for what is paused", async || {
        let (_, left) = survivor.get(&token, "/api/v1/deliveries?state=parked&size=100").await;
        let parked = left["items"].as_array().map_or(0, Vec::len) as u64;
        let log = survivor.log().await;
        let done = log.iter().filter(|row| row.state == DeliveryState::Delivered).count() as u64;
        (parked, done) == (CALLS, 2 * CALLS)
    })
    .await;
    let resume = format!("/api/v1/hooks/{}/resume", hook.id);
    assert_eq!(survivor.post(&token, &resume, "").await.0, 200);
    survivor.settled().await;

    let log = survivor.log().await;
    assert_eq!(log.len() as u64, 3 * CALLS);
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    let mut asked: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, path) in gate.asked().into_iter().enumerate() {
        asked.entry(path).or_default().push(place);
    }
    let mut again = 0;
    for call in 0..CALLS {
        let joined = &asked[&format!("/tells/{call}/joined")];
        let bridged = &asked[&format!("/tells/{call}/bridged")];
        assert!(joined.last() < bridged.first(), "call {call}: {joined:?} {bridged:?}");
        assert!(asked.contains_key(&format!("/paused/{call}/leaving")), "call {call}");
        again += u64::from(joined.len() > 1);
    }
    // What the killed one was about to hear the answers to is asked anew.
    assert!(again >= interrupted, "{again} of {interrupted} were repeated");
}
