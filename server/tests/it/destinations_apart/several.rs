//! Of a flow whose events say whom it calls, what waits for one does not hold up what goes to others,
//! however much that is.

use super::{EVENTS, destination, nobody};
use crate::support::*;
use axum::{Router, extract::Path, routing::any};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::{HookId, QueueId},
    user::Scope,
};
use reqwest::Method;
use serde_json::json;
use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, time::timeout};

/// A flow whose events say whom it calls, by the port, and a receiver of it.
struct Named {
    server: Server,
    token: String,
    queue: QueueId,
    hook: HookId,
    receiver: Receiver,
}

impl Named {
    async fn up() -> Self {
        let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
        let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
        let queue = server.queue("Support line", QueueType::Inbound).await;
        let steps = json!([{"httpRequest": {
            "url": "http://127.0.0.1:${port}/${attempt_id}/${delivery_id}", "timeout": 60_000
        }}]);
        let flow = server.flow("Tells whom the event names", steps).await;
        let hook = server.hook(queue, EventKind::Joined, flow).await.id;
        server.up().await;
        Self { server, token, queue, hook, receiver }
    }

    /// Posts two events of each call, one after the other.
    async fn post(&self, calls: Range<u32>, addr: SocketAddr) {
        let event = |call| {
            json!({"event": "joined", "queue_id": self.queue, "data": {"attempt_id": call},
                   "variables": {"port": addr.port().to_string()}})
        };
        let events: Vec<_> = calls.flat_map(|call| [event(call), event(call)]).collect();
        for part in events.chunks(500) {
            assert_eq!(self.server.post(&self.token, EVENTS, json!(part)).await.0, 202);
        }
    }

    async fn limit(&self, addr: SocketAddr, concurrency: u32) {
        let limit = json!({ "concurrency": concurrency });
        let set = self.server.ask(Method::PUT, &self.token, &destination(addr), limit).await;
        assert_eq!(set.0, 200, "{}", set.1);
    }

    /// Pauses the hook, or lets it go on.
    async fn steer(&self, act: &str) {
        let path = format!("/api/v1/hooks/{}/{act}", self.hook);
        assert_eq!(self.server.post(&self.token, &path, "").await.0, 200);
    }

    /// Waits until so many have arrived at the receiver.
    async fn arrived(&self, many: usize) {
        until("the others have arrived", async || self.receiver.received().len() == many).await;
    }

    /// Waits until it is told of somebody that so many calls wait for it.
    async fn wait(&self, addr: SocketAddr, many: impl Fn(u64) -> bool) {
        until("it is told how many wait", async || {
            let (_, one) = self.server.get(&self.token, &destination(addr)).await;
            one["now"]["waiting"].as_u64().is_some_and(&many)
        })
        .await;
    }

    /// Waits until this much has come to an end, and holds against the log what somebody was asked
    /// for these calls: everything in its order, and each once.
    async fn settled(&self, calls: Range<i64>, noted: &Noted) {
        let many = 2 * calls.clone().count();
        until("all has arrived there", async || noted.lock().unwrap().len() >= many).await;
        self.server.settled().await;
        let log = self.server.log().await;
        assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
        let mut of_call: HashMap<i64, Vec<String>> = HashMap::new();
        for (call, delivery) in std::mem::take(&mut *noted.lock().unwrap()) {
            of_call.entry(call).or_default().push(delivery);
        }
        assert_eq!(of_call.values().map(Vec::len).sum::<usize>(), many, "each once");
        for pair in log.chunks(2).filter(|pair| calls.contains(&pair[0].call_attempt.unwrap())) {
            let both = [pair[0].id.to_string(), pair[1].id.to_string()];
            assert_eq!(of_call[&pair[0].call_attempt.unwrap()], both, "in order");
        }
    }
}

/// The calls and deliveries that somebody was asked for, in order.
type Noted = Arc<Mutex<Vec<(i64, String)>>>;

/// Notes what it is asked here, and takes ten seconds to answer until it is told to be quick.
fn noting(listener: TcpListener, quick: watch::Receiver<bool>) -> Noted {
    let noted = Noted::default();
    let notes = noted.clone();
    let answer = move |Path(asked): Path<(i64, String)>| async move {
        notes.lock().unwrap().push(asked);
        let mut quick = quick.clone();
        timeout(Duration::from_secs(10), quick.wait_for(|quick| *quick)).await.ok();
    };
    let router = Router::new().route("/{call}/{delivery}", any(answer));
    tokio::spawn(axum::serve(listener, router).into_future());
    noted
}

#[tokio::test]
async fn of_a_flow_that_calls_several_more_may_wait_for_the_dead_one_than_are_in_memory() {
    let (named, dead) = (Named::up().await, nobody());
    named.post(0..10, named.receiver.addr).await;
    named.post(10..20, dead).await;
    named.post(20..4_020, dead).await;
    named.post(5_000..5_100, named.receiver.addr).await;
    named.arrived(220).await;

    // It comes to life.
    let listener = TcpListener::bind(dead).await.unwrap();
    let noted = noting(listener, watch::channel(true).1);
    let drain = format!("{}/drain", destination(dead));
    assert_eq!(named.server.post(&named.token, &drain, "").await.0, 200);
    named.settled(10..4_020, &noted).await;
    named.arrived(220).await;
}

#[tokio::test]
async fn of_a_flow_that_calls_several_more_may_wait_for_the_slow_one_than_are_in_memory() {
    let named = Named::up().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (slow, (speed, quick)) = (listener.local_addr().unwrap(), watch::channel(false));
    let noted = noting(listener, quick);
    // What waits would take it half a day.
    named.limit(slow, 2).await;
    named.post(0..10, named.receiver.addr).await;
    named.post(10..4_020, slow).await;
    named.post(5_000..5_100, named.receiver.addr).await;
    named.arrived(220).await;
    named.wait(slow, |many| many > 3_900).await;

    // A pause takes out all that waits, wherever it is, and it comes back.
    named.steer("pause").await;
    named.wait(slow, |many| many == 0).await;
    named.steer("resume").await;
    named.post(5_100..5_200, named.receiver.addr).await;
    named.arrived(420).await;
    named.wait(slow, |many| many > 3_900).await;
    assert!(noted.lock().unwrap().len() < 100, "the slow one was not slow");

    speed.send_replace(true);
    named.limit(slow, 32).await;
    named.settled(10..4_020, &noted).await;
    named.arrived(420).await;
}
