//! Who may ask what over HTTP: every route by every scope, every server function of the panel by
//! every role, and both by nobody. A route or a server function without a row fails a test here.

use crate::{
    panel::{Browser, CHANGES, OWN, PASSWORD, PUBLIC, cookie, looks},
    support::*,
};
use model::user::{Actor, Role, Scope};
use reqwest::{Method, header, redirect::Policy};
use serde_json::json;
use std::collections::BTreeSet;

/// Who may use a route of the API: y or n for nobody, a token that there is not, and tokens of the
/// scopes ingest, read and manage. Nothing there has the ids that are asked for, and the bodies say
/// too little, so that nothing changes.
const ROUTES: &[(&str, &str, &str)] = &[
    //                                                              - ? i r m
    ("GET", "/healthz", "y y y y y"),
    ("GET", "/readyz", "y y y y y"),
    ("GET", "/api/openapi.json", "y y y y y"),
    ("GET", "/api/flow.schema.json", "y y y y y"),
    ("GET", "/api/docs", "y y y y y"),
    ("GET", "/api/docs/{file}", "y y y y y"),
    ("POST", "/api/v1/events", "n n y n n"),
    ("OPTIONS", "/api/v1/events", "n n y n n"),
    ("GET", "/api/v1/events/{id}", "n n n y y"),
    ("GET", "/api/v1/catalog", "n n y y y"),
    ("GET", "/api/v1/deliveries", "n n n y y"),
    ("GET", "/api/v1/queues", "n n n y y"),
    ("GET", "/api/v1/queues/{id}", "n n n y y"),
    ("DELETE", "/api/v1/queues/{id}", "n n n n y"),
    ("POST", "/api/v1/queues/{id}/pause", "n n n n y"),
    ("POST", "/api/v1/queues/{id}/resume", "n n n n y"),
    ("GET", "/api/v1/hooks/{id}", "n n n y y"),
    ("PATCH", "/api/v1/hooks/{id}", "n n n n y"),
    ("DELETE", "/api/v1/hooks/{id}", "n n n n y"),
    ("POST", "/api/v1/hooks/{id}/pause", "n n n n y"),
    ("POST", "/api/v1/hooks/{id}/resume", "n n n n y"),
    ("POST", "/api/v1/flows/import", "n n n n y"),
    ("GET", "/api/v1/flows/{id}/failure-flow", "n n n y y"),
    ("PUT", "/api/v1/flows/{id}/failure-flow", "n n n n y"),
    ("GET", "/api/v1/destinations", "n n n y y"),
    ("GET", "/api/v1/destinations/{key}", "n n n y y"),
    ("PUT", "/api/v1/destinations/{key}", "n n n n y"),
    ("DELETE", "/api/v1/destinations/{key}", "n n n n y"),
    ("POST", "/api/v1/destinations/{key}/{act}", "n n n n y"),
    ("GET", "/api/v1/lists", "n n n y y"),
    ("POST", "/api/v1/lists", "n n n n y"),
    ("GET", "/api/v1/lists/{id}", "n n n y y"),
    ("PUT", "/api/v1/lists/{id}", "n n n n y"),
    ("DELETE", "/api/v1/lists/{id}", "n n n n y"),
    ("GET", "/api/v1/lists/{id}/entries", "n n n y y"),
    ("POST", "/api/v1/lists/{id}/entries", "n n n n y"),
    ("DELETE", "/api/v1/lists/{id}/entries/{number}", "n n n n y"),
    ("GET", "/api/v1/calendars", "n n n y y"),
    ("POST", "/api/v1/calendars", "n n n n y"),
    ("GET", "/api/v1/calendars/{id}", "n n n y y"),
    ("PUT", "/api/v1/calendars/{id}", "n n n n y"),
    ("DELETE", "/api/v1/calendars/{id}", "n n n n y"),
    ("GET", "/api/v1/cache", "n n n y y"),
    ("GET", "/api/v1/cache/{key}", "n n n y y"),
    ("PUT", "/api/v1/cache/{key}", "n n n n y"),
    ("DELETE", "/api/v1/cache/{key}", "n n n n y"),
    ("GET", "/api/v1/variables", "n n n n y"),
    ("GET", "/api/v1/variables/{name}", "n n n n y"),
    ("PUT", "/api/v1/variables/{name}", "n n n n y"),
    ("DELETE", "/api/v1/variables/{name}", "n n n n y"),
    ("GET", "/api/v1/secrets", "n n n n y"),
    ("GET", "/api/v1/secrets/{name}", "n n n n y"),
    ("PUT", "/api/v1/secrets/{name}", "n n n n y"),
    ("DELETE", "/api/v1/secrets/{name}", "n n n n y"),
    ("GET", "/api/v1/mail-profiles", "n n n n y"),
    ("GET", "/api/v1/mail-profiles/{name}", "n n n n y"),
    ("PUT", "/api/v1/mail-profiles/{name}", "n n n n y"),
    ("DELETE", "/api/v1/mail-profiles/{name}", "n n n n y"),
    ("GET", "/api/v1/nodes", "n n n y y"),
    ("GET", "/api/v1/overview", "n n n y y"),
    ("GET", "/api/v1/deliveries/stream", "n n n y y"),
    ("GET", "/api/v1/deliveries/{id}", "n n n y y"),
    ("POST", "/api/v1/deliveries/{id}/cancel", "n n n n y"),
    ("GET", "/api/v1/deliveries/{id}/replay", "n n n y y"),
    ("POST", "/api/v1/deliveries/{id}/replay", "n n n n y"),
    ("POST", "/api/v1/deliveries/{id}/run", "n n n n y"),
    ("GET", "/api/v1/replays", "n n n y y"),
    ("POST", "/api/v1/replays", "n n n n y"),
    ("GET", "/api/v1/replays/matching", "n n n y y"),
    ("GET", "/api/v1/replays/{id}", "n n n y y"),
    ("PUT", "/api/v1/replays/{id}/rate", "n n n n y"),
    ("POST", "/api/v1/replays/{id}/{act}", "n n n n y"),
    ("GET", "/call_center/queues", "n n n y y"),
    ("POST", "/call_center/queues", "n n n n y"),
    ("GET", "/call_center/queues/{queue}", "n n n y y"),
    ("PUT", "/call_center/queues/{queue}", "n n n n y"),
    ("PATCH", "/call_center/queues/{queue}", "n n n n y"),
    ("DELETE", "/call_center/queues/{queue}", "n n n n y"),
    ("GET", "/call_center/queues/{queue}/hooks", "n n n y y"),
    ("POST", "/call_center/queues/{queue}/hooks", "n n n n y"),
    ("GET", "/call_center/queues/{queue}/hooks/{hook}", "n n n y y"),
    ("PUT", "/call_center/queues/{queue}/hooks/{hook}", "n n n n y"),
    ("PATCH", "/call_center/queues/{queue}/hooks/{hook}", "n n n n y"),
    ("DELETE", "/call_center/queues/{queue}/hooks/{hook}", "n n n n y"),
    ("GET", "/routing/schema", "n n n y y"),
    ("POST", "/routing/schema", "n n n n y"),
    ("GET", "/routing/schema/{schema}", "n n n y y"),
    ("PUT", "/routing/schema/{schema}", "n n n n y"),
    ("PATCH", "/routing/schema/{schema}", "n n n n y"),
    ("DELETE", "/routing/schema/{schema}", "n n n n y"),
    // With a session, not with a token: it leads to where one signs in.
    ("GET", "/flows/{id}/export.json", "n n n n n"),
    ("POST", "/flows/import", "n n n n n"),
    ("GET", "/deliveries/stream", "n n n n n"),
];

