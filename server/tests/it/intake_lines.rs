//! Taking events as NDJSON.

use crate::{
    intake::{EVENTS, served},
    support::Server,
};
use model::settings::{BATCH_BYTES_MAX, EVENT_BYTES_MAX};
use serde_json::{Value, json};

const LINES: (&str, &str) = ("content-type", "application/x-ndjson");

async fn post(server: &Server, token: &str, lines: String) -> (u16, Value) {
    server.post_as(token, EVENTS, &[LINES], lines).await
}

#[tokio::test]
async fn of_many_lines_a_bad_one_costs_no_good_one_and_is_named() {
    let (server, token, queue) = served().await;
    let good = |id: &str| json!({"id": id, "event": "joined", "queue_id": queue}).to_string();
    let unknown = json!({"event": "joined", "queue_id": queue + 1});
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let lines = [
        good("a"),
        String::new(),
        "{\"event\": ".into(),
        good("a"),
        format!("{}\r", good("b")),
        unknown.to_string(),
        deep,
        "7".into(),
    ];
    let (status, answer) = post(&server, &token, lines.join("\n")).await;
    assert_eq!(status, 202, "{answer}");
    let counts = (&answer["accepted"], &answer["duplicates"], &answer["rejected"]);
    assert_eq!(counts, (&json!(2), &json!(1), &json!(4)), "{answer}");
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 7);
    assert_eq!((&items[2]["id"], &items[2]["duplicate"]), (&items[0]["id"], &json!(true)));
    let lines: Vec<_> = items.iter().map(|item| &item["line"]).collect();
    let none = &Value::Null;
    assert_eq!(lines, [none, &json!(3), none, none, &json!(6), &json!(7), &json!(8)]);
    let told = |place: usize| items[place]["error"]["detail"].as_str().unwrap();
    assert_eq!(items[1]["error"]["status"], json!(400));
    assert!(told(1).starts_with("line 3 is not JSON: EOF while parsing"), "{}", told(1));
    assert_eq!(items[4]["error"]["errors"][0]["pointer"], json!("/4/queue_id"));
    assert_eq!(items[5]["error"]["status"], json!(422));
    assert!(told(5).contains("32 levels"), "{}", told(5));
    assert_eq!(items[6]["error"]["errors"][0]["pointer"], json!("/6"));
}

#[tokio::test]
async fn one_line_is_answered_as_many_and_nothing_as_a_fault() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "joined", "queue_id": queue}).to_string();
    let (status, answer) = post(&server, &token, event.clone()).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(1)), "{answer}");
    for nothing in ["", "\n \r\n\n"] {
        let (status, problem) = post(&server, &token, nothing.into()).await;
        assert_eq!(status, 422, "{problem}");
    }
    let (status, answer) = post(&server, &token, format!("{event}\n").repeat(1_000)).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(1_000)));
    let (status, problem) = post(&server, &token, format!("{event}\n").repeat(1_001)).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("1 to 1000 events"), "{problem}");
}

#[tokio::test]
async fn the_lines_together_have_the_size_of_many() {
    let (server, token, queue) = served().await;
    let event = json!({"event": "joined", "queue_id": queue,
                       "variables": {"x": "x".repeat(EVENT_BYTES_MAX / 2)}});
    let (status, answer) = post(&server, &token, format!("{event}\n").repeat(15)).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(15)), "{answer}");
    let lines = format!("{event}\n").repeat(17);
    assert!(lines.len() > BATCH_BYTES_MAX);
    let (status, problem) = post(&server, &token, lines).await;
    assert_eq!(status, 413, "{problem}");
}
