//! The log as it happens, by server-sent events.

use crate::support::*;
use model::{catalog::EventKind, catalog::QueueType, ids::QueueId, user::Actor, user::Scope};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::time::timeout;

/// A reader of the log.
pub struct Reader {
    answer: reqwest::Response,
    read: String,
    /// The last place that it was told.
    place: String,
}

/// What a reader was told: the event's kind, its place and what it holds.
pub struct Told {
    event: String,
    pub place: String,
    pub data: Value,
}

impl Told {
    /// The delivery's id and its state.
    fn what(&self) -> (String, String) {
        let text = |name: &str| self.data[name].as_str().unwrap().to_owned();
        (text("id"), text("state"))
    }
}

impl Reader {
    async fn open(server: &Server, token: &str, query: &str, last: Option<&str>) -> Self {
        let url = format!("{}/api/v1/deliveries/stream?{query}", server.url);
        let mut asked = server.http.get(url).bearer_auth(token);
        if let Some(last) = last {
            asked = asked.header("Last-Event-ID", last);
        }
        Self::of(asked).await
    }

    /// Whoever sends this request.
    pub async fn of(asked: reqwest::RequestBuilder) -> Self {
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        Self { answer, read: String::new(), place: String::new() }
    }

    /// The place where it begins.
    async fn begin(&mut self) -> String {
        while self.place.is_empty() {
            assert!(self.more().await);
            assert!(self.heard().is_none());
        }
        self.place.clone()
    }

    /// The next event; nothing where the stream has ended.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.heard() {
                return Some(told);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads until this call is told to be in this state; of no other anything may be told before.
    async fn only(&mut self, call: usize, state: &str) -> Told {
        loop {
            let told = self.next().await.unwrap();
            assert_eq!(told.data["call_attempt"], json!(call), "{}", told.data);
            if told.data["state"] == state {
                return told;
            }
        }
    }

    /// The next event of what has been read. As the standard has it: what has no data is none, and its
    /// id is taken over all the same.
    fn heard(&mut self) -> Option<Told> {
        while let Some((event, rest)) = self.read.split_once("\n\n") {
            let (event, rest) = (event.to_owned(), rest.to_owned());
            self.read = rest;
            let line = |name: &str| {
                let found = event.lines().find_map(|line| line.strip_prefix(name));
                found.map(|found| found.trim().to_owned())
            };
            if let Some(place) = line("id:") {
                self.place = place;
            }
            if let Some(data) = line("data:").filter(|data| !data.is_empty()) {
                let (event, place) = (line("event:").unwrap_or_default(), self.place.clone());
                return Some(Told { event, place, data: serde_json::from_str(&data).unwrap() });
            }
        }
        None
    }

    /// Reads on; whether there was more.
    async fn more(&mut self) -> bool {
        let more = timeout(PATIENCE, self.answer.chunk()).await.expect("the stream says more");
        let Ok(Some(more)) = more else { return false };
        self.read.push_str(std::str::from_utf8(&more).unwrap());
        true
    }
}

/// A served installation with a hook that tells a receiver.
pub async fn hooked() -> (Server, Receiver, String, QueueId) {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("first", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let token = server.token(&[Scope::Ingest, Scope::Manage, Scope::Read]).await;
    server.up().await;
    (server, receiver, token, queue)
}

pub async fn post(server: &Server, token: &str, queue: QueueId, calls: std::ops::Range<usize>) {
    let event =
        |call: usize| json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call}});
    let (status, answer) =
        server.post(token, "/api/v1/events", Value::from_iter(calls.map(event))).await;
    assert_eq!(status, 202, "{answer}");
}

/// Posts an event of this call that is about something.
pub async fn post_about(server: &Server, token: &str, queue: QueueId, call: usize, about: &str) {
    let event = json!({"event": "joined", "queue_id": queue, "data": {"attempt_id": call},
                       "variables": {"about": about}});
    let (status, answer) = server.post(token, "/api/v1/events", event).await;
    assert_eq!(status, 202, "{answer}");
}

