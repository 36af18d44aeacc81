use super::*;
use model::{catalog::QueueType, queue::Queue};
use serde_json::json;
use storage::journal::Configuration;

fn index() -> Index {
    let queue = |id, kind| Queue {
        id: QueueId(id),
        name: format!("queue {id}"),
        kind,
        description: String::new(),
        enabled: true,
        variables: JsonMap::new(),
        paused: false,
        release_per_s: None,
        resumed_at: None,
        extras: JsonMap::new(),
        created_at: Millis(0),
        updated_at: Millis(0),
    };
    let queues = vec![queue(12, QueueType::Inbound), queue(13, QueueType::OutboundIvr)];
    Index::new(Configuration { revision: 1, queues, ..Configuration::default() })
}

fn checked(body: Value) -> Posted {
    check(body, &index()).unwrap()
}

fn faults(body: Value) -> Vec<(String, String)> {
    let problems = check(body, &index()).unwrap_err();
    problems.into_iter().map(|problem| (problem.pointer, problem.detail)).collect()
}

#[test]
fn an_event_is_taken_with_its_fields_typed_and_the_rest_as_variables() {
    let posted = checked(json!({
        "id": "a1", "event": "leaving", "queue_id": "12",
        "occurred_at": "2026-11-22T09:30:00.120Z",
        "data": {"channel": "call", "attempt_id": "991", "call_duration": "12.5",
                 "use_processing": "true", "cc_result": "sucess", "amd_result": "MASHINE",
                 "mood": "cheerful", "agent_name": null},
        "variables": {"crm_id": "A-17", "mood": "grim"}
    }));
    assert_eq!(posted.queue_id, QueueId(12));
    assert_eq!(
        Value::Object(posted.data),
        json!({"channel": "call", "attempt_id": 991, "call_duration": 12.5,
               "use_processing": true, "cc_result": "success", "amd_result": "MACHINE"})
    );
    assert_eq!(Value::Object(posted.variables), json!({"mood": "grim", "crm_id": "A-17"}));
}

#[test]
fn a_field_that_the_event_does_not_carry_is_a_variable() {
    let posted = checked(json!({"event": "joined", "queue_id": 12, "data": {"cc_result": 5}}));
    assert_eq!(Value::Object(posted.variables), json!({"cc_result": 5}));
}

#[test]
fn every_fault_is_named_by_its_place() {
    let found = faults(json!({
        "id": 5, "event": "joined", "queue_id": 12, "occurred_at": "yesterday", "when": 1,
        "data": {"channel": "fax", "attempt_id": 1.5, "use_processing": "maybe",
                 "destination": 380},
        "variables": []
    }));
    let places: Vec<_> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "/when",
            "/id",
            "/occurred_at",
            "/variables",
            "/data/channel",
            "/data/attempt_id",
            "/data/use_processing",
            "/data/destination"
        ]
    );
    assert_eq!(found[5].1, "is an integer, not a number");
    assert_eq!(found[7].1, "is a string, not a number");
}

#[test]
fn an_id_is_short_and_can_be_kept_by_every_database() {
    let of = |id: &str| json!({"id": id, "event": "joined", "queue_id": 12});
    let refused = |id: &str| faults(of(id)).remove(0);
    assert_eq!(refused("a\0b"), ("/id".into(), "does not hold the character U+0000".into()));
    for id in ["", &"x".repeat(SENDER_ID_MAX + 1)] {
        assert_eq!(refused(id), ("/id".into(), format!("has 1 to {SENDER_ID_MAX} characters")));
    }
    let longest = "x".repeat(SENDER_ID_MAX);
    assert_eq!(checked(of(&longest)).sender_id, Some(longest));
}

#[test]
fn unknown_events_and_queues_and_unfired_events_say_what_would_do() {
    let found = faults(json!({"event": "ringing", "queue_id": 99}));
    assert_eq!(found[0], ("/queue_id".into(), "there is no queue 99".into()));
    assert!(found[1].1.starts_with("unknown event \"ringing\"; one of joined, answered"));
    let found = faults(json!({"event": "missed", "queue_id": 13}));
    assert_eq!(
        found[0].1,
        "a queue of type outbound_ivr does not fire missed; \
         it fires joined, offering, bridged, leaving"
    );
    assert_eq!(faults(json!([])).len(), 1);
    assert_eq!(faults(json!({})).len(), 2);
}

#[test]
fn what_nests_too_deep_is_refused() {
    let mut deep = json!(1);
    for _ in 0..DEPTH_MAX {
        deep = json!([deep]);
    }
    let body = json!({"event": "joined", "queue_id": 12, "variables": {"deep": deep}});
    assert!(faults(body)[0].1.contains("32 levels"));
}

#[test]
fn the_same_content_has_the_same_fingerprint_whatever_its_order_or_id() {
    let one = checked(json!({"id": "1", "event": "joined", "queue_id": 12,
        "data": {"attempt_id": 1, "channel": "call"}, "variables": {"a": {"x": 1, "y": 2}}}));
    let same = checked(json!({"queue_id": "12", "event": "joined",
        "data": {"channel": "call", "attempt_id": "1"}, "variables": {"a": {"y": 2, "x": 1}}}));
    let other = checked(json!({"event": "joined", "queue_id": 12,
        "data": {"attempt_id": 2, "channel": "call"}}));
    assert_eq!(one.fingerprint, same.fingerprint);
    assert_ne!(one.fingerprint, other.fingerprint);
}
