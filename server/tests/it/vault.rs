//! Variables of the installation and secrets: a flow sends them, and the log hides what is secret.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::{Receiver, Server, until},
};
use model::{
    catalog::{EventKind, QueueType},
    policy::Policy,
    user::{Actor, Role, Scope},
    variable::Kept,
};
use reqwest::Method;
use serde_json::json;

const EVENTS: &str = "/api/v1/events";
const SECRET: &str = "/api/v1/secrets/CRM";
const REGION: &str = "/api/v1/variables/region";

#[tokio::test]
async fn a_flow_sends_variables_and_secrets_and_the_log_hides_what_is_secret() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let steps = json!([{"httpRequest": {
        "url": format!("http://{}/crm", receiver.addr),
        "headers": {"X-Crm": "Token ${secret.CRM}"},
        "data": {"region": "$${region}", "hidden": "$${hidden}", "again": "${secret.CRM}"},
        "sign": true
    }}]);
    let flow = server.flow("Tell the CRM", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let put = async |path: &str, body: serde_json::Value| {
        let (status, answer) = server.ask(Method::PUT, &token, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    };
    put(REGION, json!({"value": "Kyiv"})).await;
    let hidden = json!({"value": "sealed-away", "encrypted": true});
    let hidden = put("/api/v1/variables/hidden", hidden).await;
    assert_eq!((&hidden["value"], &hidden["encrypted"]), (&json!(null), &json!(true)));
    let secret = put(SECRET, json!({"value": "s3cret-of-crm", "description": "the CRM"})).await;
    assert_eq!((&secret["name"], secret.get("value")), (&json!("CRM"), None));
    let key = json!({"value": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    put("/api/v1/secrets/WEBHOOK_SIGNING_KEY", key).await;

    let event =
        |call: i64| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    server.post(&token, EVENTS, event(1)).await;
    server.settled().await;
    assert_eq!(server.log().await[0].failure, None);
    let got = receiver.received().remove(0);
    let header = |name: &str| got.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("x-crm"), Some("Token s3cret-of-crm"));
    assert!(header("webhook-signature").is_some_and(|value| value.starts_with("v1,")));
    let sent = json!({"region": "Kyiv", "hidden": "sealed-away", "again": "s3cret-of-crm"});
    assert_eq!(got.json(), sent);

    let row = server.log().await.remove(0);
    let (_, detail) = server.get(&token, &format!("/api/v1/deliveries/{}", row.id)).await;
    let told = detail.to_string();
    assert!(told.contains("Kyiv") && told.contains("[redacted]"), "{told}");
    assert!(!told.contains("s3cret-of-crm") && !told.contains("sealed-away"), "{told}");

    // A change is in force for the next event, a deletion as well.
    put(REGION, json!({"value": "Lviv"})).await;
    let (status, _) = server.ask(Method::DELETE, &token, SECRET, "").await;
    assert_eq!(status, 200);
    server.post(&token, EVENTS, event(2)).await;
    server.settled().await;
    let got = receiver.received().remove(1);
    assert_eq!(got.json(), json!({"region": "Lviv", "hidden": "sealed-away", "again": ""}));
    assert_eq!(server.get(&token, SECRET).await.0, 404);
}

#[tokio::test]
async fn a_flow_sets_variables_that_the_next_one_reads_and_a_failed_attempt_has_set_none() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let steps = json!([
        {"global": {"last": {"value": "$${last}|${attempt_id}"},
                    "hidden": {"value": "call ${attempt_id}", "encrypt": true}}},
        {"httpRequest": {"url": format!("http://{}/a", receiver.addr),
                         "data": {"last": "$${last}", "hidden": "$${hidden}"}}},
        // What was set is written by now, and is read all the same.
        {"httpRequest": {"url": format!("http://{}/b", receiver.addr),
                         "data": {"last": "$${last}"}}}
    ]);
    let flow = server.flow("Note the caller", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    // The first attempt fails, and is repeated from its start.
    receiver.answer_next(vec![(503, Some("1"))]);
    for call in 1..=2 {
        let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
        server.post(&token, EVENTS, event).await;
        server.settled().await;
    }
    let told: Vec<_> = receiver.received().iter().map(|got| got.json()).collect();
    let first = json!({"last": "|1", "hidden": "call 1"});
    let second = json!({"last": "|1|2", "hidden": "call 2"});
    let behind = |last: &str| json!({"last": last});
    assert_eq!(told, [first.clone(), first, behind("|1"), second, behind("|1|2")]);
    let (_, variables) = server.get(&token, "/api/v1/variables").await;
    let [hidden, last] = &variables["items"].as_array().unwrap()[..] else { panic!("{variables}") };
    assert_eq!((&last["value"], &hidden["value"]), (&json!("|1|2"), &json!(null)));
    assert_eq!(
        (&last["updated_by"], &hidden["encrypted"]),
        (&json!("flow Note the caller"), &json!(true))
    );
}

#[tokio::test]
async fn what_was_hidden_is_hidden_in_the_runs_that_get_a_copy_of_it() {
    // Its file is looked into.
    let (mut server, receiver) = (Server::prepare_on_sqlite().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let tell = |path: &str| {
        json!({"httpRequest": {"url": format!("http://{}/{path}", receiver.addr),
                               "data": {"copy": "${copy}", "delivery": "${delivery_id}"}}})
    };
    let steps = json!([
        {"function": {"name": "later", "actions": [{"log": "${copy}"}, tell("child")]}},
        {"set": {"copy": "$${hidden}"}},
        {"execute": {"name": "later", "async": true}},
        {"goto": "${where}"}
    ]);
    let flow = server.flow("Begins", steps).await;
    let alarm = server.flow("Alarm", json!([tell("alarm")])).await;
    let operator = Actor::operator();
    server.admin.set_failure_flow(&operator, flow, Some(alarm)).await.unwrap();
    let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
    server.hook_with(queue, EventKind::Joined, flow, once).await;
    server.up().await;
    let hidden = json!({"value": "sealed-away", "encrypted": true});
    let path = "/api/v1/variables/hidden";
    assert_eq!(server.ask(Method::PUT, &token, path, hidden).await.0, 200);
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 1}});
    server.post(&token, EVENTS, event).await;
    let begun = async || server.log().await.into_iter().filter(|row| row.parent.is_some());
    until("both are there", async || begun().await.count() == 2).await;
    server.settled().await;
    // A replay of them gets the same.
    for row in begun().await {
        let replay = format!("/api/v1/deliveries/{}/replay", row.id);
        assert_eq!(server.post(&token, &replay, "").await.0, 202);
    }
    server.settled().await;

    let log = server.log().await;
    let received = receiver.received();
    assert_eq!((log.len(), received.len()), (5, 4));
    for one in received.iter().map(|one| one.json()) {
        assert_eq!(one["copy"], "sealed-away");
        assert!(log.iter().any(|row| one["delivery"] == json!(row.id)), "{one}");
    }
    for row in &log {
        let (_, detail) = server.get(&token, &format!("/api/v1/deliveries/{}", row.id)).await;
        let told = detail.to_string();
        assert!(told.contains("[redacted]") && !told.contains("sealed-away"), "{told}");
    }
    assert!(server.terminate().await.success());
    for file in ["offhook.db", "offhook.db-wal"] {
        let kept = std::fs::read(server.folder.path().join(file)).unwrap_or_default();
        let stands = kept.windows(11).any(|part| part == b"sealed-away");
        assert!(!stands, "it stands in {file}");
    }
}

