//! A PostgreSQL whose host vanishes without a word: no connection is closed, nothing is answered.

use crate::{
    postgres::Cluster,
    roles::node,
    support::{Receiver, Server, until},
    takeover::{ROLES, nodes},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::QueueId,
    user::Scope,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

const EVENTS: &str = "/api/v1/events";
const CALLS: u64 = 8;
/// For how long the host cannot be reached: a node is taken for dead meanwhile.
const AWAY: Duration = Duration::from_secs(8);

/// Stands between a server and its database. When the host vanishes, what is connected stays so,
/// and nothing is passed on there any more; who connects waits until it is back.
struct Way {
    addr: SocketAddr,
    /// How often the host has vanished, and whether it is there.
    host: watch::Sender<(u32, bool)>,
}

impl Way {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let host = watch::Sender::new((0, true));
        let seen = host.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, port, seen.subscribe()));
            }
        });
        Self { addr, host }
    }

    fn url(&self) -> String {
        format!("postgres://offhook@{}/postgres", self.addr)
    }

    fn vanish(&self) {
        self.host.send_modify(|(times, there)| (*times, *there) = (*times + 1, false));
    }

    fn be_back(&self) {
        self.host.send_modify(|(_, there)| *there = true);
    }
}

async fn pass_on(mut client: TcpStream, port: u16, mut host: watch::Receiver<(u32, bool)>) {
    let (times, _) = *host.wait_for(|(_, there)| *there).await.unwrap();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        _ = host.wait_for(|(now, _)| *now > times) => {}
    }
    // Neither side is told, until the test is over.
    host.wait_for(|_| false).await.ok();
}

/// An event of a call; its number is told to the receiver.
fn event(queue: QueueId, call: u64, number: u64) -> Value {
    json!({"id": format!("{call}-{number}"), "event": "joined", "queue_id": queue,
           "data": {"attempt_id": call}, "variables": {"number": number.to_string()}})
}

/// Sends the event until it is accepted; until then it is refused with 503.
async fn send(server: &Server, token: &str, event: &Value) {
    let begun = Instant::now();
    loop {
        let (status, answer) = server.post(token, EVENTS, event).await;
        if matches!(status, 200 | 202) {
            return;
        }
        assert_eq!(status, 503, "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(90), "{answer}\n{}", server.logged());
        sleep(Duration::from_millis(200)).await;
    }
}

/// The numbers that the receiver was told of a call, in order, without what was told again.
fn told(receiver: &Receiver, call: u64) -> Vec<u64> {
    let begin = format!("/{call}/");
    let received = receiver.received();
    let numbers = received.iter().filter_map(|one| one.path.strip_prefix(&begin)?.parse().ok());
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.dedup();
    numbers
}

async fn calling(server: &Server, receiver: &Receiver) -> QueueId {
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{attempt_id}}/${{number}}", receiver.addr);
    let flow = server.flow("tell", json!([{"httpRequest": {"url": url}}])).await;
    server.hook(queue, EventKind::Joined, flow).await;
    queue
}

#[tokio::test]
async fn when_the_host_of_postgresql_vanishes_without_a_word_it_goes_on_by_itself() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let way = Way::to(cluster.port()).await;
    let mut server = Server::prepare_on(TempDir::new().unwrap(), cluster.url()).await;
    server.set("OFFHOOK_DATABASE_URL", way.url());
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let queue = calling(&server, &receiver).await;
    server.up().await;
    for call in 0..CALLS {
        send(&server, &token, &event(queue, call, 0)).await;
    }
    server.settled().await;

    // While each call tells of itself.
    let sending = (0..CALLS).map(async |call| {
        for number in 1..40 {
            send(&server, &token, &event(queue, call, number)).await;
            sleep(Duration::from_millis(50)).await;
        }
    });
    let vanishing = async {
        until("it is under way", async || told(&receiver, 0).len() > 5).await;
        way.vanish();
        sleep(AWAY).await;
        let ready = server.http.get(format!("{}/readyz", server.url)).send().await.unwrap();
        assert_eq!(ready.status(), 503);
        // What is sent meanwhile is refused, and taken afterwards.
        let late = event(queue, CALLS, 0);
        let (status, answer) = server.post(&token, EVENTS, &late).await;
        assert_eq!(status, 503, "{answer}");
        way.be_back();
        send(&server, &token, &late).await;
    };
    tokio::join!(futures::future::join_all(sending), vanishing);

    server.settled().await;
    for call in 0..CALLS {
        assert_eq!(told(&receiver, call), (0..40).collect::<Vec<_>>(), "call {call}");
    }
    let log = server.log().await;
    assert_eq!(told(&receiver, CALLS), [0]);
    assert_eq!(log.len() as u64, 40 * CALLS + 1);
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    // What was under way may be told once more, and nothing else.
    let again = receiver.received().len() - log.len();
    assert!(again as u64 <= CALLS, "{again} were told again");
    let (status, _) = server.get(&token, "/api/v1/deliveries").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_node_whose_way_to_postgresql_is_lost_without_a_word_takes_its_share_again() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let (way, keys) = (Way::to(cluster.port()).await, TempDir::new().unwrap());
    let mut lost = node(&cluster.url(), &keys, ROLES).await;
    lost.set("OFFHOOK_DATABASE_URL", way.url());
    let mut other = node(&cluster.url(), &keys, ROLES).await;
    let token = other.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = calling(&other, &receiver).await;
    lost.up().await;
    other.up().await;
    let each_holds_half = async || {
        let (_, nodes) = other.get(&token, "/api/v1/nodes").await;
        let alive = nodes["items"].as_array().unwrap().iter().filter(|one| one["state"] == "alive");
        alive.map(|one| &one["shards"]).eq([&json!([32, 64]); 2])
    };
    until("each holds half of the shards", each_holds_half).await;
    way.vanish();
    until("the other one holds all", async || {
        nodes(&other, &token).await.0["shards"] == json!([64, 64])
    })
    .await;
    for call in 0..CALLS {
        send(&other, &token, &event(queue, call, 0)).await;
    }
    other.settled().await;
    way.be_back();
    until("each holds half of the shards again", each_holds_half).await;
    for call in 0..CALLS {
        send(&lost, &token, &event(queue, call, 1)).await;
        send(&other, &token, &event(queue, call, 2)).await;
    }
    other.settled().await;
    for call in 0..CALLS {
        assert_eq!(told(&receiver, call), [0, 1, 2], "call {call}");
    }
}
