use super::*;
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    hook::DEFAULT_MAX_HOLD_MS,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    policy::Policy,
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
        parent: None,
        test: false,
    }
}

fn hook(policy: Policy) -> Hook {
    Hook {
        id: HookId(1),
        queue_id: QueueId(1),
        event: EventKind::Missed,
        flow_id: FlowId(1),
        condition: String::new(),
        enabled: true,
        paused: None,
        release_per_s: None,
        resumed_at: None,
        ordered: true,
        max_hold_ms: DEFAULT_MAX_HOLD_MS,
        policy,
        extras: JsonMap::new(),
        created_at: Millis(0),
        updated_at: Millis(0),
    }
}

fn queue() -> Queue {
    Queue {
        id: QueueId(1),
        name: "Sales".into(),
        kind: QueueType::Inbound,
        description: String::new(),
        enabled: true,
        paused: false,
        release_per_s: None,
        resumed_at: None,
        variables: JsonMap::new(),
        extras: JsonMap::new(),
        created_at: Millis(0),
        updated_at: Millis(0),
    }
}

/// A delivery of this hook, read by who may change it.
fn of(hook: Option<&Hook>) -> Of<'_> {
    Of { hook, editor: true, ..Of::default() }
}

#[test]
fn what_was_parked_says_at_what_rate_it_goes_out_and_which_queue_holds_it() {
    let (mut queue, mut hook) = (queue(), hook(Policy::default()));
    let pending =
        DeliveryRow { attempts: 0, created_at: Millis(5), ..row(DeliveryState::Pending, None) };
    let told = |queue: &Queue, hook: &Hook, row: &DeliveryRow| {
        let of = Of { hook: Some(hook), queue: Some(queue), editor: false };
        explain(row, of, Millis(0)).unwrap().plain()
    };
    assert!(!told(&queue, &hook, &pending).contains("a second"));
    (queue.release_per_s, queue.resumed_at) = (Some(5), Some(Millis(9)));
    assert!(told(&queue, &hook, &pending).ends_with("goes out in order at 5 a second."));
    (hook.release_per_s, hook.resumed_at) = (Some(1), Some(Millis(5)));
    assert!(told(&queue, &hook, &pending).ends_with("at 5 a second."), "it was made since");
    let parked = row(DeliveryState::Parked, None);
    queue.paused = true;
    assert!(told(&queue, &hook, &parked).starts_with("Its queue is paused."));
    hook.paused = Some(PauseReason::Person);
    assert!(told(&queue, &hook, &parked).starts_with("Somebody paused the hook."));
}

#[test]
fn what_has_not_begun_waits_for_its_call_where_that_is_in_order_and_for_room() {
    let told = |row: &DeliveryRow, hook: Option<&Hook>| explain(row, of(hook), Millis(0)).unwrap();
    let waits = DeliveryRow { attempts: 0, ..row(DeliveryState::Pending, None) };
    let cause = told(&waits, None);
    assert_eq!(
        cause.plain(),
        "Accepted and not begun. It starts as soon as earlier events of its call are through and its \
         destination has room for it."
    );
    let links = |cause: Cause| {
        let path = |piece| if let Piece::Link(_, path) = piece { Some(path) } else { None };
        cause.pieces.into_iter().filter_map(path).collect::<Vec<_>>()
    };
    assert_eq!(links(cause), ["/calls/80217", "/destinations"]);
    let unordered = Hook { ordered: false, ..hook(Policy::default()) };
    let of_no_call = DeliveryRow { call_attempt: None, ..waits.clone() };
    let child = DeliveryRow { parent: Some(waits.id), ..waits.clone() };
    let alone = [(&waits, Some(&unordered)), (&of_no_call, None), (&child, None)];
    for cause in alone.map(|(row, hook)| told(row, hook)) {
        assert!(cause.plain().ends_with("It starts as soon as its destination has room for it."));
        assert_eq!(links(cause), ["/destinations"]);
    }
}

#[test]
fn a_retry_names_the_answer_the_wait_and_what_waits_for_it() {
    let mut failure = Failure::new(FailureClass::Status, "503");
    failure.host = Some("alerts.example".into());
    failure.status = Some(503);
    failure.retry_after_ms = Some(60_000);
    let row = row(DeliveryState::Retrying, Some(failure));
    let cause = explain(&row, Of::default(), Millis(30_000)).unwrap();
    assert_eq!(
        cause.plain(),
        "alerts.example answered 503 Service Unavailable and asks for 60 s. \
         Attempt 3 of 8 is due at 00:00:38.000. \
         The call's later events wait for it until 00:01:00.000. \
         The fault is the receiver's: its log says more. \
         More about this."
    );
    let later = explain(&row, Of::default(), Millis(60_000)).unwrap();
    assert!(!later.plain().contains("later events"));
    let policy = Policy { retry_waits_ms: Some(vec![1_000; 4]), ..Policy::default() };
    let by_the_hook = explain(&row, of(Some(&hook(policy))), Millis(30_000)).unwrap();
    assert!(by_the_hook.plain().contains("Attempt 3 of 5 is due"));
}

