use super::*;
use model::{
    catalog::EventKind,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
};

fn row(state: DeliveryState, failure: Option<Failure>) -> DeliveryRow {
    let id = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901";
    DeliveryRow {
        seq: 1,
        id: id.parse::<DeliveryId>().unwrap(),
        event_id: id.parse::<EventId>().unwrap(),
        event: EventKind::Missed,
        queue_id: QueueId(1),
        queue_name: "Support line".into(),
        hook_id: HookId(1),
        flow_id: FlowId(1),
        flow_version: 1,
        flow_name: "Alert supervisor".into(),
        call_attempt: Some(80217),
        state,
        attempts: 2,
        duration_us: None,
        failure,
        warning: None,
        created_at: Millis(0),
        finished_at: None,
        next_at: Some(Millis(38_000)),
        hold_until: Some(Millis(60_000)),
        out_of_order: false,
        replay_of: None,
        test: false,
    }
}

#[test]
fn a_retry_names_the_answer_the_wait_and_what_waits_for_it() {
    let mut failure = Failure::new(FailureClass::Status, "503");
    failure.host = Some("alerts.example".into());
    failure.status = Some(503);
    failure.retry_after_ms = Some(60_000);
    let cause = explain(&row(DeliveryState::Retrying, Some(failure)), None, true).unwrap();
    assert_eq!(
        cause.plain(),
        "alerts.example answered 503 Service Unavailable. Its Retry-After asks for 60 s. \
         Attempt 3 of 8 is due at 00:00:38.000. \
         The call's later events wait for it until 00:01:00.000."
    );
}

#[test]
fn a_fault_of_the_flow_says_where_and_that_it_is_not_tried_again() {
    let mut failure = Failure::new(FailureClass::Flow, "no step has the tag report");
    failure.step = Some("/2/if/then/0".into());
    let cause = explain(&row(DeliveryState::Dead, Some(failure)), None, true).unwrap();
    assert_eq!(cause.tone, Tone::Bad);
    assert!(cause.plain().starts_with(
        "Step /2/if/then/0 of the flow is at fault: No step has the tag report. A fault of the flow"
    ));
}

#[test]
fn a_refused_target_says_how_to_admit_it() {
    let mut failure =
        Failure::new(FailureClass::ForbiddenTarget, "127.0.0.1 is a loopback address");
    failure.host = Some("127.0.0.1:9000".into());
    let cause = explain(&row(DeliveryState::Dead, Some(failure)), None, true).unwrap();
    assert!(cause.plain().contains("OFFHOOK_ALLOW_TARGETS=127.0.0.1:9000"));
}

#[test]
fn numbers_are_written_for_people() {
    assert_eq!(span(1_500), "1,500 ms");
    assert_eq!(span(60_000), "60 s");
    assert_eq!(span(600_000), "10 min");
    assert_eq!(span(86_400_000), "24 h");
    assert_eq!(size(1 << 20), "1 MiB");
    assert_eq!(size(500), "500 bytes");
}
