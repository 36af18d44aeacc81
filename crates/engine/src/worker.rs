//! Running one attempt of a delivery, and deciding what becomes of it.

use crate::{
    clock,
    index::Index,
    net::Client,
    programs::Programs,
    scheduler::{Job, Lane},
};
use flow::{Request, Response, RunResult, RunSettings, World};
use model::{
    delivery::DeliveryState,
    policy::Policy,
    retry,
    time::Millis,
    trace::{Attempt, AttemptOutcome, Failure, FailureClass},
};
use std::time::{Duration, Instant};
use storage::journal::Completion;

/// The status with which a receiver says that it is gone for good.
const GONE: u16 = 410;

/// What an attempt needs.
pub struct Worker {
    pub client: Client,
    pub programs: Programs,
    pub redact: Vec<String>,
    pub attempt_limit: Duration,
}

/// What became of an attempt.
#[derive(Debug)]
pub struct Ended {
    pub completion: Completion,
    /// The lane that it held.
    pub lane: Lane,
    /// The job again, if it is to run again.
    pub again: Option<Job>,
    /// The receiver is gone: the hook is to be paused, and the delivery parked with it.
    pub gone: bool,
}

impl Worker {
    /// Runs one attempt.
    pub async fn run(&self, job: Job, index: &Index) -> storage::Result<Ended> {
        let started_at = clock::now();
        let started = Instant::now();
        let program = self.programs.get(job.flow_id, job.flow_version).await?;
        let result = match program {
            Ok(program) => {
                let settings = RunSettings {
                    delivery: job.id.to_string(),
                    time_limit: self.attempt_limit,
                    redact: self.redact.clone(),
                };
                let world = Outside { client: &self.client, started };
                flow::run(&program, variables(&job, index), &settings, &world).await
            }
            Err(failure) => RunResult {
                outcome: AttemptOutcome::Failed,
                failure: Some(failure),
                steps: Vec::new(),
                steps_dropped: 0,
                variables: model::JsonMap::new(),
            },
        };
        let attempt = Attempt {
            number: job.attempts + 1,
            started_at,
            duration_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            outcome: result.outcome,
            failure: result.failure,
            steps: result.steps,
            steps_dropped: result.steps_dropped,
        };
        let known = index.hook(job.hook_id).is_some();
        Ok(decide(job, attempt, known, clock::now(), rand::random_range(-1.0..=1.0)))
    }
}

/// What the flow sees: the event's variables, and which hook and delivery it runs for.
fn variables(job: &Job, index: &Index) -> model::JsonMap {
    let mut all = match index.queue(job.event.queue_id) {
        Some(queue) => job.event.flow_variables(&queue.queue.name, queue.queue.kind),
        // The queue has been deleted; what was pending still finishes.
        None => {
            let mut all = job.event.flow_variables("", model::catalog::QueueType::Inbound);
            all.shift_remove("queue_name");
            all.shift_remove("queue_type");
            all
        }
    };
    all.insert("hook_id".into(), job.hook_id.0.into());
    all.insert("delivery_id".into(), job.id.to_string().into());
    all
}

/// What becomes of a delivery whose attempt broke off by a fault of this program.
pub fn broken_off(job: Job) -> Ended {
    let failure =
        Failure::new(FailureClass::Flow, "the attempt broke off; the server's log says why");
    let now = clock::now();
    let attempt = Attempt {
        number: job.attempts + 1,
        started_at: now,
        duration_us: 0,
        outcome: AttemptOutcome::Failed,
        failure: Some(failure),
        steps: Vec::new(),
        steps_dropped: 0,
    };
    decide(job, attempt, false, now, 0.0)
}

/// Decides by the attempt's outcome whether the delivery is done, given up, or due again. A
/// receiver that is gone pauses its hook, if that still exists.
fn decide(mut job: Job, attempt: Attempt, hook_exists: bool, now: Millis, jitter: f64) -> Ended {
    job.attempts = attempt.number;
    let failure = attempt.failure.clone();
    let is_gone =
        |failure: &Failure| failure.class == FailureClass::Status && failure.status == Some(GONE);
    let gone = hook_exists
        && !job.test
        && attempt.outcome == AttemptOutcome::Failed
        && failure.as_ref().is_some_and(is_gone);
    let state = match (attempt.outcome, &failure) {
        (AttemptOutcome::Completed, _) => DeliveryState::Delivered,
        (AttemptOutcome::CompletedWithErrors, _) => DeliveryState::DeliveredWithErrors,
        (AttemptOutcome::Failed, None) => DeliveryState::Dead,
        // A person who tests a hook wants to see what happened, not wait for a day.
        (AttemptOutcome::Failed, Some(_)) if job.test => DeliveryState::Dead,
        (AttemptOutcome::Failed, Some(failure)) => {
            match retry::wait_ms(failure, &Policy::default(), attempt.number, jitter) {
                None if !gone => DeliveryState::Dead,
                wait => {
                    job.due = Some(now.plus(wait.unwrap_or(0)));
                    job.hold_until.get_or_insert(now.plus(job.max_hold_ms));
                    DeliveryState::Retrying
                }
            }
        }
    };
    let again = (state == DeliveryState::Retrying).then(|| job.clone());
    let completion = Completion {
        seq: job.seq,
        delivery_id: job.id,
        queue_id: job.event.queue_id,
        hook_id: job.hook_id,
        state,
        attempt: Some(attempt),
        failure: failure.filter(|_| state != DeliveryState::Delivered),
        next_at: again.as_ref().and_then(|job| job.due),
        hold_until: again.as_ref().and_then(|job| job.hold_until),
        out_of_order: job.out_of_order,
        test: job.test,
        at: now,
    };
    Ended { completion, lane: job.lane, again, gone }
}

/// The outside world, by way of the guarded client.
struct Outside<'a> {
    client: &'a Client,
    started: Instant,
}

impl World for Outside<'_> {
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Failure>> + Send {
        self.client.send(request)
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn unix_seconds(&self) -> i64 {
        clock::now().0.div_euclid(1_000)
    }
}
