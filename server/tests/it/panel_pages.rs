//! Pages as the server draws them.

use crate::{
    panel::{Browser, cookie},
    stream::{hooked, post},
};
use model::user::{Actor, Role};
use reqwest::header;
use std::collections::HashMap;

/// What a page hands to the browser of what it loaded, by the number under which it does.
fn loaded(page: &str) -> HashMap<usize, &str> {
    let mut parts = page.split("__RESOLVED_RESOURCES[");
    parts.next();
    parts
        .filter_map(|part| {
            let (number, rest) = part.split_once("] = \"")?;
            Some((number.parse().ok()?, rest.split_once("\";")?.0))
        })
        .collect()
}

#[tokio::test]
async fn a_page_loads_nothing_twice() {
    let (server, _receiver, token, queue) = hooked().await;
    post(&server, &token, queue, 1..2).await;
    let (browser, set) = Browser::of(&server, Role::Editor).await;
    let (cookie, _) = cookie(&set);
    let hook = server.admin.hooks_of(&Actor::operator(), queue).await.unwrap()[0];
    let of_queue = [
        "".to_owned(),
        "/delete".into(),
        "/deliveries".into(),
        "/duplicate".into(),
        "/hooks".into(),
        "/hooks/new".into(),
        format!("/hooks/{hook}"),
        format!("/hooks/{hook}/test"),
        format!("/hooks/many?act=move&id={hook}"),
        "/variables".into(),
    ];
    let mut pages: Vec<_> = of_queue.iter().map(|page| format!("/queues/{queue}{page}")).collect();
    pages.extend(["/queues", "/hooks", "/flows", "/deliveries", "/overview"].map(str::to_owned));
    for path in pages {
        let page = browser.page(&path, cookie).send().await.unwrap().text().await.unwrap();
        let loaded = loaded(&page);
        assert!(!loaded.is_empty(), "{path} hands over nothing");
        let mut numbers = HashMap::new();
        for (number, what) in loaded {
            let other = numbers.insert(what, number);
            assert_eq!(other, None, "{path} loads as {number} once more: {what}");
        }
    }
}

#[tokio::test]
async fn a_hook_is_resumed_at_the_rate_that_the_form_says() {
    let (server, _receiver, _, queue) = hooked().await;
    let (browser, set) = Browser::of(&server, Role::Editor).await;
    let (cookie, _) = cookie(&set);
    let operator = Actor::operator();
    let hook = server.admin.hooks_of(&operator, queue).await.unwrap()[0];
    let id = hook.to_string();
    for (typed, rate) in [("20", Some(20)), ("", None)] {
        server.admin.pause_hook(&operator, hook).await.unwrap();
        let fields = [("id", &*id), ("release_per_s", typed), ("paused", "false")];
        let posted = browser.bare_form("hooks/pause", &fields).header(header::COOKIE, cookie);
        assert_eq!(posted.send().await.unwrap().status(), 303);
        let resumed = server.storage.hook(hook).await.unwrap().unwrap();
        assert_eq!((resumed.paused, resumed.release_per_s), (None, rate), "{typed:?}");
    }
}
