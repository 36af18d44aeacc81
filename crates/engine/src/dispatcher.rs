//! The task that owns the scheduler: it hears what is to run, starts attempts, reads what waits in
//! the database, holds back and releases the deliveries of paused hooks.

use crate::{
    clock,
    current::Current,
    index::Index,
    lease::Lease,
    live::Shared,
    scheduler::{Job, Step},
    seats::Order,
    worker::{Place, Worker},
    writer::{Write, change},
};
use attempt::Attempt;
use model::{delivery::DeliveryState, hook::PauseReason, ids::HookId, time::Millis};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use storage::{
    Storage,
    nodes::{Incarnation, Shards},
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::sleep,
};

mod attempt;
mod calling_off;
mod hurry;
mod notice;
mod plan;
mod reading;
mod set_back;
mod sharing;
mod under_way;

pub use calling_off::catch_up;
pub use hurry::Hurried;
pub use notice::{Ended, Further, Notice};
pub use plan::Plan;
use plan::Running;
pub use reading::AHEAD_MS;

/// How often other processes' changes of what is set up are looked for, and what the panel shows
/// of this moment is renewed.
const LOOK: Duration = Duration::from_millis(500);
/// How long to wait after the database failed.
const AGAIN: Duration = Duration::from_secs(1);
const HEARD_MAX: usize = 1_024;
/// How many deliveries that stand before a further request, or are due again, are shown as parked.
const HELD_MAX: usize = 256;

/// The dispatcher.
pub struct Dispatcher {
    pub storage: Arc<dyn Storage>,
    pub current: Arc<Current>,
    pub worker: Arc<Worker>,
    pub shared: Shared,
    pub writer: mpsc::Sender<Write>,
    pub notices: mpsc::UnboundedReceiver<Notice>,
    pub slots: Arc<Semaphore>,
    pub stopping: watch::Receiver<bool>,
    pub lease: Arc<Lease>,
    /// Told of shards of which nothing runs any more.
    pub freed: mpsc::UnboundedSender<(Incarnation, Shards)>,
    /// Told which seats are taken and left.
    pub seats: mpsc::UnboundedSender<Order>,
    pub plan: Plan,
}

impl Dispatcher {
    /// Runs until the engine stops.
    pub async fn run(mut self, index: Arc<Index>) {
        // What was drained before this node began is no news.
        self.plan.take_settings(&index);
        let mut changes = self.current.changes();
        let mut stopping = self.stopping.clone();
        let mut heard = Vec::with_capacity(HEARD_MAX);
        let mut look = tokio::time::interval(LOOK);
        let mut watch = clock::Watch::begin();
        loop {
            if let Some(ms) = watch.look() {
                self.set_back(ms);
            }
            self.start_what_may_begin().await;
            self.see_to_seats();
            self.read_on();
            let release = self.plan.release_at();
            let wake = self.plan.scheduler.wake_at().into_iter().chain(release).min().map(until);
            let can_start = self.may_begin() && self.slots.available_permits() > 0;
            tokio::select! {
                biased;
                () = stop(&mut stopping) => return,
                Ok(()) = changes.changed() => {
                    let index = self.current.get().await;
                    self.settle(index);
                }
                // Before the notices, of which there may always be some.
                _ = look.tick() => {
                    self.look().await;
                    self.look_at_what_is_due();
                }
                count = self.notices.recv_many(&mut heard, HEARD_MAX) => {
                    if count == 0 {
                        return;
                    }
                    // What is told now goes by the new time.
                    if let Some(ms) = watch.look() {
                        self.set_back(ms);
                    }
                    for notice in heard.drain(..) {
                        self.hear(notice).await;
                    }
                }
                () = sleep(wake.unwrap_or(LOOK)), if wake.is_some() && can_start => {}
            }
        }
    }

    /// Takes in what other processes have changed.
    async fn look(&mut self) {
        let index = self.current.look().await;
        let vault = self.worker.vault.look().await;
        let is_lost = matches!(index, Ok(None)) || matches!(vault, Ok(false));
        if is_lost && !self.lease.is_alone() {
            tracing::error!("the database has lost changes of what is set up; all is read again");
            self.lease.lose(self.plan.under);
        }
        if let Some(index) = index.transpose() {
            self.settle(index);
        }
        if let Err(error) = vault {
            tracing::warn!(%error, "variables and secrets may not be the newest");
        }
    }

