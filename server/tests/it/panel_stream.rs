//! The log as it happens, told to the panel's pages.

use crate::{
    panel::{Browser, cookie},
    stream::{Reader, hooked, post, post_about},
    support::*,
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryQuery,
    user::Role,
};
use reqwest::{RequestBuilder, header};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// A browser in which a viewer is signed in: itself and its cookie.
async fn viewer(server: &Server) -> (Browser, String) {
    let (browser, set) = Browser::of(server, Role::Viewer).await;
    (browser, cookie(&set).0.to_owned())
}

/// A request for the stream of a page, as a browser sends it.
fn asked(browser: &Browser, cookie: &str, query: &str) -> RequestBuilder {
    browser
        .page(&format!("/deliveries/stream?{query}"), cookie)
        .header(header::ACCEPT, "text/event-stream")
}

/// What stands in the page's list, and the place that came with it.
async fn listed(browser: &Browser, cookie: &str) -> (Value, String) {
    let query = DeliveryQuery { size: 50, ..DeliveryQuery::default() };
    let query = json!({"query": query}).to_string();
    let call = browser.call("deliveries/list", &query).header(header::COOKIE, cookie);
    let text = call.send().await.unwrap().text().await.unwrap();
    let found: Value = serde_json::from_str(&text).unwrap();
    (found["slice"]["items"].clone(), found["place"].as_str().unwrap().to_owned())
}

/// Each delivery that was told, with its state.
fn what(data: &Value) -> Vec<(i64, String)> {
    let rows = data.as_array().unwrap_or_else(|| panic!("no deliveries: {data}"));
    let one = |row: &Value| {
        (row["call_attempt"].as_i64().unwrap(), row["state"].as_str().unwrap().to_owned())
    };
    rows.iter().map(one).collect()
}

/// Reads until so many calls are delivered; what was told of each, in order, and the last place.
async fn until_delivered(
    reader: &mut Reader,
    calls: usize,
    told: &mut BTreeMap<i64, Vec<String>>,
) -> String {
    loop {
        let event = reader.next().await.unwrap();
        for (call, state) in what(&event.data) {
            told.entry(call).or_default().push(state);
        }
        let ended = told.values().filter(|states| states.last().unwrap() == "delivered");
        if ended.count() >= calls {
            return event.place;
        }
    }
}

#[tokio::test]
async fn a_page_is_told_what_came_after_its_rows() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    post(&server, &token, queue, 1..4).await;
    server.settled().await;
    let (rows, place) = listed(&browser, &cookie).await;
    assert_eq!(what(&rows).len(), 3);
    // What happens before the page has come alive is told as well.
    post(&server, &token, queue, 4..6).await;
    let mut reader = Reader::of(asked(&browser, &cookie, &format!("since={place}"))).await;
    let welcome = reader.next().await.unwrap();
    assert_eq!((&welcome.data, &welcome.place), (&json!([]), &place));
    let mut told = BTreeMap::new();
    until_delivered(&mut reader, 2, &mut told).await;
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), [4, 5]);
}

#[tokio::test]
async fn a_page_that_was_cut_off_is_told_everything_once() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let mut reader = Reader::of(asked(&browser, &cookie, "")).await;
    let since = reader.next().await.unwrap().place;
    let mut told = BTreeMap::new();
    post(&server, &token, queue, 1..11).await;
    let last = until_delivered(&mut reader, 10, &mut told).await;
    drop(reader);
    post(&server, &token, queue, 11..31).await;
    server.settled().await;
    // As a browser does by itself: to the same address, with the last place in the header.
    let again = asked(&browser, &cookie, &format!("since={since}"));
    let mut reader = Reader::of(again.header("Last-Event-ID", &last)).await;
    assert_eq!(reader.next().await.unwrap().place, last);
    until_delivered(&mut reader, 30, &mut told).await;
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), (1..31).collect::<Vec<_>>());
    for (call, states) in &told {
        let once: BTreeSet<_> = states.iter().collect();
        assert_eq!(once.len(), states.len(), "call {call} was told twice: {states:?}");
    }
}

