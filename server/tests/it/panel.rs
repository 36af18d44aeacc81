//! The panel's HTTP boundary: what it answers to whom, and what it keeps of them.

use crate::support::*;
use model::{
    delivery::DeliveryQuery,
    flow::FlowFilter,
    hook::HookFilter,
    page::Paging,
    queue::QueueFilter,
    time::Millis,
    user::{Actor, Role},
};
use reqwest::{RequestBuilder, Response, header, redirect::Policy};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const PASSWORD: &str = "correct horse";

/// The server functions that anybody may call.
pub const PUBLIC: &[&str] = &[
    "session/ready",
    "session/set-up",
    "session/setup-link",
    "session/sign-in",
    "session/sign-in-link",
    "session/sign-out",
    "session/theme",
];

/// Those that need somebody signed in, and change nothing; with what they take.
pub fn looks() -> Vec<(&'static str, Value)> {
    let paging = Paging::default();
    vec![
        ("deliveries/list", json!({"query": DeliveryQuery::default()})),
        ("deliveries/look", json!({"id": uuid::Uuid::nil()})),
        ("drawn", json!({"page": "/help/failures"})),
        ("flows/list", json!({"filter": FlowFilter::default(), "paging": paging})),
        ("flows/get", json!({"id": 1})),
        ("flows/versions", json!({"id": 1})),
        ("flows/hooks", json!({"id": 1})),
        ("hooks/list", json!({"filter": HookFilter::default(), "paging": paging})),
        ("hooks/read", json!({"id": 1})),
        ("hooks/flows", json!({"search": ""})),
        ("hooks/filters", json!({"queue": null, "flow": null})),
        ("jump/find", json!({"search": "1"})),
        ("queues/list", json!({"filter": QueueFilter::default(), "paging": paging})),
        ("queues/card", json!({"id": 1})),
        ("queues/offer", json!({"search": ""})),
        (
            "many/step",
            json!({"ask": {"over": "hooks", "act": null, "ids": [], "of": null,
                             "to": [], "preview": false, "find": "", "came_to": null}}),
        ),
        ("receiver/latest", json!("search=")),
        ("views/list", json!({"list": "queues"})),
    ]
}