    async fn hear(&mut self, notice: Notice) {
        let plan = &mut self.plan;
        match notice {
            Notice::Add { numbers, jobs } => {
                if !plan.backlog.shards().is_empty() {
                    let ready = plan.arrivals.add(numbers, jobs);
                    ready.into_iter().for_each(|job| plan.admit(job));
                }
            }
            Notice::Newest(number) => plan.arrivals.hear(number),
            // What is told of an incarnation that has ended, others find out for themselves.
            Notice::Left(left) if left.under != plan.under => {}
            Notice::Elsewhere { left, .. } if left.under != plan.under => {}
            Notice::Seat { under, .. } if under != plan.under => {}
            Notice::Ended(ended) if ended.under != plan.under => {}
            Notice::Cancelled { under, .. } if under != plan.under => {}
            Notice::Further(further) if further.under != plan.under => {
                further.answer.send(None).ok();
            }
            Notice::Further(further) => plan.go_on(*further),
            Notice::Left(left) => plan.leave(&left),
            Notice::Elsewhere { job, left } => {
                let mut job = *job;
                plan.leave(&left);
                self.shared.stops(job.id);
                job.target = left.wants;
                // Its time had come.
                job.due = None;
                let cancelled =
                    plan.running.remove(&job.seq).is_some_and(|running| running.is_called_off());
                self.go_on(job, cancelled).await;
            }
            Notice::Ended(ended) => self.end(*ended).await,
            Notice::Read(answer) => self.take_in(answer),
            Notice::Hurry { open, answer } => self.hurry(&open, answer),
            Notice::Back(open) => {
                let job = self.worker.job(*open, self.current.last().as_ref());
                self.plan.take_back(job);
            }
            Notice::Cancel { of, answer } => self.cancel(of, answer),
            Notice::Cancelled { went, .. } => plan.were_called_off(went),
            Notice::CancelEnded { number, ended } => self.cancel_ended(number, ended),
            Notice::Shared { under, sharing } => self.share(under, sharing).await,
            Notice::Freed { under, shards } => self.freed(under, shards),
            Notice::Seat { destination, granted, .. } => {
                let jitter = rand::random_range(0.0..1.0);
                plan.scheduler.seat_answered(destination, granted, clock::now(), jitter);
            }
            Notice::Due => plan.reading.look_again(),
            Notice::DueNow(seqs) => {
                for seq in seqs {
                    plan.scheduler.hurry(seq);
                }
            }
            Notice::Lost(under) => self.lose(under),
        }
    }

    async fn end(&mut self, ended: Ended) {
        let Ended { id, seq, lane, lot, at, mut again, gone, .. } = ended;
        if let Some(ms) = clock::set_back_since(at, clock::now()) {
            again.iter_mut().for_each(|job| job.set_back(ms));
        }
        self.shared.stops(id);
        let cancelled =
            self.plan.running.remove(&seq).is_some_and(|running| running.is_called_off());
        if gone && again.as_ref().is_some_and(|job| self.runs(job)) {
            self.pause_gone(lot.hook).await;
        }
        match again {
            Some(job) => self.go_on(job, cancelled).await,
            None => {
                self.plan.reading.ended(seq);
                self.plan.backlog.went(lot);
                self.plan.scheduler.done(lane, lot.flow);
            }
        }
        self.free_what_has_ended();
    }

    /// A delivery whose attempt has ended is to run again.
    async fn go_on(&mut self, job: Job, cancelled: bool) {
        let plan = &mut self.plan;
        let held = plan.backlog.held().contains(&job.hook_id) && !job.test;
        let is_mine = plan.backlog.shards().contains(job.shard);
        if cancelled {
            plan.reading.ended(job.seq);
            plan.backlog.went(job.lot());
            plan.scheduler.done(job.lane, job.flow_id);
            self.write_change(&job, DeliveryState::Cancelled).await;
        } else if plan.may_leave(&job, clock::now()) || held || !is_mine {
            // What was read of it meanwhile is out of date.
            plan.reading.ended(job.seq);
            plan.scheduler.done(job.lane, job.flow_id);
        } else if !plan.scheduler.set_aside(&job) {
            plan.scheduler.again(job);
        }
        self.free_what_has_ended();
    }

