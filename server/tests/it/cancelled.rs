//! Deliveries that a person calls off.

use crate::{
    gate::Gate,
    nodes::several,
    panel::{Browser, cookie},
    postgres::Cluster,
    support::{Receiver, Server, until},
    takeover::nodes,
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    policy::Policy,
    user::{Actor, Role, Scope},
};
use reqwest::{Method, header};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn one_delivery_is_called_off_and_with_its_hook_the_others_where_that_is_asked() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let hook = server.hook(queue, EventKind::Joined, flow).await;
    server.admin.pause_hook(&Actor::operator(), hook.id).await.unwrap();
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    server.post(&token, "/api/v1/events", json!([event, event, event])).await;

    let first = server.log().await[0].id;
    let path = format!("/api/v1/deliveries/{first}/cancel");
    assert_eq!(server.post(&token, &path, "").await.0, 204);
    server.delivery_that(first, |detail| detail.row.state == DeliveryState::Cancelled).await;
    assert_eq!(server.post(&token, &path, "").await.0, 409, "it has ended");

    let at = format!("/call_center/queues/{queue}/hooks/{}", hook.id);
    let delete =
        async |query: &str| server.ask(Method::DELETE, &token, &format!("{at}{query}"), "").await.0;
    assert_eq!(delete("?deliveries=perhaps").await, 400);
    assert_eq!(delete("?deliveries=cancel").await, 200);
    until("all are called off", async || {
        server.log().await.iter().all(|row| row.state == DeliveryState::Cancelled)
    })
    .await;
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn nothing_that_was_parked_goes_out_when_paused_hooks_are_deleted_together_and_called_off() {
    const EACH: usize = 3_000;
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    let mut hooks = Vec::new();
    for kind in [EventKind::Joined, EventKind::Bridged] {
        let hook = server.hook(queue, kind, flow).await;
        server.admin.pause_hook(&Actor::operator(), hook.id).await.unwrap();
        hooks.push(hook.id);
    }
    server.up().await;
    for kind in ["joined", "bridged"] {
        let events = vec![json!({"event": kind, "queue_id": queue}); EACH];
        for part in events.chunks(1_000) {
            assert_eq!(server.post(&token, "/api/v1/events", json!(part)).await.0, 202);
        }
    }
    let (browser, set) = Browser::of(&server, Role::Admin).await;
    let ids = format!("{},{}", hooks[0], hooks[1]);
    let fields = [("over", "hooks"), ("act", "delete"), ("ids", &*ids), ("deliveries", "cancel")];
    let form = browser.form("many/change", &fields).header(header::COOKIE, cookie(&set).0);
    let answer = form.send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let gone = server.get(&token, &format!("/call_center/queues/{queue}/hooks/{}", hooks[1])).await;
    assert_eq!(gone.0, 404, "{gone:?}");
    server.settled().await;
    let log = server.log().await;
    assert!(!log.is_empty() && log.iter().all(|row| row.state == DeliveryState::Cancelled));
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn an_attempt_that_runs_when_it_is_called_off_is_the_last_though_the_process_is_killed() {
    let (mut server, gate) = (Server::prepare().await, Gate::start("/").await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{event}}", gate.addr);
    let flow =
        server.flow("Tells", json!([{"httpRequest": {"url": url, "timeout": 30_000}}])).await;
    for kind in [EventKind::Joined, EventKind::Bridged] {
        server.hook(queue, kind, flow).await;
    }
    server.up().await;
    let post = async |server: &Server, kind: &str| {
        let event = json!({"event": kind, "queue_id": queue, "data": {"attempt_id": 7}});
        assert_eq!(server.post(&token, "/api/v1/events", event).await.0, 202);
    };
    post(&server, "joined").await;
    until("its attempt runs", async || gate.asked().len() == 1).await;
    let called_off = server.log().await[0].id;
    let path = format!("/api/v1/deliveries/{called_off}/cancel");
    assert_eq!(server.post(&token, &path, "").await.0, 204);

    server.kill();
    gate.open();
    server.up().await;
    post(&server, "bridged").await;
    server.settled().await;
    let log = server.log().await;
    let states: Vec<_> = log.iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::Cancelled, DeliveryState::Delivered]);
    assert!(log.iter().all(|row| !row.out_of_order));
    assert_eq!(gate.asked(), ["/joined", "/bridged"]);
}

