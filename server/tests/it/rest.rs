//! Queues, hooks and flows in the original's shapes: what each route does.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    user::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};

/// A server, and a client that manages it.
pub struct Rest {
    pub server: Server,
    token: String,
}

impl Rest {
    pub async fn start() -> Self {
        let server = Server::start().await;
        let token = server.token(&[Scope::Manage]).await;
        Self { server, token }
    }

    /// Asks with this body, if it is not null; the status and the JSON that was answered.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.ask_raw(method, path, text).await
    }

    /// Asks with a body that need not be JSON.
    pub async fn ask_raw(&self, method: Method, path: &str, body: String) -> (u16, Value) {
        let request = self.server.http.request(method, format!("{}{path}", self.server.url));
        let answer = request.header("X-Webitel-Access", &self.token).body(body).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
    }

    /// Asks, and is answered with success.
    pub async fn well(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn get(&self, path: &str) -> Value {
        self.well(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.well(Method::POST, path, body).await
    }

    /// What the items of a list say under this name.
    async fn each(&self, path: &str, name: &str) -> Vec<Value> {
        let list = self.get(path).await;
        let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
        items.iter().map(|item| item[name].clone()).collect()
    }

    /// A flow, an inbound queue and a hook; the path of the queue.
    async fn set_up(&self) -> String {
        let steps = json!([{"log": "hello"}]);
        let flow = self
            .post("/routing/schema", json!({"name": "CRM", "type": "service", "schema": steps}))
            .await;
        let queue = self.post("/call_center/queues", json!({"name": "Sales", "type": 1})).await;
        let path = format!("/call_center/queues/{}", queue["id"].as_str().unwrap());
        let hook = json!({"schema": {"id": flow["id"]}, "event": "joined", "enabled": true});
        self.post(&format!("{path}/hooks"), hook).await;
        path
    }
}

#[tokio::test]
async fn a_queue_is_given_back_as_it_came_with_members_that_mean_nothing_here() {
    let rest = Rest::start().await;
    let given = json!({
        "name": "Sales", "type": 1, "enabled": true, "description": "first line",
        "variables": {"zone": "4"}, "strategy": "random", "priority": 7,
        "calendar": {"id": "3", "name": "Day"}, "team": {"id": "5", "name": "A"},
        "payload": {"a": [1, {"b": null}]}, "tags": [{"name": "vip"}], "created_at": "1"
    });
    let made = rest.post("/call_center/queues", given.clone()).await;
    for (name, value) in given.as_object().unwrap() {
        if name != "created_at" {
            assert_eq!(&made[name], value, "{name}");
        }
    }
    let id = made["id"].as_str().unwrap();
    assert!(made["created_at"].as_str().unwrap().len() > 10, "{made}");
    assert_eq!(rest.get(&format!("/call_center/queues/{id}")).await, made);
    // The panel changes the name and loses nothing.
    let queue = rest.server.storage.queue(id.parse().unwrap()).await.unwrap().unwrap();
    let change = admin::changes::QueueChange {
        base: Some(queue.updated_at),
        name: Some("Sales UA".into()),
        description: Some(queue.description),
        enabled: Some(true),
        ..Default::default()
    };
    let operator = model::user::Actor::operator();
    rest.server.admin.change_queue(&operator, queue.id, change).await.unwrap();
    let read = rest.get(&format!("/call_center/queues/{id}")).await;
    assert_eq!((&read["name"], &read["team"]), (&json!("Sales UA"), &given["team"]));
    assert_eq!(read["variables"], given["variables"]);
}

#[tokio::test]
async fn putting_replaces_and_patching_changes_what_it_names() {
    let rest = Rest::start().await;
    let new = json!({
        "name": "Sales", "type": "8", "enabled": false, "description": "about",
        "variables": {"a": 1}, "strategy": "random", "priority": 7
    });
    let made = rest.post("/call_center/queues", new).await;
    assert_eq!(made["type"], 8, "the second kind of task queue stays one");
    let path = format!("/call_center/queues/{}", made["id"].as_str().unwrap());
    let patch = json!({"enabled": true, "priority": 9, "timeout": 30});
    let changed = rest.well(Method::PATCH, &path, patch).await;
    assert_eq!((&changed["enabled"], &changed["description"]), (&json!(true), &json!("about")));
    assert_eq!((&changed["priority"], &changed["strategy"]), (&json!(9), &json!("random")));
    assert_eq!((&changed["timeout"], &changed["type"]), (&json!(30), &json!(8)));
    let patch = json!({"fields": ["name", "strategy"], "name": "Care", "enabled": false});
    let changed = rest.well(Method::PATCH, &path, patch).await;
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("Care"), &json!(true)));
    assert_eq!(changed.get("strategy"), None, "named and not given");
    let put = rest.well(Method::PUT, &path, json!({"name": "Mail", "team": {"id": "1"}})).await;
    assert_eq!((&put["name"], &put["description"]), (&json!("Mail"), &json!("")));
    assert_eq!((&put["variables"], &put["team"]), (&json!({}), &json!({"id": "1"})));
    assert_eq!((put.get("priority"), put.get("timeout")), (None, None));
    assert_eq!((&put["enabled"], &put["type"]), (&json!(true), &json!(8)));
    assert_eq!(rest.well(Method::DELETE, &path, Value::Null).await, put);
    assert_eq!(rest.ask(Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn queues_are_searched_filtered_sorted_and_paged() {
    let rest = Rest::start().await;
    for (name, kind, enabled, team, tag, priority) in [
        ("Sales", 1, true, "5", "vip", 3),
        ("Care", 7, true, "6", "new", 1),
        ("Mail", 8, false, "6", "vip", 2),
    ] {
        let queue = json!({
            "name": name, "type": kind, "enabled": enabled, "priority": priority,
            "team": {"id": team}, "tags": [{"name": tag}]
        });
        rest.post("/call_center/queues", queue).await;
    }
    for (query, expected) in [
        ("", &["Care", "Mail", "Sales"][..]),
        ("?q=sales", &["Sales"]),
        ("?q=sale", &[]),
        ("?q=*a*e*", &["Care", "Sales"]),
        ("?id=1&id=3", &["Mail", "Sales"]),
        ("?id[]=1&id[]=2", &["Care", "Sales"]),
        ("?id=1,3", &["Mail", "Sales"]),
        ("?type=7", &["Care"]),
        ("?type=8&type=1", &["Mail", "Sales"]),
        ("?team_id=6", &["Care", "Mail"]),
        ("?tags=vip", &["Mail", "Sales"]),
        ("?tags=vip&tags=new&team_id=6", &["Care", "Mail"]),
        ("?enabled=false", &["Mail"]),
        ("?sort=-name", &["Sales", "Mail", "Care"]),
        ("?sort=%2Bpriority", &["Care", "Mail", "Sales"]),
        ("?sort=+priority", &["Care", "Mail", "Sales"]),
        ("?sort=-id&size=2", &["Mail", "Care"]),
        ("?sort=-id&size=2&page=2", &["Sales"]),
        ("?page=0&size=0", &["Care", "Mail", "Sales"]),
    ] {
        assert_eq!(
            rest.each(&format!("/call_center/queues{query}"), "name").await,
            expected,
            "{query}"
        );
    }
    let first = rest.get("/call_center/queues?size=2&fields=id,name&sort=id").await;
    let items = json!([{"id": "1", "name": "Sales"}, {"id": "2", "name": "Care"}]);
    assert_eq!(first, json!({"next": true, "items": items}));
    let last = rest.get("/call_center/queues?size=2&page=2&fields=id&fields[]=type&sort=id").await;
    assert_eq!(last, json!({"next": false, "items": [{"id": "3", "type": 8}]}));
}

#[tokio::test]
async fn a_hook_has_the_originals_members_and_ours() {
    let rest = Rest::start().await;
    let hooks = format!("{}/hooks", rest.set_up().await);
    let expected = json!({
        "id": 1, "event": "joined", "enabled": true, "schema": {"id": "1", "name": "CRM"},
        "properties": [], "condition": "", "policy": {"ordered": true, "max_hold_ms": 30_000}
    });
    assert_eq!(rest.get(&format!("{hooks}/1")).await, expected);
    let new = json!({
        "schema": {"id": 1}, "event": "leaving", "properties": ["a"], "color": "red",
        "condition": "call_bill_sec > 10", "policy": {"ordered": false, "max_hold_ms": 5}
    });
    let made = rest.post(&hooks, new).await;
    assert_eq!((&made["id"], &made["schema"]["id"]), (&json!(2), &json!("1")));
    assert_eq!((&made["properties"], &made["color"]), (&json!(["a"]), &json!("red")));
    let path = format!("{hooks}/2");
    let changed = rest.well(Method::PATCH, &path, json!({"enabled": false})).await;
    assert_eq!(changed["enabled"], false);
    assert_eq!((&changed["policy"], &changed["condition"]), (&made["policy"], &made["condition"]));
    // A tool that knows nothing of our members does not lose them.
    let put = json!({"schema": {"id": "1"}, "event": "missed", "enabled": true, "properties": []});
    let put = rest.well(Method::PUT, &path, put).await;
    assert_eq!((&put["event"], &put["condition"]), (&json!("missed"), &made["condition"]));
    assert_eq!((&put["policy"], put.get("color")), (&made["policy"], None));
    let emptied = rest.well(Method::PATCH, &path, json!({"condition": "", "policy": null})).await;
    assert_eq!((&emptied["condition"], &emptied["policy"]), (&json!(""), &expected["policy"]));
    assert_eq!(rest.well(Method::DELETE, &path, Value::Null).await, emptied);
    assert_eq!(rest.each(&hooks, "id").await, [1]);
}

#[tokio::test]
async fn hooks_are_searched_filtered_sorted_and_paged_within_their_queue() {
    let rest = Rest::start().await;
    let queue = rest.set_up().await;
    let other = json!({"name": "A mail", "type": "service", "schema": []});
    let other = rest.post("/routing/schema", other).await["id"].clone();
    for (event, flow, enabled) in
        [("bridged", &json!(1), true), ("leaving", &other, false), ("joined", &other, true)]
    {
        let hook = json!({"schema": {"id": flow}, "event": event, "enabled": enabled});
        rest.post(&format!("{queue}/hooks"), hook).await;
    }
    let elsewhere = rest.server.queue("Elsewhere", QueueType::Inbound).await;
    let flow = model::ids::FlowId(1);
    rest.server.hook(elsewhere, EventKind::Joined, flow).await;
    for (query, expected) in [
        ("", &[1, 2, 3, 4][..]),
        ("?q=joined", &[1, 4]),
        ("?q=*ing", &[3]),
        ("?id=2&id=4&id=5", &[2, 4]),
        ("?schema_id=2", &[3, 4]),
        ("?schema_id=1&schema_id=2&event=joined", &[1, 4]),
        ("?event=bridged&event=leaving", &[2, 3]),
        ("?event[]=bridged&event[]=leaving&schema_id[]=1", &[2]),
        ("?enabled=false", &[3]),
        ("?sort=%2Bevent", &[2, 1, 4, 3]),
        ("?sort=-event", &[3, 1, 4, 2]),
        ("?sort=schema", &[3, 4, 1, 2]),
        ("?sort=-enabled&size=3", &[1, 2, 4]),
        ("?sort=-id&size=3&page=2", &[1]),
    ] {
        let found = rest.each(&format!("{queue}/hooks{query}"), "id").await;
        assert_eq!(found, expected, "{query}");
    }
    let page = rest.get(&format!("{queue}/hooks?size=4&fields=id&event=joined")).await;
    assert_eq!(page, json!({"next": false, "items": [{"id": 1}, {"id": 4}]}));
}

#[tokio::test]
async fn a_flow_is_an_array_of_steps_of_which_other_ones_make_a_version() {
    let rest = Rest::start().await;
    let new = json!({
        "name": "CRM", "schema": [{"log": "hello"}], "payload": {"nodes": []}, "debug": true
    });
    let made = rest.post("/routing/schema", new).await;
    assert_eq!((&made["id"], &made["type"]), (&json!("1"), &json!("default")));
    assert_eq!((&made["mode"], &made["editor"]), (&json!("strict"), &json!(false)));
    assert_eq!((&made["payload"], &made["tags"]), (&json!({"nodes": []}), &json!([])));
    assert_eq!(made["schema"][0]["log"], "hello");
    let versions =
        async || rest.server.storage.flow_versions(model::ids::FlowId(1)).await.unwrap().len();
    let path = "/routing/schema/1";
    rest.well(Method::PUT, path, made.clone()).await;
    let patch = json!({"name": "CRM 2", "schema": [{"log": "hello"}], "tags": [{"name": "x"}]});
    let named = rest.well(Method::PATCH, path, patch).await;
    assert_eq!((&named["name"], &named["schema"]), (&json!("CRM 2"), &made["schema"]));
    assert_eq!(versions().await, 1, "other words and the same steps make no version");
    rest.well(Method::PATCH, path, json!({"mode": "lenient"})).await;
    assert_eq!(versions().await, 2);
    let put = json!({"name": "CRM 2", "type": "service", "schema": [{"log": "bye"}]});
    let put = rest.well(Method::PUT, path, put).await;
    assert_eq!((&put["schema"][0]["log"], versions().await), (&json!("bye"), 3));
    assert_eq!((&put["mode"], &put["tags"]), (&json!("lenient"), &json!([])));
    assert_eq!((put.get("payload"), &put["debug"]), (None, &json!(false)));
    assert_eq!(rest.well(Method::DELETE, path, Value::Null).await, put);
    assert_eq!(rest.ask(Method::GET, path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_flow_is_given_back_with_its_numbers_as_they_were_written() {
    let rest = Rest::start().await;
    let steps = |large: &str| {
        format!(r#"[{{"set": {{"b": [1.10, 1e3, -0, {large}, 0.1e-7], "a": "\u043f"}}}}]"#)
    };
    let body = |large: &str| format!(r#"{{"name": "Numbers", "schema": {}}}"#, steps(large));
    let sent = async |method: Method, path: &str, body: String| {
        let url = format!("{}{path}", rest.server.url);
        let request = rest.server.http.request(method, url).bearer_auth(&rest.token).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap().replace([' ', '\n'], "")
    };
    let written = |large: &str| format!(r#""b":[1.10,1e3,-0,{large},0.1e-7],"a":"п"}}"#);
    let (one, other) = ("12345678901234567890123", "12345678901234567890124");
    let path = "/routing/schema/1";
    let made = sent(Method::POST, "/routing/schema", body(one)).await;
    for text in [
        made,
        sent(Method::GET, path, String::new()).await,
        sent(Method::GET, "/routing/schema", String::new()).await,
    ] {
        assert!(text.contains(&written(one)), "{text}");
    }
    let kept = rest.server.storage.flow(model::ids::FlowId(1), None).await.unwrap().unwrap();
    assert!(kept.version.source.replace([' ', '\n'], "").contains(&written(one)));
    let put = sent(Method::PUT, path, body(other)).await;
    assert!(put.contains(&written(other)), "another digit is another flow: {put}");
}

#[tokio::test]
async fn flows_are_searched_filtered_sorted_and_paged() {
    let rest = Rest::start().await;
    for (name, kind, editor, tag) in
        [("CRM", "service", true, "a"), ("Mail", "voice", false, "b"), ("SMS", "chat", false, "a")]
    {
        let tags = json!([{"name": tag}]);
        let flow =
            json!({"name": name, "type": kind, "schema": [], "editor": editor, "tags": tags});
        rest.post("/routing/schema", flow).await;
    }
    for (query, expected) in [
        ("", &["CRM", "Mail", "SMS"][..]),
        ("?q=*m*", &["CRM", "Mail", "SMS"]),
        ("?q=*m*&name=crm", &["CRM"]),
        ("?id=1&id=2", &["CRM", "Mail"]),
        ("?type=voice&type=chat", &["Mail", "SMS"]),
        ("?editor=true", &["CRM"]),
        ("?editor=false&tags=a", &["SMS"]),
        ("?sort=-name", &["SMS", "Mail", "CRM"]),
        ("?sort=type", &["SMS", "CRM", "Mail"]),
        ("?sort=-id&size=2&page=2", &["CRM"]),
    ] {
        assert_eq!(
            rest.each(&format!("/routing/schema{query}"), "name").await,
            expected,
            "{query}"
        );
    }
    let page = rest.get("/routing/schema?size=1&fields=name,type").await;
    assert_eq!(page, json!({"next": true, "items": [{"name": "CRM", "type": "service"}]}));
}

#[tokio::test]
async fn deleting_a_queue_deletes_its_hooks_and_a_flow_in_use_stays() {
    let rest = Rest::start().await;
    let queue = rest.set_up().await;
    let (status, refused) = rest.ask(Method::DELETE, "/routing/schema/1", Value::Null).await;
    assert_eq!((status, &refused["id"]), (409, &json!("request.conflict")));
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("hooks use this flow: Sales / joined"), "{detail}");
    rest.well(Method::DELETE, &queue, Value::Null).await;
    assert_eq!(rest.ask(Method::GET, &format!("{queue}/hooks"), Value::Null).await.0, 404);
    rest.well(Method::DELETE, "/routing/schema/1", Value::Null).await;
}

#[tokio::test]
async fn what_was_set_up_so_runs() {
    let rest = Rest::start().await;
    let receiver = Receiver::start().await;
    let step = json!({"httpRequest": {"url": format!("http://{}/x", receiver.addr)}});
    rest.post("/routing/schema", json!({"name": "Tell", "schema": [step]})).await;
    rest.post("/call_center/queues", json!({"name": "Sales", "type": 1})).await;
    let hook = json!({"schema": {"id": "1"}, "event": "joined"});
    rest.post("/call_center/queues/1/hooks", hook).await;
    let ingest = rest.server.token(&[Scope::Ingest]).await;
    let event = json!({"event": "joined", "queue_id": 1, "data": {}});
    assert_eq!(rest.server.post(&ingest, "/api/v1/events", event).await.0, 202);
    until("the flow ran", async || receiver.received().len() == 1).await;
}