/// What has this text since an hour ago.
fn lately(text: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    format!("text={text}&from={}", now - 3_600_000)
}

#[tokio::test]
async fn a_reader_that_comes_back_is_told_everything_once() {
    const CALLS: usize = 60;
    let (server, _receiver, token, queue) = hooked().await;
    let mut told = Vec::new();
    let mut last = None;
    // Each connection is given up after a few events, while others are on their way.
    for part in 0..6 {
        let mut reader = Reader::open(&server, &token, "", last.as_deref()).await;
        post(&server, &token, queue, part * 10..part * 10 + 10).await;
        for _ in 0..7 {
            let event = reader.next().await.unwrap();
            assert_eq!(event.event, "delivery");
            told.push(event.what());
            last = Some(event.place);
        }
    }
    let mut reader = Reader::open(&server, &token, "", last.as_deref()).await;
    let ended = |told: &[(String, String)]| {
        let ended = told.iter().filter(|(_, state)| state == "delivered");
        ended.map(|(id, _)| id.clone()).collect::<BTreeSet<_>>().len()
    };
    while ended(&told) < CALLS {
        told.push(reader.next().await.unwrap().what());
    }
    let once: BTreeSet<_> = told.iter().collect();
    assert_eq!(once.len(), told.len(), "something was told twice: {told:?}");
    let all: BTreeSet<_> = told.iter().map(|(id, _)| id).collect();
    assert_eq!(all.len(), CALLS);
}

#[tokio::test]
async fn a_filter_holds_and_a_place_that_is_none_is_lost() {
    let (server, _receiver, token, queue) = hooked().await;
    let other = server.queue("Other", QueueType::Inbound).await;
    let quiet = format!("queue={queue}&state=delivered");
    let mut reader = Reader::open(&server, &token, &quiet, None).await;
    post(&server, &token, other, 1..3).await;
    post(&server, &token, queue, 7..8).await;
    let first = reader.next().await.unwrap();
    assert_eq!(
        (&first.data["call_attempt"], &first.data["state"]),
        (&json!(7), &json!("delivered"))
    );
    for place in ["7000-9000-1", "no place"] {
        let mut reader = Reader::open(&server, &token, "", Some(place)).await;
        assert_eq!(reader.next().await.unwrap().event, "lost", "{place}");
    }
}

#[tokio::test]
async fn a_text_is_followed_in_events_and_once_it_stands_in_an_answer() {
    let (server, _receiver, token, queue) = hooked().await;
    let open = async |text: &str| Reader::open(&server, &token, &lately(text), None).await;
    let mut about = open("ZEBRA").await;
    let mut answered = open("%22id%22:%22c-1%22").await;
    post_about(&server, &token, queue, 1, "a giraffe").await;
    post_about(&server, &token, queue, 2, "a zebra").await;
    about.only(2, "delivered").await;
    for _ in 0..2 {
        let told = answered.next().await.unwrap();
        assert_eq!(told.data["state"], json!("delivered"), "{}", told.data);
    }
}

#[tokio::test]
async fn who_follows_a_text_and_comes_back_is_told_everything_once() {
    let (server, _receiver, token, queue) = hooked().await;
    let query = lately("zebra");
    let mut last = Reader::open(&server, &token, &query, None).await.begin().await;
    for call in 1..31 {
        let about = if call % 3 == 0 { "a zebra" } else { "a giraffe" };
        post_about(&server, &token, queue, call, about).await;
    }
    server.settled().await;
    let mut calls = Vec::new();
    // Each connection is given up after a few events.
    for _ in 0..5 {
        let mut reader = Reader::open(&server, &token, &query, Some(&last)).await;
        for _ in 0..2 {
            let told = reader.next().await.unwrap();
            calls.push(told.data["call_attempt"].as_i64().unwrap());
            last = told.place;
        }
    }
    assert_eq!(calls, (1..11).map(|n| 3 * n).collect::<Vec<i64>>());
}

