//! The task that owns the scheduler: it hears what is to run, starts attempts, parks and releases
//! the deliveries of paused hooks.

use crate::{
    clock,
    current::Current,
    index::Index,
    scheduler::{Job, Lane, Scheduler, Step},
    worker::Worker,
    writer::{Write, change, lane},
};
use model::{
    delivery::DeliveryState,
    hook::{DEFAULT_MAX_HOLD_MS, PauseReason},
    ids::{DeliveryId, HookId},
    time::Millis,
};
use std::{
    collections::{BTreeSet, HashSet},
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
    /// A waiting delivery is to run now; whether it does is answered.
    Hurry { lane: Lane, seq: i64, answer: oneshot::Sender<bool> },
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
}

impl Dispatcher {
    /// Runs until the engine stops. What had not ended before is taken up first.
    pub async fn run(mut self, index: Arc<Index>, open: Vec<OpenDelivery>) {
        let mut scheduler = Scheduler::default();
        let mut paused = index.paused();
        for one in open {
            if one.state == DeliveryState::Parked && paused.contains(&one.hook_id) {
                continue;
            }
            scheduler.add(job(one, &index));
        }
        tracing::info!(deliveries = scheduler.len(), "taken up what had not ended");
        let mut changes = self.current.changes();
        let mut stopping = self.stopping.clone();
        let mut heard = Vec::with_capacity(HEARD_MAX);
        let mut look = tokio::time::interval(LOOK);
        loop {
            self.start_what_may_begin(&mut scheduler).await;
            let wake = scheduler.wake_at().map(until);
            let can_start = self.slots.available_permits() > 0;
            tokio::select! {
                biased;
                () = stop(&mut stopping) => return,
                count = self.notices.recv_many(&mut heard, HEARD_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for notice in heard.drain(..) {
                        self.hear(notice, &mut scheduler, &paused).await;
                    }
                }
                Ok(()) = changes.changed() => {
                    match self.current.get().await {
                        Ok(index) => self.settle(&index, &mut scheduler, &mut paused).await,
                        Err(error) => tracing::error!(%error, "what is set up cannot be read"),
                    }
                }
                _ = look.tick() => match self.current.look().await {
                    Ok(index) => self.settle(&index, &mut scheduler, &mut paused).await,
                    Err(error) => tracing::error!(%error, "what is set up cannot be read"),
                },
                () = sleep(wake.unwrap_or(LOOK)), if wake.is_some() && can_start => {}
            }
        }
    }

    async fn hear(&self, notice: Notice, scheduler: &mut Scheduler, paused: &BTreeSet<HookId>) {
        match notice {
            Notice::Add(jobs) => {
                for job in jobs {
                    // It may have been accepted a moment before its hook was paused.
                    if paused.contains(&job.hook_id) && !job.test {
                        self.write_change(&job, DeliveryState::Parked, None).await;
                    } else {
                        scheduler.add(job);
                    }
                }
            }
            Notice::Ended { id, lane, again, gone } => {
                self.running.remove(id);
                match again {
                    Some(job) if paused.contains(&job.hook_id) => {
                        self.write_change(&job, DeliveryState::Parked, None).await;
                        scheduler.done(lane);
                    }
                    Some(job) => scheduler.again(job),
                    None => scheduler.done(lane),
                }
                if let Some(hook) = gone {
                    let gone = Some(PauseReason::Gone);
                    match self.storage.set_hook_paused(hook, gone, clock::now()).await {
                        Ok(_) => tracing::warn!(%hook, "the receiver answered 410: hook paused"),
                        Err(error) => tracing::error!(%error, %hook, "the hook is not paused"),
                    }
                }
            }
            Notice::Hurry { lane, seq, answer } => {
                answer.send(scheduler.hurry(lane, seq)).ok();
            }
        }
    }

    /// Brings the scheduler in line with what is set up: parks what has been paused, releases what
    /// goes on.
    async fn settle(
        &self,
        index: &Index,
        scheduler: &mut Scheduler,
        paused: &mut BTreeSet<HookId>,
    ) {
        let now_paused = index.paused();
        if now_paused == *paused {
            return;
        }
        let newly: BTreeSet<_> = now_paused.difference(paused).copied().collect();
        let freed: Vec<_> = paused.difference(&now_paused).copied().collect();
        *paused = now_paused;
        for job in scheduler.take(&newly) {
            self.write_change(&job, DeliveryState::Parked, None).await;
        }
        for hook in freed {
            match self.storage.parked(hook).await {
                Ok(parked) => {
                    for one in parked {
                        let job = Job { due: None, ..job(one, index) };
                        let add = Notice::Add(vec![job.clone()]);
                        self.write_change(&job, DeliveryState::Pending, Some(add)).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, %hook, "parked deliveries wait for the next start");
                }
            }
        }
    }

    async fn start_what_may_begin(&self, scheduler: &mut Scheduler) {
        loop {
            let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
            match scheduler.next(clock::now()) {
                None => return,
                Some(Step::Overtaken(job)) => {
                    self.write_change(&job, DeliveryState::Retrying, None).await;
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

    async fn write_change(&self, job: &Job, state: DeliveryState, notice: Option<Notice>) {
        let write = Write::Change(Box::new(change(job, state, clock::now())), notice);
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
            Ok(index) => worker.run(job.clone(), &index).await,
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