#[test]
fn a_fault_of_the_flow_says_where_and_that_it_is_not_tried_again() {
    let mut failure = Failure::new(FailureClass::Flow, "no step has the tag report");
    failure.step = Some("/2/if/then/0".into());
    let cause =
        explain(&row(DeliveryState::Dead, Some(failure)), Of::default(), Millis(0)).unwrap();
    assert_eq!(cause.tone, Tone::Bad);
    assert!(cause.plain().starts_with(
        "The flow is at fault at step 3 › if › then › step 1 (/2/if/then/0): No step has the tag \
         report. A fault of the flow is not tried again. Mend the flow, then replay."
    ));
}

#[test]
fn what_is_given_up_for_its_age_says_so_and_nothing_else_does() {
    let failure = Failure { status: Some(500), ..Failure::new(FailureClass::Status, "500") };
    let policy = |max_age_ms| {
        hook(Policy { retry_waits_ms: Some(vec![60_000; 2]), max_age_ms, ..Policy::default() })
    };
    let said = |attempts, hook: Option<&Hook>, test| {
        let failure = Some(failure.clone());
        let finished_at = Some(Millis(60_000));
        let dead = row(DeliveryState::Dead, failure);
        let dead = DeliveryRow { attempts, finished_at, test, ..dead };
        explain(&dead, of(hook), Millis(0)).unwrap().plain()
    };
    let aging = policy(Some(120_000));
    assert!(said(2, Some(&aging), false).contains(
        " Given up after 2 attempts: at the next it would be older than 2 min, which its hook does \
         not allow. "
    ));
    assert!(said(1, Some(&aging), false).contains(" Given up after 1 attempt: at the next "));
    // The schedule was at its end, the hook allows more, there is no limit, or it was a test.
    assert!(said(3, Some(&aging), false).contains(" Given up after 3 attempts. "));
    for other in [policy(Some(180_000)), policy(None)] {
        assert!(said(2, Some(&other), false).contains(" Given up after 2 attempts. "));
    }
    assert!(said(2, None, false).contains(" Given up after 2 attempts. "));
    assert!(said(1, Some(&aging), true).contains(" It is not tried again. "));
}

#[test]
fn a_refused_target_says_how_to_admit_it() {
    let mut failure =
        Failure::new(FailureClass::ForbiddenTarget, "127.0.0.1 is a loopback address");
    failure.host = Some("127.0.0.1:9000".into());
    let cause =
        explain(&row(DeliveryState::Dead, Some(failure)), Of::default(), Millis(0)).unwrap();
    assert!(cause.plain().contains("OFFHOOK_ALLOW_TARGETS=127.0.0.1:9000"));
}

#[test]
fn every_class_has_a_next_step_and_a_page_that_says_more() {
    for class in FailureClass::ALL {
        for status in [None, Some(204), Some(302), Some(401), Some(404), Some(429), Some(503)] {
            let failure = Failure { status, ..Failure::new(class, "as it was") };
            let said = headline(&failure);
            let cause = explain(&row(DeliveryState::Dead, Some(failure)), Of::default(), Millis(0))
                .unwrap();
            let after = cause.plain().replacen(&said, "", 1);
            assert!(after.matches('.').count() >= 3, "{class} {status:?}: {after}");
            let page = Piece::Link(help::MORE.into(), help::path(class.as_str()));
            assert!(cause.pieces.contains(&page), "{class}");
        }
    }
}

#[test]
fn a_condition_that_names_what_is_not_there_says_which_and_where_it_is() {
    let missing = |name: &str| {
        let warning = Warning::about(WarningKind::NoField, name, "");
        let warned = DeliveryRow { warning: Some(warning), ..row(DeliveryState::Delivered, None) };
        explain(&warned, Of::default(), Millis(0)).unwrap().plain()
    };
    assert!(missing("crm_vip").contains(
        "The condition names `crm_vip`, which this missed event does not carry: it is no \
         documented field"
    ));
    assert!(missing("cc_result").contains(
        "The condition names the field `cc_result`, which a missed event does not carry; it comes \
         with leaving"
    ));
    assert!(missing("attempt_id").contains("which this missed event came without"));
}
