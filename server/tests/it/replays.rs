//! Replays of many deliveries, as jobs.

use crate::support::{Receiver, Server, until};
use admin::changes::HookChange;
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryRow, DeliveryState},
    ids::DeliveryId,
    policy::Policy,
    user::{Actor, Scope},
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A server with `events` delivered events of three calls, and a token that may do all.
async fn delivered(events: i64) -> (Server, Receiver, String) {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let all: Vec<_> = (0..events)
        .map(|at| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": at % 3}}))
        .collect();
    server.post(&token, "/api/v1/events", json!(all)).await;
    server.settled().await;
    (server, receiver, token)
}

/// The job as it is when it stands so.
async fn job_that(server: &Server, token: &str, id: &Value, state: &str) -> Value {
    let path = format!("/api/v1/replays/{id}");
    until("the replay stands as wanted", async || {
        server.get(token, &path).await.1["state"] == state
    })
    .await;
    server.get(token, &path).await.1
}

fn replays(log: &[DeliveryRow]) -> Vec<&DeliveryRow> {
    log.iter().filter(|row| row.replay_of.is_some()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_replay_goes_on_where_it_was_and_makes_each_delivery_once_and_in_order() {
    let (mut server, receiver, token) = delivered(90).await;
    let (status, job) =
        server.post(&token, "/api/v1/replays?state=delivered&per_second=40", "").await;
    assert_eq!((status, &job["state"]), (202, &json!("running")), "{job}");
    let matched = json!({"count": 90, "more": false});
    assert_eq!((&job["matched"], &job["first"]), (&matched, &Value::Null));
    for enough in [10, 40] {
        until("it has begun", async || replays(&server.log().await).len() >= enough).await;
        server.kill();
        server.up().await;
    }
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["found"], &done["made"]), (&json!(90), &json!(90)));
    assert_eq!(done["matched"], matched);
    server.settled().await;

    let log = server.log().await;
    let made = replays(&log);
    let origins: Vec<_> = made.iter().map(|row| row.replay_of.unwrap()).collect();
    let old: Vec<DeliveryId> =
        log.iter().filter(|row| row.replay_of.is_none()).map(|row| row.id).collect();
    assert_eq!(origins, old, "each once, in the order of acceptance");
    assert!(made.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    // What arrived of each call came in its order.
    let mut arrived: HashMap<DeliveryId, usize> = HashMap::new();
    for (place, one) in receiver.received().iter().enumerate() {
        let id = one.json()["delivery"].as_str().unwrap().parse().unwrap();
        arrived.entry(id).or_insert(place);
    }
    let mut newest: HashMap<i64, usize> = HashMap::new();
    for row in made {
        let before = newest.insert(row.call_attempt.unwrap(), arrived[&row.id]);
        assert!(before.is_none_or(|before| before < arrived[&row.id]));
    }
}

#[tokio::test]
async fn a_replay_is_paused_hurried_and_called_off() {
    let (server, _receiver, token) = delivered(30).await;
    let (_, count) = server.get(&token, "/api/v1/replays/matching?state=delivered").await;
    assert_eq!(count, json!({"count": 30, "more": false}));
    let (_, job) = server.post(&token, "/api/v1/replays?per_second=1", "").await;
    let act = async |act: &str| {
        server.post(&token, &format!("/api/v1/replays/{}/{act}", job["id"]), "").await
    };
    until("it has begun", async || !replays(&server.log().await).is_empty()).await;
    assert_eq!(act("pause").await.1["state"], "paused");
    let paused = job_that(&server, &token, &job["id"], "paused").await;
    assert!(paused["made"].as_u64().unwrap() < 30);
    assert_eq!(paused["matched"], count);
    let url = format!("{}/api/v1/replays/{}/rate?per_second=10000", server.url, job["id"]);
    let hurried = server.http.put(url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(hurried.status(), 200);
    assert_eq!(act("resume").await.1["per_second"], 10_000);
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["made"], &done["matched"]), (&json!(30), &count));
    assert_eq!(act("pause").await.0, 409, "it has ended");

    let (_, other) = server.post(&token, "/api/v1/replays?per_second=1", "").await;
    let path = format!("/api/v1/replays/{}/cancel", other["id"]);
    assert_eq!(server.post(&token, &path, "").await.1["state"], "cancelled");
    let (_, all) = server.get(&token, "/api/v1/replays?state=cancelled").await;
    assert_eq!(all["items"][0]["id"], other["id"]);
}

#[tokio::test]
async fn skipped_ones_are_replayed_too_and_chosen_ones_alone() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    let never = HookChange { condition: Some("1 == 2".into()), ..HookChange::default() };
    server.admin.change_hook(&Actor::operator(), hook.id, never).await.unwrap();
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    server.post(&token, "/api/v1/events", json!([event, event, event])).await;
    let log = server.log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Skipped));
    let path = format!("/api/v1/replays?id={}&id={}", log[0].id, log[2].id);
    let (_, job) = server.post(&token, &path, "").await;
    assert_eq!(job["matched"], json!({"count": 2, "more": false}));
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["found"], &done["made"]), (&json!(2), &json!(2)));
    server.settled().await;
    let log = server.log().await;
    let origins: Vec<_> = replays(&log).iter().map(|row| row.replay_of.unwrap()).collect();
    assert_eq!(origins, [log[0].id, log[2].id]);
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn a_child_is_left_to_its_parent_where_both_match() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let request =
        |path: &str| json!({"httpRequest": {"url": format!("http://{}/{path}", receiver.addr)}});
    let steps = json!([
        {"function": {"name": "later", "actions": [request("child")]}},
        {"execute": {"name": "later", "async": true}},
        request("parent")
    ]);
    let flow = server.flow("Begins", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    server.post(&token, "/api/v1/events", json!({"event": "joined", "queue_id": queue})).await;
    until("both are there", async || server.log().await.len() == 2).await;
    server.settled().await;
    let (_, job) = server.post(&token, "/api/v1/replays?state=delivered", "").await;
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["found"], &done["made"]), (&json!(2), &json!(1)));
    until("the child has begun again", async || server.log().await.len() == 4).await;
    server.settled().await;
    let mut paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    paths.sort();
    assert_eq!(paths, ["/child", "/child", "/parent", "/parent"]);
    // A child whose parent does not match is replayed by itself.
    let child = server.log().await.into_iter().find(|row| row.parent.is_some()).unwrap().id;
    let (_, job) = server.post(&token, &format!("/api/v1/replays?id={child}"), "").await;
    assert_eq!(job_that(&server, &token, &job["id"], "done").await["made"], 1);
}

