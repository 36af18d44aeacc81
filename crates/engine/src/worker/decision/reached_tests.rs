use super::*;
use crate::{scheduler::tests::job, worker::children};
use flow::Inherited;
use model::{event::Event, ids::FlowId};
use std::sync::Arc;

const REACHED: Option<Millis> = Some(Millis(40));

fn attempt_of(job: &Job, outcome: AttemptOutcome) -> Attempt {
    let is_failed = outcome == AttemptOutcome::Failed;
    Attempt {
        number: job.attempts + 1,
        started_at: Millis(30),
        duration_us: 20_000,
        outcome,
        failure: is_failed.then(|| Failure::new(FailureClass::Timeout, "no answer")),
        steps: Vec::new(),
        steps_dropped: 0,
    }
}

/// What an attempt of the job comes to that ends so, and reached its first receiver then.
fn ended(job: Job, outcome: AttemptOutcome, reached_at: Option<Millis>) -> Outcome {
    let attempt = attempt_of(&job, outcome);
    let rest = Rest { reached_at, ..Rest::default() };
    decide(job, attempt, rest, Incarnation::default(), None, Millis(50), 0.0)
}

/// An event accepted at 15 ms.
fn new() -> Job {
    let job = job(1, 7);
    let event = Arc::new(Event { accepted_at: Millis(15), ..(*job.event).clone() });
    Job { event, created_at: Millis(15), ..job }
}

#[test]
fn the_first_attempt_tells_how_long_the_event_took_however_it_ends() {
    for outcome in AttemptOutcome::ALL {
        let is = ended(new(), outcome, REACHED);
        assert_eq!(is.completion.reached_after_ms, Some(25), "{outcome}");
        if let Some(again) = is.again {
            let is = ended(again, AttemptOutcome::Completed, REACHED);
            assert_eq!(is.completion.reached_after_ms, None, "after {outcome}");
        }
    }
}

#[test]
fn what_first_made_room_for_others_tells_it_when_it_gets_there() {
    for (first, told) in [
        (AttemptOutcome::Held, Some(25)),
        (AttemptOutcome::Failed, None),
        (AttemptOutcome::Waiting, None),
    ] {
        let is = ended(new(), first, None);
        assert_eq!(is.completion.reached_after_ms, None, "{first}");
        let again = ended(is.again.unwrap(), AttemptOutcome::Completed, REACHED);
        assert_eq!(again.completion.reached_after_ms, told, "{first}");
    }
}

#[tokio::test]
async fn what_reached_nobody_tells_nothing_nor_does_a_child() {
    assert_eq!(ended(new(), AttemptOutcome::Completed, None).completion.reached_after_ms, None);
    let child = flow::Child {
        call: flow::ChildCall::Flow(2),
        inherited: Inherited::default(),
        zone: None,
        step: "5".into(),
        visit: 1,
    };
    let (vault, _folder) = crate::vault::tests::empty().await;
    let (_, child) = children::of_step(&new(), 0, child, &vault, (FlowId(2), 1)).unwrap();
    let is = ended(child, AttemptOutcome::Completed, REACHED);
    assert_eq!(is.completion.reached_after_ms, None);
}
