//! What the dispatcher keeps in mind, and what it decides by that alone.

use super::{
    Further,
    calling_off::Cancelling,
    reading::{self, Reading},
};
use crate::{
    arrivals::Arrivals,
    backlog::{AWAKE_MS, Backlog, Due},
    clock,
    index::Index,
    scheduler::{Job, Lane, Scheduler, Target, is_due_later},
    worker::Left,
};
use model::{
    destination::DestinationKey,
    ids::{FlowId, HookId},
    time::Millis,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use storage::nodes::{Incarnation, Shards};
use tokio::task::AbortHandle;

/// What the dispatcher keeps in mind.
#[derive(Default)]
pub struct Plan {
    pub scheduler: Scheduler,
    pub backlog: Backlog,
    pub(super) arrivals: Arrivals<Job>,
    pub(super) reading: Reading,
    /// What is being called off.
    pub(super) cancelling: Vec<Cancelling>,
    /// How much has been.
    pub(super) cancelled: u64,
    /// Row numbers that have been called off and have not arrived here yet.
    pub(super) early: BTreeSet<i64>,
    /// Attempts that run, by their delivery's row number.
    pub(super) running: HashMap<i64, Running>,
    /// Under which incarnation it holds what it holds.
    pub(super) under: Incarnation,
    /// How many nodes share the work.
    pub(super) nodes: u32,
    /// Shards that are handed on when nothing of them runs any more.
    pub(super) leaving: Shards,
    /// Those of them of which nothing runs any more, and that are being freed.
    pub(super) freeing: Shards,
}

/// An attempt that runs.
pub(super) struct Running {
    pub job: Job,
    /// Where it counts: at whom it called last.
    pub at: Target,
    /// Whether it is to be the last of its delivery.
    pub is_last: Arc<AtomicBool>,
    pub abort: AbortHandle,
}

impl Running {
    /// Whether it has been called off.
    pub fn is_called_off(&self) -> bool {
        self.is_last.load(Ordering::Relaxed)
    }
}

impl Plan {
    /// Of a node that holds nothing yet.
    pub fn new(backlog: Backlog) -> Self {
        let (leaving, freeing) = (Shards::NONE, Shards::NONE);
        Self { backlog, nodes: 1, leaving, freeing, ..Self::default() }
    }

    /// Takes a delivery that has just been accepted into memory, where it is this node's and there
    /// is room.
    pub(super) fn admit(&mut self, job: Job) {
        if !self.backlog.shards().contains(job.shard) || self.early.remove(&job.seq) {
            return;
        }
        self.backlog.came(job.lot(), job.seq);
        if self.is_called_off(&job) {
            return;
        }
        let (flow, hook) = (job.flow_id, job.hook_id);
        let (beside, all) = (self.beside(&job), self.scheduler.load());
        // A test is for a person who waits.
        if job.test || self.backlog.admit(flow, hook, job.seq, beside, all) {
            self.scheduler.add(job);
        }
    }

    /// Whether a delivery that falls due may come into memory now; else it is read when there is
    /// room.
    pub(super) fn has_room(&mut self, job: &Job, index: &Index, now: Millis) -> bool {
        let (beside, all) = (self.beside(job), self.scheduler.load());
        let rates = index.rates(job.hook_id);
        let (flow, hook, seq, made) = (job.flow_id, job.hook_id, job.seq, job.created_at);
        let due = Due { flow, hook, seq, made, rates: &rates };
        let stays = job.test || self.scheduler.has(job.seq);
        stays || self.backlog.admit_due(&due, beside, all, now)
    }

    /// Whether what falls due of a delivery goes out at a rate: it was parked when its hook was resumed.
    pub(super) fn has_rate(&self, job: &Job, index: &Index) -> bool {
        let rates = index.rates(job.hook_id);
        is_due_later(job.state) && rates.iter().any(|rate| rate.holds(job.created_at))
    }

    /// How many attempts of each flow run, of those whose hooks are not held back.
    pub(super) fn running_of(&self) -> HashMap<FlowId, u64> {
        let mut many = HashMap::new();
        for Running { job, .. } in self.running.values() {
            if !self.backlog.held().contains(&job.hook_id) {
                *many.entry(job.flow_id).or_default() += 1;
            }
        }
        many
    }

    /// How many of its flow and priority are in memory.
    pub(super) fn beside(&self, job: &Job) -> usize {
        self.scheduler.beside(job.flow_id)[job.priority as usize]
    }

    /// Whether a delivery that is to run again need not stay in memory until then: where there are
    /// many, the next look at what falls due is soon enough.
    pub(super) fn may_leave(&self, job: &Job, now: Millis) -> bool {
        let crowded = self.beside(job) > self.scheduler.load().window();
        is_asleep(job, now, if crowded { reading::AHEAD_MS } else { AWAKE_MS })
    }

    /// Takes a delivery in again that had ended; it runs now, unless it was read when it fell due.
    pub(super) fn take_back(&mut self, job: Job) {
        if self.backlog.shards().contains(job.shard) {
            self.backlog.came_back(job.lot());
            let came = job.state.is_final() || self.scheduler.has(job.seq);
            if came || self.is_called_off(&job) {
                return;
            }
            if job.test || !self.backlog.held().contains(&job.hook_id) {
                self.scheduler.add(Job { due: None, ..job });
            }
        }
    }

    pub(super) fn leave(&mut self, left: &Left) {
        let Some(running) = self.running.get(&left.seq) else { return };
        let (job, jitter) = (&running.job, rand::random_range(0.0..1.0));
        // One that went on somewhere in its flow does not show with whom that begins.
        let called = left.called.clone().filter(|_| !job.rests);
        self.scheduler.left(&running.at, job, called, &left.heard, clock::now(), jitter);
    }

    /// Answers an attempt that is about to send a further request.
    pub(super) fn go_on(&mut self, further: Further) {
        let Further { seq, to, heard, answer, .. } = further;
        let Some(running) = self.running.get_mut(&seq) else {
            answer.send(None).ok();
            return;
        };
        let (to, jitter) = (Target::Destination(to), rand::random_range(0.0..1.0));
        let gate = self.scheduler.go_on(&running.at, &to, &heard, clock::now(), jitter);
        if gate.is_some() {
            running.at = to;
        }
        answer.send(gate).ok();
    }

    /// When more may be released of what goes out at a rate.
    pub(super) fn release_at(&self) -> Option<Millis> {
        let Self { backlog, scheduler, .. } = self;
        backlog.wake_at(|flow| scheduler.beside(flow), scheduler.load())
    }

    /// Takes the hooks' priorities, what is set for destinations, and how many nodes call them, where
    /// that is new; the destinations of which a person has had drained what waits, since before.
    pub(super) fn take_settings(&mut self, index: &Index) -> Vec<DestinationKey> {
        if !self.reading.is_new(index.revision, self.nodes) {
            return Vec::new();
        }
        self.backlog.set(index.priorities(), index.unordered());
        self.scheduler.set(index.destinations(), self.nodes)
    }

    pub(super) fn hold(&mut self, hook: HookId) {
        self.backlog.hold(hook);
        self.scheduler.take(|one| one.lot.hook == hook && !one.test);
    }
}

/// Whether the delivery need not be in memory for so many milliseconds: it is due later, and its lane
/// does not wait for it.
pub(super) fn is_asleep(job: &Job, now: Millis, ms: i64) -> bool {
    let later = job.due.is_some_and(|due| due > now.plus(ms));
    let holds =
        matches!(job.lane, Lane::Call { .. }) && job.hold_until.is_some_and(|until| until > now);
    later && !holds
}
