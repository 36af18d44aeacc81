//! How deliveries are run where their hook asks for something of its own.

use crate::{
    destinations_apart::destination,
    gate::Gate,
    support::{Receiver, Server, until},
};
use app::text::explain::{Of, explain};
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryRow, DeliveryState},
    ids::FlowId,
    policy::{Policy, Priority},
    time::Millis,
    trace::FailureClass,
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";
const HOUR: i64 = 3_600_000;

/// The one delivery of the flow.
async fn row(server: &Server, flow: FlowId) -> DeliveryRow {
    let log = server.log().await;
    log.into_iter().find(|row| row.flow_id == flow).unwrap()
}

/// What is told of a delivery.
async fn told(server: &Server, row: &DeliveryRow) -> String {
    let hook = server.storage.hook(row.hook_id).await.unwrap();
    explain(row, Of { hook: hook.as_ref(), ..Of::default() }, Millis(0)).unwrap().plain()
}

#[tokio::test]
async fn a_delivery_that_the_next_attempt_would_find_too_old_is_given_up_and_says_so() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let waits = || Some(vec![0, HOUR]);
    let aging = server.telling_flow("aging", receiver.addr).await;
    let aging_policy =
        Policy { retry_waits_ms: waits(), max_age_ms: Some(HOUR / 2), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, aging, aging_policy).await;
    let ageless = server.telling_flow("ageless", receiver.addr).await;
    let ageless_policy = Policy { retry_waits_ms: waits(), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, ageless, ageless_policy).await;
    server.up().await;
    receiver.answer_next(vec![(500, None); 4]);
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
    until("each has been tried twice", async || {
        server.log().await.iter().all(|row| row.attempts == 2)
    })
    .await;

    let given_up = row(&server, aging).await;
    assert_eq!((given_up.state, given_up.next_at), (DeliveryState::Dead, None));
    assert_eq!(given_up.failure.as_ref().unwrap().status, Some(500));
    let said = told(&server, &given_up).await;
    assert!(said.contains("at the next it would be older than 30 min"), "{said}");
    let goes_on = row(&server, ageless).await;
    assert_eq!(goes_on.state, DeliveryState::Retrying);
    assert!(goes_on.next_at.unwrap().0 - goes_on.created_at.0 > HOUR / 2);
    assert_eq!(receiver.received().len(), 4);
}

#[tokio::test]
async fn an_attempt_ends_at_its_hooks_own_time_limit_and_is_made_again() {
    let (mut server, gate) = (Server::prepare().await, Gate::start("/held").await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let calls = |name: &str| {
        let url = format!("http://{}/held/{name}", gate.addr);
        json!([{"httpRequest": {"url": url, "timeout": 90_000}}])
    };
    let hasty = server.flow("hasty", calls("hasty")).await;
    let waits = Some(vec![HOUR]);
    // Time enough for an attempt whose receiver answers, on a slow machine as well.
    let policy =
        Policy { attempt_limit_ms: Some(2_000), retry_waits_ms: waits, ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, hasty, policy).await;
    let patient = server.flow("patient", calls("patient")).await;
    let policy = Policy { attempt_limit_ms: Some(HOUR), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, patient, policy).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
    until("the time of one is over", async || {
        row(&server, hasty).await.state == DeliveryState::Retrying
    })
    .await;

    let ended = row(&server, hasty).await;
    let failure = ended.failure.clone().unwrap();
    assert_eq!((failure.class, failure.limit), (FailureClass::TimedOut, Some(2_000)));
    let said = told(&server, &ended).await;
    assert!(said.starts_with("The attempt was ended after its time limit of 2 s."), "{said}");
    until("the other one is held", async || gate.asked().contains(&"/held/patient".into())).await;
    assert_eq!(row(&server, patient).await.attempts, 0);

    gate.open();
    let run = format!("/api/v1/deliveries/{}/run", ended.id);
    // The log has it a moment before who runs it knows.
    until("it may run", async || server.post(&token, &run, "").await.0 == 202).await;
    server.settled().await;
    for (flow, attempts) in [(hasty, 2), (patient, 1)] {
        let row = row(&server, flow).await;
        assert_eq!((row.state, row.attempts), (DeliveryState::Delivered, attempts));
    }
}

#[tokio::test]
async fn what_is_tried_again_later_keeps_no_new_event_waiting_when_its_hook_goes_on_slowly() {
    // At one a second they would take longer than anybody waits here.
    const SLEEPERS: usize = 150;
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let policy = Policy { retry_waits_ms: Some(vec![HOUR]), ..Policy::default() };
    let hook = server.hook_with(queue, EventKind::Joined, flow, policy).await;
    receiver.answer_next(vec![(404, None); SLEEPERS]);
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    assert_eq!(server.post(&token, EVENTS, json!(vec![&event; SLEEPERS])).await.0, 202);
    let count = async |state| server.log().await.iter().filter(|row| row.state == state).count();
    until("all are to be tried again", async || count(DeliveryState::Retrying).await == SLEEPERS)
        .await;
    let path = format!("/api/v1/hooks/{}", hook.id);
    assert_eq!(server.post(&token, &format!("{path}/pause"), "").await.0, 200);
    assert_eq!(server.post(&token, EVENTS, &event).await.0, 202);
    let resume = format!("{path}/resume?release_per_s=1");
    assert_eq!(server.post(&token, &resume, "").await.0, 200);
    until("what was parked has gone out", async || count(DeliveryState::Delivered).await == 1)
        .await;
    assert_eq!(count(DeliveryState::Retrying).await, SLEEPERS);
}

/// More of one flow than are in memory.
const MANY: i64 = 5_000;

#[tokio::test]
async fn what_is_of_high_priority_passes_by_a_backlog_that_is_not_in_memory_but_not_its_own_call() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tells", receiver.addr).await;
    let low = Policy { priority: Priority::Low, ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, low).await;
    let high = Policy { priority: Priority::High, ..Policy::default() };
    server.hook_with(queue, EventKind::Bridged, flow, high).await;
    server.up().await;
    let post = async |events: &[(&str, i64)]| {
        let event = |(kind, call): &(&str, i64)| json!({"event": kind, "queue_id": queue, "data": {"attempt_id": call}});
        let events: Vec<_> = events.iter().map(event).collect();
        assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
    };
    // Whom the flow calls is known when it has run.
    post(&[("joined", 0)]).await;
    server.settled().await;
    let destination = destination(receiver.addr);
    let narrow = json!({"concurrency": 1});
    assert_eq!(server.ask(Method::PUT, &token, &destination, narrow).await.0, 200);
    assert_eq!(server.post(&token, &format!("{destination}/open"), "").await.0, 200);
    let all: Vec<_> = (1..=MANY).map(|call| ("joined", call)).collect();
    for part in all.chunks(500) {
        post(part).await;
    }
    post(&[("bridged", MANY), ("bridged", MANY + 1)]).await;
    assert_eq!(server.post(&token, &format!("{destination}/release"), "").await.0, 200);
    until("all has arrived", async || receiver.received().len() as i64 == MANY + 3).await;

    let received: Vec<_> = receiver.received().iter().map(|one| one.json()).collect();
    let place = |event: &str, call: i64| {
        let is_it = |one: &Value| one["event"] == event && one["call"] == call;
        received.iter().position(is_it).unwrap()
    };
    assert!(place("bridged", MANY + 1) < 1_000, "{}", place("bridged", MANY + 1));
    assert!(place("joined", MANY) < place("bridged", MANY));
    assert!(server.log().await.iter().all(|row| !row.out_of_order));
}
