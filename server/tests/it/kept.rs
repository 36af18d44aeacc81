//! What flows keep and ask: the cache, lists of numbers, calendars. It is written with the run, so
//! that it happens once, however often an attempt is made.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::{Receiver, Server, until},
};
use model::{
    cache::CacheEntry,
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    hook::HookDraft,
    ids::{FlowId, QueueId},
    number_list::{EntryQuery, ListDraft},
    policy::Policy,
    time::Millis,
    user::{Actor, Role, Scope},
};
use serde_json::json;

const EVENTS: &str = "/api/v1/events";

async fn hook(server: &Server, queue: QueueId, flow_id: FlowId, retries: usize) {
    let draft = HookDraft {
        event: EventKind::Joined,
        flow_id,
        condition: String::new(),
        enabled: true,
        ordered: true,
        max_hold_ms: 30_000,
        policy: Policy { retry_waits_ms: Some(vec![1; retries]), ..Policy::default() },
        extras: None,
    };
    server.admin.create_hook(&Actor::operator(), queue, draft).await.unwrap();
}

async fn cached(server: &Server, key: &str) -> Option<String> {
    server.storage.cached(key, Millis(0)).await.unwrap()
}

/// Which of the keys the cache has.
async fn kept(server: &Server) -> Vec<&'static str> {
    let mut kept = Vec::new();
    for key in ["first", "second", "third"] {
        kept.extend(cached(server, key).await.map(|_| key));
    }
    kept
}

/// Waits until the first delivery is dead after so many attempts.
async fn dead_after(server: &Server, attempts: u32) {
    until("it is dead", async || {
        let row = server.log().await.remove(0);
        row.state == DeliveryState::Dead && row.attempts == attempts
    })
    .await;
}

async fn keep(server: &Server, key: &str, value: &str) {
    let entry = CacheEntry { key: key.into(), value: value.into(), expires_at: None };
    server.storage.put_cache_entry(&entry).await.unwrap();
}

#[tokio::test]
async fn what_an_attempt_keeps_before_it_fails_is_not_kept_and_what_succeeds_is_kept_once() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let draft = ListDraft { name: "Seen".into(), description: String::new() };
    let list = server.admin.create_number_list(&Actor::operator(), draft).await.unwrap().id;
    keep(&server, "calls", "0").await;
    let steps = json!([
        {"cache": {"action": "get", "get": {"calls": "calls"}}},
        {"js": {"data": "return Number('${calls}') + 1", "setVar": "calls"}},
        {"cache": {"action": "set", "set": {"data": {"calls": "${calls}"}}}},
        {"listAdd": {"list": {"name": "Seen"}, "destination": "${who}", "description": "by a flow"}},
        // The run sees what it has changed itself.
        {"cache": {"action": "get", "get": {"again": "calls"}}},
        {"list": {"list": {"id": list}, "destination": "${who}", "actions": [
            {"httpRequest": {"url": format!("http://{}/${{again}}", receiver.addr)}}
        ]}}
    ]);
    let flow = server.flow("Counts", steps).await;
    hook(&server, queue, flow, 2).await;
    server.up().await;
    let event = |who: &str| json!({"event": "joined", "queue_id": queue, "variables": {"who": who}, "data": {"attempt_id": 1}});
    let dead = || async {
        until("it is dead", async || {
            server.log().await.last().is_some_and(|row| row.state == DeliveryState::Dead)
        })
        .await;
        server.log().await.last().unwrap().id
    };

    receiver.answer_next(vec![(503, None); 3]);
    server.post(&token, EVENTS, &event("1")).await;
    let id = dead().await;
    assert_eq!(cached(&server, "calls").await.as_deref(), Some("0"));
    assert!(!server.storage.is_listed(list, "1", Millis(0)).await.unwrap());
    server.post(&token, &format!("/api/v1/deliveries/{id}/run"), "").await;
    server.settled().await;
    assert_eq!(cached(&server, "calls").await.as_deref(), Some("1"));
    assert!(server.storage.is_listed(list, "1", Millis(0)).await.unwrap());

    receiver.answer_next(vec![(503, None); 2]);
    server.post(&token, EVENTS, &event("2")).await;
    server.settled().await;
    assert_eq!(server.log().await.last().unwrap().state, DeliveryState::Delivered);
    assert_eq!(cached(&server, "calls").await.as_deref(), Some("2"));
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/1", "/1", "/1", "/1", "/2", "/2", "/2"]);
    let query = EntryQuery { size: 9, ..EntryQuery::default() };
    let entries = server.storage.list_entries(list, &query, Millis(0)).await.unwrap();
    let entries: Vec<_> =
        entries.iter().map(|one| (one.number.as_str(), one.description.as_str())).collect();
    assert_eq!(entries, [("1", "by a flow"), ("2", "by a flow")]);
}