#[tokio::test]
async fn a_page_hears_of_what_its_filters_leave_and_of_what_goes_out_of_them() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let other = server.queue("Other", QueueType::Inbound).await;
    let flow = server.flow("quiet", json!([{"softSleep": 1}])).await;
    server.hook(other, EventKind::Joined, flow).await;
    let query = format!("queue={queue}&state=pending&span=15m");
    let mut reader = Reader::of(asked(&browser, &cookie, &query)).await;
    assert_eq!(reader.next().await.unwrap().data, json!([]));
    post(&server, &token, other, 1..3).await;
    post(&server, &token, queue, 7..8).await;
    let mut told = BTreeMap::new();
    until_delivered(&mut reader, 1, &mut told).await;
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), [7]);
}

#[tokio::test]
async fn a_page_hears_of_what_holds_its_text_within_its_span() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let mut reader = Reader::of(asked(&browser, &cookie, "text=zebra&span=7d")).await;
    assert_eq!(reader.next().await.unwrap().data, json!([]));
    post_about(&server, &token, queue, 1, "a giraffe").await;
    post_about(&server, &token, queue, 2, "a Zebra").await;
    let mut told = BTreeMap::new();
    until_delivered(&mut reader, 1, &mut told).await;
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), [2]);
    let refused = asked(&browser, &cookie, "text=zebra").send().await.unwrap();
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_page_that_lies_too_far_behind_reads_its_rows_again() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let (_, place) = listed(&browser, &cookie).await;
    post(&server, &token, queue, 1..201).await;
    server.settled().await;
    for (since, why) in [(place.as_str(), "more than is told"), ("no%20place", "no place")] {
        let mut reader = Reader::of(asked(&browser, &cookie, &format!("since={since}"))).await;
        reader.next().await.unwrap();
        let lost = reader.next().await.unwrap();
        assert_eq!(lost.data, Value::Null, "{why}");
        // From there it goes on.
        assert!(lost.place.ends_with("-0"), "{why}: {}", lost.place);
        let next = if why == "no place" { 501..502 } else { 500..501 };
        post(&server, &token, queue, next.clone()).await;
        let event = reader.next().await.unwrap();
        let first = what(&event.data).first().map(|(call, _)| *call);
        assert_eq!(first, i64::try_from(next.start).ok(), "{why}: {}", event.data);
    }
}

#[tokio::test]
async fn a_stream_is_for_those_who_are_signed_in_and_ends_with_the_session() {
    let (server, _receiver, token, queue) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let refused = asked(&browser, "", "").send().await.unwrap();
    assert_eq!(refused.status(), 303);
    assert!(refused.headers()["location"].to_str().unwrap().starts_with("/sign-in"));
    let mut reader = Reader::of(asked(&browser, &cookie, "")).await;
    post(&server, &token, queue, 1..2).await;
    until_delivered(&mut reader, 1, &mut BTreeMap::new()).await;
    let out = browser.call("session/sign-out", "").header(header::COOKIE, &cookie);
    assert!(out.send().await.unwrap().status().as_u16() < 400);
    while reader.next().await.is_some() {}
}

#[tokio::test]
async fn streams_end_when_the_server_is_told_to_stop_and_do_not_hold_it_up() {
    let (mut server, _receiver, token, _) = hooked().await;
    let (browser, cookie) = viewer(&server).await;
    let queue = server.queue("Slow", QueueType::Inbound).await;
    let flow = server.flow("slow", json!([{"softSleep": 1900}])).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let mut reader = Reader::of(asked(&browser, &cookie, "")).await;
    post(&server, &token, queue, 1..2).await;
    while reader.next().await.unwrap().data == json!([]) {}
    let told = async {
        while reader.next().await.is_some() {}
        Instant::now()
    };
    let (ended, status) = tokio::join!(told, server.terminate());
    assert!(status.success());
    // The attempt that ran was waited for, the stream was not.
    assert!(ended.elapsed() > Duration::from_millis(500), "{:?}", ended.elapsed());
}

#[tokio::test]
async fn pages_are_among_those_who_may_follow_at_once() {
    let mut server = Server::prepare().await;
    server.set("OFFHOOK_FOLLOWERS_MAX", "1");
    server.up().await;
    let (browser, cookie) = viewer(&server).await;
    let first = Reader::of(asked(&browser, &cookie, "")).await;
    let ask = async || asked(&browser, &cookie, "").send().await.unwrap().status();
    assert_eq!(ask().await, 503);
    drop(first);
    until("a place is free again", async || ask().await == 200).await;
}