/// Those that a viewer may not call, with fields that would do.
pub const CHANGES: &[(&str, &str)] = &[
    ("cache/forget", "key=k"),
    ("calendars/create", "name=n&time_zone=UTC"),
    ("calendars/save", "id=999&base=2027-01-01T00:00:00.000Z&name=n&time_zone=UTC"),
    ("calendars/add-exception", "id=999&date=2027-01-01&name=n"),
    ("calendars/remove-exception", "id=999&date=2027-01-01"),
    ("calendars/delete", "id=999"),
    ("lists/create", "name=n"),
    ("lists/change", "id=999&name=n"),
    ("lists/delete", "id=999"),
    ("lists/add", "id=999&number=1"),
    ("lists/import", "id=999&numbers=1"),
    ("lists/remove", "id=999&number=1"),
    ("deliveries/replay", "id=00000000-0000-0000-0000-000000000001"),
    ("deliveries/replay-from", "id=00000000-0000-0000-0000-000000000001&at=1:s2&version=ran"),
    ("deliveries/cancel", "id=00000000-0000-0000-0000-000000000001"),
    ("deliveries/retry", "id=00000000-0000-0000-0000-000000000001"),
    ("flows/failure-flow", "id=999&to="),
    ("destinations/limit", "key=https://nowhere.example&concurrency=5"),
    ("destinations/reset", "key=https://nowhere.example"),
    ("destinations/steer", "key=https://nowhere.example&act=release"),
    ("variables/save", "name=v&value=1"),
    ("variables/delete", "name=v"),
    ("secrets/save", "name=s&value=1"),
    ("secrets/signing-key", ""),
    ("secrets/delete", "name=s"),
    ("mail-profiles/save", "name=m&server=m.example&port=25&tls=none&from=a@m.example"),
    ("mail-profiles/delete", "name=m"),
    ("flows/create", "name=n&kind=service&mode=strict&source=[]"),
    ("flows/save", "id=1&base=1&name=n&kind=service&mode=strict&source=[]"),
    ("flows/duplicate", "id=1&name=n"),
    ("flows/restore", "id=1&version=1&base=1"),
    ("flows/delete", "id=1"),
    ("hooks/save", "queue=1&event=joined&flow_id=1&max_hold=30"),
    ("hooks/switch", "id=1&enabled=true"),
    ("hooks/pause", "id=1&paused=true"),
    ("hooks/delete", "id=1&queue=1"),
    ("hooks/test", "id=1&data={}&variables={}"),
    ("many/change", "over=hooks&act=disable&ids=1"),
    ("many/copy", "ids=1&to=2&hooks=disabled"),
    ("queues/create", "name=n&kind=inbound"),
    ("queues/update", "id=1&base=2027-01-01T00:00:00.000Z&name=n"),
    ("queues/switch", "id=1&enabled=true"),
    ("queues/pause", "id=1&paused=true"),
    ("queues/variables", "id=1&base=2027-01-01T00:00:00.000Z&variables={}"),
    ("queues/delete", "id=1"),
    ("queues/duplicate", "id=1&new_name=n&hooks=disabled"),
    ("replays/start", "filter={}"),
    ("replays/change", "id=1&act=pause"),
    ("replays/rate", "id=1"),
    ("tokens/create", "name=n"),
    ("tokens/delete", "id=1"),
    ("tokens/list", "search="),
    ("tokens/made", ""),
    ("users/create", "login=n&role=admin&password=correct%20horse"),
    ("users/delete", "id=1"),
    ("users/get", r#"{"id":1}"#),
    ("users/list", "search="),
    ("users/password", "id=2&password=correct%20horse"),
    ("users/role", "id=1&role=admin"),
];

/// Those that change what is one's own alone, and are for all.
pub const OWN: &[(&str, &str)] = &[
    ("notes/close", "id=00000000-0000-0000-0000-000000000001"),
    ("session/password", "current=a&password=b&again=b"),
    ("views/save", "list=queues&name=n&query=state%3Don&back=/queues"),
    ("views/delete", "id=1"),
];

/// A browser without JavaScript, of which each request is told what it is to send.
pub struct Browser {
    url: String,
    /// What it says that its pages come from.
    origin: String,
    pub http: reqwest::Client,
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { url: server.url.clone(), origin: server.url.clone(), http }
    }

    /// A call of a server function by a script of the page.
    pub fn call(&self, path: &str, body: &str) -> RequestBuilder {
        let json = body.starts_with('{');
        let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
        self.http
            .post(format!("{}/api/panel/{path}", self.url))
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, kind)
            .body(body.to_owned())
    }

    /// A form posted by a script of the page.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let encoded =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.call(path, &pairs.join("&"))
    }

    /// A form posted by the browser itself.
    pub fn bare_form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.form(path, fields).header(header::ACCEPT, "text/html")
    }

    /// A request for a page, in this session.
    pub fn page(&self, path: &str, cookie: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.url))
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookie)
    }

    /// Where a request for a page leads; nothing where it is shown.
    pub async fn leads(&self, path: &str, cookie: &str) -> String {
        let answer = self.page(path, cookie).send().await.unwrap();
        said(&answer, header::LOCATION).to_owned()
    }

    /// One in which a new user of this role is signed in: itself and its Set-Cookie.
    pub async fn of(server: &Server, role: Role) -> (Self, String) {
        let password = PASSWORD.to_owned();
        server.admin.create_user(&Actor::operator(), "olena", role, password).await.unwrap();
        let browser = Self::new(server);
        let set = browser.sign_in("olena", PASSWORD).await;
        (browser, set)
    }

    /// Signs in with the password; the Set-Cookie.
    pub async fn sign_in(&self, login: &str, password: &str) -> String {
        let fields = [("login", login), ("password", password)];
        let answer = self.form("session/sign-in", &fields).send().await.unwrap();
        said(&answer, header::SET_COOKIE).to_owned()
    }
}