#[tokio::test]
async fn what_is_kept_before_a_barrier_stays_and_what_is_kept_behind_it_goes_with_the_checkpoint() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let request =
        |path: &str| json!({"httpRequest": {"url": format!("http://{}/{path}", receiver.addr)}});
    let set = |key: &str| json!({"cache": {"action": "set", "set": {"data": {key: "1"}}}});
    let steps = json!([
        set("first"), request("one"), set("second"), request("two"), set("third"),
        {"goto": "${where}"}, {"log": "there", "tag": "there"}
    ]);
    let flow = server.flow("Two calls", steps).await;
    hook(&server, queue, flow, 0).await;
    server.up().await;
    receiver.answer_next(vec![(200, None), (400, None)]);
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(&token, EVENTS, &event).await;
    dead_after(&server, 1).await;
    assert_eq!(kept(&server).await, ["first", "second"]);
    // It fails behind the second call, with a checkpoint there: what was changed is not done again.
    server.kill();
    server.up().await;
    server.storage.forget_cache_entry("second", Millis(0)).await.unwrap();
    let id = server.log().await[0].id;
    server.post(&token, &format!("/api/v1/deliveries/{id}/run"), "").await;
    dead_after(&server, 2).await;
    assert_eq!(kept(&server).await, ["first", "third"]);
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/one", "/two", "/two"]);
}

#[tokio::test]
async fn a_list_that_there_is_not_and_a_value_that_is_too_long_are_the_steps_errors() {
    let mut server = Server::prepare().await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let draft = ListDraft { name: "Seen".into(), description: String::new() };
    server.admin.create_number_list(&Actor::operator(), draft).await.unwrap();
    let large = "x".repeat(66_000);
    let steps = json!([
        {"listAdd": {"list": {"name": "Unseen"}, "destination": "1"}, "onError": "continue"},
        {"cache": {"action": "set", "set": {"data": {"said": "${error.message}"}}}},
        {"cache": {"action": "set", "set": {"data": {"large": large}}}, "onError": "continue"},
        {"cache": {"action": "set", "set": {"data": {"said too": "${error.message}"}}}},
        {"listAdd": {"list": {"name": "Seen"}, "destination": "9".repeat(200)}}
    ]);
    let flow = server.flow("Errs", steps).await;
    hook(&server, queue, flow, 0).await;
    server.up().await;
    server.post(&token, EVENTS, json!({"event": "joined", "queue_id": queue})).await;
    until("it is dead", async || server.log().await[0].state == DeliveryState::Dead).await;
    let failure = server.log().await.remove(0).failure.unwrap();
    assert!(failure.detail.contains("128 characters, not 200"), "{failure}");
    let id = server.log().await[0].id;
    let detail = server.delivery_that(id, |_| true).await;
    let errors: Vec<_> = detail.attempts[0]
        .steps
        .iter()
        .filter_map(|step| step.error.as_ref())
        .map(|error| error.detail.clone())
        .collect();
    assert!(errors[0].contains("no list \"Unseen\""), "{errors:?}");
    assert!(errors[1].contains("64 KiB"), "{errors:?}");
    // It is dead at the start of its run: nothing of it is kept.
    assert_eq!(cached(&server, "said").await, None);
}

