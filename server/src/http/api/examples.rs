//! What answers look like, for the document; of the answers' own types, so that they stay true.

mod kept;
pub mod vault;

pub use kept::{
    cache_page, cached, calendar, calendar_page, entry_page, list_draft, list_entry, list_page,
    new_entries, number_list,
};

use super::{
    deliveries::{DeliveryPage, Replayed},
    destinations::Destinations,
    flows::{FailureFlow, Import, ImportFile, ImportReport, ImportReports, ImportStep},
    overview::Nodes,
    queues::{QueueItem, QueuePage, WholeQueue},
    replays::ReplayPage,
};
use model::{
    JsonMap,
    catalog::{EventKind, QueueType, example as example_data},
    delivery::{DeliveryDetail, DeliveryFilter, DeliveryRow, DeliveryState},
    destination::{DestinationKey, DestinationLimits, DestinationRow, Rate},
    event::EventDetail,
    flow::{FlowMode, import::Verdict},
    hook::{DEFAULT_MAX_HOLD_MS, Hook},
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId, ReplayId},
    live::{BreakerState, DestinationView, LastFailure, Live, NodeView},
    node::{NodeRole, NodeState},
    overview::{LastFailed, Overview, Point, Span, TroubledHook},
    policy::{Policy, Priority},
    queue::Figures,
    replay::{AtStep, Beginning, Beginnings, Matching, Replay, ReplayState},
    time::Millis,
    trace::{Answer, Attempt, AttemptOutcome, Body, Exchange, StepRecord},
};
use serde_json::json;
use storage::tail::TailPlace;
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
        parent: None,
        test: false,
    }
}

/// A job that replays what was given up.
pub fn replay_job() -> Replay {
    Replay {
        id: ReplayId(7),
        made_by: "olena".into(),
        made_at: ACCEPTED.plus(600_000),
        filter: DeliveryFilter {
            states: vec![DeliveryState::Dead],
            hooks: vec![HookId(12)],
            ..DeliveryFilter::default()
        },
        state: ReplayState::Running,
        per_second: Some(20),
        cursor: 4_711,
        last: 9_300,
        matched: Some(Matching { count: 214, more: false }),
        first: None,
        found: 120,
        made: 118,
        finished_at: None,
        note: String::new(),
    }
}

/// A page of jobs.
pub fn replay_page() -> ReplayPage {
    ReplayPage { items: vec![replay_job()], next: false }
}

/// A stretch of the log.
pub fn delivery_page() -> DeliveryPage {
    DeliveryPage { items: vec![row()], older: Some(4_711), newer: None, searched_to: None }
}

/// The log as it happens: one delivery.
pub fn followed() -> String {
    let place = TailPlace { from: 811, to: 812, seq: 4_711 };
    let data = serde_json::to_string(&row()).unwrap_or_default();
    format!("event: delivery\nid: {place}\ndata: {data}\n\n")
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
        begun_at: None,
        begun: None,
        children: Vec::new(),
    }
}

/// A flow that tells somebody.
pub fn failure_flow() -> FailureFlow {
    FailureFlow { flow_id: Some(FlowId(6)) }
}

/// A file of one step.
pub fn import() -> Import {
    let content = r#"{"name": "Tell the CRM", "schema": [{"success": ""}]}"#.into();
    let files = vec![ImportFile { file: "tell-the-crm.json".into(), content }];
    Import { files, mode: None, check: true }
}

/// What becomes of it.
pub fn import_reports() -> ImportReports {
    let step = ImportStep {
        path: "/0".into(),
        line: 1,
        action: "success".into(),
        verdict: Verdict::NeedsCore,
        notes: Vec::new(),
    };
    let report = ImportReport {
        file: "tell-the-crm.json".into(),
        name: Some("Tell the CRM".into()),
        mode: Some(FlowMode::Lenient),
        steps: vec![step],
        problems: Vec::new(),
        refused: None,
        flow_id: None,
    };
    ImportReports { items: vec![report] }
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

/// Where a replay of another can begin.
pub fn beginnings() -> Beginnings {
    let step = Beginning {
        at: AtStep { step: "s4".into(), visit: 1 },
        action: Some("httpRequest".into()),
        path: Some("/3".into()),
        name: Some("Tell the CRM".into()),
        behind: false,
    };
    Beginnings { steps: vec![step], left_out: 0 }
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
        paused: false,
        hooks: 2,
    };
    QueuePage { items: vec![queue], next: false }
}

