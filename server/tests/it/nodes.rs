//! Several nodes on one database: each knows what was set on another, order goes across them, and one
//! that was frozen does nothing of what it lost.

use crate::{
    gate::Gate,
    postgres::Cluster,
    roles::node,
    support::{Receiver, Server, until},
    takeover::{ROLES, nodes},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::QueueId,
    time::Millis,
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const EVENTS: &str = "/api/v1/events";
/// What is set on a node is to be in force on all within a second; so long may it take on a machine
/// that does much else.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(10);

/// Nodes on one database, not served yet.
pub async fn several(cluster: &Cluster, keys: &TempDir, count: usize) -> Vec<Server> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(node(&cluster.url(), keys, ROLES).await);
    }
    all
}

fn event(kind: &str, queue: QueueId, call: u64) -> Value {
    json!({"event": kind, "queue_id": queue, "data": {"attempt_id": call}})
}

/// Posts events to this node until one comes to so many deliveries and so many skipped ones, which
/// has to be soon.
async fn comes_to(node: &Server, token: &str, event: &Value, wanted: (u64, u64)) {
    let begun = Instant::now();
    until("the change is in force", async || {
        let (status, answer) = node.post(token, EVENTS, event).await;
        assert_eq!(status, 202, "{answer}");
        let count = |what: &str| answer[what].as_u64().unwrap_or_default();
        (count("deliveries"), count("skipped")) == wanted
    })
    .await;
    assert!(begun.elapsed() < IN_FORCE_WITHIN, "after {:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_set_on_one_node_is_soon_in_force_on_all() {
    let (cluster, keys) = (Cluster::start(), TempDir::new().unwrap());
    let receiver = Receiver::start().await;
    let mut all = several(&cluster, &keys, 3).await;
    for one in &mut all {
        one.up().await;
    }
    let token = all[0].token(&[Scope::Ingest, Scope::Manage]).await;
    let manage = async |node: usize, method: Method, path: &str, body: Value| {
        let (status, answer) = all[node].ask(method, &token, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    };
    let queue = json!({"name": "Sales", "type": 1});
    let queue = manage(0, Method::POST, "/call_center/queues", queue).await;
    let queue = QueueId(queue["id"].as_str().unwrap().parse().unwrap());
    let url = format!("http://{}/${{delivery_id}}", receiver.addr);
    let flow =
        json!({"name": "Tell", "type": "service", "schema": [{"httpRequest": {"url": url}}]});
    let flow = manage(0, Method::POST, "/routing/schema", flow).await;
    let (hooks, joined) = (format!("/call_center/queues/{queue}/hooks"), event("joined", queue, 1));

    // The one on which it is set has it at once: the very next event is to fire the new hook.
    let hook = json!({"schema": {"id": flow["id"]}, "event": "joined", "enabled": true});
    let hook = manage(0, Method::POST, &hooks, hook).await;
    let (_, answer) = all[0].post(&token, EVENTS, &joined).await;
    assert_eq!(answer["deliveries"], 1, "{answer}");
    for other in [1, 2] {
        comes_to(&all[other], &token, &joined, (1, 0)).await;
    }
    let path = format!("{hooks}/{}", hook["id"]);
    manage(1, Method::PATCH, &path, json!({"condition": "1 == 2"})).await;
    for other in [0, 2] {
        comes_to(&all[other], &token, &joined, (0, 1)).await;
    }
    manage(2, Method::PATCH, &path, json!({"enabled": false})).await;
    for other in [0, 1] {
        comes_to(&all[other], &token, &joined, (0, 0)).await;
    }
    all[0].settled().await;
    let log = all[0].log().await;
    let delivered = log.iter().filter(|row| row.state == DeliveryState::Delivered).count();
    assert!(delivered >= 3 && delivered == receiver.received().len(), "{delivered}: {log:?}");
}

#[tokio::test]
async fn a_calls_events_that_come_by_different_nodes_are_told_in_the_order_of_acceptance() {
    const CALLS: u64 = 20;
    const KINDS: [(&str, EventKind); 3] = [
        ("joined", EventKind::Joined),
        ("bridged", EventKind::Bridged),
        ("leaving", EventKind::Leaving),
    ];
    let (cluster, keys) = (Cluster::start(), TempDir::new().unwrap());
    let gate = Gate::start("/joined").await;
    let mut all = several(&cluster, &keys, 3).await;
    let token = all[0].token(&[Scope::Ingest, Scope::Read]).await;
    let queue = all[0].queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{event}}/${{attempt_id}}", gate.addr);
    let flow =
        all[0].flow("Tells", json!([{"httpRequest": {"url": url, "timeout": 30_000}}])).await;
    for (_, kind) in KINDS {
        all[0].hook(queue, kind, flow).await;
    }
    for one in &mut all {
        one.up().await;
    }
    for (place, (kind, _)) in KINDS.into_iter().enumerate() {
        for call in 0..CALLS {
            let by = (call as usize + place) % all.len();
            let (status, answer) = all[by].post(&token, EVENTS, event(kind, queue, call)).await;
            assert_eq!((status, &answer["deliveries"]), (202, &json!(1)), "{answer}");
        }
    }
    until("the first event of each call is held", async || gate.asked().len() as u64 == CALLS)
        .await;
    assert!(gate.asked().iter().all(|path| path.starts_with("/joined/")), "{:?}", gate.asked());
    gate.open();
    all[0].settled().await;

    let mut told: HashMap<u64, Vec<String>> = HashMap::new();
    for path in gate.asked() {
        let (kind, call) = path[1..].split_once('/').unwrap();
        told.entry(call.parse().unwrap()).or_default().push(kind.to_owned());
    }
    assert_eq!(told.len() as u64, CALLS);
    for (call, kinds) in told {
        assert_eq!(kinds, KINDS.map(|(kind, _)| kind), "call {call}");
    }
    let log = all[0].log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
}

#[tokio::test]
async fn a_frozen_node_that_wakes_neither_sends_nor_completes_what_others_have_taken_over() {
    /// More than both nodes begin at once.
    const CALLS: u64 = 200;
    let (cluster, keys) = (Cluster::start(), TempDir::new().unwrap());
    let gate = Gate::start("/").await;
    let mut both = several(&cluster, &keys, 2).await;
    let token = both[0].token(&[Scope::Ingest, Scope::Read]).await;
    let queue = both[0].queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{delivery_id}}", gate.addr);
    let flow =
        both[0].flow("Tells", json!([{"httpRequest": {"url": url, "timeout": 30_000}}])).await;
    both[0].hook(queue, EventKind::Joined, flow).await;
    for one in &mut both {
        one.up().await;
    }
    let [frozen, survivor] = &both[..] else { unreachable!() };
    let held = async |node: &Server, here: Value| {
        let (told, _) = nodes(node, &token).await;
        told["state"] == "alive" && told["shards"] == here
    };
    until("each holds half of the shards", async || {
        held(frozen, json!([32, 64])).await && held(survivor, json!([32, 64])).await
    })
    .await;

    let events: Vec<_> = (0..CALLS).map(|call| event("joined", queue, call)).collect();
    let (status, answer) = survivor.post(&token, EVENTS, json!(events)).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(CALLS)), "{answer}");
    let mut begun = Vec::new();
    until("both have begun all that they may", async || {
        let (here, other) = nodes(survivor, &token).await;
        begun = gate.asked();
        let running = [&here, &other].map(|one| one["running"].as_u64().unwrap_or_default());
        running.iter().all(|running| *running > 0)
            && running.iter().sum::<u64>() == begun.len() as u64
    })
    .await;
    assert!((begun.len() as u64) < CALLS, "nothing is left in memory");
    frozen.signal("STOP");
    until("the other one has taken over", async || {
        let (here, other) = nodes(survivor, &token).await;
        other["state"] == "lost" && here["shards"] == json!([64, 64])
    })
    .await;
    gate.open();
    survivor.settled().await;
    let (asked, log) = (gate.asked(), survivor.log().await);
    let figures = async || survivor.storage.queue_figures(queue, Millis(0)).await.unwrap();
    let counted = figures().await;
    assert_eq!((log.len() as u64, counted.delivered), (CALLS, CALLS));

    // It has the answers to what it had sent, and holds what it had not begun.
    frozen.signal("CONT");
    until("it takes part again", async || {
        held(frozen, json!([32, 64])).await && held(survivor, json!([32, 64])).await
    })
    .await;
    assert!(frozen.logged().contains("this node was silent for too long"), "{}", frozen.logged());
    let (status, _) = frozen.post(&token, EVENTS, event("joined", queue, CALLS)).await;
    assert_eq!(status, 202);
    survivor.settled().await;

    let after = gate.asked();
    assert_eq!(after.len(), asked.len() + 1, "what is new alone has been sent");
    assert_eq!(survivor.log().await[..log.len()], log, "nothing of it was completed again");
    assert_eq!(figures().await.delivered, CALLS + 1);
    let mut times: HashMap<&String, usize> = HashMap::new();
    for path in &after {
        *times.entry(path).or_default() += 1;
    }
    for (path, times) in times {
        // What it was about to hear the answers to had to be sent again, and nothing else.
        assert!(times == 1 || (times == 2 && begun.contains(path)), "{path}: {times} times");
    }
}