#[tokio::test]
async fn a_flow_asks_a_calendar_that_was_changed_a_moment_ago() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let steps = json!([
        {"calendar": {"name": "Office", "setVar": "open", "extended": true}},
        {"httpRequest": {"url": format!("http://{}/${{open.uri()}}", receiver.addr)}}
    ]);
    let flow = server.flow("Asks", steps).await;
    hook(&server, queue, flow, 0).await;
    server.up().await;
    let all = json!([{"from": "00:00", "to": "24:00"}]);
    let week = json!({
        "monday": all, "tuesday": all, "wednesday": all, "thursday": all, "friday": all,
        "saturday": all, "sunday": all
    });
    let office = json!({"name": "Office", "time_zone": "Europe/Kyiv", "hours": week});
    let (status, made) = server.post(&token, "/api/v1/calendars", &office).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/api/v1/calendars/{}", made["id"]);
    let fire = async || {
        server.post(&token, EVENTS, json!({"event": "joined", "queue_id": queue})).await;
        server.settled().await;
        receiver.received().pop().unwrap().path
    };
    assert_eq!(fire().await, "/true");
    for (change, answer) in [
        (json!({"hours": {}}), "/false"),
        (json!({"valid_to": "2020-01-01"}), "/expire"),
        (json!({"exceptions": every_day("Night & day")}), "/Night%20%26%20day"),
    ] {
        let mut changed = office.clone();
        for (name, value) in change.as_object().unwrap() {
            changed[name] = value.clone();
        }
        let (status, told) = server.ask(reqwest::Method::PUT, &token, &path, &changed).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(fire().await, answer);
    }
}

/// An exception on whatever day it is while the test runs, and on those around it.
fn every_day(name: &str) -> serde_json::Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let days = [-1, 0, 1].map(|shift: i64| {
        let at = Millis(i64::try_from(now.as_millis()).unwrap()).plus(shift * 86_400_000);
        json!({"name": name, "date": at.to_string()[..10]})
    });
    json!(days)
}

#[tokio::test]
async fn a_note_is_shown_to_its_user_once_or_until_it_is_closed() {
    let mut server = Server::prepare().await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    for login in ["ann", "bob"] {
        let password = PASSWORD.to_owned();
        server.admin.create_user(&Actor::operator(), login, Role::Admin, password).await.unwrap();
    }
    let note = |text: &str, timeout| json!({"notification": {"userIds": [1, 99], "message": text, "timeout": timeout}});
    let steps = json!([
        note("${who} <waits>", 0),
        note("shown once", 5),
        {"notification": {"userIds": [99], "message": "to nobody"}, "onError": "continue"},
        {"if": {"expression": "'${error.message}'.includes('none of these users')", "then": [
            note("told", 5)
        ]}}
    ]);
    let flow = server.flow("Notes", steps).await;
    hook(&server, queue, flow, 0).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue, "variables": {"who": "Olena"}});
    server.post(&token, EVENTS, event).await;
    server.settled().await;
    let browser = Browser::new(&server);
    let read = async |login: &str| {
        let set = browser.sign_in(login, PASSWORD).await;
        let page = browser.page("/lists", cookie(&set).0).send().await.unwrap();
        page.text().await.unwrap()
    };
    assert!(!read("bob").await.contains("Olena"));
    let first = read("ann").await;
    for text in ["Olena &lt;waits&gt;", "shown once", "told"] {
        assert!(first.contains(text), "{text}");
    }
    // A page that stays open asks for what is new; what is shown once has been.
    let set = browser.sign_in("ann", PASSWORD).await;
    let asked = browser.call("drawn", &json!({"page": "/notes"}).to_string());
    let asked = asked.header("cookie", cookie(&set).0).send().await.unwrap();
    let sheet: serde_json::Value = serde_json::from_str(&asked.text().await.unwrap()).unwrap();
    let body = sheet["body"].as_str().unwrap();
    assert!(body.contains("Olena &lt;waits&gt;") && !body.contains("shown once"), "{body}");
    let second = read("ann").await;
    assert!(second.contains("Olena &lt;waits&gt;") && !second.contains("shown once"));
    let id = second.split(r#"name="id" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let set = browser.sign_in("ann", PASSWORD).await;
    let closing = browser.call("notes/close", &format!("id={id}"));
    let closed = closing.header("cookie", cookie(&set).0).send().await.unwrap();
    assert_eq!(closed.status(), 200);
    assert!(!read("ann").await.contains("Olena"));
}
