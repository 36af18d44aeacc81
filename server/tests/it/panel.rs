//! The panel's HTTP boundary: what it answers to whom, and what it keeps of them.

use crate::support::*;
use model::time::Millis;
use reqwest::{RequestBuilder, Response, header, redirect::Policy};

/// A browser without JavaScript, of which each request is told what it is to send.
struct Browser {
    url: String,
    http: reqwest::Client,
}

impl Browser {
    fn new(server: &Server) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { url: server.url.clone(), http }
    }

    /// A form posted by a script of the page.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let encoded =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.http
            .post(format!("{}/api/panel/{path}", self.url))
            .header(header::ORIGIN, &self.url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(pairs.join("&"))
    }

    /// A form posted by the browser itself.
    fn bare_form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.form(path, fields).header(header::ACCEPT, "text/html")
    }
}

fn said<'a>(answer: &'a Response, name: header::HeaderName) -> &'a str {
    answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// How many sessions are kept; none are afterwards.
async fn sessions(server: &Server) -> u64 {
    server.storage.sweep_sessions(Millis(i64::MAX)).await.unwrap()
}

#[tokio::test]
async fn nothing_is_kept_of_what_a_stranger_posts() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let source = "x".repeat(100_000);
    let fields = [("name", "n"), ("kind", "?"), ("mode", "?"), ("source", source.as_str())];
    let answer = browser.bare_form("flows/create", &fields).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert!(said(&answer, header::LOCATION).starts_with("/sign-in"), "{answer:?}");
    assert_eq!(said(&answer, header::SET_COOKIE), "");
    assert_eq!(sessions(&server).await, 0);
}

#[tokio::test]
async fn little_is_kept_of_a_stranger_who_does_not_get_in_and_not_for_long() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let login = "x".repeat(100_000);
    let fields = [("login", login.as_str()), ("password", "?")];
    let answer = browser.bare_form("session/sign-in", &fields).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let cookie = said(&answer, header::SET_COOKIE);
    assert!(cookie.contains("Max-Age=600"), "{cookie}");
    let key = cookie.split(['=', ';']).nth(1).unwrap();
    let (data, _) = server.storage.session(key, Millis(0)).await.unwrap().unwrap();
    assert!(data.len() < 1_000, "{} bytes", data.len());
}
