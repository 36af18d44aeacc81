//! Pages as the server draws them.

use crate::{
    panel::{Browser, cookie},
    stream::{hooked, post},
    support::Server,
};
use model::user::{Actor, Role};
use reqwest::header;
use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

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

#[tokio::test]
async fn a_browser_keeps_a_file_of_the_panel_until_it_is_another_be_that_an_older_one() {
    let mut server = Server::prepare().await;
    let site = server.folder.path().join("site");
    let file = site.join("pkg/offhook.css");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let put = |text: &str, at: u64| {
        std::fs::write(&file, text).unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
    };
    put("newer", 1_800_000_000);
    server.set("OFFHOOK_SITE_ROOT", site.display().to_string());
    server.up().await;
    let get = async |known: Option<&str>| {
        let mut request = server.http.get(format!("{}/pkg/offhook.css", server.url));
        if let Some(known) = known {
            let since = "Fri, 15 Jan 2027 08:00:00 GMT";
            request = request.header("if-none-match", known).header("if-modified-since", since);
        }
        let answer = request.send().await.unwrap();
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), tag, answer.text().await.unwrap())
    };
    let (status, newer, text) = get(None).await;
    assert_eq!((status, text.as_str()), (200, "newer"));
    assert_eq!(get(Some(&newer)).await, (304, newer.clone(), String::new()));
    assert_eq!(get(Some(&format!("\"other\", W/{newer}"))).await.0, 304);
    put("older", 1_700_000_000);
    let (status, older, text) = get(Some(&newer)).await;
    assert_eq!((status, text.as_str()), (200, "older"));
    assert_ne!(older, newer);
}
