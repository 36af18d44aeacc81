//! `LogStore`: text inside events, requests and answers.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState},
    event::Event,
    page::{Cursor, Slice},
    time::Millis,
    trace::{Answer, AttemptOutcome, Body, Exchange, StepRecord},
};
use serde_json::{Value, json};
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Completion, NewEvent},
};

fn inside(text: &str, cursor: Cursor, size: u32) -> DeliveryQuery {
    let filter = DeliveryFilter {
        text: text.into(),
        from: Some(NOW.plus(-HOUR)),
        to: Some(NOW.plus(24 * HOUR)),
        ..DeliveryFilter::default()
    };
    DeliveryQuery { filter, cursor, size }
}

/// The row numbers of all deliveries that hold the text, newest first, however often the search
/// has to be gone on with.
async fn found(store: &dyn Storage, text: &str) -> Vec<i64> {
    let mut all = Vec::new();
    let mut cursor = Cursor::Newest;
    loop {
        let slice = log(store, inside(text, cursor, 200)).await;
        all.extend(seqs(&slice.items));
        match slice.older {
            Some(seq) => cursor = Cursor::Before(seq),
            None => return all,
        }
    }
}

/// An event with these fields and variables.
pub fn with(new: NewEvent, data: Value, variables: Value) -> NewEvent {
    let map = |value| match value {
        Value::Object(map) => map,
        other => panic!("no object: {other}"),
    };
    let event = Event { data: map(data), variables: map(variables), ..(*new.event).clone() };
    NewEvent { event: Arc::new(event), ..new }
}

/// A step that sent and was answered this.
pub fn exchanged(request: &str, answer: &str) -> StepRecord {
    let body = |text: &str| Body { text: text.into(), cut_from: None };
    StepRecord {
        flow: None,
        id: "s1".into(),
        path: "/0".into(),
        action: "httpRequest".into(),
        name: None,
        visit: 1,
        at_us: 0,
        duration_us: 5,
        input: json!({"method": "POST"}),
        output: json!({"contact": "C-17"}),
        warnings: Vec::new(),
        http: Some(Exchange {
            method: "POST".into(),
            url: "https://crm.example/Calls/7".into(),
            request_headers: vec![("X-Tenant".into(), "Acme GmbH".into())],
            request_body: body(request),
            answer: Some(Answer {
                status: 200,
                headers: vec![("x-trace".into(), "t-4711".into())],
                body: body(answer),
            }),
        }),
        error: None,
    }
}

