//! What becomes of a delivery after an attempt.

use super::{NewRun, Outcome};
use crate::{
    index::IndexedHook,
    scheduler::{Job, Target},
};
use model::{
    delivery::DeliveryState,
    effect::Effect,
    policy::Policy,
    retry,
    time::Millis,
    trace::{Attempt, AttemptOutcome, Failure, FailureClass},
};
use storage::{
    journal::{Completion, KeptRun, KeptSteps, RunChange},
    nodes::Incarnation,
};

/// The status with which a receiver says that it is gone for good.
const GONE: u16 = 410;

/// Where an attempt leaves its run.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// What it has changed since it was kept last.
    pub effects: Vec<Effect>,
    /// What it has begun beside itself since it was kept last.
    pub children: Vec<NewRun>,
    /// How long it waits.
    pub wait_ms: Option<u64>,
    /// What is to be kept of it, if that is not what was kept last.
    pub keep: Option<KeptRun>,
    /// How many attempts before it count in no schedule of retries.
    pub uncounted: u32,
    /// Whether the delivery has been called off meanwhile.
    pub is_last: bool,
    /// Whether something is kept of it.
    pub rests: bool,
    /// Whose turn it waits for.
    pub wants: Option<Target>,
    /// Where it was kept.
    pub kept_steps: KeptSteps,
    /// When what first reached anybody was sent.
    pub reached_at: Option<Millis>,
}

/// Decides by the attempt's outcome and by what the hook says whether the delivery is done, given
/// up, or due again. A receiver that is gone pauses its hook, if that still exists.
pub(super) fn decide(
    mut job: Job,
    attempt: Attempt,
    rest: Rest,
    under: Incarnation,
    hook: Option<&IndexedHook>,
    now: Millis,
    jitter: f64,
) -> Outcome {
    job.attempts = attempt.number;
    job.max_hold_ms = hook.map_or(job.max_hold_ms, |one| one.hook.max_hold_ms);
    job.target = rest.wants;
    let failure = attempt.failure.clone();
    let is_gone =
        |failure: &Failure| failure.class == FailureClass::Status && failure.status == Some(GONE);
    // What another run has begun calls others than the hook's flow does; so may what was made before
    // another flow or a new version was chosen.
    let gone = hook.is_some_and(|one| one.runs(job.flow_id, job.flow_version))
        && !job.test
        && job.parent.is_none()
        && attempt.outcome == AttemptOutcome::Failed
        && failure.as_ref().is_some_and(is_gone);
    let state = match (attempt.outcome, &failure) {
        (AttemptOutcome::Completed, _) => DeliveryState::Delivered,
        (AttemptOutcome::CompletedWithErrors, _) => DeliveryState::DeliveredWithErrors,
        (AttemptOutcome::Waiting, _) => {
            let ms = i64::try_from(rest.wait_ms.unwrap_or_default()).unwrap_or(i64::MAX);
            job.due = Some(now.plus(ms));
            job.hold_until.get_or_insert(now.plus(job.max_hold_ms));
            DeliveryState::Waiting
        }
        // It queues like one that has not begun, and keeps its place in its lane.
        (AttemptOutcome::Held, _) => {
            job.due = None;
            DeliveryState::Pending
        }
        // It has not died: nobody wanted it any more.
        (AttemptOutcome::Failed, _) if rest.is_last => DeliveryState::Cancelled,
        (AttemptOutcome::Failed, None) => DeliveryState::Dead,
        // A person who tests a hook wants to see what happened, not wait for a day.
        (AttemptOutcome::Failed, Some(_)) if job.test => DeliveryState::Dead,
        (AttemptOutcome::Failed, Some(failure)) => {
            let usual = Policy::default();
            let policy = hook.map_or(&usual, |one| &one.hook.policy);
            let counted = attempt.number.saturating_sub(rest.uncounted);
            let wait = retry::wait_ms(failure, policy, counted, jitter);
            let due = wait.map(|ms| now.plus(ms));
            let too_old = |due: &Millis| {
                let age = policy.max_age_ms.unwrap_or(i64::MAX);
                due.0 - job.created_at.0 <= age
            };
            match due.filter(too_old) {
                None if !gone => DeliveryState::Dead,
                due => {
                    job.due = Some(due.unwrap_or(now));
                    job.hold_until.get_or_insert(now.plus(job.max_hold_ms));
                    DeliveryState::Retrying
                }
            }
        }
    };
    // What is dead can be resumed.
    let goes_on = !state.is_final() || state == DeliveryState::Dead;
    let run = match rest.keep {
        Some(keep) if goes_on => {
            // What ended without a failure takes nothing of the schedule of retries.
            let unfailed = matches!(state, DeliveryState::Waiting | DeliveryState::Pending);
            let uncounted = keep.uncounted.saturating_add(u32::from(unfailed));
            RunChange::Keep(KeptRun { uncounted, ..keep })
        }
        _ if !goes_on && rest.rests => RunChange::Forget,
        _ => RunChange::Leave,
    };
    let reached_at = rest.reached_at.filter(|_| job.timed);
    let reached_after_ms = reached_at.map(|at| at.0 - job.event.accepted_at.0);
    job.timed &= attempt.outcome == AttemptOutcome::Held && reached_at.is_none();
    job.state = state;
    job.rests = rest.rests || matches!(run, RunChange::Keep(_));
    let again = (!state.is_final()).then(|| job.clone());
    let completion = Completion {
        seq: job.seq,
        delivery_id: job.id,
        queue_id: job.event.queue_id,
        hook_id: job.hook_id,
        state,
        attempt: Some(attempt),
        kept_steps: rest.kept_steps,
        failure: failure.filter(|_| state != DeliveryState::Delivered),
        next_at: again.as_ref().and_then(|job| job.due),
        hold_until: again.as_ref().and_then(|job| job.hold_until),
        out_of_order: job.out_of_order,
        run,
        test: job.test,
        reached_after_ms,
        at: now,
    };
    let Rest { effects, children, .. } = rest;
    let (lane, lot) = (job.lane, job.lot());
    Outcome { under, completion, effects, children, lane, lot, again, gone }
}

#[cfg(test)]
mod reached_tests;
#[cfg(test)]
mod retry_tests;
