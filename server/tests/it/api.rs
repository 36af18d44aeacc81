//! The API beside posting: the log, events, the catalog, the document and its page.

use crate::support::{Receiver, Server};
use model::{
    catalog::{EVENTS, EventKind, FIELDS, HANGUP_CAUSES, QueueType},
    ids::QueueId,
    user::Scope,
};
use serde_json::{Value, json};

const EVENTS_PATH: &str = "/api/v1/events";
const DELIVERIES: &str = "/api/v1/deliveries";

/// A served installation with a hook, and this many events of calls 1, 2, 3, … delivered.
async fn with_deliveries(events: usize) -> (Server, String, QueueId) {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("first", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let token = server.token(&[Scope::Ingest, Scope::Manage]).await;
    server.up().await;
    let event = |call: usize| {
        json!({"id": format!("call-{call}"), "event": "joined", "queue_id": queue,
               "data": {"attempt_id": call}, "variables": {"region": "Kyiv"}})
    };
    let (status, answer) =
        server.post(&token, EVENTS_PATH, Value::from_iter((1..=events).map(event))).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(events)));
    server.settled().await;
    (server, token, queue)
}

/// The calls of the deliveries that are answered.
async fn calls(server: &Server, token: &str, query: &str) -> Vec<i64> {
    let (status, answer) = server.get(token, &format!("{DELIVERIES}?{query}")).await;
    assert_eq!(status, 200, "{query}: {answer}");
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["call_attempt"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_paged_by_cursors_that_do_not_move() {
    let (server, token, queue) = with_deliveries(5).await;
    let (_, newest) = server.get(&token, &format!("{DELIVERIES}?size=2")).await;
    assert_eq!(newest["newer"], Value::Null);
    let older = newest["older"].as_i64().unwrap();
    // What arrives meanwhile is not among what is older.
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": 6}});
    server.post(&token, EVENTS_PATH, event).await;
    server.settled().await;
    let (_, middle) = server.get(&token, &format!("{DELIVERIES}?size=2&before={older}")).await;
    let calls_of = |page: &Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["call_attempt"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((calls_of(&newest), calls_of(&middle)), (vec![5, 4], vec![3, 2]));
    let newer = middle["newer"].as_i64().unwrap();
    assert_eq!(calls(&server, &token, &format!("size=2&after={newer}")).await, [5, 4]);
    let (_, oldest) = server.get(&token, &format!("{DELIVERIES}?before={}", middle["older"])).await;
    assert_eq!((calls_of(&oldest), &oldest["older"]), (vec![1], &Value::Null));
}

#[tokio::test]
async fn the_log_is_narrowed_by_each_filter_and_by_several_values_of_one() {
    let (mut server, token, queue) = with_deliveries(3).await;
    let other = server.queue("Sales", QueueType::Inbound).await;
    let flow = server.flow("nothing", json!([])).await;
    let hook = server.hook(other, EventKind::Bridged, flow).await;
    server.conditional_hook(other, EventKind::Missed, flow, "attempt_id == 0").await;
    // What was set up by the side of it is known from the start.
    server.terminate().await;
    server.up().await;
    for event in ["bridged", "missed"] {
        let body = json!({"event": event, "queue_id": other, "data": {"attempt_id": 9}});
        assert_eq!(server.post(&token, EVENTS_PATH, body).await.0, 202);
    }
    server.settled().await;
    let found = async |query: &str| calls(&server, &token, query).await;
    assert_eq!(found("").await, [9, 9, 3, 2, 1]);
    assert_eq!(found(&format!("queue={queue}")).await, [3, 2, 1]);
    assert_eq!(found(&format!("queue={queue}&queue={other}")).await.len(), 5);
    assert_eq!(found(&format!("hook={}", hook.id)).await, [9]);
    assert_eq!(found(&format!("flow={flow}")).await, [9, 9]);
    assert_eq!(found("event=bridged&event=missed").await, [9, 9]);
    assert_eq!(found("state=skipped").await, [9]);
    assert_eq!(found("state=delivered&state=skipped&event=missed").await, [9]);
    assert_eq!(found("failure=dns").await, [0; 0]);
    assert_eq!(found("search=call-2").await, [2]);
    assert_eq!(found("search=3").await, [3]);
    assert_eq!(found("test=true").await, [0; 0]);
    assert_eq!(found("test=false&size=1").await, [9]);
    assert_eq!(found("from=2020-01-01T00:00:00Z&to=9999-12-30T22:00:00Z").await.len(), 5);
    assert_eq!(found("to=1577836800000").await, [0; 0]);
    assert_eq!(found("from=253402207200999").await, [0; 0]);
}

#[tokio::test]
async fn parameters_that_are_unknown_or_malformed_are_named() {
    let (server, token, _) = with_deliveries(1).await;
    let refused = async |path: &str| {
        let (status, problem) = server.get(&token, path).await;
        assert_eq!((status, &problem["title"]), (400, &json!("Bad Request")), "{path}: {problem}");
        let faults = problem["parameters"].as_array().unwrap().clone();
        faults.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (query, names) in [
        ("status=dead", vec!["status"]),
        ("state=dead&state=lost", vec!["state"]),
        ("event=ringing&queue=x&hook=&flow=1.5", vec!["event", "queue", "hook", "flow"]),
        ("failure=bad_luck", vec!["failure"]),
        ("from=yesterday&to=2026-13-01T00:00:00Z", vec!["from", "to"]),
        ("test=yes", vec!["test"]),
        ("before=1&after=2", vec!["after"]),
        ("before=1&before=2", vec!["before"]),
        ("size=0", vec!["size"]),
        ("size=201", vec!["size"]),
        ("size=many", vec!["size"]),
        ("state[]=dead", vec!["state[]"]),
    ] {
        assert_eq!(refused(&format!("{DELIVERIES}?{query}")).await, names, "{query}");
    }
    let long = "x".repeat(201);
    assert_eq!(refused(&format!("{DELIVERIES}?search={long}")).await, ["search"]);
    assert_eq!(refused("/api/v1/queues?page=0&size=1001").await, ["page", "size"]);
    assert_eq!(refused("/api/v1/catalog?verbose").await, ["verbose"]);
    let nothing = uuid::Uuid::nil();
    assert_eq!(refused(&format!("{DELIVERIES}/{nothing}?steps=1")).await, ["steps"]);
    assert_eq!(refused(&format!("{EVENTS_PATH}/{nothing}?steps=1")).await, ["steps"]);
}

#[tokio::test]
async fn an_event_is_shown_with_its_data_and_the_deliveries_it_made() {
    let (server, token, queue) = with_deliveries(1).await;
    let (_, log) = server.get(&token, DELIVERIES).await;
    let row = &log["items"][0];
    let path = format!("{EVENTS_PATH}/{}", row["event_id"].as_str().unwrap());
    let (status, event) = server.get(&token, &path).await;
    assert_eq!(status, 200);
    assert_eq!(event["id"], row["event_id"]);
    assert_eq!((&event["sender_id"], &event["event"]), (&json!("call-1"), &json!("joined")));
    assert_eq!((&event["queue_id"], &event["queue_name"]), (&json!(queue), &json!("Support line")));
    assert_eq!(event["data"], json!({"attempt_id": 1}));
    assert_eq!(event["variables"], json!({"region": "Kyiv"}));
    assert_eq!((&event["deliveries"], &event["more"]), (&json!([row]), &json!(false)));

    let replay = format!("{DELIVERIES}/{}/replay", row["id"].as_str().unwrap());
    let (status, replayed) = server.post(&token, &replay, "").await;
    assert_eq!((status, &replayed["replay_of"]), (202, &row["id"]));
    let (_, event) = server.get(&token, &path).await;
    assert_eq!(event["deliveries"][0]["id"], row["id"]);
    assert_eq!(event["deliveries"][1]["id"], replayed["id"]);

    for nothing in ["0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901", "call-1", "%ff"] {
        for noun in ["events", "deliveries"] {
            let (status, problem) = server.get(&token, &format!("/api/v1/{noun}/{nothing}")).await;
            assert_eq!((status, &problem["status"]), (404, &json!(404)), "{noun} {nothing}");
        }
    }
}

#[tokio::test]
async fn the_catalog_lists_everything_that_the_program_knows() {
    let server = Server::start().await;
    // A sender may look at it, too.
    let token = server.token(&[Scope::Ingest]).await;
    let (status, catalog) = server.get(&token, "/api/v1/catalog").await;
    assert_eq!(status, 200);
    let of = |name: &str| catalog[name].as_array().unwrap();
    assert_eq!(of("queue_types").len(), QueueType::ALL.len());
    assert_eq!(of("events").len(), EVENTS.len());
    assert_eq!(of("fields").len(), FIELDS.len());
    assert_eq!(of("hangup_causes").len(), HANGUP_CAUSES.len());
    let preview = of("queue_types").iter().find(|one| one["type"] == "preview").unwrap();
    assert!(preview["events"].as_array().unwrap().contains(&json!("answered")), "{preview}");
    let code = of("fields").iter().find(|one| one["name"] == "call_sip_code").unwrap();
    assert_eq!((&code["type"], &code["example"]), (&json!("number"), &json!(200)));
    let busy = of("hangup_causes").iter().find(|one| one["name"] == "USER_BUSY").unwrap();
    assert_eq!((&busy["q850"], &busy["sip"]), (&json!(17), &json!(486)));
}

#[tokio::test]
async fn each_route_asks_for_its_scope_and_for_a_token_at_all() {
    let server = Server::start().await;
    let nothing = uuid::Uuid::nil();
    let reads = ["deliveries".into(), format!("deliveries/{nothing}"), format!("events/{nothing}")];
    let (ingest, read) = (server.token(&[Scope::Ingest]).await, server.token(&[Scope::Read]).await);
    let manage = server.token(&[Scope::Manage]).await;
    for path in reads.map(|path| format!("/api/v1/{path}")) {
        assert_eq!(server.get("oh_wrong", &path).await.0, 401, "{path}");
        assert_eq!(server.get(&ingest, &path).await.0, 403, "{path}");
        for allowed in [&read, &manage] {
            assert!([200, 404].contains(&server.get(allowed, &path).await.0), "{path}");
        }
    }
    assert_eq!(server.get("oh_wrong", "/api/v1/catalog").await.0, 401);
    let replay = format!("{DELIVERIES}/{nothing}/replay");
    assert_eq!(server.post(&read, &replay, "").await.0, 403);
    assert_eq!(server.post(&manage, &replay, "").await.0, 404);
}

#[tokio::test]
async fn the_document_is_open_to_all_and_each_of_its_paths_takes_just_the_methods_it_names() {
    let server = Server::start().await;
    let answer = server.http.get(format!("{}/api/openapi.json", server.url)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let document: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(document["openapi"], json!("3.1.0"));
    for (path, operations) in document["paths"].as_object().unwrap() {
        let url = format!("{}{}", server.url, path.replace("{id}", &uuid::Uuid::nil().to_string()));
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let asked = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let answer = server.http.request(asked, &url).send().await.unwrap();
            let named = operations.get(method.to_lowercase()).is_some();
            assert_eq!(answer.status() != 405, named, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_schema_of_flows_is_open_to_all_and_has_every_action() {
    let server = Server::start().await;
    let url = format!("{}/api/flow.schema.json", server.url);
    let answer = server.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/schema+json");
    let schema: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(schema, model::flow::language::schema::flow_schema());
    assert!(schema.pointer("/$defs/step/properties/httpRequest").is_some());
}

#[tokio::test]
async fn the_page_of_the_api_needs_nobody_signed_in_and_runs_only_this_servers_files() {
    let server = Server::start().await;
    let get = async |path: &str, cookie: &str| {
        let request = server.http.get(format!("{}{path}", server.url)).header("cookie", cookie);
        request.send().await.unwrap()
    };
    let page = get("/api/docs", "theme=dark").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains("data-theme=\"dark\""), "{page}");
    let files: Vec<_> =
        page.split('"').filter(|text| text.starts_with("/api/docs/")).map(str::to_owned).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for path in files {
        let file = get(&path, "").await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff", "{path}");
        let kind = file.headers()["content-type"].to_str().unwrap();
        let wanted = if path.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert!(kind.starts_with(wanted), "{path}: {kind}");
    }
    assert_eq!(get("/api/docs/index.html", "").await.status(), 404);
}