    /// Whether its hook runs what the delivery runs yet: it may have got another flow, or another
    /// version of it, since an attempt began.
    fn runs(&self, job: &Job) -> bool {
        let index = self.current.last();
        index.hook(job.hook_id).is_some_and(|hook| hook.runs(job.flow_id, job.flow_version))
    }

    /// Pauses the hook whose receiver is gone. If that fails, or the hook has been deleted, its
    /// delivery is retried like any other.
    async fn pause_gone(&mut self, hook: HookId) {
        let gone = Some(PauseReason::Gone);
        match self.storage.set_hook_paused(hook, gone).await {
            Ok(Some(_)) => {
                tracing::warn!(%hook, "the receiver answered 410: hook paused");
                self.plan.hold(hook);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, %hook, "the hook is not paused"),
        }
    }

    /// Brings the plan in line with what is set up, and shows how things stand.
    fn settle(&mut self, index: storage::Result<Arc<Index>>) {
        match index {
            Ok(index) => {
                let paused = index.paused();
                let held = self.plan.backlog.held();
                let (newly, free): (Vec<_>, Vec<_>) = (
                    paused.difference(held).copied().collect(),
                    held.difference(&paused).copied().collect(),
                );
                newly.into_iter().for_each(|hook| self.plan.hold(hook));
                let seen = self.plan.arrivals.seen();
                for hook in free {
                    let (rates, until) = (index.rates(hook), (index.resumed(hook), seen));
                    self.plan.backlog.release(hook, &rates, until, clock::now());
                }
                let drained = self.plan.take_settings(&index);
                drained.into_iter().for_each(|destination| self.hurry_all(destination));
            }
            Err(error) => tracing::error!(%error, "what is set up cannot be read"),
        }
        self.show();
    }

    fn show(&mut self) {
        self.plan.scheduler.tidy(clock::now());
        let (backlog, scheduler) = (&self.plan.backlog, &self.plan.scheduler);
        let running = self.plan.running_of();
        let running = |flow| running.get(&flow).copied().unwrap_or_default();
        let waiting = |flow| backlog.of_flow(flow).saturating_sub(running(flow));
        let destinations = scheduler.views(waiting, clock::now());
        let held_hooks = backlog.held().iter().copied().collect();
        let free = self.storage.free_bytes();
        let held = (scheduler.held_flows(), scheduler.held(HELD_MAX, clock::now()));
        self.shared.show(backlog.total(), free, destinations, held_hooks, held);
    }

    /// Whether anything may begin: not where others may run it by now, nor while what comes of it cannot
    /// be written down, or a restart would repeat it.
    fn may_begin(&self) -> bool {
        self.lease.is_valid(self.plan.under) && !self.shared.is_stalled()
    }

    async fn start_what_may_begin(&mut self) {
        while self.may_begin() {
            let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
            match self.plan.scheduler.next(clock::now()) {
                None => return,
                Some(Step::Overtaken(job)) => {
                    self.write_change(&job, job.state).await;
                }
                Some(Step::Run(job, target)) => {
                    self.shared.runs(job.id);
                    let is_last = Arc::<AtomicBool>::default();
                    let attempt = Attempt {
                        worker: self.worker.clone(),
                        current: self.current.clone(),
                        writer: self.writer.clone(),
                        stopping: self.stopping.clone(),
                        under: self.plan.under,
                        is_last: is_last.clone(),
                    };
                    let place = Place::begin(&target, self.plan.scheduler.gate(&target));
                    let (seq, running) = (job.seq, job.clone());
                    let task = tokio::spawn(async move {
                        attempt.run(job, place).await;
                        drop(slot);
                    });
                    let (at, abort) = (target, task.abort_handle());
                    self.plan.running.insert(seq, Running { job: running, at, is_last, abort });
                }
            }
        }
    }

    /// Has the seats taken that are wanted, and left at which nothing runs.
    fn see_to_seats(&mut self) {
        let under = self.plan.under;
        for (destination, errand) in self.plan.scheduler.errands(clock::now()) {
            self.seats.send(Order { under, destination, errand }).ok();
        }
    }

    async fn write_change(&self, job: &Job, state: DeliveryState) {
        let under = self.plan.under;
        let write = Write::Change(Box::new(change(job, state, clock::now())), under);
        if self.writer.send(write).await.is_err() {
            tracing::error!(delivery = %job.id, "the writer has stopped");
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
