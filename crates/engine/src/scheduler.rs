//! Which delivery runs next: a pure state machine, without I/O and without a clock of its own.
//!
//! Each delivery stands in a lane. A lane runs one delivery at a time, in the order of acceptance;
//! lanes do not wait for each other. A delivery that is to be retried holds its lane until its
//! `hold_until`; then the lane goes on, and the late one is marked as out of order.
//!
//! A lane whose next delivery may begin queues at the destination that its flow called last. The
//! destinations take turns, and each begins only what its limits and its breaker allow, so that a
//! slow one holds up nobody else.

mod aside;
mod further;
mod job;
mod lane;
mod learned;
mod seats;
mod set_back;
mod shown;
mod target;
mod turns;

pub use job::{Job, Whose};
pub use lane::{Lane, lane, shard};
pub use target::Target;

use crate::{
    backlog::{InMemory, Load},
    destination::Heard,
};
use aside::Asides;
pub use job::is_due_later;
use learned::Learned;
use model::{
    destination::{DestinationKey, DestinationSettings},
    ids::FlowId,
    policy::Priority,
    time::Millis,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, VecDeque},
};
use target::Targets;

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Run this one, for which there is room at that target; [`Scheduler::left`] is called when
    /// it has ended, and [`Scheduler::done`] or [`Scheduler::again`] when that is written down.
    Run(Job, Target),
    /// This one has just been overtaken by a later one of its lane: write it down.
    Overtaken(Job),
}

/// The lanes, and when each may go on.
#[derive(Debug, Default)]
pub struct Scheduler {
    lanes: HashMap<Lane, LaneState>,
    /// Where each delivery stands or runs, since its hook may have changed.
    places: HashMap<i64, Standing>,
    /// What all of them weigh, in bytes.
    bytes: usize,
    /// How many deliveries of each flow are here.
    by_flow: HashMap<FlowId, InMemory>,
    /// Lanes to look at now, in the order in which they became so.
    fresh: VecDeque<Lane>,
    /// Lanes to look at later.
    timers: BinaryHeap<Reverse<(Millis, Lane)>>,
    overtaken: VecDeque<Job>,
    targets: Targets,
    /// Targets that may have something to begin, taking turns.
    turns: VecDeque<Target>,
    /// Targets that have their share of the slots, of which few are left.
    crowded: Vec<Target>,
    /// Targets to look at later.
    later: BinaryHeap<Reverse<(Millis, Target)>>,
    /// Destinations at which a seat is wanted, asked for or held.
    seated: Vec<Target>,
    /// What is not in memory, since others before it wait already.
    asides: Asides,
    /// Whom each flow has called first.
    learned: Learned,
}

#[derive(Debug, Clone, Copy)]
struct Standing {
    lane: Lane,
    priority: Priority,
    /// What its event weighs, in bytes.
    weight: usize,
}

#[derive(Debug, Default)]
struct LaneState {
    /// By row number. The one that runs is not among them.
    jobs: BTreeMap<i64, Job>,
    running: Option<i64>,
    /// The highest row number that has begun.
    begun: i64,
    /// Whether it is to be looked at.
    listed: bool,
    /// At which target it queues. Where it queued before, it may still be listed.
    queued: Option<Target>,
    /// When it is looked at again, by the timer that was set last.
    wakes: Option<Millis>,
}

impl Scheduler {
    /// Takes a delivery in, or one that was taken out by [`Self::take`] back; false where it is
    /// here already, or has to wait out of memory.
    pub fn add(&mut self, job: Job) -> bool {
        if self.places.contains_key(&job.seq) || self.keep_out(&job) {
            return false;
        }
        let (lane, priority, weight) = (job.lane, job.priority, job.event.weight());
        self.places.insert(job.seq, Standing { lane, priority, weight });
        self.bytes += weight;
        self.by_flow.entry(job.flow_id).or_default()[priority as usize] += 1;
        self.lanes.entry(lane).or_default().jobs.insert(job.seq, job);
        self.list(lane);
        true
    }

    /// Whether this delivery stands or runs here.
    pub fn has(&self, seq: i64) -> bool {
        self.places.contains_key(&seq)
    }

