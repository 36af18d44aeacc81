//! Pages as the server draws them.

use crate::{
    panel::{Browser, PASSWORD, cookie},
    stream::{hooked, post},
};
use model::user::{Actor, Role};
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
    let operator = Actor::operator();
    let password = PASSWORD.to_owned();
    server.admin.create_user(&operator, "olena", Role::Editor, password).await.unwrap();
    let browser = Browser::new(&server);
    let set = browser.sign_in("olena", PASSWORD).await;
    let (cookie, _) = cookie(&set);
    let hook = server.admin.hooks_of(&operator, queue).await.unwrap()[0];
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