/// Calls off what two nodes hold at one of them, when the other one has just ended in that way.
async fn call_off_when_another_ends(end: impl FnOnce(&mut Server)) {
    const CALLS: u64 = 16;
    let (cluster, keys) = (Cluster::start(), TempDir::new().unwrap());
    let (gate, receiver) = (Gate::start("/").await, Receiver::start().await);
    let mut both = several(&cluster, &keys, 2).await;
    let token = both[0].token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = both[0].queue("Support line", QueueType::Inbound).await;
    let url = format!("http://{}/${{attempt_id}}", gate.addr);
    let hangs = json!([{"httpRequest": {"url": url, "timeout": 60_000}}]);
    let hangs = both[0].flow("Hangs", hangs).await;
    let parked = both[0].telling_flow("parked", receiver.addr).await;
    let retried = both[0].telling_flow("retried", receiver.addr).await;
    // Longer than it takes until another node has taken over.
    let policy = Policy { retry_waits_ms: Some(vec![20_000]), ..Policy::default() };
    let hooks = [
        both[0].hook(queue, EventKind::Joined, hangs).await,
        both[0].hook(queue, EventKind::Bridged, parked).await,
        both[0].hook_with(queue, EventKind::Leaving, retried, policy).await,
    ];
    both[0].admin.pause_hook(&Actor::operator(), hooks[1].id).await.unwrap();
    for one in &mut both {
        one.up().await;
    }
    let [ending, survivor] = &mut both[..] else { unreachable!() };
    until("each holds half of the shards", async || {
        let (here, other) = nodes(survivor, &token).await;
        [here, other].iter().all(|one| one["shards"] == json!([32, 64]))
    })
    .await;
    receiver.answer_next(vec![(404, None); CALLS as usize]);
    let of_call = |call: u64| {
        ["joined", "bridged", "leaving"]
            .map(|kind| json!({"event": kind, "queue_id": queue, "data": {"attempt_id": call}}))
    };
    let events: Vec<Value> = (0..CALLS).flat_map(of_call).collect();
    assert_eq!(survivor.post(&token, "/api/v1/events", json!(events)).await.0, 202);
    until("some run and others wait", async || {
        let log = survivor.log().await;
        let waits = log.iter().filter(|row| row.state == DeliveryState::Retrying).count() as u64;
        (gate.asked().len() as u64, waits) == (CALLS, CALLS)
    })
    .await;

    end(ending);
    for hook in &hooks {
        let path = format!("/call_center/queues/{queue}/hooks/{}?deliveries=cancel", hook.id);
        assert_eq!(survivor.ask(Method::DELETE, &token, &path, "").await.0, 200);
    }
    until("the other one has taken over", async || {
        nodes(survivor, &token).await.0["shards"] == json!([64, 64])
    })
    .await;
    gate.open();
    survivor.settled().await;
    let ended = async |hook: usize, state| {
        let log = survivor.log().await;
        let of_hook = log.iter().filter(|row| row.hook_id == hooks[hook].id);
        of_hook.filter(|row| row.state == state).count() as u64
    };
    for waited in [1, 2] {
        assert_eq!(ended(waited, DeliveryState::Cancelled).await, CALLS);
    }
    // Those of the survivor have come to their end, those of the other one were their last.
    let (cancelled, delivered) =
        (ended(0, DeliveryState::Cancelled).await, ended(0, DeliveryState::Delivered).await);
    assert!(cancelled > 0 && delivered > 0 && cancelled + delivered == CALLS);
    assert_eq!((gate.asked().len(), receiver.received().len()), (CALLS as usize, CALLS as usize));
}

#[tokio::test]
async fn what_a_dead_node_holds_is_called_off_before_another_takes_it_over() {
    call_off_when_another_ends(Server::kill).await;
}

#[tokio::test]
async fn what_a_node_holds_that_is_told_to_stop_is_called_off_before_another_takes_it_over() {
    call_off_when_another_ends(|server| server.signal("TERM")).await;
}
