//! Nodes that leave some of what there is to do to others.

use crate::{
    postgres::Cluster,
    support::{Receiver, Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    user::Scope,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const EVENTS: &str = "/api/v1/events";
const NODES: &str = "/api/v1/nodes";

/// A node with these roles, which shares its key with others; it is not served yet.
pub async fn node(database: &str, keys: &TempDir, roles: &str) -> Server {
    let mut server = Server::prepare_on(TempDir::new().unwrap(), database.into()).await;
    server.set("OFFHOOK_ROLES", roles);
    server.set("OFFHOOK_KEY_FILE", keys.path().join("key").display().to_string());
    server
}

/// Asserts that the answer is that the node lacks this role.
fn assert_lacks(role: &str, what: &str, (status, answer): (u16, Value)) {
    let detail = answer["detail"].as_str().unwrap_or_default();
    assert_eq!(status, 404, "{what}: {answer}");
    assert!(detail.contains(&format!("does not have the role {role}")), "{what}: {detail}");
}

#[tokio::test]
async fn each_node_does_its_part_and_says_what_it_leaves_to_others() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let keys = TempDir::new().unwrap();
    let mut panel = node(&cluster.url(), &keys, "panel").await;
    let mut intake = node(&cluster.url(), &keys, "intake").await;
    let mut dispatch = node(&cluster.url(), &keys, "dispatch").await;
    let token = panel.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = panel.queue("Support line", QueueType::Inbound).await;
    let flow = panel.telling_flow("tell", receiver.addr).await;
    let hook = panel.hook(queue, EventKind::Joined, flow).await;
    for one in [&mut panel, &mut intake, &mut dispatch] {
        one.up().await;
    }

    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    let many: Vec<_> = (0..20).map(|_| event.clone()).collect();
    let (status, answer) = intake.post(&token, EVENTS, json!(many)).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(20)), "{answer}");
    intake.settled().await;
    let told: Vec<_> =
        receiver.received().iter().map(|one| one.json()["delivery"].clone()).collect();
    let log: Vec<_> = panel.log().await.iter().map(|row| json!(row.id)).collect();
    assert_eq!(told, log, "each once, in the order of acceptance");

    for one in [&panel, &dispatch] {
        assert_lacks("intake", "an event", one.post(&token, EVENTS, &event).await);
    }
    for one in [&intake, &dispatch] {
        for path in [
            "/",
            "/setup",
            "/api/docs",
            "/api/openapi.json",
            "/api/v1/deliveries",
            "/call_center/queues",
            "/routing/schema",
        ] {
            assert_lacks("panel", path, one.get(&token, path).await);
        }
        let pause = format!("/api/v1/hooks/{}/pause", hook.id);
        assert_lacks("panel", "to pause", one.post(&token, &pause, "").await);
        assert_eq!(one.get("", "/healthz").await.0, 200);
    }
    assert_eq!(intake.get(&token, "/api/v1/catalog").await.0, 200);
    assert_lacks("intake", "the catalog", dispatch.get(&token, "/api/v1/catalog").await);
    assert_eq!(panel.get("", "/sign-in").await.0, 200);

    let shown = |nodes: &Value, role: &str| {
        let nodes = nodes["items"].as_array().unwrap();
        nodes.iter().find(|node| node["roles"] == json!([role])).cloned().unwrap_or_default()
    };
    // They hear of each other once a second.
    until("all nodes are known, and the one that runs deliveries holds all shards", async || {
        let (_, nodes) = panel.get(&token, NODES).await;
        let known = |role| shown(&nodes, role)["state"] == "alive";
        ["panel", "intake"].into_iter().all(known)
            && shown(&nodes, "dispatch")["shards"] == json!([64, 64])
    })
    .await;
    let (_, nodes) = panel.get(&token, NODES).await;
    for (role, shards) in [("panel", 0), ("intake", 0), ("dispatch", 64)] {
        let node = shown(&nodes, role);
        assert_eq!((&node["state"], &node["shards"]), (&json!("alive"), &json!([shards, 64])));
        assert_eq!(node["here"], json!(role == "panel"));
    }

    assert!(dispatch.terminate().await.success());
    intake.kill();
    for (role, state) in [("dispatch", "stopped"), ("intake", "lost")] {
        until("the end of a node is known", async || {
            shown(&panel.get(&token, NODES).await.1, role)["state"] == state
        })
        .await;
    }
}

#[tokio::test]
async fn where_nobody_dispatches_a_backlog_has_its_limit_all_the_same() {
    let (cluster, receiver, keys) =
        (Cluster::start(), Receiver::start().await, TempDir::new().unwrap());
    let mut intake = node(&cluster.url(), &keys, "panel,intake").await;
    intake.set("OFFHOOK_BACKLOG_MAX", "3");
    let token = intake.token(&[Scope::Ingest]).await;
    let queue = intake.queue("Support line", QueueType::Inbound).await;
    let flow = intake.telling_flow("tell", receiver.addr).await;
    intake.hook(queue, EventKind::Joined, flow).await;
    intake.up().await;
    let many = json!(vec![json!({"event": "joined", "queue_id": queue}); 4]);
    assert_eq!(intake.post(&token, EVENTS, &many).await.0, 202, "they are not counted yet");
    let one = json!({"event": "joined", "queue_id": queue});
    until("it is full", async || intake.post(&token, EVENTS, &one).await.0 == 503).await;

    let mut dispatch = node(&cluster.url(), &keys, "dispatch").await;
    dispatch.up().await;
    until("it takes events again", async || intake.post(&token, EVENTS, &one).await.0 == 202).await;
    intake.settled().await;
}

#[tokio::test]
async fn a_process_that_is_alone_runs_deliveries() {
    let mut server = Server::prepare_on_sqlite().await;
    server.set("OFFHOOK_ROLES", "panel,intake");
    let refused = server.command().arg("serve").output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("the setting roles is \"panel, intake\""), "{said}");
    assert!(said.contains("one process alone serves an SQLite database"), "{said}");
}

#[tokio::test]
async fn one_that_takes_no_events_still_runs_what_was_accepted() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let pause = format!("/api/v1/hooks/{}/pause", hook.id);
    assert_eq!(server.post(&token, &pause, "").await.0, 200);
    let event = json!({"event": "joined", "queue_id": queue});
    assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
    server.terminate().await;
    server.set("OFFHOOK_ROLES", "dispatch,panel");
    server.up().await;
    assert_lacks("intake", "an event", server.post(&token, EVENTS, &event).await);
    let resume = format!("/api/v1/hooks/{}/resume", hook.id);
    assert_eq!(server.post(&token, &resume, "").await.0, 200);
    server.settled().await;
    assert_eq!(receiver.received().len(), 1);
    let (_, nodes) = server.get(&token, NODES).await;
    assert_eq!(nodes["items"][0]["roles"], json!(["panel", "dispatch"]));
}
