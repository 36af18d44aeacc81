//! Destinations do not hold each other up, and one that fails is left alone for a while.

use crate::support::*;
use axum::Router;
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryRow, DeliveryState},
    destination::{DestinationKey, DestinationLimits},
    policy::Policy,
    time::Millis,
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

mod several;

const EVENTS: &str = "/api/v1/events";

/// Takes connections and answers nothing.
async fn silent() -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    (addr, task)
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

fn calling(addr: SocketAddr, timeout: u32) -> Value {
    json!([{"httpRequest": {"url": format!("http://{addr}/"), "timeout": timeout}}])
}

#[tokio::test]
async fn a_receiver_that_never_answers_does_not_slow_the_others() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let (addr, task) = silent().await;
    let token = server.token(&[Scope::Ingest]).await;
    let slow = server.queue("slow", QueueType::Inbound).await;
    let fast = server.queue("fast", QueueType::Inbound).await;
    let hangs = server.flow("hangs", calling(addr, 90_000)).await;
    let tells = server.telling_flow("tells", receiver.addr).await;
    server.hook(slow, EventKind::Joined, hangs).await;
    server.hook(fast, EventKind::Joined, tells).await;
    server.up().await;
    // Many more than may run at once, at the destination and in all.
    let many: Vec<_> = (0..3_000).map(|_| json!({"event": "joined", "queue_id": slow})).collect();
    for part in many.chunks(500) {
        assert_eq!(server.post(&token, EVENTS, json!(part)).await.0, 202);
    }
    let few: Vec<_> = (0..50).map(|_| json!({"event": "joined", "queue_id": fast})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(few)).await.0, 202);
    until("the fast ones have arrived", async || receiver.received().len() == 50).await;
    task.abort();
}

/// Takes ten seconds to answer, and counts what it has been asked and what it has answered.
async fn slow() -> (SocketAddr, Arc<[AtomicUsize; 2]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let counts: Arc<[AtomicUsize; 2]> = Arc::default();
    let counted = counts.clone();
    let router = Router::new().fallback(move || {
        let counted = counted.clone();
        async move {
            counted[0].fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(10)).await;
            counted[1].fetch_add(1, Ordering::SeqCst);
            "{}"
        }
    });
    tokio::spawn(axum::serve(listener, router).into_future());
    (addr, counts)
}

#[tokio::test]
async fn fifty_receivers_get_everything_before_one_that_takes_ten_seconds_answers_at_all() {
    let (mut server, (addr, counts)) = (Server::prepare().await, slow().await);
    let token = server.token(&[Scope::Ingest]).await;
    let alone = server.queue("To the slow one", QueueType::Inbound).await;
    let shared = server.queue("To all of them", QueueType::Inbound).await;
    let takes_its_time = server.flow("takes its time", calling(addr, 30_000)).await;
    for queue in [alone, shared] {
        server.hook(queue, EventKind::Joined, takes_its_time).await;
    }
    let mut fifty = Vec::new();
    for number in 0..50 {
        let receiver = Receiver::start().await;
        let flow = server.telling_flow(&format!("tells {number}"), receiver.addr).await;
        server.hook(shared, EventKind::Joined, flow).await;
        fifty.push(receiver);
    }
    server.up().await;
    // More than may run at once at one destination.
    let many: Vec<_> = (0..100).map(|_| json!({"event": "joined", "queue_id": alone})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(many)).await.0, 202);
    until("the slow one is asked", async || counts[0].load(Ordering::SeqCst) > 0).await;
    let few: Vec<_> = (0..4).map(|_| json!({"event": "joined", "queue_id": shared})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(few)).await.0, 202);
    until("the fifty have got everything", async || {
        fifty.iter().all(|receiver| receiver.received().len() == 4)
    })
    .await;
    until("that is written down", async || {
        let log = server.log().await;
        log.iter().filter(|row| row.state == DeliveryState::Delivered).count() == 200
    })
    .await;
    assert_eq!(counts[1].load(Ordering::SeqCst), 0, "the slow one has answered meanwhile");
    let log = server.log().await;
    let of_the_slow = log.iter().filter(|row| row.flow_id == takes_its_time);
    assert_eq!((of_the_slow.count(), log.len()), (104, 304));
}

#[tokio::test]
async fn what_a_dead_destination_would_get_is_parked_and_not_tried() {
    let mut server = Server::prepare().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let addr = nobody();
    let flow = server.flow("tells", calling(addr, 1_000)).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let many: Vec<_> = (0..40).map(|_| json!({"event": "joined", "queue_id": queue})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(many)).await.0, 202);
    let event = json!({"event": "joined", "queue_id": queue});
    until("what comes now is parked", async || {
        assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() >= 3)
    })
    .await;
    let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
    assert!(log["items"].as_array().unwrap().iter().all(|one| one["attempts"] == 0));
}

/// Takes a moment for each request, and notes how many it had at once, and in all.
pub async fn counting() -> (SocketAddr, Arc<[AtomicUsize; 3]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let counts: Arc<[AtomicUsize; 3]> = Arc::default();
    let counted = counts.clone();
    let router = Router::new().fallback(move || {
        let counted = counted.clone();
        async move {
            let [now, most, all] = &*counted;
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            all.fetch_add(1, Ordering::SeqCst);
            "{}"
        }
    });
    tokio::spawn(axum::serve(listener, router).into_future());
    (addr, counts)
}