#[tokio::test]
async fn a_server_whose_key_is_another_one_does_not_start_and_names_the_file() {
    // The key lies beside the database.
    let mut server = Server::prepare_on_sqlite().await;
    server.up().await;
    let token = server.token(&[Scope::Manage]).await;
    let (status, _) = server.ask(Method::PUT, &token, SECRET, json!({"value": "s3cret"})).await;
    assert_eq!(status, 200);
    assert!(server.terminate().await.success());
    let file = server.folder.path().join("offhook.db.key");
    let kept = std::fs::read_to_string(&file).unwrap();
    let refused = || {
        let output = server.command().arg("serve").output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    std::fs::remove_file(&file).unwrap();
    let said = refused();
    assert!(said.contains("offhook.db.key is missing"), "{said}");
    std::fs::write(&file, "0".repeat(64)).unwrap();
    let said = refused();
    assert!(said.contains("offhook.db.key is not the one"), "{said}");
    std::fs::write(&file, kept).unwrap();
    server.up().await;
}

#[tokio::test]
async fn what_is_typed_over_many_lines_is_kept_with_plain_ends_of_lines() {
    let server = Server::start().await;
    let operator = Actor::operator();
    server.admin.create_user(&operator, "ann", Role::Admin, PASSWORD.into()).await.unwrap();
    let browser = Browser::new(&server);
    let session = browser.sign_in("ann", PASSWORD).await;
    let body = "name=lines&value=one%0D%0Atwo&new=yes";
    let saving = browser.call("variables/save", body).header("cookie", cookie(&session).0);
    assert_eq!(saving.send().await.unwrap().status(), 200);
    let kept = server.storage.variable("lines").await.unwrap().unwrap();
    assert_eq!(kept.value, Kept::Plain("one\ntwo".into()));
    let page = browser.page("/settings/secrets", cookie(&session).0).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("input area masked"));
}
