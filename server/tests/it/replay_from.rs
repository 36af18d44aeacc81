//! Replays that begin at a step of their origin, on the version that ran and as the flow is published.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::{Receiver, Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryDetail, DeliveryState},
    ids::{DeliveryId, FlowId, QueueId},
    user::{Actor, Role, Scope},
};
use reqwest::{Method, header};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

/// A server of one hook that runs these steps, made with the receiver's address, and a receiver.
struct Stage {
    server: Server,
    receiver: Receiver,
    token: String,
    queue: QueueId,
    flow: FlowId,
}

impl Stage {
    async fn new(steps: impl FnOnce(&Server, &Receiver) -> Value) -> Self {
        let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
        let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
        let queue = server.queue("Support line", QueueType::Inbound).await;
        let steps = steps(&server, &receiver);
        let flow = server.flow("Calls", steps).await;
        server.hook(queue, EventKind::Joined, flow).await;
        server.up().await;
        Self { server, receiver, token, queue, flow }
    }

    /// Posts an event, and answers its delivery when that has ended.
    async fn fire(&self) -> DeliveryId {
        let event = json!({"event": "joined", "queue_id": self.queue, "data": {"attempt_id": 7}});
        self.server.post(&self.token, EVENTS, event).await;
        self.server.settled().await;
        self.server.log().await[0].id
    }

    /// Replays a delivery, and answers the new one when it has ended, and the paths it has called.
    async fn replay(&self, id: DeliveryId, query: &str) -> (DeliveryDetail, Vec<String>) {
        let before = self.receiver.received().len();
        let path = format!("/api/v1/deliveries/{id}/replay?{query}");
        let (status, made) = self.server.post(&self.token, &path, "").await;
        assert_eq!(status, 202, "{made}");
        let made: DeliveryId = made["id"].as_str().unwrap().parse().unwrap();
        let done = self.server.delivery_that(made, |detail| detail.row.state.is_final()).await;
        let called = self.receiver.received().into_iter().skip(before);
        (done, called.map(|one| one.path).collect())
    }

    /// Why a delivery cannot be replayed so.
    async fn refused(&self, id: DeliveryId, query: &str) -> (u16, String) {
        let path = format!("/api/v1/deliveries/{id}/replay?{query}");
        let (status, problem) = self.server.post(&self.token, &path, "").await;
        (status, problem.to_string())
    }

    /// The steps at which a replay of a delivery can begin.
    async fn beginnings(&self, id: DeliveryId) -> Value {
        self.server.get(&self.token, &format!("/api/v1/deliveries/{id}/replay")).await.1
    }

    async fn publish(&self, flow: FlowId, steps: Value) {
        let path = format!("/routing/schema/{flow}");
        let new = json!({"schema": steps});
        let (status, changed) = self.server.ask(Method::PATCH, &self.token, &path, new).await;
        assert_eq!(status, 200, "{changed}");
    }
}

/// Three requests, of which the second says what the step before it has set.
fn three(receiver: &Receiver, greeting: &str, last: &str) -> Value {
    let url = |path: &str| format!("http://{}/{path}", receiver.addr);
    let data = json!({"greeting": "${greeting}", "delivery": "${delivery_id}"});
    json!([
        {"httpRequest": {"url": url("one"), "responseCode": "status"}, "_id": "one"},
        {"set": {"greeting": greeting}, "_id": "greet"},
        {"httpRequest": {"url": url("two"), "data": data}, "_id": "two", "name": "Tell"},
        {"httpRequest": {"url": url(last)}, "_id": "three"},
    ])
}

