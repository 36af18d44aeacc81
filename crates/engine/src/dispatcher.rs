//! The task that owns the scheduler: it hears what is to run, starts attempts, parks and releases
//! the deliveries of paused hooks.

use crate::{
    clock,
    current::Current,
    index::Index,
    scheduler::{Job, Lane, Scheduler, Step},
    worker::{Worker, broken_off},
    writer::{Write, change, lane},
};
use futures::FutureExt;
use model::{
    delivery::DeliveryState,
    hook::{DEFAULT_MAX_HOLD_MS, PauseReason},
    ids::{DeliveryId, HookId},
    time::Millis,
};
use std::{
    collections::{BTreeSet, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use storage::{Storage, journal::OpenDelivery};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::sleep,
};

/// How often other processes' changes of what is set up are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How long to wait before an attempt is begun again that the database kept from beginning.
const BEGIN_AGAIN: Duration = Duration::from_secs(1);
const HEARD_MAX: usize = 1_024;

/// What the dispatcher is told.
#[derive(Debug)]
pub enum Notice {
    /// New work, committed, in the order of acceptance.
    Add(Vec<Job>),
    /// An attempt's outcome has been committed.
    Ended { id: DeliveryId, lane: Lane, again: Option<Job>, gone: Option<HookId> },
    /// Deliveries of these hooks have been written down as parked.
    Parked(BTreeSet<HookId>),
    /// A waiting delivery is to run now; whether it does is answered.
    Hurry { seq: i64, answer: oneshot::Sender<bool> },
}

/// Which deliveries' attempts run at this moment.
#[derive(Debug, Clone, Default)]
pub struct RunningSet(Arc<Mutex<HashSet<DeliveryId>>>);

impl RunningSet {
    /// The ids, in no order.
    pub fn ids(&self) -> Vec<DeliveryId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    fn add(&self, id: DeliveryId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn remove(&self, id: DeliveryId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// The dispatcher.
pub struct Dispatcher {
    pub storage: Arc<dyn Storage>,
    pub current: Arc<Current>,
    pub worker: Arc<Worker>,
    pub running: RunningSet,
    pub writer: mpsc::Sender<Write>,
    pub notices: mpsc::UnboundedReceiver<Notice>,
    pub slots: Arc<Semaphore>,
    pub stopping: watch::Receiver<bool>,
    pub plan: Plan,
}

/// What the dispatcher keeps in mind.
#[derive(Default)]
pub struct Plan {
    scheduler: Scheduler,
    /// The hooks whose deliveries are parked.
    paused: BTreeSet<HookId>,
    /// Hooks that are not paused and may have parked deliveries, which are to be released.
    owed: BTreeSet<HookId>,
}

impl Dispatcher {
    /// Runs until the engine stops. What had not ended before is taken up first.
    pub async fn run(mut self, index: Arc<Index>, open: Vec<OpenDelivery>) {
        self.plan.paused = index.paused();
        for one in open {
            if one.state != DeliveryState::Parked || !self.plan.paused.contains(&one.hook_id) {
                self.plan.scheduler.add(job(one, &index));
            }
        }
        let taken_up = self.plan.scheduler.len();
        tracing::info!(deliveries = taken_up, "taken up what had not ended");
        let mut changes = self.current.changes();
        let mut stopping = self.stopping.clone();
        let mut heard = Vec::with_capacity(HEARD_MAX);
        let mut look = tokio::time::interval(LOOK);
        loop {
            self.start_what_may_begin().await;
            let wake = self.plan.scheduler.wake_at().map(until);
            let can_start = self.slots.available_permits() > 0;
            tokio::select! {
                biased;
                () = stop(&mut stopping) => return,
                Ok(()) = changes.changed() => {
                    let index = self.current.get().await;
                    self.settle(index).await;
                }
                count = self.notices.recv_many(&mut heard, HEARD_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for notice in heard.drain(..) {
                        self.hear(notice).await;
                    }
                }
                _ = look.tick() => {
                    let index = self.current.look().await;
                    self.settle(index).await;
                }
                () = sleep(wake.unwrap_or(LOOK)), if wake.is_some() && can_start => {}
            }
        }
    }

    async fn hear(&mut self, notice: Notice) {
        match notice {
            Notice::Add(jobs) => {
                for job in jobs {
                    // It may have been accepted a moment before its hook was paused.
                    if self.plan.paused.contains(&job.hook_id) && !job.test {
                        self.write_change(&job, DeliveryState::Parked).await;
                    } else {
                        self.plan.scheduler.add(job);
                    }
                }
            }
            Notice::Ended { id, lane, again, gone } => {
                self.running.remove(id);
                if let Some(hook) = gone {
                    self.pause_gone(hook).await;
                }
                match again {
                    Some(job) if self.plan.paused.contains(&job.hook_id) => {
                        self.write_change(&job, DeliveryState::Parked).await;
                        self.plan.scheduler.done(lane);
                    }
                    Some(job) => self.plan.scheduler.again(job),
                    None => self.plan.scheduler.done(lane),
                }
            }
            Notice::Parked(hooks) => {
                // A hook that has been resumed meanwhile lets them go on.
                self.plan.owed.extend(hooks.difference(&self.plan.paused));
                if let Ok(index) = self.current.get().await {
                    self.release(&index).await;
                }
            }
            Notice::Hurry { seq, answer } => {
                answer.send(self.plan.scheduler.hurry(seq)).ok();
            }
        }
    }

    /// Pauses the hook whose receiver is gone. If that fails, or the hook has been deleted, its
    /// delivery is retried like any other.
    async fn pause_gone(&mut self, hook: HookId) {
        let gone = Some(PauseReason::Gone);
        match self.storage.set_hook_paused(hook, gone, clock::now()).await {
            Ok(Some(_)) => {
                tracing::warn!(%hook, "the receiver answered 410: hook paused");
                self.plan.paused.insert(hook);
                self.park(&BTreeSet::from([hook])).await;
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, %hook, "the hook is not paused"),
        }
    }

    /// Brings the plan in line with what is set up: parks what has been paused, releases what
    /// goes on.
    async fn settle(&mut self, index: storage::Result<Arc<Index>>) {
        let index = match index {
            Ok(index) => index,
            Err(error) => {
                tracing::error!(%error, "what is set up cannot be read");
                return;
            }
        };
        let now_paused = index.paused();
        if now_paused != self.plan.paused {
            let newly = now_paused.difference(&self.plan.paused).copied().collect();
            self.plan.owed.extend(self.plan.paused.difference(&now_paused));
            self.plan.paused = now_paused;
            self.park(&newly).await;
        }
        self.release(&index).await;
    }

    async fn park(&mut self, hooks: &BTreeSet<HookId>) {
        for job in self.plan.scheduler.take(hooks) {
            self.write_change(&job, DeliveryState::Parked).await;
        }
    }

    /// Takes up the parked deliveries of hooks that go on, before anything newer is heard of. What
    /// cannot be read now is tried again at the next look.
    async fn release(&mut self, index: &Index) {
        for hook in std::mem::take(&mut self.plan.owed) {
            if self.plan.paused.contains(&hook) {
                continue;
            }
            match self.storage.parked(hook).await {
                Ok(parked) => {
                    for one in parked {
                        let job = Job { due: None, ..job(one, index) };
                        if self.plan.scheduler.add(job.clone()) {
                            self.write_change(&job, DeliveryState::Pending).await;
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, %hook, "parked deliveries cannot be read yet");
                    self.plan.owed.insert(hook);
                }
            }
        }
    }

    async fn start_what_may_begin(&mut self) {
        loop {
            let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
            match self.plan.scheduler.next(clock::now()) {
                None => return,
                Some(Step::Overtaken(job)) => {
                    self.write_change(&job, DeliveryState::Retrying).await;
                }
                Some(Step::Run(job)) => {
                    self.running.add(job.id);
                    let (worker, current) = (self.worker.clone(), self.current.clone());
                    let (writer, stopping) = (self.writer.clone(), self.stopping.clone());
                    tokio::spawn(async move {
                        attempt(&worker, &current, job, &writer, stopping).await;
                        drop(slot);
                    });
                }
            }
        }
    }

    async fn write_change(&self, job: &Job, state: DeliveryState) {
        let write = Write::Change(Box::new(change(job, state, clock::now())));
        if self.writer.send(write).await.is_err() {
            tracing::error!(delivery = %job.id, "the writer has stopped");
        }
    }
}

/// Runs one attempt to its end and has it written down. While the database does not answer, the
/// attempt waits to begin.
async fn attempt(
    worker: &Worker,
    current: &Current,
    job: Job,
    writer: &mpsc::Sender<Write>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let ended = match current.get().await {
            // A fault of ours must not hold the lane for ever.
            Ok(index) => AssertUnwindSafe(worker.run(job.clone(), &index))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Ok(broken_off(job.clone()))),
            Err(error) => Err(error),
        };
        match ended {
            Ok(ended) => {
                writer.send(Write::Ended(Box::new(ended))).await.ok();
                return;
            }
            Err(error) => tracing::error!(%error, delivery = %job.id, "an attempt cannot begin"),
        }
        tokio::select! {
            () = stop(&mut stopping) => return,
            () = sleep(BEGIN_AGAIN) => {}
        }
    }
}

/// Waits for the engine to stop.
async fn stop(stopping: &mut watch::Receiver<bool>) {
    stopping.wait_for(|stop| *stop).await.ok();
}

/// How long it is until then.
fn until(at: Millis) -> Duration {
    Duration::from_millis(u64::try_from(at.0 - clock::now().0).unwrap_or(0))
}

/// A stored delivery as a job.
pub fn job(open: OpenDelivery, index: &Index) -> Job {
    let hook = index.hook(open.hook_id);
    let ordered = hook.is_none_or(|hook| hook.hook.ordered) && !open.test;
    Job {
        seq: open.seq,
        id: open.id,
        lane: lane(&open.event, open.flow_id, ordered, open.seq),
        event: open.event,
        hook_id: open.hook_id,
        flow_id: open.flow_id,
        flow_version: open.flow_version,
        attempts: open.attempts,
        due: open.next_at,
        hold_until: open.hold_until,
        max_hold_ms: hook.map_or(DEFAULT_MAX_HOLD_MS, |hook| hook.hook.max_hold_ms),
        out_of_order: open.out_of_order,
        test: open.test,
    }
}
