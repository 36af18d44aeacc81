//! Running one attempt of a delivery, and deciding what becomes of it.

mod beyond;
mod children;
mod decision;
mod installation;
mod logged;
mod outside;
mod pending;
mod place;

use crate::{
    clock,
    destination::Heard,
    dispatcher::Notice,
    index::Index,
    lease::Lease,
    messages::Messengers,
    net::Client,
    programs::Programs,
    scheduler::{Job, Lane, Target, lane},
    vault::{Vault, is_run_of},
    writer::Write,
};
pub use children::NewRun;
use decision::{Rest, decide};
use flow::{Inherited, RunResult, RunSettings, Tokens};
use jiff::tz::TimeZone;
use model::{
    delivery::{DeliveryState, keeps_order},
    destination::DestinationKey,
    effect::Effect,
    hook::{DEFAULT_MAX_HOLD_MS, Hook},
    policy::Priority,
    trace::{Attempt, AttemptOutcome, Failure, FailureClass},
};
use outside::Outside;
pub use place::Place;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use storage::{
    Storage,
    journal::{Completion, Lot, OpenDelivery},
    nodes::Incarnation,
};
use tokio::sync::mpsc;

/// What an attempt needs.
pub struct Worker {
    pub client: Client,
    pub messengers: Messengers,
    /// What the requests of all attempts have fetched.
    pub tokens: Tokens,
    pub scripts: script::Pool,
    pub programs: Programs,
    pub vault: Arc<Vault>,
    pub storage: Arc<dyn Storage>,
    /// Keeps runs as they stand, with what they have changed and begun.
    pub writer: mpsc::Sender<Write>,
    /// Keeps those that have not.
    pub keeper: mpsc::Sender<Write>,
    /// Asks the dispatcher, and tells it what has ended.
    pub tell: mpsc::UnboundedSender<Notice>,
    pub redact: Vec<String>,
    pub attempt_limit: Duration,
    pub lease: Arc<Lease>,
}

/// What became of an attempt.
#[derive(Debug)]
pub struct Outcome {
    /// Under which it was begun.
    pub under: Incarnation,
    pub completion: Completion,
    /// What it changes of what the installation keeps.
    pub effects: Vec<Effect>,
    /// What its run has begun beside itself.
    pub children: Vec<NewRun>,
    /// The lane that it held.
    pub lane: Lane,
    pub lot: Lot,
    /// The job again, if it is to run again.
    pub again: Option<Job>,
    /// The receiver is gone: the hook is to be paused, and the delivery parked with it.
    pub gone: bool,
}

/// What an attempt says of those whom it called.
#[derive(Debug)]
pub struct Left {
    pub under: Incarnation,
    /// The row number of its delivery.
    pub seq: i64,
    /// Whom it called first, or was about to.
    pub called: Option<Target>,
    /// Who had no room for what it was about to do.
    pub wants: Option<Target>,
    /// What its requests came to since it asked last whether one may go out.
    pub heard: Vec<(DestinationKey, Heard)>,
}