/// Who may call a server function: y or n for nobody, a viewer, an editor and an administrator.
const FUNCTIONS: &[(&str, &str)] = &[
    //                          - v e a
    ("session/ready", "y y y y"),
    ("session/set-up", "y y y y"),
    ("session/setup-link", "y y y y"),
    ("session/sign-in", "y y y y"),
    ("session/sign-in-link", "y y y y"),
    ("session/sign-out", "y y y y"),
    ("session/theme", "y y y y"),
    ("session/password", "n y y y"),
    ("cache/forget", "n n y y"),
    ("calendars/create", "n n y y"),
    ("calendars/save", "n n y y"),
    ("calendars/add-exception", "n n y y"),
    ("calendars/remove-exception", "n n y y"),
    ("calendars/delete", "n n y y"),
    ("deliveries/list", "n y y y"),
    ("deliveries/look", "n y y y"),
    ("deliveries/replay", "n n y y"),
    ("deliveries/replay-from", "n n y y"),
    ("deliveries/cancel", "n n y y"),
    ("deliveries/retry", "n n y y"),
    ("destinations/limit", "n n y y"),
    ("destinations/reset", "n n y y"),
    ("destinations/steer", "n n y y"),
    ("drawn", "n y y y"),
    ("flows/list", "n y y y"),
    ("flows/get", "n y y y"),
    ("flows/versions", "n y y y"),
    ("flows/hooks", "n y y y"),
    ("flows/create", "n n y y"),
    ("flows/save", "n n y y"),
    ("flows/duplicate", "n n y y"),
    ("flows/restore", "n n y y"),
    ("flows/failure-flow", "n n y y"),
    ("flows/delete", "n n y y"),
    ("hooks/list", "n y y y"),
    ("hooks/read", "n y y y"),
    ("hooks/flows", "n y y y"),
    ("hooks/filters", "n y y y"),
    ("hooks/save", "n n y y"),
    ("hooks/switch", "n n y y"),
    ("hooks/pause", "n n y y"),
    ("hooks/delete", "n n y y"),
    ("hooks/test", "n n y y"),
    ("jump/find", "n y y y"),
    ("lists/create", "n n y y"),
    ("lists/change", "n n y y"),
    ("lists/delete", "n n y y"),
    ("lists/add", "n n y y"),
    ("lists/import", "n n y y"),
    ("lists/remove", "n n y y"),
    ("many/step", "n y y y"),
    ("many/change", "n n y y"),
    ("many/copy", "n n y y"),
    ("notes/close", "n y y y"),
    ("queues/list", "n y y y"),
    ("queues/card", "n y y y"),
    ("queues/create", "n n y y"),
    ("queues/update", "n n y y"),
    ("queues/switch", "n n y y"),
    ("queues/pause", "n n y y"),
    ("replays/start", "n n y y"),
    ("replays/change", "n n y y"),
    ("replays/rate", "n n y y"),
    ("queues/variables", "n n y y"),
    ("queues/delete", "n n y y"),
    ("queues/duplicate", "n n y y"),
    ("queues/offer", "n y y y"),
    ("receiver/latest", "n n y y"),
    ("tokens/create", "n n n y"),
    ("tokens/delete", "n n n y"),
    ("tokens/list", "n n n y"),
    ("tokens/made", "n n n y"),
    ("users/create", "n n n y"),
    ("users/delete", "n n n y"),
    ("users/get", "n n n y"),
    ("users/list", "n n n y"),
    ("users/password", "n n n y"),
    ("users/role", "n n n y"),
    ("variables/save", "n n n y"),
    ("variables/delete", "n n n y"),
    ("secrets/save", "n n n y"),
    ("secrets/signing-key", "n n n y"),
    ("secrets/delete", "n n n y"),
    ("mail-profiles/save", "n n n y"),
    ("mail-profiles/delete", "n n n y"),
    ("views/list", "n y y y"),
    ("views/save", "n y y y"),
    ("views/delete", "n y y y"),
];

