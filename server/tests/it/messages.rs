//! Flows that speak to others than HTTP servers: real mail servers, databases and brokers, which
//! `scripts/servers.sh` starts.

use crate::support::{Receiver, Server, until};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lapin::{
    Connection, ConnectionProperties, ExchangeKind,
    options::{BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    trace::FailureClass,
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, MySqlConnection, PgConnection};
use std::time::Duration;

const EVENTS: &str = "/api/v1/events";

/// What a variable of the environment says.
fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run by scripts/servers.sh"))
}

/// Runs a flow once, with this call attempt, and answers the delivery once it is over; with what its
/// last request told the receiver, if there was one. It ends by telling `say`.
async fn run(
    server: &Server,
    token: &str,
    steps: Value,
    call: u64,
) -> (DeliveryState, Option<String>, Value) {
    let receiver = Receiver::start().await;
    let mut steps = steps.as_array().unwrap().clone();
    steps.push(json!({"httpRequest": {
        "url": format!("http://{}/end", receiver.addr), "data": {"said": "${said}"}
    }}));
    let queue = server.queue(&format!("Queue {call}"), QueueType::Inbound).await;
    let flow = server.flow(&format!("Flow {call}"), Value::Array(steps)).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call},
                       "variables": {"client": "Zoë"}});
    // Made behind the server's back, the hook is known within half a second.
    until("the hook is known", async || {
        server.post(token, EVENTS, &event).await.1["deliveries"] == 1
    })
    .await;
    let over = |state| !matches!(state, DeliveryState::Pending | DeliveryState::Running);
    let newest = async || {
        let mut log = server.log().await;
        log.pop().filter(|row| row.flow_id == flow)
    };
    until("the delivery has been tried", async || {
        newest().await.is_some_and(|row| over(row.state))
    })
    .await;
    let row = newest().await.unwrap();
    let said = receiver.received().last().map_or(Value::Null, |told| told.json()["said"].clone());
    (row.state, row.failure.map(|failure| format!("{:?}: {}", failure.class, failure.detail)), said)
}

/// The address of a database, and the same as flows may write it.
fn host(url: &str) -> String {
    let rest = url.split_once('@').unwrap().1;
    rest.split_once('/').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_flow_asks_and_changes_a_database() {
    let (postgres, mariadb) = (given("OFFHOOK_TEST_POSTGRES"), given("OFFHOOK_TEST_MARIADB"));
    let table = format!("clients_{}", std::process::id());
    let create = format!(
        "CREATE TABLE {table} (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, score NUMERIC(6, 2),
                               seen TIMESTAMP NULL, vip BOOLEAN NOT NULL)"
    );
    let mut at_postgres = PgConnection::connect(&postgres).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(create.clone())).execute(&mut at_postgres).await.unwrap();
    let mut at_mariadb = MySqlConnection::connect(&mariadb).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut at_mariadb).await.unwrap();

    let mut server = Server::prepare().await;
    server.allow_only(&format!("127.0.0.1/32,{},{}", host(&postgres), host(&mariadb)));
    server.up().await;
    let token = server.token(&[Scope::Ingest]).await;
    for (call, (driver, dns, places)) in (1..)
        .zip([("postgres", &postgres, ["$1", "$2", "$3"]), ("mysql", &mariadb, ["?", "?", "?"])])
    {
        let [one, two, three] = places;
        let sql = |query: String, params: Value| {
            json!({"sql": {"driver": driver, "dns": dns, "query": query, "params": params,
                           "timeout": 10_000}})
        };
        let steps = json!([
            sql(
                format!("INSERT INTO {table} VALUES ({one}, {two}, {three}, '2026-03-01 10:20:30', TRUE)"),
                json!(["${attempt_id}", "${client}", "12.50"]),
            ),
            sql(
                format!("SELECT id, name, score, seen, vip, NULL AS nothing FROM {table} WHERE id = {one}"),
                json!(["${attempt_id}"]),
            ),
            sql(format!("SELECT id AS never FROM {table} WHERE name = {one}"), json!(["nobody"])),
            {"set": {"said": "${id}|${name}|${score}|${seen}|${vip}|${nothing}|${never}"}}
        ]);
        let (state, failure, said) = run(&server, &token, steps, call).await;
        assert_eq!((state, failure), (DeliveryState::Delivered, None), "{driver}");
        // In MariaDB a TIMESTAMP is a moment, and a boolean a number.
        let (vip, seen) = match driver {
            "postgres" => ("true", "2026-03-01 10:20:30"),
            _ => ("1", "2026-03-01T10:20:30Z"),
        };
        assert_eq!(said, format!("{call}|Zoë|12.50|{seen}|{vip}||"), "{driver}");
    }
}

