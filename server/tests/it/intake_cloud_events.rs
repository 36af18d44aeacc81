//! Taking CloudEvents 1.0 over HTTP.

use crate::{
    intake::{EVENTS, served},
    support::{Receiver, Server},
};
use model::{catalog::EventKind, ids::QueueId, settings::EVENT_BYTES_MAX};
use serde_json::{Value, json};

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json; charset=UTF-8");
const BATCHED: (&str, &str) = ("content-type", "application/cloudevents-batch+json");
const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

fn cloud_event(id: &str, queue: i64) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/dialler/1", "type": "offhook.queue.joined",
           "subject": queue.to_string(), "time": "2026-11-24T09:30:00+02:00", "data": content()})
}

/// The data of each of these events.
fn content() -> Value {
    json!({"data": {"attempt_id": 991, "channel": "call", "destination": "+380441234567"},
           "variables": {"crm_id": "A-17"}})
}

/// The headers of the same event in binary mode.
fn headers<'h>(id: &'h str, queue: &'h str) -> Vec<(&'h str, &'h str)> {
    vec![
        JSON,
        ("ce-specversion", "1.0"),
        ("ce-id", id),
        ("CE-Source", "/dialler/1"),
        ("ce-type", "offhook.queue.joined"),
        ("ce-subject", queue),
        ("ce-time", "2026-11-24T09:30:00+02:00"),
    ]
}

async fn post(
    server: &Server,
    token: &str,
    headers: &[(&str, &str)],
    body: impl ToString,
) -> (u16, Value) {
    server.post_as(token, EVENTS, headers, body.to_string()).await
}

/// The pointers of a problem's faults.
fn places(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_same_event_is_the_same_in_every_mode_and_fires_hooks() {
    let (server, token, queue) = served().await;
    let receiver = Receiver::start().await;
    let steps = json!([{"httpRequest": {"url": format!("http://{}/", receiver.addr),
        "data": {"event": "${event}", "call": "${attempt_id}", "crm": "${crm_id}",
                 "at": "${occurred_at}", "source": "${ce_source}"}}}]);
    let flow = server.flow("Tell", steps).await;
    server.hook(QueueId(queue), EventKind::Joined, flow).await;

    let number = queue.to_string();
    let (status, first) = post(&server, &token, &headers("e-1", &number), content()).await;
    assert_eq!((status, &first["deliveries"]), (202, &json!(1)), "{first}");
    let event = cloud_event("e-1", queue);
    let (status, again) = post(&server, &token, &[STRUCTURED], &event).await;
    assert_eq!((status, &again["id"], &again["duplicate"]), (202, &first["id"], &json!(true)));
    let batch = json!([event, cloud_event("e-2", queue)]);
    let (status, many) = post(&server, &token, &[BATCHED], batch).await;
    assert_eq!((status, &many["accepted"], &many["duplicates"]), (202, &json!(1), &json!(1)));
    assert_eq!(many["items"][0]["id"], first["id"]);

    server.settled().await;
    let received = receiver.received();
    assert_eq!(received.len(), 2);
    for request in received {
        assert_eq!(
            request.json(),
            json!({"event": "joined", "call": 991, "crm": "A-17",
                   "at": "2026-11-24T07:30:00.000Z", "source": "/dialler/1"})
        );
    }
}

#[tokio::test]
async fn of_a_batch_a_bad_one_costs_no_good_one() {
    let (server, token, queue) = served().await;
    let mut old = cloud_event("b", queue);
    old["specversion"] = json!("0.3");
    let mut wrong = cloud_event("c", queue);
    wrong["data"]["data"]["attempt_id"] = json!("many");
    let mut other = cloud_event("a", queue);
    other["source"] = json!("/dialler/2");
    let batch = json!([cloud_event("a", queue), old, wrong, other, 7, cloud_event("d", queue)]);
    let (status, answer) = post(&server, &token, &[BATCHED], batch).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(2), &json!(4)), "{answer}");
    let error = |place: usize| &answer["items"][place]["error"];
    assert_eq!(places(error(1)), ["/1/specversion"]);
    assert_eq!(places(error(2)), ["/2/data/data/attempt_id"]);
    // The source is part of the content: its event is never taken for a repetition.
    assert_eq!((&error(3)["status"], places(error(3))), (&json!(409), vec!["/3/id"]));
    assert_eq!(places(error(4)), ["/4"]);
    assert_eq!(answer["items"][5]["duplicate"], json!(false));

    let (status, answer) = post(&server, &token, &[BATCHED], "[]").await;
    assert_eq!((status, &answer["items"]), (202, &json!([])));
    let (status, _) = post(&server, &token, &[BATCHED], cloud_event("e", queue)).await;
    assert_eq!(status, 422);
    let many = Value::from(vec![cloud_event("f", queue); 1_001]);
    let (status, problem) = post(&server, &token, &[BATCHED], many).await;
    assert_eq!(status, 422, "{problem}");
}