/// The API's path of the destination at this address.
pub fn destination(addr: SocketAddr) -> String {
    format!("/api/v1/destinations/http%3A%2F%2F127.0.0.1%3A{}", addr.port())
}

#[tokio::test]
async fn a_second_request_waits_for_room_as_a_first_does() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let (narrow, counts) = counting().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let request = |url: String| json!({"httpRequest": {"url": url, "timeout": 5_000}});
    let steps = json!([
        request(format!("http://{}/${{delivery_id}}", receiver.addr)),
        {"set": {"seen": "${seen}1"}},
        request(format!("http://{narrow}/")),
        request(format!("http://{}/${{delivery_id}}/${{attempt_id}}/${{seen}}", receiver.addr))
    ]);
    let flow = server.flow("Tells three times", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let limit = json!({"concurrency": 1});
    let (status, set) = server.ask(Method::PUT, &token, &destination(narrow), limit).await;
    assert_eq!(status, 200, "{set}");
    let event = |call| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    let events: Vec<_> = (0..60).map(|place| event(place / 2)).collect();
    assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    server.settled().await;

    let [_, most, all] = &*counts;
    assert_eq!((most.load(Ordering::SeqCst), all.load(Ordering::SeqCst)), (1, 60));
    let log = server.log().await;
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));
    assert!(log.iter().any(|row| row.attempts > 1), "some had to wait for room");
    let received = receiver.received();
    assert_eq!(received.len(), 120, "nothing is repeated and nothing lost");
    // Of each call the later delivery begins when the earlier has ended.
    for pair in log.chunks(2) {
        let place = |path: String| received.iter().position(|one| one.path == path).unwrap();
        let call = pair[0].call_attempt.unwrap();
        let ended = place(format!("/{}/{call}/1", pair[0].id));
        assert!(ended < place(format!("/{}", pair[1].id)));
    }
}

#[tokio::test]
async fn before_a_request_to_a_closed_destination_a_run_is_parked_and_goes_on_there() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let (closed, counts) = counting().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let request = |addr: SocketAddr| json!({"httpRequest": {"url": format!("http://{addr}/")}});
    let flow = server.flow("Tells two", json!([request(receiver.addr), request(closed)])).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let steer = async |act: &str| {
        let (status, said) =
            server.post(&token, &format!("{}/{act}", destination(closed)), "").await;
        assert_eq!(status, 200, "{said}");
    };
    steer("open").await;
    let event = |call| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    let events: Vec<_> = (0..5).map(event).collect();
    assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    until("all are parked", async || {
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() == 5)
    })
    .await;
    let log = server.log().await;
    let stand = |row: &DeliveryRow| (row.state, row.attempts, row.next_at);
    assert!(log.iter().all(|row| stand(row) == (DeliveryState::Pending, 1, None)));
    assert_eq!(counts[2].load(Ordering::SeqCst), 0);
    steer("release").await;
    server.settled().await;
    assert_eq!((receiver.received().len(), counts[2].load(Ordering::SeqCst)), (5, 5));
    let (_, detail) = server.get(&token, &format!("/api/v1/deliveries/{}", log[0].id)).await;
    assert_eq!(detail["attempts"][0]["outcome"], "held");
    assert_eq!(detail["attempts"][1]["outcome"], "completed");
}

/// A failing receiver, for which so many deliveries wait that are tried once: a person has stopped it.
async fn stopped(limits: Value, many: u32) -> (Server, Receiver, String) {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.flow("tells", calling(receiver.addr, 60_000)).await;
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    receiver.answer_next(vec![(500, None); many as usize]);
    server.up().await;
    let path = destination(receiver.addr);
    assert_eq!(server.ask(Method::PUT, &token, &path, limits).await.0, 200);
    assert_eq!(steered(&server, &token, &receiver, "open").await["forced"], "open");
    let events: Vec<_> = (0..many).map(|_| json!({"event": "joined", "queue_id": queue})).collect();
    assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    parked(&server, &token, many as usize).await;
    assert!(receiver.received().is_empty());
    (server, receiver, token)
}

/// Opens, closes or drains it; how it stands then.
async fn steered(server: &Server, token: &str, receiver: &Receiver, act: &str) -> Value {
    let path = format!("{}/{act}", destination(receiver.addr));
    let (status, mut row) = server.post(token, &path, "").await;
    assert_eq!(status, 200, "{row}");
    row["now"].take()
}

async fn parked(server: &Server, token: &str, many: usize) {
    until("so many are parked", async || {
        let (_, log) = server.get(token, "/api/v1/deliveries?state=parked&size=100").await;
        log["items"].as_array().is_some_and(|items| items.len() == many)
    })
    .await;
}

async fn count(server: &Server, state: DeliveryState) -> usize {
    server.log().await.iter().filter(|row| row.state == state).count()
}