#[tokio::test]
async fn what_a_statement_leaves_on_its_connection_no_other_finds() {
    let (postgres, mariadb) = (given("OFFHOOK_TEST_POSTGRES"), given("OFFHOOK_TEST_MARIADB"));
    let mut server = Server::prepare().await;
    server.allow_only(&format!("127.0.0.1/32,{},{}", host(&postgres), host(&mariadb)));
    server.up().await;
    let token = server.token(&[Scope::Ingest]).await;
    let settings = [
        (
            "postgres",
            &postgres,
            "SET application_name = 'left'",
            "SELECT current_setting('application_name') AS found",
            "offhook",
        ),
        ("mysql", &mariadb, "SET @left = 'left'", "SELECT CAST(@left AS CHAR) AS found", ""),
    ];
    for (call, (driver, dns, leaves, looks, expected)) in (11..).zip(settings) {
        let sql = |query: &str| json!({"sql": {"driver": driver, "dns": dns, "query": query, "timeout": 10_000}});
        let steps = json!([sql(leaves), sql(looks), {"set": {"said": "${found}"}}]);
        let (state, failure, said) = run(&server, &token, steps, call).await;
        assert_eq!((state, failure), (DeliveryState::Delivered, None), "{driver}");
        assert_eq!(said, expected, "{driver}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_question_to_a_database_is_said() {
    let (postgres, mariadb) = (given("OFFHOOK_TEST_POSTGRES"), given("OFFHOOK_TEST_MARIADB"));
    let mut server = Server::prepare().await;
    server.allow_only(&format!("127.0.0.1:1,{},{}", host(&postgres), host(&mariadb)));
    server.up().await;
    let token = server.token(&[Scope::Ingest]).await;
    let closed = "postgres://flows:hidden-word@127.0.0.1:1/crm";
    let elsewhere = "mysql://flows:hidden-word@127.0.0.1:2/crm";
    for (call, (driver, dns, query, params, class, detail)) in (1..).zip([
        (
            "postgres",
            &*postgres,
            "SELECT nothing FROM nowhere",
            json!([]),
            FailureClass::Flow,
            "nowhere",
        ),
        ("mysql", &*mariadb, "SELEKT 1", json!([]), FailureClass::Flow, "SELEKT"),
        (
            "postgres",
            &*postgres,
            "SELECT 1 WHERE 1 = $1",
            json!(["seven"]),
            FailureClass::Flow,
            "parameter 1: \"seven\" is no INT4",
        ),
        ("mysql", &*mariadb, "SELECT ?", json!([]), FailureClass::Flow, "1 places for parameters"),
        (
            "postgres",
            &*postgres,
            "SELECT 1 / $1::int",
            json!([0]),
            FailureClass::BadAnswer,
            "division by zero",
        ),
        (
            "postgres",
            &*postgres,
            "SELECT '1 day'::interval AS span",
            json!([]),
            FailureClass::Flow,
            "the column \"span\": its type INTERVAL is not read",
        ),
        (
            "postgres",
            closed,
            "SELECT 1",
            json!([]),
            FailureClass::Connect,
            "could not be reached in time",
        ),
        (
            "mysql",
            elsewhere,
            "SELECT 1",
            json!([]),
            FailureClass::ForbiddenTarget,
            "the database at 127.0.0.1:2 is not among those",
        ),
        (
            "mysql",
            &*postgres,
            "SELECT 1",
            json!([]),
            FailureClass::Flow,
            "does not begin with mysql://",
        ),
        (
            "postgres",
            "postgres://a@b/c?host=/tmp",
            "SELECT 1",
            json!([]),
            FailureClass::Flow,
            "names a host",
        ),
    ]) {
        let steps = json!([{"sql": {"driver": driver, "dns": dns, "query": query, "params": params,
                                    "timeout": 10_000}}]);
        let (_, failure, _) = run(&server, &token, steps, call).await;
        let failure = failure.unwrap_or_default();
        assert!(failure.starts_with(&format!("{class:?}: ")), "{query}: {failure}");
        assert!(failure.contains(detail), "{query}: {failure}");
        assert!(!failure.contains("hidden-word"), "{failure}");
    }
}

/// A connection to the broker. One that it cuts while greeting, as a busy one does, is tried again.
async fn connected(broker: &str) -> Connection {
    let mut tried = 0;
    loop {
        tried += 1;
        match Connection::connect(broker, ConnectionProperties::default()).await {
            Ok(connection) => return connection,
            Err(error) if tried == 5 => panic!("the broker: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

#[tokio::test]
async fn a_flow_publishes_what_the_broker_confirms() {
    let broker = given("OFFHOOK_TEST_BROKER");
    let connection = connected(&broker).await;
    let channel = connection.create_channel().await.unwrap();
    let (exchange, queue) = ("offhook.calls", "offhook.crm");
    let none = FieldTable::default;
    channel
        .exchange_declare(
            exchange.into(),
            ExchangeKind::Topic,
            ExchangeDeclareOptions::default(),
            none(),
        )
        .await
        .unwrap();
    channel.queue_declare(queue.into(), QueueDeclareOptions::default(), none()).await.unwrap();
    let bind = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), "call.*".into(), bind, none()).await.unwrap();

    let mut server = Server::prepare().await;
    server.set("OFFHOOK_BROKER_URL", &broker);
    server.up().await;
    let token = server.token(&[Scope::Ingest]).await;
    let publish = |exchange: &str, topic: &str| {
        json!({"mq": {"exchange": exchange, "topic": topic,
                      "body": {"client": "${client}", "call": "${attempt_id}"}}})
    };
    let to_nobody =
        json!({"mq": {"exchange": "", "topic": "no.such.queue", "body": {}, "setErr": "said"}});
    let steps = json!([publish(exchange, "call.joined"), to_nobody, publish("", queue)]);
    let (state, failure, said) = run(&server, &token, steps, 7).await;
    assert_eq!((state, failure), (DeliveryState::Delivered, None));
    assert!(said.as_str().unwrap().contains("no queue called \"no.such.queue\""), "{said}");
    for _ in 0..2 {
        let got = channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await.unwrap();
        let message = got.unwrap().delivery;
        let body: Value = serde_json::from_slice(&message.data).unwrap();
        assert_eq!(body, json!({"client": "Zoë", "call": 7}));
        assert_eq!(
            message.properties.content_type().as_ref().unwrap().as_str(),
            "application/json"
        );
        assert_eq!(*message.properties.delivery_mode(), Some(2));
    }
    // What the broker refuses costs the channel; the next message gets another.
    let (_, failure, _) = run(&server, &token, json!([publish("no.such.exchange", "x")]), 8).await;
    assert!(failure.unwrap().starts_with("BadAnswer: the broker:"));
    let (state, failure, _) = run(&server, &token, json!([publish("", queue)]), 9).await;
    assert_eq!((state, failure), (DeliveryState::Delivered, None));
}

#[tokio::test]
async fn without_a_broker_a_message_says_what_to_set() {
    let server = Server::start().await;
    let token = server.token(&[Scope::Ingest]).await;
    let steps = json!([{"mq": {"exchange": "", "topic": "crm", "body": {}}}]);
    let (_, failure, _) = run(&server, &token, steps, 1).await;
    assert_eq!(failure.unwrap(), "NotSetUp: the step needs a message broker: set broker_url");
}

/// What was mailed about this.
fn mailed(subject: &str) -> Vec<Value> {
    let mails = std::fs::read_to_string(given("OFFHOOK_TEST_MAIL")).unwrap();
    let mails = mails.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    mails.filter(|mail| mail["text"].as_str().unwrap().contains(subject)).collect()
}

#[tokio::test]
async fn a_flow_mails() {
    let port: u16 = given("OFFHOOK_TEST_SMTP").parse().unwrap();
    let server = Server::start().await;
    let token = server.token(&[Scope::Ingest]).await;
    let smtp = |password: &str| json!({"server": "127.0.0.1", "port": port, "tls": false, "auth": {"user": "flows", "password": password}});
    let subject = format!("Missed call {}", std::process::id());
    let mail = |to: Value, password: &str| {
        json!({"sendEmail": {"to": to, "from": "Floor <floor@offhook.example>", "subject": subject,
                             "type": "text/html", "replyToId": "<before@offhook.example>", "message": "<b>${client}</b> called",
                             "smtp": smtp(password), "set": {"error": "said"}}})
    };
    let to = json!(["anna@offhook.example", "Ben <ben@offhook.example>"]);
    let (state, failure, said) = run(&server, &token, json!([mail(to, "sink")]), 1).await;
    assert_eq!((state, failure, said), (DeliveryState::Delivered, None, json!("")));
    let sent = mailed(&subject);
    let [sent] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(sent["from"], "floor@offhook.example");
    assert_eq!(sent["to"], json!(["anna@offhook.example", "ben@offhook.example"]));
    let text = sent["text"].as_str().unwrap();
    assert!(text.contains("Content-Type: text/html; charset=utf-8"), "{text}");
    assert!(text.contains("Message-ID: <"), "{text}");
    assert!(text.contains("In-Reply-To: <before@offhook.example>"), "{text}");

    for (call, (to, password, said)) in (2..).zip([
        ("nobody@offhook.example", "sink", "refuses the mail: permanent error (550)"),
        ("later@offhook.example", "sink", "asks to try again later: transient error (451)"),
        ("anna@offhook.example", "wrong", "refuses the mail: permanent error (535)"),
        ("no address", "sink", "`to` is \"no address\", no mail address"),
    ]) {
        let (state, _, heard) =
            run(&server, &token, json!([mail(json!([to]), password)]), call).await;
        assert_eq!(state, DeliveryState::Delivered, "{to}");
        assert!(heard.as_str().unwrap().contains(said), "{to}: {heard}");
    }
}

/// Keeps the sink as a mail profile.
async fn keep_profile(server: &Server, token: &str, name: &str) {
    let port: u16 = given("OFFHOOK_TEST_SMTP").parse().unwrap();
    let profile = json!({"server": "127.0.0.1", "port": port, "tls": "none", "user": "flows",
                         "password": "sink", "from": "Desk <desk@offhook.example>"});
    let path = format!("/api/v1/mail-profiles/{name}");
    let (status, kept) = server.ask(Method::PUT, token, &path, profile).await;
    assert_eq!((status, &kept["has_password"]), (200, &json!(true)), "{kept}");
    assert_eq!(kept.get("password"), None);
}

#[tokio::test]
async fn a_flow_mails_by_a_stored_profile_with_a_copy_and_a_file() {
    let server = Server::start().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    keep_profile(&server, &token, "office").await;
    let subject = format!("Calls of today {}", std::process::id());
    let mail = |profile: &str| {
        json!([{"sendEmail": {
            "profile": {"name": profile}, "to": ["anna@offhook.example"],
            "cc": ["Ben <ben@offhook.example>"], "subject": subject, "message": "See the table.",
            "type": "text/plain", "set": {"message_id": "said"},
            "attachment": {"files": [{"name": "calls.csv", "type": "text/csv",
                                      "content": "call;client\n${attempt_id};${client}\n"}]}
        }}])
    };
    let (state, failure, said) = run(&server, &token, mail("office"), 31).await;
    assert_eq!((state, failure), (DeliveryState::Delivered, None));
    let sent = mailed(&subject);
    let [sent] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(sent["from"], "desk@offhook.example");
    assert_eq!(sent["to"], json!(["anna@offhook.example", "ben@offhook.example"]));
    let text = sent["text"].as_str().unwrap();
    // Files go as base64, whatever they hold.
    let file = BASE64_STANDARD.encode("call;client\n31;Zoë\n");
    for part in [
        "From: Desk <desk@offhook.example>",
        "To: anna@offhook.example",
        "Cc: Ben <ben@offhook.example>",
        "See the table.",
        "Content-Disposition: attachment; filename=\"calls.csv\"",
        "Content-Type: text/csv",
        file.as_str(),
        said.as_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let (_, failure, _) = run(&server, &token, mail("nowhere"), 32).await;
    assert!(failure.as_ref().unwrap().contains("nowhere"), "{failure:?}");
    assert_eq!(mailed(&subject).len(), 1);
}

#[tokio::test]
async fn each_line_of_a_file_that_is_mailed_ends_as_lines_of_mail_do() {
    let server = Server::start().await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    keep_profile(&server, &token, "office").await;
    let subject = format!("Notes of today {}", std::process::id());
    let steps = json!([{"sendEmail": {
        "profile": {"name": "office"}, "to": ["anna@offhook.example"], "subject": subject,
        "message": "See the notes.", "type": "text/plain",
        "attachment": {"files": [{"name": "notes.txt", "content": "one\n.\n..two\n"}]}
    }}]);
    let (state, failure, _) = run(&server, &token, steps, 33).await;
    assert_eq!((state, failure), (DeliveryState::Delivered, None));
    let sent = mailed(&subject);
    let [sent] = &sent[..] else { panic!("{sent:?}") };
    let text = sent["text"].as_str().unwrap();
    // Many servers refuse a mail with others, and some take a dot alone behind one for its end.
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
}

#[tokio::test]
async fn mail_goes_only_where_flows_may() {
    let port: u16 = given("OFFHOOK_TEST_SMTP").parse().unwrap();
    let mut server = Server::prepare().await;
    server.allow_only("127.0.0.2");
    server.up().await;
    let token = server.token(&[Scope::Ingest]).await;
    let steps = json!([{"sendEmail": {
        "to": ["anna@offhook.example"], "from": "floor@offhook.example", "subject": "x",
        "message": "x", "smtp": {"server": "localhost", "port": port, "tls": false}
    }}]);
    let (_, failure, _) = run(&server, &token, steps, 1).await;
    assert!(failure.unwrap().starts_with("ForbiddenTarget: localhost is "));
}