/// The queue.
pub fn queue() -> WholeQueue {
    WholeQueue {
        id: QUEUE,
        name: QUEUE_NAME.into(),
        kind: QueueType::Inbound,
        description: String::new(),
        enabled: true,
        paused: false,
        release_per_s: Some(20),
        resumed_at: Some(ACCEPTED),
        variables: variables(),
        created_at: ACCEPTED.plus(-86_400_000),
        updated_at: ACCEPTED,
    }
}

/// A hook of it, with waits of its own.
pub fn hook() -> Hook {
    Hook {
        id: HookId(12),
        queue_id: QUEUE,
        event: KIND,
        flow_id: FlowId(5),
        condition: String::new(),
        enabled: true,
        paused: None,
        release_per_s: None,
        resumed_at: None,
        ordered: true,
        max_hold_ms: DEFAULT_MAX_HOLD_MS,
        policy: Policy {
            retry_waits_ms: Some(vec![2_000, 30_000, 300_000]),
            priority: Priority::High,
            ..Policy::default()
        },
        extras: JsonMap::new(),
        created_at: ACCEPTED.plus(-86_400_000),
        updated_at: ACCEPTED,
    }
}

/// What made it so.
pub fn hook_patch() -> serde_json::Value {
    let policy = hook().policy;
    json!({"policy": {"retry_waits_ms": policy.retry_waits_ms, "priority": policy.priority,
                      "max_age_ms": null}})
}

/// A destination that is stopped for the moment.
pub fn destination() -> DestinationRow {
    let limits = limits();
    DestinationRow {
        now: DestinationView {
            key: DestinationKey::new("https", "crm.example", 443),
            state: BreakerState::Open,
            forced: None,
            running: 0,
            waiting: 37,
            limit: 8,
            rate_per_s: limits.rate_per_s.map(Rate::per_second),
            slowed: true,
            failures: 11,
            last_failure: Some(LastFailure { at: ACCEPTED, what: "answered 503".into() }),
            opens_until: Some(ACCEPTED.plus(30_000)),
            drain_seconds: None,
        },
        limits,
        updated_at: Some(ACCEPTED.plus(-86_400_000)),
    }
}

/// All of them: the one.
pub fn destinations() -> Destinations {
    Destinations { items: vec![destination()] }
}

/// What may be set for it.
pub fn limits() -> DestinationLimits {
    DestinationLimits {
        concurrency: Some(8),
        rate_per_s: Rate::of_per_second(20.0),
        failure_percent: Some(30),
        ..DestinationLimits::default()
    }
}

/// One of three.
pub fn nodes() -> Nodes {
    let node = NodeView {
        name: "hooks-2:3000".into(),
        here: true,
        state: NodeState::Alive,
        roles: NodeRole::ALL.into(),
        since: ACCEPTED.plus(-86_400_000),
        seen_at: ACCEPTED,
        shards: Some((21, 64)),
        running: 12,
        events_per_s: Some(213.4),
        deliveries_per_s: Some(425.0),
        refuses: None,
    };
    Nodes { items: vec![node] }
}

/// The last minute of an hour in which little happened before.
pub fn overview() -> Overview {
    let figures = Figures { events: 640, delivered: 1_278, failed: 2, skipped: 40 };
    let whole = Point { figures, p50_ms: Some(6.2), p95_ms: Some(31.0) };
    Overview {
        span: Span::Hour,
        from: Span::Hour.from(ACCEPTED),
        to: ACCEPTED,
        step_ms: Span::Hour.step_ms(),
        points: vec![whole],
        whole,
        live: Live {
            backlog: 37,
            oldest_at: Some(ACCEPTED.plus(-48_000)),
            destinations: vec![destination().now],
            refuses: None,
        },
        retrying: 37,
        troubled: vec![TroubledHook {
            id: HookId(12),
            queue_id: QUEUE,
            queue_name: QUEUE_NAME.into(),
            event: KIND,
            flow_name: "Tell the CRM".into(),
            paused: None,
            figures: Figures { failed: 2, delivered: 638, ..Figures::default() },
            retrying: 37,
            last: Some(LastFailed { id: DELIVERY, at: ACCEPTED, failure: None }),
        }],
    }
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
            flow: None,
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