#[tokio::test]
async fn text_is_found_in_fields_and_variables_in_any_case_of_ascii() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = with(
            one.new_event(NOW),
            json!({"destination": "+380441234567", "attempt_id": 80_217}),
            json!({"crm_id": "Aé-17", "note": "said \"hello\"\n100%", "deep": {"list": ["Inner_x"]}}),
        );
        let first = accept(&*store, first).await.seq;
        let other = with(one.new_event(NOW), json!({}), json!({"region": "Київ"}));
        let other = accept(&*store, other).await.seq;
        for (text, expected) in [
            ("+380441234567", vec![first]),
            ("044123", vec![first]),
            ("80217", vec![first]),
            ("aé-17", vec![first]),
            ("  Aé-17 ", vec![first]),
            ("said \"HELLO\"", vec![first]),
            ("hello\"\n100%", vec![first]),
            ("inner_X", vec![first]),
            ("innerxx", vec![]),
            ("crm_id", vec![first]),
            ("Київ", vec![other]),
            ("region", vec![other]),
            ("%", vec![first]),
            ("nowhere", vec![]),
        ] {
            assert_eq!(found(&*store, text).await, expected, "{text:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn text_is_found_in_requests_answers_and_steps_and_not_in_the_names_of_a_trace() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let told = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let mut attempt = attempt(1, AttemptOutcome::Completed, None);
        attempt.steps = vec![exchanged(r#"{"caller":"Olena"}"#, r#"{"error": "pager is full"}"#)];
        let done = one.completion(&told, DeliveryState::Delivered, NOW);
        complete(&*store, vec![Completion { attempt: Some(attempt), ..done }]).await;
        one.accept(&*store, NOW, DeliveryState::Pending).await;
        for text in [
            "olena",
            r#"{"caller":"Olena"}"#,
            "Pager is full",
            r#""error": "pager"#,
            "crm.example/calls",
            "x-tenant",
            "ACME gmbh",
            "T-4711",
            "c-17",
        ] {
            assert_eq!(found(&*store, text).await, [told.seq], "{text:?}");
        }
        for text in ["duration_us", "request_body", "steps_dropped", "at_us", "httpRequest"] {
            assert_eq!(found(&*store, text).await, [0; 0], "{text:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_trace_that_nests_too_deeply_is_searched_as_far_as_it_can_be_read() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let told = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let mut attempt = attempt(1, AttemptOutcome::Completed, None);
        let deep = (0..200).fold(json!("Marta"), |inside, _| json!([inside]));
        attempt.steps = vec![
            exchanged("the caller is Olena", "{}"),
            StepRecord { input: deep, ..exchanged("the caller is Marta", "{}") },
        ];
        let done = one.completion(&told, DeliveryState::Delivered, NOW);
        complete(&*store, vec![Completion { attempt: Some(attempt), ..done }]).await;
        assert_eq!(found(&*store, "caller is olena").await, [told.seq]);
        assert_eq!(found(&*store, "caller is marta").await, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn text_goes_with_the_other_filters_and_with_the_span() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let early = a.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let late = a.accept(&*store, NOW.plus(HOUR), DeliveryState::Pending).await.seq;
        let other = b.accept(&*store, NOW.plus(HOUR), DeliveryState::Pending).await.seq;
        assert_eq!(found(&*store, "Київ").await, [other, late, early]);
        let ask = async |queues, from: Millis| {
            let filter = DeliveryFilter {
                text: "Київ".into(),
                queues,
                from: Some(from),
                ..DeliveryFilter::default()
            };
            let query = DeliveryQuery { filter, size: 10, ..DeliveryQuery::default() };
            seqs(&log(&*store, query).await.items)
        };
        assert_eq!(ask(vec![a.queue.id], NOW).await, [late, early]);
        assert_eq!(ask(vec![a.queue.id], NOW.plus(1)).await, [late]);
        assert_eq!(ask(vec![], NOW.plus(1)).await, [other, late]);
    })
    .await;
}

#[tokio::test]
async fn a_search_is_walked_from_the_newest_row_to_the_oldest_and_back() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut hits = Vec::new();
        for second in 0..10 {
            let at = NOW.plus(second * 1_000);
            let text = if second % 2 == 0 { "needle" } else { "hay" };
            let new = with(one.new_event(at), json!({}), json!({"what": text}));
            let seq = accept(&*store, new).await.seq;
            if second % 2 == 0 {
                hits.push(seq);
            }
        }
        let ask = async |cursor| log(&*store, inside("needle", cursor, 2)).await;
        let newest = ask(Cursor::Newest).await;
        assert_eq!(seqs(&newest.items), [hits[4], hits[3]]);
        assert_eq!((newest.newer, newest.older), (None, Some(hits[3])));
        let middle = ask(Cursor::Before(hits[3])).await;
        assert_eq!(seqs(&middle.items), [hits[2], hits[1]]);
        assert_eq!((middle.newer, middle.older), (Some(hits[2]), Some(hits[1])));
        let oldest = ask(Cursor::Before(hits[1])).await;
        assert_eq!((seqs(&oldest.items), oldest.older), (vec![hits[0]], None));
        let back = ask(Cursor::After(hits[0])).await;
        assert_eq!(seqs(&back.items), [hits[2], hits[1]]);
        assert_eq!((back.newer, back.older), (Some(hits[2]), Some(hits[1])));
        let top = ask(Cursor::After(hits[2])).await;
        assert_eq!((seqs(&top.items), top.newer), (vec![hits[4], hits[3]], None));
    })
    .await;
}

/// More deliveries than one search looks at.
const MANY: i64 = 5_200;

#[tokio::test]
async fn a_search_that_has_to_stop_says_how_far_it_came_and_leads_on() {
    on_every_backend(async |store: Arc<dyn Storage>| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = with(one.new_event(NOW), json!({}), json!({"what": "needle"}));
        let first = accept(&*store, first).await.seq;
        let hay = (1..MANY).map(|ms| one.new_event(NOW.plus(ms))).collect();
        commit(&*store, hay).await;

        let stopped: Slice<_> = log(&*store, inside("needle", Cursor::Newest, 10)).await;
        let came = stopped.searched_to.expect("it had to stop");
        assert!(stopped.items.is_empty() && came > NOW && came < NOW.plus(MANY - 1), "{came}");
        let at = stopped.older.expect("it leads on");
        let passed = log(&*store, inside("needle", Cursor::Before(at), 10)).await;
        assert!(passed.newer.is_some(), "it leads back");
        assert_eq!(found(&*store, "needle").await, [first]);

        let up = log(&*store, inside("nothing", Cursor::After(first), 10)).await;
        assert!(up.searched_to.is_some() && up.newer.is_some_and(|seq| seq > first));
    })
    .await;
}