#[tokio::test]
async fn a_replay_begins_at_a_step_with_what_the_run_held_there() {
    let stage = Stage::new(|_, receiver| three(receiver, "hello ${status}", "three")).await;
    let origin = stage.fire().await;
    let known = stage.beginnings(origin).await;
    let two = json!({"step": "two", "visit": 1, "action": "httpRequest", "path": "/2",
                     "name": "Tell", "behind": false});
    assert_eq!((&known["steps"][0], &known["left_out"]), (&two, &json!(0)));
    assert_eq!(known["steps"][1]["step"], "three");
    assert_eq!(known["steps"].as_array().map(Vec::len), Some(2), "{known}");

    let (done, called) = stage.replay(origin, "step=two&version=ran").await;
    assert_eq!(
        (done.row.state, called),
        (DeliveryState::Delivered, vec!["/two".into(), "/three".into()])
    );
    assert_eq!(done.row.replay_of, Some(origin));
    assert_eq!(done.begun_at.map(|at| (at.step, at.visit)), Some(("two".into(), 1)));
    assert_eq!(done.attempts[0].steps[0].id, "two");
    let received = stage.receiver.received();
    let own = json!({"greeting": "hello 200", "delivery": done.row.id});
    assert_eq!((received[3].json(), received[1].json()["delivery"].clone()), (own, json!(origin)));
    assert!(received[3].webhook_id.starts_with(&done.row.id.to_string()));
    let kept = stage.server.storage.kept_run(done.row.seq).await.unwrap();
    assert_eq!(kept, None, "it is forgotten with the run's end");

    // Of the replay as well, and of one that begins later.
    assert_eq!(stage.beginnings(done.row.id).await, known);
    let (_, called) = stage.replay(done.row.id, "step=two&visit=1&version=ran").await;
    assert_eq!(called, ["/two", "/three"]);
    let (done, called) = stage.replay(done.row.id, "step=three").await;
    assert_eq!(called, ["/three"]);
    assert_eq!(stage.beginnings(done.row.id).await["steps"].as_array().map(Vec::len), Some(1));

    let (status, why) = stage.refused(origin, "step=one&version=ran").await;
    assert_eq!(status, 409);
    assert!(why.contains("was not kept at step one") && why.contains("at two, three"), "{why}");
    let (status, why) = stage.refused(origin, "step=two&visit=2").await;
    assert!(status == 409 && why.contains("step two at visit 2"), "{why}");
    let (status, why) = stage.refused(origin, "visit=1").await;
    assert!(status == 400 && why.contains("goes with step"), "{why}");
}

#[tokio::test]
async fn as_published_a_replay_begins_where_the_steps_before_have_not_changed() {
    let stage = Stage::new(|_, receiver| three(receiver, "hello", "three")).await;
    let origin = stage.fire().await;
    stage.publish(stage.flow, three(&stage.receiver, "hello", "new")).await;
    let (done, called) = stage.replay(origin, "step=two").await;
    assert_eq!((done.row.flow_version, called), (2, vec!["/two".into(), "/new".into()]));

    stage.publish(stage.flow, three(&stage.receiver, "bye", "new")).await;
    for step in ["two", "three"] {
        let (status, why) = stage.refused(origin, &format!("step={step}&version=published")).await;
        assert!(status == 409 && why.contains("step greet"), "{why}");
    }
    let (done, called) = stage.replay(origin, "step=three&version=ran").await;
    assert_eq!((done.row.flow_version, called), (1, vec!["/three".to_owned()]));
}

#[tokio::test]
async fn a_person_chooses_the_step_in_a_form_and_sees_why_it_cannot_be() {
    let stage = Stage::new(|_, receiver| three(receiver, "hello", "three")).await;
    let origin = stage.fire().await;
    let operator = Actor::operator();
    let password = PASSWORD.to_owned();
    stage.server.admin.create_user(&operator, "olena", Role::Editor, password).await.unwrap();
    let browser = Browser::new(&stage.server);
    let set = browser.sign_in("olena", PASSWORD).await;
    let (pair, _) = cookie(&set);
    let path = format!("/deliveries/{origin}/replay");
    let page =
        async |path: &str| browser.page(path, pair).send().await.unwrap().text().await.unwrap();
    let shown = page(&path).await;
    assert!(
        shown.contains("httpRequest &quot;Tell&quot; /2")
            || shown.contains("httpRequest \"Tell\" /2")
    );
    assert!(shown.contains("value=\"1:two\"") && shown.contains("value=\"1:three\""));
    assert!(page(&format!("/deliveries/{origin}")).await.contains(&path));
    let post = async |at: &str, version: &str| {
        let fields = [("id", &*origin.to_string()), ("at", at), ("version", version)];
        let form = browser.bare_form("deliveries/replay-from", &fields);
        let form = form.header(header::COOKIE, pair);
        let answer = form.header(header::REFERER, format!("{}{path}", stage.server.url));
        let answer = answer.send().await.unwrap();
        answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
    };
    let made = post("1:two", "ran").await;
    let made = made.strip_prefix("/deliveries/").unwrap();
    let done =
        stage.server.delivery_that(made.parse().unwrap(), |detail| detail.row.state.is_final());
    assert_eq!(done.await.row.replay_of, Some(origin));
    assert!(page(&format!("/deliveries/{made}")).await.contains("begun at step two"));

    stage.publish(stage.flow, three(&stage.receiver, "bye", "three")).await;
    assert_eq!(post("1:two", "published").await, path);
    let told = page(&path).await;
    assert!(told.contains("step greet, which it depends on, has changed"), "{told}");
    assert_eq!(post("two", "ran").await, path, "no step was chosen");
}

