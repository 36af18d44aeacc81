//! Hostile flows at each of the doors by which one comes in: what is too large or too deep is refused,
//! and the limit is named.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    rest::Rest,
    support::*,
};
use model::user::{Actor, Role};
use reqwest::{Method, header};
use serde_json::{Value, json};

const LARGE: &str = "a flow may have 1048576 bytes, this has ";
const DEEP: &str = "nested too deeply: at most 32 levels";

/// An array of steps of 10 MiB.
fn large() -> String {
    log_of(10 << 20)
}

/// A step with a text of so many bytes.
fn log_of(bytes: usize) -> String {
    format!(r#"[{{"log": "{}"}}]"#, "x".repeat(bytes))
}

/// Steps inside steps, in this many lists and objects.
fn deep(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[tokio::test]
async fn the_panel_refuses_what_is_too_large_or_too_deep() {
    let server = Server::start().await;
    let operator = Actor::operator();
    server.flow("Kept", json!([])).await;
    server.admin.create_user(&operator, "ed", Role::Editor, PASSWORD.into()).await.unwrap();
    let browser = Browser::new(&server);
    let ed = browser.sign_in("ed", PASSWORD).await;
    // As much as the panel reads is read, and measured by the flow's own limit.
    for (source, said) in [(log_of(7 << 20), LARGE), (deep(40), DEEP), (deep(100_000), DEEP)] {
        let flow = "name=Hostile&kind=service&mode=strict";
        for (path, fields) in [("create", flow.to_owned()), ("save", format!("id=1&base=1&{flow}"))]
        {
            let body = format!("{fields}&source={source}");
            let request = browser.call(&format!("flows/{path}"), &body);
            let answer = request.header(header::COOKIE, cookie(&ed).0).send().await.unwrap();
            let text = answer.text().await.unwrap();
            assert!(text.contains(said), "{path}: {}", &text[..text.len().min(500)]);
        }
    }
    assert!(server.storage.flow(model::ids::FlowId(2), None).await.unwrap().is_none());
}

#[tokio::test]
async fn the_panel_says_that_a_form_has_more_than_it_reads() {
    let server = Server::start().await;
    server
        .admin
        .create_user(&Actor::operator(), "ed", Role::Editor, PASSWORD.into())
        .await
        .unwrap();
    let browser = Browser::new(&server);
    let ed = browser.sign_in("ed", PASSWORD).await;
    let signed_in = cookie(&ed).0;
    let flow = |source: String| format!("name=Hostile&kind=service&mode=strict&source={source}");
    let (much, all) = (flow(large()), flow(log_of(7 << 20)));
    let said = "what is sent at once may have 8 MiB";
    let call = |body: &str| browser.call("flows/create", body);

    let answer = call(&much).header(header::COOKIE, signed_in).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert!(told["invalid"][0]["detail"].as_str().unwrap().contains(said), "{told}");

    // Without JavaScript it leads back, and the next page tells; there stands what could be read.
    let import = || {
        let request = browser.http.post(format!("{}/flows/import", server.url)).body(large());
        request.header(header::ORIGIN, &server.url)
    };
    for (request, back, said) in [
        (call(&much), "/flows/new", said),
        (import(), "/flows/import", said),
        (call(&all), "/flows/new", LARGE),
    ] {
        let request = request.header(header::ACCEPT, "text/html");
        let request = request.header(header::REFERER, format!("{}{back}", server.url));
        let answer = request.header(header::COOKIE, signed_in).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{back}");
        assert_eq!(&answer.headers()[header::LOCATION], back);
        let page = browser.page(back, signed_in).send().await.unwrap().text().await.unwrap();
        let begins: String = page.chars().take(5_000).collect();
        assert!(page.contains(said), "{back}: {begins}");
        assert_eq!(page.len() > 7 << 20, said == LARGE, "{back}: {begins}");
    }

    // Of a stranger less is read, and nothing is said of it.
    let body = format!("source={}", log_of(3 << 20));
    let request = || call(&body);
    let answer = request().send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.text().await.unwrap(), r#""signed_out""#);
    let answer = request().header(header::ACCEPT, "text/html").send().await.unwrap();
    assert_eq!(&answer.headers()[header::LOCATION], "/sign-in?next=/queues");
    assert!(server.storage.flow(model::ids::FlowId(1), None).await.unwrap().is_none());
}

#[tokio::test]
async fn rest_refuses_what_is_too_large_or_too_deep() {
    let rest = Rest::start().await;
    rest.post("/routing/schema", json!({"name": "Kept", "schema": []})).await;
    let medium = log_of(1 << 20);
    for (steps, status, said) in [
        (large(), 413, "a body has at most 2048 KiB"),
        (medium, 400, LARGE),
        (deep(40), 400, DEEP),
        (deep(100_000), 400, "the body nests too deeply"),
    ] {
        let body = format!(r#"{{"name": "Hostile", "schema": {steps}}}"#);
        for (method, path) in [
            (Method::POST, "/routing/schema"),
            (Method::PUT, "/routing/schema/1"),
            (Method::PATCH, "/routing/schema/1"),
        ] {
            let (is, answer) = rest.ask_raw(method.clone(), path, body.clone()).await;
            assert_eq!(is, status, "{method} {path}: {answer}");
            assert!(answer.to_string().contains(said), "{method} {path}: {answer}");
        }
    }
    assert_eq!(rest.get("/routing/schema/1").await["schema"], json!([]));
}

#[tokio::test]
async fn an_import_refuses_what_is_too_large_or_too_deep() {
    let server = Server::start().await;
    let token = server.token(&[model::user::Scope::Manage]).await;
    let medium = log_of(2 << 20);
    let import = async |steps: &str| {
        let content = format!(r#"{{"name": "Hostile", "schema": {steps}}}"#);
        let body = json!({"files": [{"file": "hostile.json", "content": content}]});
        server.post(&token, "/api/v1/flows/import", body).await
    };
    for (steps, said) in [(medium, LARGE), (deep(40), DEEP), (deep(100_000), DEEP)] {
        let (status, answer) = import(&steps).await;
        let problems = &answer["items"][0]["problems"];
        assert_eq!((status, &answer["items"][0]["flow_id"]), (200, &Value::Null));
        assert!(problems.to_string().contains(said), "{problems}");
    }
    // Hardly more than is read: who still sends when it is refused may find the connection closed.
    let (status, answer) = import(&log_of(8 << 20)).await;
    assert_eq!(status, 413, "{answer}");
    assert!(answer["detail"].as_str().is_some_and(|said| said.contains("limit")), "{answer}");

    for (steps, said) in [(large(), LARGE), (deep(40), DEEP), (deep(100_000), DEEP)] {
        let file = server.folder.path().join("hostile.json");
        std::fs::write(&file, steps).unwrap();
        let done = server.command().arg("import").arg(&file).output().unwrap();
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(!done.status.success() && told.contains(said), "{told}");
        assert!(told.contains("not saved"), "{told}");
    }
    assert!(server.storage.flow(model::ids::FlowId(1), None).await.unwrap().is_none());
}