fn columns(row: &str) -> impl Iterator<Item = bool> + '_ {
    row.split_whitespace().map(|column| column == "y")
}

#[tokio::test]
async fn every_route_is_open_to_exactly_those_of_the_table() {
    let server = Server::start().await;
    let nobody = [None, Some("not a token".to_owned())];
    let mut asking: Vec<_> = nobody.into_iter().collect();
    for scope in [Scope::Ingest, Scope::Read, Scope::Manage] {
        asking.push(Some(server.token(&[scope]).await));
    }
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    for (method, path, row) in ROUTES {
        assert_eq!(columns(row).count(), asking.len(), "the row of {method} {path}");
        let nothing = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901";
        let url = format!("{}{path}", server.url)
            .replace("/v1/deliveries/{id}", &format!("/v1/deliveries/{nothing}"))
            .replace("/v1/events/{id}", &format!("/v1/events/{nothing}"))
            .replace("{key}/{act}", "{key}/release")
            .replace("{id}/{act}", "{id}/pause")
            .replace("{key}", "https%3A%2F%2Fnowhere.example");
        let url = ["{queue}", "{hook}", "{schema}", "{id}", "{file}", "{number}"]
            .iter()
            .fold(url, |url, place| url.replace(place, "999"));
        for (token, allowed) in asking.iter().zip(columns(row)) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let mut request = http.request(method.clone(), &url).body("{}");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let status = request.send().await.unwrap().status().as_u16();
            let known = !matches!(token.as_deref(), None | Some("not a token"));
            let refused = match status {
                // Whoever is known may not, whoever is not might.
                401 => !known,
                403 => known,
                303 => true,
                _ => false,
            };
            assert_eq!(refused, !allowed, "{method} {path} with {token:?}: {status}");
            assert!(status < 500, "{method} {path} with {token:?}: {status}");
        }
    }
}