#[tokio::test]
async fn a_replay_begins_inside_a_flow_that_was_called_on_the_version_that_ran_then() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let inner = |first: &str, last: &str| {
        let request = |path: &str, id: &str| {
            let url = format!("http://{}/{path}", receiver.addr);
            json!({"httpRequest": {"url": url}, "_id": id})
        };
        json!([request(first, "a"), request(last, "b")])
    };
    let called = server.flow("Called", inner("one", "two")).await;
    let calls = json!([{"schema": {"id": called}, "_id": "call"}]);
    let flow = server.flow("Calls", calls).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let stage = Stage { server, receiver: receiver.clone(), token, queue, flow };
    let origin = stage.fire().await;
    let step = format!("{called}.b");
    assert_eq!(stage.beginnings(origin).await["steps"][0]["step"], json!(step));

    stage.publish(called, inner("one", "new")).await;
    let (_, paths) = stage.replay(origin, &format!("step={step}")).await;
    assert_eq!(paths, ["/new"]);
    let (_, paths) = stage.replay(origin, &format!("step={step}&version=ran")).await;
    assert_eq!(paths, ["/two"]);
    stage.publish(called, inner("changed", "new")).await;
    let (status, why) = stage.refused(origin, &format!("step={step}")).await;
    assert!(status == 409 && why.contains("step a of") && why.contains("Called"), "{why}");
}

#[tokio::test]
async fn what_is_kept_of_a_run_that_has_read_what_is_secret_is_sealed() {
    let stage = Stage::new(|_, receiver| {
        let url = |path: &str| format!("http://{}/{path}", receiver.addr);
        json!([
            {"set": {"copied": "$${hidden}"}, "_id": "set"},
            {"httpRequest": {"url": url("one")}, "_id": "one"},
            {"softSleep": 3_600_000, "_id": "wait"},
            {"httpRequest": {"url": url("two"), "data": {"copied": "${copied}"}}, "_id": "two"},
        ])
    })
    .await;
    let hidden = json!({"value": "sealed-away", "encrypted": true});
    let (status, _) =
        stage.server.ask(Method::PUT, &stage.token, "/api/v1/variables/hidden", hidden).await;
    assert_eq!(status, 200);
    let event = json!({"event": "joined", "queue_id": stage.queue, "data": {"attempt_id": 7}});
    stage.server.post(&stage.token, EVENTS, event).await;
    let log = async || stage.server.log().await;
    until("it waits", async || {
        log().await.first().is_some_and(|row| row.state == DeliveryState::Waiting)
    })
    .await;
    let row = log().await.remove(0);
    let kept = stage.server.storage.kept_run(row.seq).await.unwrap().unwrap();
    let checkpoint = kept.checkpoint.unwrap();
    let is_sealed = |kept: &str| kept.split_once(' ').unwrap().1.starts_with("sealed:");
    assert!(is_sealed(&checkpoint) && !checkpoint.contains("sealed-away"));

    let run = format!("/api/v1/deliveries/{}/run", row.id);
    assert_eq!(stage.server.post(&stage.token, &run, "").await.0, 202);
    stage.server.settled().await;
    let steps = stage.server.storage.kept_steps(row.id).await.unwrap().steps;
    let at: Vec<_> = steps.iter().map(|one| (one.at.step.as_str(), one.behind)).collect();
    assert_eq!(at, [("wait", true)], "what comes behind it has nothing before it to keep");
    assert!(steps.iter().all(|one| is_sealed(&one.checkpoint)));
    let (_, called) = stage.replay(row.id, "step=wait").await;
    assert_eq!(called, ["/two"]);
    for got in &stage.receiver.received()[1..] {
        assert_eq!(got.json(), json!({"copied": "sealed-away"}));
    }
}
