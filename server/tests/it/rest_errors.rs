//! The errors of managing in the original's shapes: `{"id","detail","status","code"}`, in words.

use crate::rest::Rest;
use model::user::Scope;
use reqwest::Method;
use serde_json::{Value, json};

/// The status and the detail of an error in the original's shape.
fn told((status, body): (u16, Value)) -> (u16, String) {
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["id", "detail", "status", "code"], "{body}");
    assert_eq!(body["code"], status, "{body}");
    let phrase = reqwest::StatusCode::from_u16(status).unwrap().canonical_reason().unwrap();
    assert_eq!(body["status"], phrase);
    let detail = body["detail"].as_str().unwrap().to_owned();
    for word in ["UNIQUE", "SELECT", "constraint", "sqlite", "SQL"] {
        assert!(!detail.contains(word), "{detail}");
    }
    (status, detail)
}

async fn stocked() -> Rest {
    let rest = Rest::start().await;
    for name in ["Sales", "Care"] {
        rest.post("/call_center/queues", json!({"name": name, "type": 1})).await;
        rest.post("/routing/schema", json!({"name": name, "schema": []})).await;
    }
    let voice = json!({"name": "Voice", "type": "voice", "schema": []});
    rest.post("/routing/schema", voice).await;
    let hook = json!({"schema": {"id": 1}, "event": "joined"});
    rest.post("/call_center/queues/1/hooks", hook).await;
    rest
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_by_its_members() {
    let rest = stocked().await;
    let (queues, hooks, schemas) =
        ("/call_center/queues", "/call_center/queues/1/hooks", "/routing/schema");
    let long = "x".repeat(70_000);
    for (method, path, body, detail) in [
        (Method::POST, queues, json!({"type": 1}), "name: is needed"),
        (Method::POST, queues, json!({"name": "a"}), "type: is needed: one of 0 (offline)"),
        (Method::POST, queues, json!({"name": "a", "type": 9}), "type: there is no type 9"),
        (Method::POST, queues, json!({"name": "a", "type": "b"}), "type: \"b\" is no number"),
        (Method::POST, queues, json!({"name": 5, "type": 1}), "name: is a text"),
        (Method::POST, queues, json!({"name": "Care", "type": 1}), "name: is in use already"),
        (
            Method::POST,
            queues,
            json!({"name": "a", "type": 1, "variables": {"a{": 1}}),
            "variables.a{: a name has",
        ),
        (
            Method::POST,
            queues,
            json!({"name": "a", "type": 1, "note": long}),
            "the members that Offhook only keeps have at most 64 KiB",
        ),
        (
            Method::POST,
            queues,
            json!({"name": "a", "type": 1, "tags": ["x"]}),
            "tags: has the form",
        ),
        (Method::PUT, "/call_center/queues/1", json!({"type": 1}), "name: is needed"),
        (
            Method::PATCH,
            "/call_center/queues/1",
            json!({"type": 2}),
            "type: a queue keeps its type",
        ),
        (
            Method::PATCH,
            "/call_center/queues/1",
            json!({"name": "Care"}),
            "name: is in use already",
        ),
        (Method::PATCH, "/call_center/queues/1", json!({"name": null}), "name: is needed"),
        (Method::PATCH, "/call_center/queues/1", json!({"fields": "a"}), "fields: is a list"),
        (Method::POST, hooks, json!({"event": "joined"}), "schema.id: is needed"),
        (Method::POST, hooks, json!({"schema": {"id": 1}}), "event: is needed: one of joined"),
        (
            Method::POST,
            hooks,
            json!({"schema": {"id": 1}, "event": "rung"}),
            "event: unknown event \"rung\"; one of joined",
        ),
        (
            Method::POST,
            hooks,
            json!({"schema": {"id": "99"}, "event": "joined"}),
            "schema.id: this flow does not exist",
        ),
        (
            Method::POST,
            hooks,
            json!({"schema": {"id": "3"}, "event": "missed"}),
            "schema.id: a hook runs flows of type service or default; this one is voice",
        ),
        (
            Method::POST,
            hooks,
            json!({"schema": {"id": 1}, "event": "joined"}),
            "schema.id: a hook of this queue runs this flow at this event already",
        ),
        (
            Method::PATCH,
            "/call_center/queues/1/hooks/1",
            json!({"condition": "a ==", "policy": {"max_hold_ms": -1}}),
            "condition: ",
        ),
        (
            Method::PATCH,
            "/call_center/queues/1/hooks/1",
            json!({"policy": {"max_hold_ms": -1}}),
            "policy.max_hold_ms: lies between 0 and 86400000",
        ),
        (Method::POST, schemas, json!({"name": "a"}), "schema: is needed: the array of steps"),
        (Method::POST, schemas, json!({"name": "a", "schema": {}}), "schema: is an array of steps"),
        (Method::POST, schemas, json!({"schema": []}), "name: is needed"),
        (Method::POST, schemas, json!({"name": "Care", "schema": []}), "name: is in use already"),
        (
            Method::POST,
            schemas,
            json!({"name": "a", "schema": [], "type": "fax"}),
            "type: unknown flow type \"fax\"; one of",
        ),
        (
            Method::POST,
            schemas,
            json!({"name": "a", "schema": [{"log": "x"}, {"ring": {}}]}),
            "schema.1",
        ),
        (Method::PATCH, "/routing/schema/1", json!({"type": "voice"}), "type: hooks run this flow"),
        (Method::PATCH, "/routing/schema/1", json!({"mode": "odd"}), "mode: unknown mode \"odd\""),
    ] {
        let (status, said) = told(rest.ask(method.clone(), path, body.clone()).await);
        assert!(said.starts_with(detail), "{method} {path} {body}: {said}");
        assert_eq!(status, 400, "{said}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_a_path_or_a_method_is_told() {
    let rest = stocked().await;
    for (method, path, status, detail) in [
        (Method::GET, "/call_center/queues?size=1001", 400, "size: a page has at most 1000 items"),
        (Method::GET, "/call_center/queues?page=one", 400, "page: \"one\" is not a whole number"),
        (Method::GET, "/call_center/queues?type=x", 400, "type: \"x\" is no number of a type"),
        (Method::GET, "/call_center/queues?sort=color", 400, "sort: sorts by one of name, id"),
        (Method::GET, "/call_center/queues?enabled=5", 400, "enabled: \"5\" is neither true nor"),
        (Method::GET, "/call_center/queues/1/hooks?event=rung", 400, "event: unknown event"),
        (Method::GET, "/call_center/queues/1/hooks?schema_id=x", 400, "schema_id: \"x\" is no"),
        (Method::GET, "/routing/schema?type=fax", 400, "type: unknown flow type \"fax\""),
        (Method::GET, "/call_center/queues/sales", 400, "\"sales\" is no queue's id"),
        (
            Method::GET,
            "/call_center/queues/99999999999999999999",
            400,
            "\"99999999999999999999\" is",
        ),
        (Method::GET, "/call_center/queues/%ff", 400, ""),
        (Method::GET, "/call_center/queues/1/hooks/x", 400, "\"x\" is no hook's id"),
        (Method::DELETE, "/routing/schema/x", 400, "\"x\" is no schema's id"),
        (Method::GET, "/call_center/queues/99", 404, "there is no queue 99"),
        (Method::DELETE, "/call_center/queues/99", 404, "there is no queue 99"),
        (Method::GET, "/call_center/queues/99/hooks", 404, "there is no queue 99"),
        (Method::GET, "/call_center/queues/99/hooks/1", 404, "there is no queue 99"),
        (Method::GET, "/call_center/queues/2/hooks/1", 404, "there is no hook 1 in queue 2"),
        (Method::DELETE, "/call_center/queues/2/hooks/1", 404, "there is no hook 1 in queue 2"),
        (Method::GET, "/routing/schema/99", 404, "there is no flow 99"),
        (Method::GET, "/call_center/agents", 404, "there is no /call_center/agents"),
        (Method::GET, "/routing/outbound/calls", 404, "there is no /routing/outbound/calls"),
        (Method::GET, "/call_center", 404, "there is no /call_center"),
        (Method::PUT, "/routing/", 404, "there is no /routing/"),
        (Method::POST, "/call_center/queues/1", 405, "this path does not take POST"),
        (Method::DELETE, "/routing/schema", 405, "this path does not take DELETE"),
    ] {
        let (is, said) = told(rest.ask(method.clone(), path, Value::Null).await);
        assert!(said.starts_with(detail), "{method} {path}: {said}");
        assert_eq!(is, status, "{method} {path}: {said}");
    }
}

#[tokio::test]
async fn a_body_that_is_unreadable_too_large_or_too_deep_is_refused() {
    let rest = stocked().await;
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for (body, status, detail) in [
        ("{".to_owned(), 400, "the body is not JSON: "),
        (String::new(), 400, "the body is not JSON: "),
        ("[]".to_owned(), 400, "the body is no JSON object"),
        (format!("\"{}\"", "x".repeat(3 << 20)), 413, "a body has at most 2048 KiB"),
        (
            format!("{{\"a\": {}}}", deep(500)),
            400,
            "the body nests too deeply: more than 127 levels at line 1",
        ),
        (
            format!("{{\"name\": \"a\", \"type\": 1, \"a\": {}}}", deep(40)),
            400,
            "a: nests more than 32 levels deep",
        ),
    ] {
        for (method, path) in
            [(Method::POST, "/call_center/queues"), (Method::PATCH, "/call_center/queues/1")]
        {
            let (is, said) = told(rest.ask_raw(method, path, body.clone()).await);
            assert!(said.starts_with(detail), "{said}");
            assert_eq!(is, status, "{said}");
        }
    }
}

#[tokio::test]
async fn a_token_comes_in_either_header_and_its_lack_is_told() {
    let rest = Rest::start().await;
    let read = rest.server.token(&[Scope::Read]).await;
    let path = format!("{}/call_center/queues", rest.server.url);
    let ask = async |header: Option<(&str, String)>, method: Method| {
        let mut request = rest.server.http.request(method, &path).body("{");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap())
    };
    for header in [
        ("X-Webitel-Access", read.clone()),
        ("authorization", format!("Bearer {read}")),
        ("authorization", format!("bearer  {read}")),
    ] {
        assert_eq!(ask(Some(header), Method::GET).await.0, 200);
    }
    let (status, said) = told(ask(None, Method::GET).await);
    assert_eq!(status, 401);
    assert!(said.starts_with("a token is needed, in the header X-Webitel-Access"), "{said}");
    for header in [("X-Webitel-Access", "no".to_owned()), ("authorization", "Basic eA==".into())] {
        assert_eq!(told(ask(Some(header), Method::GET).await).0, 401);
    }
    let (status, said) = told(ask(Some(("X-Webitel-Access", read)), Method::POST).await);
    assert_eq!(status, 403, "before the body is looked at");
    assert!(said.contains("a token with the scope manage"), "{said}");
}
