//! Nothing is lost when the process is killed.

use crate::support::{Receiver, Server, until};
use model::{
    catalog::QueueType,
    delivery::DeliveryState,
    ids::{DeliveryId, FlowId, QueueId},
    user::Scope,
};
use std::{
    collections::{HashMap, HashSet},
    process::Stdio,
};

/// How many events are posted, and after how many arrivals the process is killed.
const EVENTS: u64 = 5_000;
const KILLED_AFTER: [usize; 5] = [300, 1_200, 2_400, 3_600, 5_000];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_kills_lose_nothing_and_keep_the_order_of_each_call() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let flows = [
        server.telling_flow("card", receiver.addr).await,
        server.telling_flow("alert", receiver.addr).await,
    ];
    for kind in [QueueType::Inbound, QueueType::Preview, QueueType::ChatInbound] {
        let queue = server.queue(kind.as_str(), kind).await;
        for event in kind.events() {
            server.hook(queue, event, flows[0]).await;
        }
        server.hook(queue, model::catalog::EventKind::Leaving, flows[1]).await;
    }
    server.up().await;

    let traffic = server
        .command()
        .args(["simulate", "--rate", "500", "--seconds", &(EVENTS / 500).to_string()])
        .args(["--seed", "7", "--speed", "300", "--target", &server.url, "--token", &token])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for after in KILLED_AFTER {
        until("enough has arrived", async || receiver.received().len() >= after).await;
        server.kill();
        server.up().await;
    }
    let ended = tokio::task::spawn_blocking(move || traffic.wait_with_output());
    let ended = ended.await.unwrap().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    server.settled().await;

    let log = server.log().await;
    let events: HashSet<_> = log.iter().map(|row| row.event_id).collect();
    assert!(events.len() as u64 >= EVENTS, "{} events are in the log", events.len());
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && !row.out_of_order));

    // The first arrival of each delivery, in the order of arrival.
    let mut arrived: HashMap<DeliveryId, usize> = HashMap::new();
    let mut webhook_ids: HashMap<DeliveryId, String> = HashMap::new();
    for (place, one) in receiver.received().iter().enumerate() {
        let id: DeliveryId = one.json()["delivery"].as_str().unwrap().parse().unwrap();
        arrived.entry(id).or_insert(place);
        let known = webhook_ids.entry(id).or_insert_with(|| one.webhook_id.clone());
        assert_eq!(*known, one.webhook_id, "a repeat carries the same webhook-id");
    }
    let ids: HashSet<_> = webhook_ids.values().collect();
    assert_eq!(ids.len(), webhook_ids.len(), "no two deliveries share a webhook-id");
    let mut newest: HashMap<(FlowId, QueueId, i64), usize> = HashMap::new();
    for row in &log {
        let place = *arrived.get(&row.id).unwrap_or_else(|| panic!("{} was lost", row.id));
        let call = row.call_attempt.expect("the simulated events belong to calls");
        let before = newest.insert((row.flow_id, row.queue_id, call), place);
        assert!(before.is_none_or(|before| before < place), "{} came out of order", row.id);
    }
    assert_eq!(arrived.len(), log.len());
}