fn said(answer: &Response, name: header::HeaderName) -> &str {
    answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The cookie that a Set-Cookie sets, and the session's key in it.
pub fn cookie(set: &str) -> (&str, &str) {
    let pair = set.split(';').next().unwrap();
    (pair, pair.split('=').nth(1).unwrap())
}

/// A server with a user, and a browser in which they are signed in: its Set-Cookie.
async fn with(role: Role) -> (Server, Browser, String) {
    let server = Server::start().await;
    let (browser, set) = Browser::of(&server, role).await;
    (server, browser, set)
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
    let (_, key) = self::cookie(cookie);
    let (data, _) = server.storage.session(key, Millis(0)).await.unwrap().unwrap();
    assert!(data.len() < 1_000, "{} bytes", data.len());
}

#[test]
fn every_server_function_is_tested_here() {
    let mut named = BTreeSet::new();
    for (_, text) in sources("../app/src/api") {
        let after = text.split("endpoint = \"").skip(1);
        named.extend(after.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    let looks = looks().into_iter().map(|(path, _)| path);
    let changes = CHANGES.iter().chain(OWN).map(|(path, _)| *path);
    let tested = PUBLIC.iter().copied().chain(looks).chain(changes).map(str::to_owned);
    assert_eq!(named, tested.collect());
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_nothing() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let looks = looks()
        .into_iter()
        .map(|(path, body)| (path, body.as_str().map_or_else(|| body.to_string(), str::to_owned)));
    let changes = CHANGES.iter().chain(OWN).map(|(path, body)| (*path, (*body).to_owned()));
    for (path, body) in looks.chain(changes) {
        let answer = browser.call(path, &body).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let refused = matches!(text.as_str(), r#""signed_out""# | r#"{"refused":"signed_out"}"#);
        assert!(refused, "{path}: {text}");
    }
    assert_eq!(sessions(&server).await, 0);
}

#[tokio::test]
async fn a_viewer_changes_nothing() {
    let (server, browser, set) = with(Role::Viewer).await;
    // What is restored is read before.
    server.flow("n", json!([{"softSleep": 1}])).await;
    for (path, body) in CHANGES {
        let call = browser.call(path, body).header(header::COOKIE, cookie(&set).0);
        let text = call.send().await.unwrap().text().await.unwrap();
        let denied =
            text.starts_with(r#"{"denied":"#) || text.starts_with(r#"{"refused":{"denied":"#);
        assert!(denied, "{path}: {text}");
    }
}

#[tokio::test]
async fn a_viewer_saves_views_which_nobody_else_is_shown() {
    let (server, browser, set) = with(Role::Viewer).await;
    let pair = cookie(&set).0;
    let text = async |call: RequestBuilder, cookie: &str| {
        let sent = call.header(header::COOKIE, cookie).send().await.unwrap();
        (sent.status(), said(&sent, header::LOCATION).to_owned(), sent.text().await.unwrap())
    };
    let fields = |back| [("list", "queues"), ("name", "n"), ("query", "state=on"), ("back", back)];
    let (status, to, _) = text(browser.bare_form("views/save", &fields("/queues")), pair).await;
    assert_eq!((status.as_u16(), to.as_str()), (303, "/queues?state=on"));
    // A form leads nowhere else.
    server.storage.delete_view(model::ids::UserId(1), model::ids::ViewId(1)).await.unwrap();
    let (_, to, _) = text(browser.bare_form("views/save", &fields("//evil.example")), pair).await;
    assert_eq!(to, "/queues");

    let list = json!({"list": "queues"}).to_string();
    let (_, _, own) = text(browser.call("views/list", &list), pair).await;
    let own: Value = serde_json::from_str(&own).unwrap();
    assert_eq!((&own[0]["name"], &own[0]["query"]), (&json!("n"), &json!("state=on")));
    let password = PASSWORD.to_owned();
    server.admin.create_user(&Actor::operator(), "petro", Role::Admin, password).await.unwrap();
    let other = browser.sign_in("petro", PASSWORD).await;
    let (_, _, others) = text(browser.call("views/list", &list), cookie(&other).0).await;
    assert_eq!(others, "[]");
    let id = format!("id={}", own[0]["id"]);
    let (_, _, refused) = text(browser.call("views/delete", &id), cookie(&other).0).await;
    assert!(refused.contains("not_found"), "{refused}");
}

#[tokio::test]
async fn a_jump_names_only_pages_that_one_may_see() {
    let (server, browser, set) = with(Role::Viewer).await;
    server.queue("Users of the old desk", model::catalog::QueueType::Inbound).await;
    let find = browser.call("jump/find", &json!({"search": "users"}).to_string());
    let found = find.header(header::COOKIE, cookie(&set).0).send().await.unwrap();
    let found: Value = serde_json::from_str(&found.text().await.unwrap()).unwrap();
    let expected = json!([{
        "kind": "queue",
        "title": "Users of the old desk",
        "note": "Inbound queue",
        "href": "/queues/1/hooks",
    }]);
    assert_eq!(found, expected);
    let page = browser.page("/jump?q=users", cookie(&set).0).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("href=\"/queues/1/hooks\"") && !page.contains("href=\"/users\""));
}

#[tokio::test]
async fn another_site_can_post_nothing() {
    let (_server, browser, set) = with(Role::Admin).await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let mut request = browser.call("queues/delete", "id=1").build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        request.headers_mut().insert(header::COOKIE, cookie(&set).0.parse().unwrap());
        assert_eq!(browser.http.execute(request).await.unwrap().status(), 403, "{name}");
    }
}

#[tokio::test]
async fn signing_in_begins_another_session_and_ends_the_one_before() {
    let (server, browser, first) = with(Role::Viewer).await;
    assert!(first.contains("HttpOnly") && first.contains("SameSite=Lax"), "{first}");
    assert!(first.starts_with("offhook=") && !first.contains("Secure"), "{first}");
    let fields = [("login", "olena"), ("password", PASSWORD)];
    let again = browser.form("session/sign-in", &fields).header(header::COOKIE, cookie(&first).0);
    let again = again.send().await.unwrap();
    let second = said(&again, header::SET_COOKIE);
    assert_ne!(cookie(&first).1, cookie(second).1);
    assert_eq!(server.storage.session(cookie(&first).1, Millis(0)).await.unwrap(), None);
    assert_eq!(browser.leads("/account", cookie(&first).0).await, "/sign-in?next=/account");
    assert_eq!(browser.leads("/account", cookie(second).0).await, "");
}

#[tokio::test]
async fn a_session_over_https_has_a_cookie_for_this_host_alone() {
    let mut server = Server::prepare().await;
    let settings = r#"public_url = "https://hooks.example""#;
    std::fs::write(server.folder.path().join("offhook.toml"), settings).unwrap();
    server.up().await;
    let password = PASSWORD.to_owned();
    server.admin.create_user(&Actor::operator(), "olena", Role::Viewer, password).await.unwrap();
    let mut browser = Browser::new(&server);
    browser.origin = "https://hooks.example".into();
    let set = browser.sign_in("olena", PASSWORD).await;
    assert!(set.starts_with("__Host-offhook="), "{set}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
}

#[tokio::test]
async fn a_pages_policy_names_its_scripts_nonce_and_lets_nothing_inline_pass() {
    let (server, browser, cookie) = with(Role::Viewer).await;
    let mut seen = BTreeSet::new();
    for (path, status) in [("/queues", 200), ("/queues", 200), ("/nothing", 404), ("/users", 403)] {
        let page = browser.page(path, &cookie).send().await.unwrap();
        assert_eq!(page.status(), status, "{path}");
        let policy = said(&page, header::CONTENT_SECURITY_POLICY).to_owned();
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
        let (nonce, _) = rest.split_once('\'').unwrap();
        let text = page.text().await.unwrap();
        let scripts = text.matches("<script").count();
        let allowed = text.matches(&format!("nonce=\"{nonce}\"")).count();
        assert!(
            scripts > 0 && allowed >= scripts,
            "{path}: {allowed} of {scripts} scripts may run"
        );
        seen.insert(nonce.to_owned());
    }
    assert_eq!(seen.len(), 4, "a nonce is used once");
    // What is no page allows nothing at all.
    let list = browser.call("queues/list", "{}").header(header::COOKIE, &cookie);
    let policy = list.send().await.unwrap();
    assert!(
        said(&policy, header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'; frame")
    );
    drop(server);
}

#[tokio::test]
async fn changing_ones_password_ends_ones_other_sessions() {
    let (_server, browser, here) = with(Role::Viewer).await;
    let there = browser.sign_in("olena", PASSWORD).await;
    let new = "another password";
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    let call = browser.form("session/password", &fields).header(header::COOKIE, cookie(&here).0);
    let changed = call.send().await.unwrap();
    let now = said(&changed, header::SET_COOKIE).to_owned();
    assert!(changed.text().await.unwrap().starts_with(r#"{"done":"#));
    assert_eq!(browser.leads("/account", cookie(&now).0).await, "");
    for old in [here, there] {
        assert_eq!(browser.leads("/account", cookie(&old).0).await, "/sign-in?next=/account");
    }
}

#[tokio::test]
async fn a_new_tokens_secret_is_shown_once_and_not_kept_in_the_session() {
    let (server, browser, set) = with(Role::Admin).await;
    let (pair, key) = cookie(&set);
    let create = browser.form("tokens/create", &[("name", "crm"), ("scopes[]", "read")]);
    let made = create.header(header::COOKIE, pair).send().await.unwrap().text().await.unwrap();
    assert!(made.starts_with(r#"{"done":"#), "{made}");
    let (data, _) = server.storage.session(key, Millis(0)).await.unwrap().unwrap();
    let take = async || {
        let call = browser.call("tokens/made", "").header(header::COOKIE, pair);
        call.send().await.unwrap().text().await.unwrap()
    };
    let shown: Value = serde_json::from_str(&take().await).unwrap();
    let secret = shown["secret"].as_str().unwrap();
    assert!(!String::from_utf8(data).unwrap().contains(secret));
    assert_eq!(take().await, "null");
}

#[tokio::test]
async fn what_a_form_left_behind_waits_for_a_page_that_shows_it() {
    let (_server, browser, set) = with(Role::Viewer).await;
    let (pair, _) = cookie(&set);
    let refused = browser.bare_form("queues/create", &[("kind", "inbound")]);
    let refused = refused.header(header::COOKIE, pair).send().await.unwrap();
    assert_eq!(said(&refused, header::LOCATION), "/queues");
    let denial = "the role editor or admin";
    assert_eq!(browser.leads("/", pair).await, "/overview");
    browser.page("/flows/1/export.json", pair).send().await.unwrap();
    browser.page("/queues", pair).header("sec-purpose", "prefetch").send().await.unwrap();
    let page = async || browser.page("/queues", pair).send().await.unwrap().text().await.unwrap();
    let shows = |page: &str| page.contains("olena may not do this") && page.contains(denial);
    assert!(shows(&page().await));
    assert!(!shows(&page().await));
}
