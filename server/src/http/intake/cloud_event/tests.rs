use super::*;
use crate::http::intake::item::Origin;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

/// A CloudEvent as it should be, with these members over its own; null takes one away.
fn cloud_event(over: Value) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": "e-1", "source": "/dialler", "type": "offhook.queue.joined",
        "subject": "7", "time": "2026-11-24T09:30:00Z",
        "data": {"data": {"attempt_id": 991}, "variables": {"crm_id": "A-17"}},
    });
    for (name, value) in over.as_object().expect("members") {
        event[name] = value.clone();
    }
    event
}

fn event(item: Item) -> Value {
    item.event.unwrap_or_else(|problem| panic!("refused: {problem:?}"))
}

/// The faults: place and what is wrong.
fn faults(item: Item) -> Vec<(String, String)> {
    let problem = item.event.expect_err("refused");
    problem.errors.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
}

fn places(item: Item) -> Vec<String> {
    faults(item).into_iter().map(|(place, _)| place).collect()
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

const WHOLE: [(&str, &str); 6] = [
    ("ce-specversion", "1.0"),
    ("ce-id", "e-1"),
    ("ce-source", "/dialler"),
    ("ce-type", "offhook.queue.joined"),
    ("ce-subject", "7"),
    ("ce-time", "2026-11-24T09:30:00Z"),
];

#[test]
fn every_mode_makes_the_same_event() {
    let same = json!({
        "id": "e-1", "event": "joined", "queue_id": 7, "occurred_at": "2026-11-24T09:30:00Z",
        "data": {"attempt_id": 991},
        "variables": {"ce_source": "/dialler", "crm_id": "A-17"},
    });
    assert_eq!(event(structured(cloud_event(json!({})))), same);

    let data = json!({"data": {"attempt_id": 991}, "variables": {"crm_id": "A-17"}}).to_string();
    let packed = "eyJkYXRhIjp7ImF0dGVtcHRfaWQiOjk5MX0sInZhcmlhYmxlcyI6eyJjcm1faWQiOiJBLTE3In19";
    let item = structured(cloud_event(json!({"data": null, "data_base64": packed})));
    assert_eq!((item.origin, event(item)), (Origin::Base64, same.clone()));

    let item = binary(&headers(&WHOLE), data.as_bytes()).expect("JSON");
    assert_eq!((item.origin, event(item)), (Origin::Binary, same));
}

#[test]
fn data_may_be_left_out() {
    for data in [Value::Null, json!({}), json!({"data": null})] {
        let event = event(structured(cloud_event(json!({"data": data}))));
        assert_eq!(
            (&event["data"], &event["variables"]),
            (&Value::Null, &json!({"ce_source": "/dialler"}))
        );
    }
    let event = event(binary(&headers(&WHOLE), b" \n").expect("no data"));
    assert_eq!(event["data"], Value::Null);
}

#[test]
fn extension_attributes_are_variables_but_those_of_the_journey() {
    let event = event(structured(cloud_event(json!({
        "crm_id": null, "partitionkey": "k", "tries": 3, "vip": true, "crmid": "outer",
        "dataschema": "urn:schema:1", "traceparent": "00-1-2-01", "knativearrivaltime": "now",
        "data": {"variables": {"crmid": "inner", "x": null}},
    }))));
    assert_eq!(
        event["variables"],
        json!({"ce_source": "/dialler", "ce_dataschema": "urn:schema:1", "partitionkey": "k",
               "tries": 3, "vip": true, "crmid": "inner", "x": null})
    );
}

#[test]
fn what_a_cloud_event_needs_is_named_by_its_attribute() {
    let none =
        json!({"specversion": null, "id": null, "source": null, "type": null, "subject": null});
    assert_eq!(
        places(structured(cloud_event(none))),
        ["/specversion", "/id", "/type", "/subject", "/source"]
    );
    assert_eq!(
        places(binary(&headers(&[("ce-id", "")]), b"{}").expect("JSON")),
        ["ce-specversion", "ce-id", "ce-type", "ce-subject", "ce-source"]
    );
    let wrong = faults(structured(cloud_event(json!({
        "specversion": "0.3", "id": 7, "source": "", "type": "com.example.joined",
        "subject": "support", "time": "a\u{7}b",
    }))));
    let expected = [
        ("/specversion", "is 1.0, the CloudEvents that are read here, not \"0.3\""),
        ("/id", "is a text"),
        (
            "/type",
            "is offhook.queue. and one of joined, answered, offering, bridged, missed, leaving, \
             processing, active, not \"com.example.joined\"",
        ),
        ("/subject", "is the number of a queue, not \"support\""),
        ("/time", "holds a control character"),
        ("/source", "is not empty where it is given"),
    ];
    let expected = expected.map(|(place, detail)| (place.to_owned(), detail.to_owned()));
    assert_eq!(wrong, expected);
    assert_eq!(places(structured(json!([]))), [""]);
}

#[test]
fn names_and_values_that_no_attribute_has_are_refused() {
    let item =
        structured(cloud_event(json!({"crm_id": "x", "Vip": true, "a": 1.5, "b": {}, "c/d": 1})));
    let mut found = places(item);
    found.sort();
    assert_eq!(found, ["/Vip", "/a", "/b", "/crm_id", "/c~1d"]);
    let mut given = headers(&WHOLE);
    given.extend(headers(&[("ce-my-own", "1"), ("ce-data", "{}"), ("ce-datacontenttype", "a/b")]));
    let mut found = places(binary(&given, b"{}").expect("JSON"));
    found.sort();
    assert_eq!(found, ["ce-data", "ce-datacontenttype", "ce-my-own"]);
}

#[test]
fn a_header_that_cannot_be_read_is_one_fault() {
    let mut given = headers(&WHOLE);
    given.append("ce-id", HeaderValue::from_static("e-2"));
    given.insert("ce-source", HeaderValue::from_static("%ff"));
    let mut found = faults(binary(&given, b"{}").expect("JSON"));
    found.sort();
    assert_eq!(
        found,
        [
            ("ce-id".to_owned(), "is given more than once".to_owned()),
            ("ce-source".into(), "is not UTF-8, percent-encoded".into()),
        ]
    );
}

#[test]
fn data_is_an_object_of_two_members_in_json() {
    let item = structured(cloud_event(json!({"data": {"attempt_id": 991, "data": {}}})));
    assert_eq!(places(item), ["/data/attempt_id"]);
    assert_eq!(places(structured(cloud_event(json!({"data": "text"})))), ["/data"]);
    assert_eq!(places(binary(&headers(&WHOLE), b"{\"x\": 1}").expect("JSON")), ["/x"]);
    assert_eq!(binary(&headers(&WHOLE), b"{").expect_err("no JSON").status, 400);

    let item = structured(cloud_event(json!({"datacontenttype": "text/xml"})));
    assert_eq!(places(item), ["/datacontenttype"]);
    event(structured(cloud_event(json!({"datacontenttype": "application/vnd.x+json; v=1"}))));

    for (packed, told) in [
        (json!("%%"), "is not base64"),
        (json!("eyI="), "holds no JSON"),
        (json!(7), "is a text in base64"),
        (json!("W10="), "is an object with data"),
    ] {
        let found = faults(structured(cloud_event(json!({"data": null, "data_base64": packed}))));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "/data_base64");
        assert!(found[0].1.starts_with(told), "{found:?}");
    }
    let both = structured(cloud_event(json!({"data_base64": "e30="})));
    assert_eq!(places(both), ["/data_base64"]);
}