#[tokio::test]
async fn what_waits_for_a_stopped_destination_goes_out_whatever_fails_when_a_person_closes_it() {
    // Its breaker would open at once.
    let hasty = json!({"concurrency": 1, "min_calls": 1, "open_ms": 3_600_000});
    let (server, receiver, token) = stopped(hasty, 30).await;
    let now = steered(&server, &token, &receiver, "close").await;
    assert_eq!(now["forced"], "closed");
    server.settled().await;
    assert_eq!((receiver.received().len(), count(&server, DeliveryState::Dead).await), (30, 30));
}

#[tokio::test]
async fn a_destination_that_is_drained_gets_what_waits_until_its_breaker_opens_again() {
    let limits = json!({"concurrency": 1, "min_calls": 3, "open_ms": 3_600_000});
    let (server, receiver, token) = stopped(limits, 30).await;
    assert_eq!(steered(&server, &token, &receiver, "drain").await["forced"], Value::Null);
    until("its breaker is open", async || {
        let (_, all) = server.get(&token, "/api/v1/destinations?state=open").await;
        all["items"][0]["now"]["opens_until"].is_number()
    })
    .await;
    parked(&server, &token, 27).await;
    assert_eq!((receiver.received().len(), count(&server, DeliveryState::Dead).await), (3, 3));

    // It works again, which nobody would find out for an hour.
    receiver.answer_next(Vec::new());
    steered(&server, &token, &receiver, "drain").await;
    server.settled().await;
    assert_eq!(receiver.received().len(), 30);
    assert_eq!(count(&server, DeliveryState::Delivered).await, 27);
}

#[tokio::test]
async fn what_is_tried_again_in_an_hour_goes_out_when_its_destination_is_drained() {
    let mut server = Server::prepare().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let patient = || Policy { retry_waits_ms: Some(vec![3_600_000]), ..Policy::default() };
    for (name, to) in [("tells", &receiver), ("tells another", &other)] {
        let flow = server.flow(name, calling(to.addr, 60_000)).await;
        server.hook_with(queue, EventKind::Joined, flow, patient()).await;
        to.answer_next(vec![(500, None)]);
    }
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    assert_eq!(server.post(&token, EVENTS, event).await.0, 202);
    until("both are to be tried again", async || {
        count(&server, DeliveryState::Retrying).await == 2
    })
    .await;
    steered(&server, &token, &receiver, "drain").await;
    until("one has gone out", async || count(&server, DeliveryState::Delivered).await == 1).await;
    assert_eq!((receiver.received().len(), other.received().len()), (2, 1));
    assert_eq!(count(&server, DeliveryState::Retrying).await, 1, "the other one keeps its time");
}

#[tokio::test]
async fn one_that_is_silent_until_the_attempt_has_no_time_left_opens_its_breaker() {
    let (mut server, (addr, _)) = (Server::prepare().await, silent().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{addr}/");
    let flow = server.flow("Tell", json!([{"httpRequest": {"url": url, "timeout": 60_000}}])).await;
    let short = Policy {
        retry_waits_ms: Some(Vec::new()),
        attempt_limit_ms: Some(200),
        ..Policy::default()
    };
    server.hook_with(queue, EventKind::Joined, flow, short).await;
    let key = DestinationKey::new("http", "127.0.0.1", addr.port());
    let limits = DestinationLimits { min_calls: Some(3), ..DestinationLimits::default() };
    server.storage.set_destination_limits(&key, &limits, Millis(0)).await.unwrap();
    server.up().await;
    let event =
        |call: u32| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    let events: Vec<_> = (0..3).map(event).collect();
    assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    until("its breaker is open", async || {
        let (_, all) = server.get(&token, "/api/v1/destinations?state=open").await;
        all["items"][0]["now"]["opens_until"].is_number()
    })
    .await;
}

#[tokio::test]
async fn of_a_flow_that_calls_several_the_dead_one_holds_up_nobody_else() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let dead = nobody();
    let steps = json!([{"httpRequest": {"url": "http://127.0.0.1:${port}/", "timeout": 5_000}}]);
    let flow = server.flow("Tells whom the event names", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let post = async |ports: &[u16]| {
        let event = |port: &u16| {
            let variables = json!({"port": port.to_string()});
            json!({"event": "joined", "queue_id": queue, "variables": variables})
        };
        let events: Vec<_> = ports.iter().map(event).collect();
        assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    };
    post(&[dead.port(); 100]).await;
    until("the dead one is known", async || {
        let (_, log) = server.get(&token, "/api/v1/deliveries?state=parked").await;
        log["items"].as_array().is_some_and(|items| items.len() > 10)
    })
    .await;
    let mixed: Vec<_> = (0..400).map(|place| [dead, receiver.addr][place % 2].port()).collect();
    post(&mixed).await;
    until("the others have arrived", async || receiver.received().len() == 200).await;
    until("that is written down", async || {
        let log = server.log().await;
        log.iter().filter(|row| row.state == DeliveryState::Delivered).count() == 200
    })
    .await;
    let log = server.log().await;
    let tried = log.iter().filter(|row| row.attempts > 0).count();
    assert!(tried < 200 + 150, "most of what goes to the dead one is not tried: {tried}");
}