#[tokio::test]
async fn every_server_function_is_open_to_exactly_those_of_the_table() {
    let server = Server::start().await;
    let operator = Actor::operator();
    let add = async |login: &str, role| {
        server.admin.create_user(&operator, login, role, PASSWORD.into()).await.unwrap()
    };
    // What is restored is read before.
    server.flow("n", json!([{"softSleep": 1}])).await;
    // Those whom the calls change and delete; then those who call.
    add("first", Role::Admin).await;
    add("second", Role::Viewer).await;
    for (login, role) in [("vera", Role::Viewer), ("ed", Role::Editor), ("ann", Role::Admin)] {
        add(login, role).await;
    }
    let browser = Browser::new(&server);
    for (place, login) in ["", "vera", "ed", "ann"].into_iter().enumerate() {
        let set = match login {
            "" => String::new(),
            login => browser.sign_in(login, PASSWORD).await,
        };
        for (function, row) in FUNCTIONS {
            let Some(allowed) = columns(row).nth(place) else { panic!("the row of {function}") };
            if PUBLIC.contains(function) && !login.is_empty() {
                // It would end the session that the others need.
                assert!(allowed, "{function} is for all");
                continue;
            }
            let mut call = browser.call(function, &body_of(function));
            if !set.is_empty() {
                call = call.header(header::COOKIE, cookie(&set).0);
            }
            let answer = call.send().await.unwrap();
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            // A form is answered by a reply, whatever became of it; the rest by an error.
            let error = text.strip_prefix(r#"{"refused":"#).unwrap_or(&text);
            let refused = matches!(status, 401 | 403)
                || error.starts_with(r#""signed_out""#)
                || error.starts_with(r#"{"denied""#);
            assert_eq!(refused, !allowed, "{function} by \"{login}\": {status} {text}");
        }
    }
}

/// What a function takes, from the panel's own tests.
fn body_of(function: &str) -> String {
    let looks = looks()
        .into_iter()
        .map(|(name, body)| (name, body.as_str().map_or_else(|| body.to_string(), str::to_owned)));
    let changes = CHANGES.iter().chain(OWN).map(|(name, body)| (*name, (*body).to_owned()));
    looks
        .chain(changes)
        .find(|(name, _)| *name == function)
        .map(|(_, body)| body)
        .unwrap_or_default()
}

#[test]
fn every_server_function_has_a_row() {
    let mut found = BTreeSet::new();
    for (_, text) in sources("../app/src/api") {
        let after = text.split("endpoint = \"").skip(1);
        found.extend(after.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let functions =
            text.matches("#[server(").count() - text.matches("#[server(default)]").count();
        let named = text.matches("endpoint = \"").count();
        assert_eq!(functions, named, "a server function without an endpoint of its own");
    }
    assert_eq!(found, FUNCTIONS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[tokio::test]
async fn every_route_has_a_row() {
    // Those of the API from its document, which has each of them; the others from the sources.
    let server = Server::start().await;
    let (_, document) = server.get("", "/api/openapi.json").await;
    let mut found = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        found.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
    }
    for (_, text) in sources("src/http") {
        for (path, methods) in routes(&text) {
            found.extend(methods.into_iter().map(|method| (method, path.clone())));
        }
    }
    assert!(found.len() > 20, "{found:?}");
    for (method, path) in &found {
        // A route stands in its file without what it is nested in.
        let has = |(one, whole, _): &(&str, &str, &str)| one == method && whole.ends_with(path);
        assert!(ROUTES.iter().any(has), "{method} {path} has no row");
    }
    for (method, whole, _) in ROUTES {
        let is = |(one, path): &(String, String)| one == method && whole.ends_with(path.as_str());
        assert!(found.iter().any(is), "there is no {method} {whole}");
    }
}

/// The routes that a file declares: each path with its methods.
fn routes(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for after in text.split(".route(").skip(1) {
        let mut depth = 1;
        let end = after.find(|letter| {
            depth += match letter {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        let declared = &after[..end.unwrap()];
        let Some(path) = declared.split('"').nth(1) else { continue };
        let methods = ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| {
            let called = format!("{method}(");
            declared.match_indices(&called).any(|(at, _)| {
                !declared[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            })
        });
        found.push((path.to_owned(), methods.map(str::to_uppercase).collect()));
    }
    found
}