#[tokio::test]
async fn faults_are_named_by_attribute_or_header() {
    let (server, token, queue) = served().await;
    let number = queue.to_string();
    let mut event = cloud_event("e-1", queue);
    event["subject"] = json!((queue + 1).to_string());
    event["time"] = json!("yesterday");
    event["data"]["data"]["attempt_id"] = json!([]);
    let (status, problem) = post(&server, &token, &[STRUCTURED], &event).await;
    let wanted = vec!["/subject", "/time", "/data/data/attempt_id"];
    assert_eq!((status, places(&problem)), (422, wanted), "{problem}");

    // An event that a queue of this type does not fire.
    let mut given = headers("e-1", &number);
    given[4].1 = "offhook.queue.active";
    given[6].1 = "yesterday";
    let (status, problem) = post(&server, &token, &given, content()).await;
    assert_eq!((status, places(&problem)), (422, vec!["ce-type", "ce-time"]), "{problem}");

    let data = json!({"data": {"attempt_id": "many"}});
    let (status, problem) = post(&server, &token, &headers("e-1", &number), data).await;
    assert_eq!((status, places(&problem)), (422, vec!["/data/attempt_id"]), "{problem}");

    let given = [JSON, ("ce-id", "e-1"), ("ce-my_own", "1")];
    let (status, problem) = post(&server, &token, &given, content()).await;
    assert_eq!(status, 422);
    let wanted = ["ce-specversion", "ce-type", "ce-subject", "ce-source", "ce-my_own"];
    assert_eq!(places(&problem), wanted, "{problem}");

    let (status, problem) = post(&server, &token, &headers("e-1", &number), "{").await;
    assert_eq!(status, 400, "{problem}");
    let mut given = headers("e-1", &number);
    given[0].1 = "text/xml";
    let (status, problem) = post(&server, &token, &given, "<a/>").await;
    assert_eq!(status, 415, "{problem}");

    let (status, first) = post(&server, &token, &headers("e-1", &number), content()).await;
    assert_eq!(status, 202, "{first}");
    let (status, problem) = post(&server, &token, &headers("e-1", &number), "{}").await;
    assert_eq!((status, places(&problem)), (409, vec!["ce-id"]), "{problem}");
}

#[tokio::test]
async fn headers_are_decoded_before_they_are_read() {
    let (server, token, queue) = served().await;
    let number = queue.to_string();
    let (status, first) =
        post(&server, &token, &headers("call%207%20%E2%82%AC", &number), "").await;
    assert_eq!(status, 202, "{first}");
    for same in ["call 7 %e2%82%ac", "\"call 7 %E2%82%AC\""] {
        let (status, again) = post(&server, &token, &headers(same, &number), "").await;
        assert_eq!((status, &again["id"], &again["duplicate"]), (202, &first["id"], &json!(true)));
    }
    let (status, problem) = post(&server, &token, &headers("%C0%A0", &number), "").await;
    assert_eq!((status, places(&problem)), (422, vec!["ce-id"]), "{problem}");
}

#[tokio::test]
async fn a_resent_event_is_the_same_whatever_way_it_came() {
    let (server, token, queue) = served().await;
    let number = queue.to_string();
    let mut first = headers("e-1", &number);
    first.push(("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    let (status, answer) = post(&server, &token, &first, content()).await;
    assert_eq!(status, 202, "{answer}");
    let mut second = headers("e-1", &number);
    second.push(("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"));
    let (status, again) = post(&server, &token, &second, content()).await;
    assert_eq!((status, &again["duplicate"]), (202, &json!(true)), "{again}");
}

#[tokio::test]
async fn one_cloud_event_has_the_size_of_one_event() {
    let (server, token, queue) = served().await;
    let number = queue.to_string();
    let of_size = |size: usize| json!({"variables": {"x": "x".repeat(size)}});
    let (status, problem) =
        post(&server, &token, &headers("a", &number), of_size(EVENT_BYTES_MAX)).await;
    assert_eq!(status, 413, "{problem}");
    let mut event = cloud_event("b", queue);
    event["data"] = of_size(EVENT_BYTES_MAX);
    let (status, problem) = post(&server, &token, &[STRUCTURED], &event).await;
    assert_eq!(status, 413, "{problem}");
    let (status, answer) = post(&server, &token, &[BATCHED], json!([event])).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(0)), "{answer}");
    event["id"] = json!("c");
    event["data"] = of_size(EVENT_BYTES_MAX / 2);
    let (status, answer) = post(&server, &token, &[STRUCTURED], &event).await;
    assert_eq!(status, 202, "{answer}");
    event["data"] = json!({"variables": {"x": serde_json::from_str::<Value>(
        &format!("{}{}", "[".repeat(40), "]".repeat(40))).unwrap()}});
    let (status, problem) = post(&server, &token, &[STRUCTURED], &event).await;
    assert_eq!((status, places(&problem)), (422, vec![""]), "{problem}");
}