#[tokio::test]
async fn all_of_a_hook_since_a_time_is_replayed_and_nothing_else() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let (one, other) = (
        server.telling_flow("one", receiver.addr).await,
        server.telling_flow("other", receiver.addr).await,
    );
    let hook = server.hook(queue, EventKind::Joined, one).await;
    server.hook(queue, EventKind::Joined, other).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    let post = async |many: usize| {
        let (status, _) = server.post(&token, "/api/v1/events", json!(vec![&event; many])).await;
        assert_eq!(status, 202);
        server.settled().await;
        server.log().await
    };
    let early = post(2).await;
    let since = early.iter().map(|row| row.created_at).max().unwrap().plus(1);
    let now = || {
        let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap();
        i64::try_from(since_1970.as_millis()).unwrap()
    };
    until("what comes is later", async || now() >= since.0).await;
    let log = post(3).await;

    let from = since.exact().replace(" UTC", "Z").replace(' ', "T");
    let filter = format!("hook={}&from={from}", hook.id);
    let (_, count) = server.get(&token, &format!("/api/v1/replays/matching?{filter}")).await;
    assert_eq!(count, json!({"count": 3, "more": false}));
    let (_, job) = server.post(&token, &format!("/api/v1/replays?{filter}"), "").await;
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["found"], &done["made"]), (&json!(3), &json!(3)));
    server.settled().await;
    let is_late = |row: &&DeliveryRow| row.hook_id == hook.id && row.created_at >= since;
    let late: Vec<_> = log.iter().filter(is_late).map(|row| row.id).collect();
    let all = server.log().await;
    let origins: Vec<_> = replays(&all).iter().map(|row| row.replay_of.unwrap()).collect();
    assert_eq!(origins, late);
    let told = receiver.received().iter().filter(|one| one.path == "/one").count();
    assert_eq!(told, 2 + 3 + 3);
}

#[tokio::test]
async fn what_died_of_a_hook_is_replayed_by_a_filter_and_nothing_else() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    let hook = server.hook_with(queue, EventKind::Joined, flow, once.clone()).await;
    server.hook_with(queue, EventKind::Leaving, flow, once).await;
    server.up().await;
    let post = async |event: &str, failing: usize, many: usize| {
        receiver.answer_next(vec![(404, None); failing]);
        let event = json!({"event": event, "queue_id": queue});
        let (status, _) = server.post(&token, "/api/v1/events", json!(vec![event; many])).await;
        assert_eq!(status, 202);
        server.settled().await;
    };
    post("joined", 3, 5).await;
    post("leaving", 1, 1).await;
    let log = server.log().await;
    let dead = |row: &&DeliveryRow| row.state == DeliveryState::Dead;
    assert_eq!(log.iter().filter(dead).count(), 4);

    let filter = format!("state=dead&failure=status&hook={}", hook.id);
    let (_, job) = server.post(&token, &format!("/api/v1/replays?{filter}"), "").await;
    let done = job_that(&server, &token, &job["id"], "done").await;
    assert_eq!((&done["found"], &done["made"]), (&json!(3), &json!(3)));
    server.settled().await;
    let all = server.log().await;
    let origins: Vec<_> = replays(&all).iter().map(|row| row.replay_of.unwrap()).collect();
    let died = log.iter().filter(dead).filter(|row| row.hook_id == hook.id);
    assert_eq!(origins, died.map(|row| row.id).collect::<Vec<_>>());
    assert!(replays(&all).iter().all(|row| row.state == DeliveryState::Delivered));
}
