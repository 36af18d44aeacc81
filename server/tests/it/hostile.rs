//! Flows that would take everything for themselves: each ends at a limit that its log names, and those
//! beside it lose nothing.

use crate::support::{Received, Receiver, Server, until};
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryRow, DeliveryState, Overlay},
    ids::{DeliveryId, FlowId},
    policy::Policy,
    user::Scope,
};
use serde_json::json;
use std::collections::HashMap;

const EVENTS: &str = "/api/v1/events";
/// How often the hostile flows are begun, each time with so many events for the others beside them.
const ROUNDS: u32 = 3;
const BESIDE: u32 = 50;

/// A flow that goes on for as long as it may, how its last delivery ends, and what its log says then.
struct Hostile {
    flow: FlowId,
    ends: DeliveryState,
    said: &'static str,
    /// How many deliveries there are of one event: those that it begins beside itself, too.
    many: usize,
}

/// All of them. Two name themselves by variables that come with the event, since a flow has no number
/// before it is made.
async fn hostile(server: &Server) -> Vec<Hostile> {
    let steps = "more than 100000 steps in one run";
    let count = json!({"while": {"condition": "true", "maxSteps": 1_000_000_000, "do": [
        {"set": {"n": "1"}}
    ]}});
    let long: Vec<u32> = (0..=10_000).collect();
    let mut all = Vec::new();
    for (name, flow, ends, said) in [
        (
            "jumps",
            json!([{"set": {"n": "1"}, "tag": "again"}, {"goto": "again"}]),
            DeliveryState::Delivered,
            "no jump: this would be more than 1000",
        ),
        ("loops", json!([&count]), DeliveryState::Dead, steps),
        (
            "loops in a loop",
            json!([{"forEach": {"list": long[..500], "do": [
                {"while": {"condition": "true", "maxSteps": 500, "do": [{"set": {"n": "1"}}]}}
            ]}}]),
            DeliveryState::Dead,
            steps,
        ),
        (
            "goes through a long list",
            json!([{"forEach": {"list": long, "do": [&count]}}]),
            DeliveryState::Dead,
            "the list has 10001 items, `forEach` takes 10000",
        ),
        (
            "grows",
            json!([
                {"set": {"text": "0123456789"}},
                {"while": {"condition": "true", "maxSteps": 1_000, "do": [
                    {"set": {"text": "${text}${text}"}}
                ]}}
            ]),
            DeliveryState::Dead,
            "with `text` the variables would be larger than 1 MiB",
        ),
    ] {
        let flow = server.flow(name, flow).await;
        all.push(Hostile { flow, ends, said, many: 1 });
    }
    let dead = |flow, said, many| Hostile { flow, ends: DeliveryState::Dead, said, many };
    let back = server.flow("calls back", json!([{"schema": {"id": "${circle}"}}])).await;
    let circle = server.flow("circle", json!([{"schema": {"id": back}}])).await;
    all.push(dead(circle, "is running already: it cannot call itself", 1));
    let mut chain = server.flow("the chain's end", json!([&count])).await;
    for link in 0..17 {
        chain = server.flow(&format!("link {link}"), json!([{"schema": {"id": chain}}])).await;
    }
    all.push(dead(chain, "flows call one another more than 16 deep", 1));
    let begins = json!([{"schema": {"id": "${begins}", "async": true}}]);
    let begins = server.flow("begins itself", begins).await;
    all.push(dead(begins, "runs begin one another more than 16 deep", 17));
    all
}

#[tokio::test]
async fn hostile_flows_end_at_a_limit_that_is_told_and_those_beside_them_lose_nothing() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let hostile = hostile(&server).await;
    // It is for the other limits to end them, however slow the machine is.
    let patient = Policy { attempt_limit_ms: Some(3_600_000), ..Policy::default() };
    for one in &hostile {
        server.hook_with(queue, EventKind::Joined, one.flow, patient.clone()).await;
    }
    let [.., circle, _, begins] = &*hostile else { unreachable!() };
    let own = json!({"circle": circle.flow, "begins": begins.flow});
    let mut normal = Vec::new();
    for name in ["card", "alert"] {
        let flow = server.telling_flow(name, receiver.addr).await;
        for event in [EventKind::Joined, EventKind::Leaving] {
            server.hook(queue, event, flow).await;
        }
        normal.push(flow);
    }
    server.up().await;
    for round in 1..=ROUNDS {
        let joined = json!({"event": "joined", "queue_id": queue, "variables": own,
                            "data": {"attempt_id": round}});
        let leaving = |number| json!({"event": "leaving", "queue_id": queue, "data": {"attempt_id": number % 5}});
        let events: Vec<_> = [joined].into_iter().chain((0..BESIDE).map(leaving)).collect();
        assert_eq!(server.post(&token, EVENTS, json!(events)).await.0, 202);
        // Whatever the hostile ones do meanwhile.
        let many = normal.len() * (round * (1 + BESIDE)) as usize;
        until("the others have arrived", async || receiver.received().len() >= many).await;
    }
    server.settled().await;

    let log = server.log().await;
    for one in &hostile {
        let rows: Vec<_> = log.iter().filter(|row| row.flow_id == one.flow).collect();
        assert_eq!(rows.len(), one.many * ROUNDS as usize, "{}", one.said);
        let mut told = 0;
        for row in rows {
            // Of those that begin one another the last alone comes to a limit.
            let is_last = trace(&server, row).await.contains(one.said);
            let ends = if is_last { one.ends } else { DeliveryState::Delivered };
            assert_eq!(row.state, ends, "{row:?}");
            told += u32::from(is_last);
        }
        assert_eq!(told, ROUNDS, "{}", one.said);
    }
    let beside: Vec<_> = log.iter().filter(|row| normal.contains(&row.flow_id)).collect();
    let well = |row: &&&DeliveryRow| {
        (row.state, row.attempts, row.out_of_order) == (DeliveryState::Delivered, 1, false)
    };
    assert_eq!(beside.iter().filter(well).count(), beside.len());
    in_order_and_once(&beside, &receiver.received());
}

/// All that the log has of the delivery's attempts, as text.
async fn trace(server: &Server, row: &DeliveryRow) -> String {
    let detail = server.storage.delivery(row.id, &Overlay::default()).await.unwrap().unwrap();
    serde_json::to_string(&detail.attempts).unwrap()
}

/// Each of these deliveries has arrived once, and those of one call and flow in the log's order.
fn in_order_and_once(log: &[&DeliveryRow], received: &[Received]) {
    let id = |one: &Received| -> DeliveryId {
        one.json()["delivery"].as_str().unwrap().parse().unwrap()
    };
    let places: HashMap<DeliveryId, usize> =
        received.iter().enumerate().map(|(place, one)| (id(one), place)).collect();
    assert_eq!((places.len(), log.len()), (received.len(), received.len()));
    let mut newest: HashMap<(FlowId, Option<i64>), usize> = HashMap::new();
    for row in log {
        let place = *places.get(&row.id).unwrap_or_else(|| panic!("{} was lost", row.id));
        let before = newest.insert((row.flow_id, row.call_attempt), place);
        assert!(before.is_none_or(|before| before < place), "{} came out of order", row.id);
    }
}
