//! Flows from files, by the API and by the panel's form.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    support::*,
};
use model::{
    flow::FlowMode,
    ids::FlowId,
    user::{Actor, Role, Scope},
};
use reqwest::{header, redirect::Policy};
use serde_json::json;

#[tokio::test]
async fn files_are_reported_on_step_by_step_and_what_is_sound_becomes_a_flow() {
    let server = Server::start().await;
    let token = server.token(&[Scope::Manage]).await;
    let good = json!({"name": "From there", "schema": [
        {"httpRequest": {"url": "https://crm.example"}}, {"success": ""}
    ]});
    let files = json!([
        {"file": "a.json", "content": good.to_string()},
        {"file": "exports/escalate.json", "content": "[\n  {\"log\": \"x\"}\n]"},
        {"file": "b.json", "content": r#"{"name": "Bad", "schema": [{"goto": "nowhere"}]}"#},
        {"file": "c.json", "content": "no JSON"},
        {"file": "d.json", "content": r#"{"name": "Fax", "schema": [{"sendFax": {}}]}"#}
    ]);
    let import = async |check: bool| {
        let body = json!({"files": files, "check": check});
        let (status, answer) = server.post(&token, "/api/v1/flows/import", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["items"].as_array().unwrap().clone()
    };
    let only = import(true).await;
    assert!(only.iter().all(|one| one["flow_id"].is_null()));
    assert!(server.storage.flow(FlowId(1), None).await.unwrap().is_none());
    let steps = only[0]["steps"].as_array().unwrap();
    assert_eq!((&only[0]["name"], &only[0]["mode"]), (&json!("From there"), &json!("lenient")));
    assert_eq!(
        (&steps[0]["verdict"], &steps[1]["verdict"]),
        (&json!("runs"), &json!("needs_core"))
    );
    assert_eq!(only[1]["steps"][0]["line"], 2);

    let made = import(false).await;
    let first = FlowId(made[0]["flow_id"].as_i64().unwrap());
    let flow = server.storage.flow(first, None).await.unwrap().unwrap();
    assert_eq!((flow.name.as_str(), flow.version.mode), ("From there", FlowMode::Lenient));
    let second = FlowId(made[1]["flow_id"].as_i64().unwrap());
    let flow = server.storage.flow(second, None).await.unwrap().unwrap();
    assert_eq!((flow.name.as_str(), flow.version.mode), ("escalate", FlowMode::Strict));
    for refused in &made[2..4] {
        assert!(refused["flow_id"].is_null() && refused["refused"].is_string(), "{refused}");
    }
    // What nobody knows is kept as it came, and told.
    assert_eq!(made[4]["steps"][0]["verdict"], "unknown");
    let id = FlowId(made[4]["flow_id"].as_i64().unwrap());
    let kept = server.storage.flow(id, None).await.unwrap().unwrap();
    assert!(kept.version.source.contains("sendFax"));
    // Their names are in use now.
    let again = import(false).await;
    assert_eq!(again[0]["refused"], "/name: is in use already");

    let none = json!({"files": []});
    let (status, problem) = server.post(&token, "/api/v1/flows/import", none).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/files")));
}

/// A form as a browser sends it: fields, and files by their names.
fn form(fields: &[(&str, &str)], files: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--frontier\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    for (file, content) in files {
        body += &format!(
            "--frontier\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\
             content-type: application/json\r\n\r\n{content}\r\n"
        );
    }
    body + "--frontier--\r\n"
}

#[tokio::test]
async fn the_form_takes_files_and_text_and_shows_what_became_of_them() {
    let server = Server::start().await;
    let operator = Actor::operator();
    for (login, role) in [("vera", Role::Viewer), ("ed", Role::Editor)] {
        server.admin.create_user(&operator, login, role, PASSWORD.into()).await.unwrap();
    }
    let browser = Browser::new(&server);
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let page = format!("{}/flows/import", server.url);
    let send = async |set: &str, body: String| {
        let request = http.post(&page).header(header::COOKIE, cookie(set).0);
        let request = request.header(header::ORIGIN, &server.url);
        let request = request.header("content-type", "multipart/form-data; boundary=frontier");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
    };
    let see = async |set: &str, path: &str| {
        let request = http.get(format!("{}{path}", server.url)).header("accept", "text/html");
        request.header(header::COOKIE, cookie(set).0).send().await.unwrap().text().await.unwrap()
    };
    let ed = browser.sign_in("ed", PASSWORD).await;
    let steps = r#"{"name": "From there", "schema": [{"log": "x"}, {"success": ""}]}"#;
    let pasted = [("content", "[]"), ("name", "Pasted"), ("mode", "strict")];
    let files = [("one.json", steps), ("two.json", "no JSON")];
    let to = send(&ed, form(&pasted, &files)).await;
    assert!(to.starts_with("/flows/import?report="), "{to}");
    let seen = see(&ed, &to).await;
    for words in ["one.json", "From there", "does not run here", "two.json", "The pasted text"] {
        assert!(seen.contains(words), "{words} in {seen}");
    }
    let flow = server.storage.flow(FlowId(2), None).await.unwrap().unwrap();
    assert_eq!((flow.name.as_str(), flow.version.mode), ("Pasted", FlowMode::Strict));
    // Only to be looked at; and nothing at all.
    let to = send(&ed, form(&[("check", "on"), ("content", "[]"), ("name", "Not")], &[])).await;
    assert!(see(&ed, &to).await.contains("only reported"));
    assert!(server.storage.flow(FlowId(3), None).await.unwrap().is_none());
    // What is refused comes back to be mended, what was saved does not.
    let pasted = [("content", "[{\"goto\": \"x\"}]"), ("name", "Mended"), ("mode", "strict")];
    let to = send(&ed, form(&pasted, &[])).await;
    let seen = see(&ed, &to).await;
    for words in
        [">[{\"goto\": \"x\"}]</textarea>", "value=\"Mended\"", "value=\"strict\" selected"]
    {
        assert!(seen.contains(words), "{words} in {seen}");
    }
    let pasted = [("content", "[{\"log\": \"x\"}]"), ("mode", "no mode")];
    let to = send(&ed, form(&pasted, &[])).await;
    assert!(see(&ed, &to).await.contains(">[{\"log\": \"x\"}]</textarea>"));
    let to = send(&ed, form(&[("content", "[]"), ("name", "Saved")], &[])).await;
    assert!(see(&ed, &to).await.contains("></textarea>"));
    let to = send(&ed, form(&[], &[("", "")])).await;
    assert_eq!(to, "/flows/import");
    assert!(see(&ed, &to).await.contains("Choose a file"));
    // Whoever may change nothing.
    let vera = browser.sign_in("vera", PASSWORD).await;
    let to = send(&vera, form(&[("content", "[]"), ("name", "No")], &[])).await;
    assert_eq!(to, "/flows/import");
    assert!(server.storage.flow(FlowId(4), None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_is_reported_on_by_its_own_lines_and_a_key_that_is_there_twice_is_refused() {
    let server = Server::start().await;
    let token = server.token(&[Scope::Manage]).await;
    let laid_out = "{\n  \"name\": \"Laid out\",\n  \"schema\": [\n    {\"log\": \"x\"},\n    {\"nothing\": 1}\n  ]\n}";
    let twice = r#"{"name": "Twice", "schema": [{"log": "a", "log": "b"}]}"#;
    let body = json!({"files": [
        {"file": "a.json", "content": laid_out}, {"file": "b.json", "content": twice}
    ]});
    let (_, answer) = server.post(&token, "/api/v1/flows/import", body).await;
    let lines: Vec<_> = answer["items"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["line"].as_u64().unwrap(), step["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [(4, "runs"), (5, "unknown")]);
    let step = &answer["items"][1]["steps"][0];
    assert_eq!(step["verdict"], "refused");
    assert!(step["notes"].to_string().contains("here twice"), "{step}");

    let (status, fault) = server.post(&token, "/routing/schema", twice).await;
    assert_eq!(status, 400, "{fault}");
    assert!(fault.to_string().contains("here twice"), "{fault}");
}