    /// What to do now; nothing until [`Self::wake_at`], or until something else happens.
    pub fn next(&mut self, now: Millis) -> Option<Step> {
        while let Some(Reverse((at, lane))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            if let Some(state) = self.lanes.get_mut(&lane) {
                state.wakes = None;
            }
            self.list(lane);
        }
        while self.later.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            if let Some(Reverse((_, target))) = self.later.pop() {
                self.give_turn(target);
            }
        }
        while let Some(lane) = self.fresh.pop_front() {
            if let Some(state) = self.lanes.get_mut(&lane) {
                state.listed = false;
            }
            self.queue_up(lane, now);
        }
        loop {
            if let Some(job) = self.overtaken.pop_front() {
                return Some(Step::Overtaken(job));
            }
            let target = self.turns.pop_front()?;
            if let Some(step) = self.begin_at(target, now) {
                return Some(step);
            }
        }
    }

    /// When [`Self::next`] will have something to do by the mere passing of time.
    pub fn wake_at(&self) -> Option<Millis> {
        let lane = self.timers.peek().map(|Reverse((at, _))| *at);
        let target = self.later.peek().map(|Reverse((at, _))| *at);
        lane.into_iter().chain(target).min()
    }

    /// The job's attempt at this target has ended, and this is what its requests came to; `called`
    /// is whom its flow calls first, where that has been seen.
    pub fn left(
        &mut self,
        target: &Target,
        job: &Job,
        called: Option<Target>,
        heard: &[(DestinationKey, Heard)],
        now: Millis,
        jitter: f64,
    ) {
        self.targets.ended(target, now);
        // A slot is free.
        self.turns.extend(self.crowded.drain(..));
        let (flow, version) = (job.flow_id, job.flow_version);
        let before = called.and_then(|called| self.learned.learn(flow, version, called));
        if let Some(before) = before {
            self.queue_again(&before);
        }
        self.hear(heard, now, jitter);
        self.give_turn(target.clone());
    }

    /// The lane's running delivery has come to its end, or leaves.
    pub fn done(&mut self, lane: Lane, flow: FlowId) {
        if let Some(seq) = self.lanes.get(&lane).and_then(|state| state.running) {
            self.forget(seq, flow);
        }
        self.release(lane);
    }

    /// The running delivery is to run again, when it is due.
    pub fn again(&mut self, job: Job) {
        let lane = job.lane;
        if let Some(state) = self.lanes.get_mut(&lane) {
            state.jobs.insert(job.seq, job);
        }
        self.release(lane);
    }

    /// Makes a delivery that waits for its time due at once: whether anything is sent to whom it calls;
    /// nothing where it does not wait here for its time, or to be begun after that.
    pub fn hurry(&mut self, seq: i64) -> Option<bool> {
        let lane = self.places.get(&seq)?.lane;
        let job = self.lanes.get_mut(&lane)?.jobs.get_mut(&seq)?;
        if !is_due_later(job.state) {
            return None;
        }
        job.due = None;
        let learned = self.learned.of(job.flow_id).filter(|_| !job.rests);
        let target = job.target.as_ref().or(learned);
        let is_stopped = target.is_some_and(|target| self.targets.is_open(target));
        self.list(lane);
        Some(!is_stopped)
    }

    /// Takes out every delivery for which this holds and that does not run.
    pub fn take(&mut self, leaves: impl Fn(&Whose) -> bool) -> Vec<Job> {
        self.asides.take(&leaves);
        let leaves = |job: &Job| leaves(&job.whose());
        let mut taken = Vec::new();
        let mut freed = Vec::new();
        for (lane, state) in &mut self.lanes {
            let before = taken.len();
            taken.extend(state.jobs.extract_if(.., |_, job| leaves(job)).map(|(_, job)| job));
            if taken.len() > before {
                freed.push(*lane);
            }
        }
        freed.into_iter().for_each(|lane| self.list(lane));
        for job in &taken {
            self.forget(job.seq, job.flow_id);
        }
        // The taken ones carry their mark themselves.
        self.overtaken.retain(|job| !leaves(job));
        taken.sort_by_key(|job| job.seq);
        taken
    }

    /// What waits or runs.
    pub fn load(&self) -> Load {
        Load { deliveries: self.places.len(), bytes: self.bytes }
    }

    /// As many attempts may run at once.
    pub fn share(&mut self, slots: usize) {
        self.targets.share(slots);
    }

    /// How many deliveries of this flow wait or run, by priority.
    pub fn len_of(&self, flow: FlowId) -> InMemory {
        self.by_flow.get(&flow).copied().unwrap_or_default()
    }

    /// Forgets every delivery, those that run as well; what is known of destinations stays.
    pub fn clear(&mut self) {
        self.lanes.clear();
        self.places.clear();
        self.bytes = 0;
        self.by_flow.clear();
        self.fresh.clear();
        self.timers.clear();
        self.overtaken.clear();
        self.turns.clear();
        self.crowded.clear();
        self.later.clear();
        self.seated.clear();
        self.asides.clear();
        self.targets.clear();
    }

    /// Takes what is set for destinations, which so many nodes call. Those of which a person has had
    /// drained what waits, since before.
    pub fn set(
        &mut self,
        set: HashMap<DestinationKey, DestinationSettings>,
        nodes: u32,
    ) -> Vec<DestinationKey> {
        let drained = self.targets.drained(&set);
        for target in self.targets.set(set, nodes) {
            if self.targets.is_open(&target) {
                self.queue_again(&target);
            }
            self.keep_place(&target);
            self.give_turn(target);
        }
        drained
    }

    /// Forgets what need not be known any more; to be called now and then.
    pub fn tidy(&mut self, now: Millis) {
        self.targets.tidy(now);
    }

    fn forget(&mut self, seq: i64, flow: FlowId) {
        let Some(stood) = self.places.remove(&seq) else { return };
        self.bytes -= stood.weight;
        if let Some(counts) = self.by_flow.get_mut(&flow) {
            counts[stood.priority as usize] -= 1;
            if *counts == InMemory::default() {
                self.by_flow.remove(&flow);
            }
        }
    }

    fn release(&mut self, lane: Lane) {
        if let Some(state) = self.lanes.get_mut(&lane) {
            state.running = None;
        }
        self.list(lane);
    }

    fn list(&mut self, lane: Lane) {
        if let Some(state) = self.lanes.get_mut(&lane)
            && !state.listed
        {
            state.listed = true;
            self.fresh.push_back(lane);
        }
    }

    fn give_turn(&mut self, target: Target) {
        if let Some(state) = self.targets.get_mut(&target)
            && !state.has_turn
            && !state.ready.is_empty()
        {
            state.has_turn = true;
            self.turns.push_back(target);
        }
    }
}

#[cfg(test)]
mod aside_tests;
#[cfg(test)]
mod further_tests;
#[cfg(test)]
mod learned_tests;
#[cfg(test)]
mod seat_tests;
#[cfg(test)]
mod share_tests;
#[cfg(test)]
pub(crate) mod tests;