#[tokio::test]
async fn times_and_ids_leave_what_was_made_then_though_it_changes_later() {
    let (server, _receiver, token, queue) = hooked().await;
    let slow = server.queue("Slow", QueueType::Inbound).await;
    let flow = server.flow("slow", json!([{"softSleep": 3_600_000}])).await;
    server.hook(slow, EventKind::Joined, flow).await;
    let mut all = Reader::open(&server, &token, "", None).await;
    post(&server, &token, slow, 1..2).await;
    let waits = all.only(1, "waiting").await.data;
    let (id, at) = (waits["id"].as_str().unwrap(), waits["created_at"].as_i64().unwrap() + 1);
    let open = async |query: String| Reader::open(&server, &token, &query, None).await;
    let mut before = open(format!("to={at}")).await;
    let mut after = open(format!("from={at}")).await;
    let mut alone = open(format!("id={id}")).await;

    post(&server, &token, queue, 2..3).await;
    after.only(2, "delivered").await;
    let cancel = format!("/api/v1/deliveries/{id}/cancel");
    assert_eq!(server.post(&token, &cancel, "").await.0, 204);
    // Its span is over, and it is told what becomes of what was made in that.
    before.only(1, "cancelled").await;
    alone.only(1, "cancelled").await;
    post(&server, &token, queue, 3..4).await;
    after.only(3, "delivered").await;
}

#[tokio::test]
async fn what_the_list_refuses_is_not_followed_either() {
    let (server, _receiver, token, _) = hooked().await;
    for (query, name) in [
        ("text=zebra", "from"),
        ("text=zebra&from=2020-01-01T00:00:00Z", "from"),
        ("from=yesterday", "from"),
        ("search=%00", "search"),
        ("id=7", "id"),
    ] {
        let ask = async |path: &str| {
            server.get(&token, &format!("/api/v1/deliveries{path}?{query}")).await
        };
        let (status, problem) = ask("/stream").await;
        let first = &problem["parameters"][0]["name"];
        assert_eq!((status, first), (400, &json!(name)), "{query}: {problem}");
        assert_eq!(ask("").await, (status, problem), "{query}");
    }
}

#[tokio::test]
async fn a_reader_that_was_told_nothing_has_missed_nothing_when_it_comes_back() {
    let (server, _receiver, token, queue) = hooked().await;
    let quiet = format!("queue={queue}&state=delivered");
    let mut reader = Reader::open(&server, &token, &quiet, None).await;
    let begun = reader.begin().await;
    drop(reader);
    post(&server, &token, queue, 7..8).await;
    let mut reader = Reader::open(&server, &token, &quiet, Some(&begun)).await;
    assert_eq!(reader.next().await.unwrap().data["call_attempt"], json!(7));
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_read() {
    let (server, _receiver, token, queue) = hooked().await;
    let mut reader = Reader::open(&server, &token, "", None).await;
    post(&server, &token, queue, 1..2).await;
    assert_eq!(reader.next().await.unwrap().event, "delivery");
    let operator = Actor::operator();
    for token in server.admin.tokens(&operator, "").await.unwrap() {
        server.admin.delete_token(&operator, token.id).await.unwrap();
    }
    while reader.next().await.is_some() {}
}

#[tokio::test]
async fn who_follows_beyond_the_limit_is_told_to_come_again() {
    let mut server = Server::prepare().await;
    server.set("OFFHOOK_FOLLOWERS_MAX", "2");
    let token = server.token(&[Scope::Read]).await;
    server.up().await;
    let first = Reader::open(&server, &token, "", None).await;
    let _second = Reader::open(&server, &token, "", None).await;
    let url = format!("{}/api/v1/deliveries/stream", server.url);
    let ask = async || server.http.get(&url).bearer_auth(&token).send().await.unwrap();
    let refused = ask().await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"10".parse().unwrap())
    );
    let told: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert!(told["detail"].as_str().unwrap().contains("followers_max"), "{told}");
    drop(first);
    until("a place is free again", async || ask().await.status() == 200).await;
}
