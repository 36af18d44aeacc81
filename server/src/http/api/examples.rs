//! What answers look like, for the document; of the answers' own types, so that they stay true.

use super::{
    deliveries::{DeliveryPage, Replayed},
    queues::{QueueItem, QueuePage},
};
use model::{
    JsonMap,
    catalog::{EventKind, QueueType, example as example_data},
    delivery::{DeliveryDetail, DeliveryRow, DeliveryState},
    event::EventDetail,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    time::Millis,
    trace::{Answer, Attempt, AttemptOutcome, Body, Exchange, StepRecord},
};
use serde_json::json;
use uuid::Uuid;

/// The id of the event that examples speak of.
pub const EVENT: EventId = EventId(Uuid::from_u128(0x0193a7c2_5b1e_7d21_9f0a_6c2e11b4a901));
const DELIVERY: DeliveryId = DeliveryId(Uuid::from_u128(0x0193a7c2_5b1e_7d22_8b1f_2c90d1e3f7a4));
const REPLAY: DeliveryId = DeliveryId(Uuid::from_u128(0x0193a7d0_11f0_7c03_a1d2_55e0b6c7d8e9));
const QUEUE: QueueId = QueueId(3);
const QUEUE_NAME: &str = "Support line";
const KIND: EventKind = EventKind::Leaving;
const CALL_ATTEMPT: i64 = 80_217;
const ACCEPTED: Millis = Millis(1_795_339_800_120);

/// A delivery that arrived.
pub fn row() -> DeliveryRow {
    DeliveryRow {
        seq: 4_711,
        id: DELIVERY,
        event_id: EVENT,
        event: KIND,
        queue_id: QUEUE,
        queue_name: QUEUE_NAME.into(),
        hook_id: HookId(12),
        flow_id: FlowId(5),
        flow_version: 2,
        flow_name: "Tell the CRM".into(),
        call_attempt: Some(CALL_ATTEMPT),
        state: DeliveryState::Delivered,
        attempts: 1,
        duration_us: Some(84_310),
        failure: None,
        warning: None,
        created_at: ACCEPTED,
        finished_at: Some(ACCEPTED.plus(91)),
        next_at: None,
        hold_until: None,
        out_of_order: false,
        replay_of: None,
        test: false,
    }
}

/// A stretch of the log.
pub fn delivery_page() -> DeliveryPage {
    DeliveryPage { items: vec![row()], older: Some(4_711), newer: None, searched_to: None }
}

/// The same delivery with all that belongs to it.
pub fn delivery() -> DeliveryDetail {
    DeliveryDetail {
        row: row(),
        sender_id: Some("call-80217-leaving".into()),
        occurred_at: ACCEPTED.plus(-40),
        accepted_at: ACCEPTED,
        data: data(),
        variables: variables(),
        attempts: vec![attempt()],
        replays: Vec::new(),
    }
}

/// The event that made it.
pub fn event() -> EventDetail {
    EventDetail {
        id: EVENT,
        sender_id: Some("call-80217-leaving".into()),
        event: KIND,
        queue_id: QUEUE,
        queue_name: QUEUE_NAME.into(),
        call_attempt: Some(CALL_ATTEMPT),
        occurred_at: ACCEPTED.plus(-40),
        accepted_at: ACCEPTED,
        data: data(),
        variables: variables(),
        test: false,
        deliveries: vec![row()],
        more: false,
    }
}

/// The answer to a replay of it.
pub fn replayed() -> Replayed {
    Replayed { id: REPLAY, replay_of: DELIVERY }
}

/// The first and only page of the queues.
pub fn queue_page() -> QueuePage {
    let queue = QueueItem {
        id: QUEUE,
        name: QUEUE_NAME.into(),
        kind: QueueType::Inbound,
        enabled: true,
        hooks: 2,
    };
    QueuePage { items: vec![queue], next: false }
}

fn data() -> JsonMap {
    example_data(KIND, QueueType::Inbound)
}

fn variables() -> JsonMap {
    [("region".to_owned(), "Kyiv".into())].into_iter().collect()
}

fn attempt() -> Attempt {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let text = |text: &str| Body { text: text.into(), cut_from: None };
    let url = "https://crm.example/calls";
    Attempt {
        number: 1,
        started_at: ACCEPTED.plus(6),
        duration_us: 84_310,
        outcome: AttemptOutcome::Completed,
        failure: None,
        steps: vec![StepRecord {
            id: "s1".into(),
            path: "/0".into(),
            action: "httpRequest".into(),
            name: None,
            visit: 1,
            at_us: 40,
            duration_us: 84_200,
            input: json!({"method": "POST", "url": url, "data": {"call": CALL_ATTEMPT}}),
            output: json!({"ticket": "C-1"}),
            warnings: Vec::new(),
            http: Some(Exchange {
                method: "POST".into(),
                url: url.into(),
                request_headers: vec![header("content-type", "application/json")],
                request_body: text(r#"{"call":80217}"#),
                answer: Some(Answer {
                    status: 201,
                    headers: vec![header("content-type", "application/json")],
                    body: text(r#"{"id":"C-1"}"#),
                }),
            }),
            error: None,
        }],
        steps_dropped: 0,
    }
}
