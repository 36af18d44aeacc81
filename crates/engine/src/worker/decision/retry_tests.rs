use super::*;
use crate::scheduler::tests::job;
use model::{
    JsonMap,
    catalog::EventKind,
    hook::{DEFAULT_MAX_HOLD_MS, Hook},
    ids::{FlowId, QueueId},
};

/// The hook's waits: at once, then after a minute.
const WAITS: [i64; 2] = [0, 60_000];
/// How old it lets a delivery become.
const AGE: i64 = 100_000;

fn hook() -> IndexedHook {
    let hook = Hook {
        id: job(1, 1).hook_id,
        queue_id: QueueId(1),
        event: EventKind::Joined,
        flow_id: job(1, 1).flow_id,
        condition: String::new(),
        enabled: true,
        paused: None,
        release_per_s: None,
        resumed_at: None,
        ordered: true,
        max_hold_ms: DEFAULT_MAX_HOLD_MS,
        policy: Policy {
            retry_waits_ms: Some(WAITS.to_vec()),
            max_age_ms: Some(AGE),
            ..Policy::default()
        },
        extras: JsonMap::new(),
        created_at: Millis(0),
        updated_at: Millis(0),
    };
    IndexedHook { hook, parks: false, flow_version: job(1, 1).flow_version, condition: None }
}

fn status(status: u16) -> Failure {
    Failure { status: Some(status), ..Failure::new(FailureClass::Status, "as it was") }
}

fn ended(number: u32, outcome: AttemptOutcome, failure: Option<Failure>) -> Attempt {
    Attempt {
        number,
        started_at: Millis(0),
        duration_us: 0,
        outcome,
        failure,
        steps: Vec::new(),
        steps_dropped: 0,
    }
}

/// What becomes of a delivery, made at 0, whose second attempt failed like this at this time.
fn failed(failure: Failure, hook: Option<&IndexedHook>, job: Job, now: i64) -> Outcome {
    let attempt = ended(2, AttemptOutcome::Failed, Some(failure));
    decide(job, attempt, Rest::default(), Incarnation(1), hook, Millis(now), 0.0)
}

#[test]
fn a_delivery_is_tried_again_until_the_next_attempt_would_find_it_too_old() {
    let last = failed(status(500), Some(&hook()), job(1, 1), AGE - WAITS[1]);
    assert_eq!(last.completion.state, DeliveryState::Retrying);
    assert_eq!(last.completion.next_at, Some(Millis(AGE)));
    assert_eq!(last.again.and_then(|job| job.due), Some(Millis(AGE)));

    let too_late = failed(status(500), Some(&hook()), job(1, 1), AGE - WAITS[1] + 1);
    let completion = too_late.completion;
    assert_eq!((completion.state, completion.next_at), (DeliveryState::Dead, None));
    assert_eq!(completion.failure, Some(status(500)));
    assert!(too_late.again.is_none());
    // Its age counts from its own making, such as by a replay.
    let younger = Job { created_at: Millis(1), ..job(1, 1) };
    let state = failed(status(500), Some(&hook()), younger, AGE - WAITS[1] + 1).completion.state;
    assert_eq!(state, DeliveryState::Retrying);
    // A hook that is gone has no greatest age.
    let left = failed(status(500), None, job(1, 1), 10 * AGE).completion;
    assert_eq!(left.state, DeliveryState::Retrying);
}

#[test]
fn an_answer_that_asks_for_more_time_than_is_left_ends_it() {
    let asking = |ms| Failure { retry_after_ms: Some(ms), ..status(503) };
    for (ms, state) in
        [(AGE as u64, DeliveryState::Retrying), (AGE as u64 + 1, DeliveryState::Dead)]
    {
        assert_eq!(failed(asking(ms), Some(&hook()), job(1, 1), 0).completion.state, state);
    }
}

#[test]
fn a_wait_of_the_flow_makes_nothing_too_old() {
    let rest = Rest { wait_ms: Some(10 * AGE as u64), ..Rest::default() };
    let waits = ended(2, AttemptOutcome::Waiting, None);
    let outcome = decide(job(1, 1), waits, rest, Incarnation(1), Some(&hook()), Millis(1), 0.0);
    let completion = outcome.completion;
    assert_eq!(completion.state, DeliveryState::Waiting);
    assert_eq!(completion.next_at, Some(Millis(10 * AGE + 1)));
}

#[test]
fn a_receiver_that_is_gone_parks_what_is_too_old_as_well() {
    let outcome = failed(status(410), Some(&hook()), job(1, 1), AGE);
    assert!(outcome.gone);
    let completion = outcome.completion;
    assert_eq!(
        (completion.state, completion.next_at),
        (DeliveryState::Retrying, Some(Millis(AGE)))
    );
    // Whom a failure flow or another child calls is not the hook's receiver.
    let child = Job { parent: Some(job(1, 2).id), ..job(1, 1) };
    assert!(!failed(status(410), Some(&hook()), child, AGE).gone);
    // Nor may be whom an earlier version of its flow calls, or the flow that it ran before.
    for hook in [
        IndexedHook { flow_version: 2, ..hook() },
        IndexedHook { hook: Hook { flow_id: FlowId(9), ..hook().hook }, ..hook() },
    ] {
        let outcome = failed(status(410), Some(&hook), job(1, 1), AGE);
        assert_eq!((outcome.gone, outcome.completion.state), (false, DeliveryState::Dead));
    }
}

#[test]
fn an_attempt_that_took_too_long_has_the_whole_schedule_and_a_test_none() {
    let limit = || Failure::new(FailureClass::TimedOut, "longer than 300 ms");
    let waits = Some(vec![0; 5]);
    let mut patient = hook();
    patient.hook.policy = Policy { retry_waits_ms: waits, ..Policy::default() };
    let state = |number, job| {
        let attempt = ended(number, AttemptOutcome::Failed, Some(limit()));
        let rest = Rest::default();
        let hook = Some(&patient);
        decide(job, attempt, rest, Incarnation(1), hook, Millis(0), 0.0).completion.state
    };
    assert_eq!(state(5, job(1, 1)), DeliveryState::Retrying);
    assert_eq!(state(6, job(1, 1)), DeliveryState::Dead);
    assert_eq!(state(1, Job { test: true, ..job(1, 1) }), DeliveryState::Dead);
}

#[test]
fn one_that_is_called_off_and_fails_has_not_died() {
    let last = || Rest { is_last: true, rests: true, ..Rest::default() };
    let ended = |outcome, failure| {
        let attempt = ended(9, outcome, failure);
        decide(job(1, 1), attempt, last(), Incarnation(1), Some(&hook()), Millis(0), 0.0)
    };
    for failure in [status(500), Failure::new(FailureClass::Flow, "no such step")] {
        let outcome = ended(AttemptOutcome::Failed, Some(failure));
        assert_eq!(outcome.completion.state, DeliveryState::Cancelled);
        assert!(outcome.again.is_none() && outcome.completion.failure.is_some());
        assert_eq!(outcome.completion.run, RunChange::Forget);
    }
    let done = ended(AttemptOutcome::Completed, None);
    assert_eq!(done.completion.state, DeliveryState::Delivered);
}