impl Worker {
    /// Runs one attempt that begins at this place, which is the delivery's last if that is said by the
    /// time it ends. Without an outcome where it was about to call somebody else at first, who has no
    /// room: nothing has happened, and it may begin again.
    pub async fn run(
        &self,
        job: Job,
        place: &Place,
        is_last: &AtomicBool,
        under: Incarnation,
        index: &Index,
    ) -> storage::Result<(Left, Option<Box<Outcome>>)> {
        let started_at = clock::now();
        let started = Instant::now();
        let program = self.programs.get(job.flow_id, job.flow_version).await?;
        self.vault.renew().await?;
        let hook = index.hook(job.hook_id);
        let kept = if job.rests { self.storage.kept_run(job.seq).await? } else { None };
        let is_own = |run: &str| is_run_of(job.id, run);
        let kept = kept.filter(|kept| kept.checkpoint.as_deref().is_none_or(is_own));
        let kept = kept.unwrap_or_default();
        let uncounted = kept.uncounted;
        let start = match job.parent {
            Some(_) => self.storage.start_of(job.id).await?,
            None => None,
        };
        let inherited = match (&start, job.parent) {
            (Some(start), _) => {
                self.vault.opened_inherited(job.event.id, &start.inherited).map(Some)
            }
            (None, Some(_)) => Err(Failure::new(
                FailureClass::Flow,
                "what this run begins with is not kept any more",
            )),
            (None, None) => Ok(None),
        };
        let rest = kept.checkpoint.as_deref();
        let mut rest = rest.map(|rest| self.vault.opened_run(job.id, rest)).transpose();
        if let Ok(Some(rest)) = &mut rest
            && job.state == DeliveryState::Retrying
        {
            rest.try_anew();
        }
        let world = Outside::new(self, index, &job, kept, place, under, started);
        let world = world.begun(start.as_ref());
        if let Ok(Some(rest)) = &rest {
            world.goes_on(rest);
        }
        let begins = program.and_then(|program| Ok((program, inherited.clone()?, rest?)));
        let mut result = match begins {
            Ok((program, inherited, rest)) => {
                let start = start.as_ref();
                let zone = start.and_then(|start| start.zone.as_deref());
                let zone = zone.and_then(|name| TimeZone::get(name).ok());
                let settings = RunSettings {
                    delivery: job.id.to_string(),
                    time_limit: self.attempt_limit(hook.map(|one| &one.hook)),
                    redact: self.redact.clone(),
                    flow: Some(job.flow_id.0),
                    function: start.and_then(|start| start.begun.function.clone()),
                    zone: zone.unwrap_or(TimeZone::UTC),
                };
                let mut run = pin!(async {
                    match rest {
                        Some(rest) => flow::resume(&program, rest, &settings, &world).await,
                        None => {
                            let given = given(&job, inherited, index);
                            flow::run(&program, given, &settings, &world).await
                        }
                    }
                });
                tokio::select! {
                    biased;
                    () = world.elsewhere.notified() => return Ok((world.left(&job), None)),
                    result = &mut run => result,
                }
            }
            Err(failure) => RunResult::failed(failure),
        };
        if result.failure.as_ref().is_some_and(|failure| failure.class == FailureClass::TimedOut) {
            world.ran_out();
        }
        // A run that goes back does again what it has changed and begun since.
        let goes_back = result.checkpoint.is_none()
            && matches!(result.outcome, AttemptOutcome::Failed | AttemptOutcome::Held);
        let (effects, children) = match goes_back {
            true => (Vec::new(), Vec::new()),
            false => (world.pending().take(), world.children().take()),
        };
        let rest = Rest {
            effects,
            children,
            wait_ms: result.wait_ms,
            keep: world.rest(result.checkpoint.take()),
            uncounted,
            is_last: is_last.load(Ordering::Relaxed),
            rests: job.rests || world.is_kept(),
            wants: world.wants().filter(|_| result.outcome == AttemptOutcome::Held),
            kept_steps: world.kept_steps(),
            reached_at: world.reached_at(),
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
        let left = world.left(&job);
        let jitter = rand::random_range(-1.0..=1.0);
        let now = clock::now();
        let failed = attempt.failure.clone().map(|failure| (job.clone(), failure));
        let has_not_run = failed.is_some() && result.left.variables.is_empty();
        let kept = if has_not_run { world.kept_inherited() } else { None };
        drop(world);
        let job = job.by_the_clock(started_at, started.elapsed(), now);
        let mut outcome = decide(job, attempt, rest, under, hook.map(Arc::as_ref), now, jitter);
        if let (DeliveryState::Dead, Some((dead, failure))) = (outcome.completion.state, failed) {
            // It has not begun, or has not gone on.
            let last = if has_not_run { kept } else { Some(result.left) };
            let last = last.unwrap_or_else(|| given(&dead, inherited.ok().flatten(), index));
            let (start, of) = (start.as_ref(), (index, &*self.vault));
            let begun = children::of_death(&dead, start, of, last, &failure, now);
            outcome.children.extend(begun);
        }
        Ok((left, Some(Box::new(outcome))))
    }

    /// A stored delivery as a job.
    pub fn job(&self, open: OpenDelivery, index: &Index) -> Job {
        let hook = index.hook(open.hook_id).map(|one| &one.hook);
        let ordered = hook.is_none_or(|hook| hook.ordered);
        let ordered = keeps_order(ordered, open.test, open.parent);
        let lane = lane(&open.event, open.flow_id, ordered, open.seq);
        let overtaken = open.overtaken && matches!(lane, Lane::Call { .. });
        let is_of_event = open.parent.is_none() && open.created_at == open.event.accepted_at;
        Job {
            timed: is_of_event && open.attempts == 0,
            seq: open.seq,
            id: open.id,
            lane,
            event: open.event,
            hook_id: open.hook_id,
            flow_id: open.flow_id,
            flow_version: open.flow_version,
            attempts: open.attempts,
            due: open.next_at,
            hold_until: open.hold_until,
            max_hold_ms: hook.map_or(DEFAULT_MAX_HOLD_MS, |hook| hook.max_hold_ms),
            out_of_order: open.out_of_order || overtaken,
            state: open.state,
            rests: open.rests,
            test: open.test,
            parent: open.parent,
            created_at: open.created_at,
            priority: match hook {
                _ if open.test => Priority::High,
                Some(hook) => hook.policy.priority,
                None => Priority::Normal,
            },
            target: None,
            shard: open.shard,
        }
    }

    fn attempt_limit(&self, hook: Option<&Hook>) -> Duration {
        let own = hook.and_then(|hook| hook.policy.attempt_limit_ms);
        let own = own.and_then(|ms| u64::try_from(ms).ok());
        own.map_or(self.attempt_limit, Duration::from_millis)
    }
}

/// What the flow sees: of a child what it got of its parent; else the event's variables, and which
/// hook and delivery it runs for.
fn given(job: &Job, inherited: Option<Inherited>, index: &Index) -> Inherited {
    let own = job.id.to_string().into();
    if let Some(mut inherited) = inherited {
        inherited.variables.insert("delivery_id".into(), own);
        return inherited;
    }
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
    all.insert("delivery_id".into(), own);
    all.into()
}

/// What becomes of a delivery whose attempt broke off by a fault of this program.
pub fn broken_off(
    job: Job,
    is_last: bool,
    under: Incarnation,
    (index, vault): (&Index, &Vault),
) -> (Left, Option<Box<Outcome>>) {
    let failure =
        Failure::new(FailureClass::Flow, "the attempt broke off; the server's log says why");
    let now = clock::now();
    let attempt = Attempt {
        number: job.attempts + 1,
        started_at: now,
        duration_us: 0,
        outcome: AttemptOutcome::Failed,
        failure: Some(failure.clone()),
        steps: Vec::new(),
        steps_dropped: 0,
    };
    // Whether a child is a failure flow is not known here, so that none begins another.
    let begun = job.parent.is_none().then(|| {
        let left = given(&job, None, index);
        children::of_death(&job, None, (index, vault), left, &failure, now)
    });
    let left = Left { under, seq: job.seq, called: None, wants: None, heard: Vec::new() };
    let rest = Rest { rests: job.rests, is_last, ..Rest::default() };
    let mut outcome = decide(job, attempt, rest, under, None, now, 0.0);
    if outcome.completion.state == DeliveryState::Dead {
        outcome.children.extend(begun.flatten());
    }
    (left, Some(Box::new(outcome)))
}
