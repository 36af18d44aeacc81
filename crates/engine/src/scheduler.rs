//! Which delivery runs next: a pure state machine, without I/O and without a clock of its own.
//!
//! Each delivery stands in a lane. A lane runs one delivery at a time, in the order of acceptance;
//! lanes do not wait for each other. A delivery that is to be retried holds its lane until its
//! `hold_until`; then the lane goes on, and the late one is marked as out of order.

use model::{
    event::Event,
    ids::{DeliveryId, FlowId, HookId, QueueId},
    time::Millis,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque},
    sync::Arc,
};

/// What must run in order: what one call sends to one flow, whichever hooks it came through.
/// Anything else has a lane of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    Call { flow: FlowId, queue: QueueId, call_attempt: i64 },
    Alone(i64),
}

/// A delivery that still has to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The row number, which is the order of acceptance.
    pub seq: i64,
    pub id: DeliveryId,
    pub event: Arc<Event>,
    pub hook_id: HookId,
    pub flow_id: FlowId,
    pub flow_version: u32,
    pub lane: Lane,
    /// Attempts that have ended.
    pub attempts: u32,
    /// When the next attempt is due.
    pub due: Option<Millis>,
    /// Until when it holds its lane while it is not due.
    pub hold_until: Option<Millis>,
    /// How long it may hold its lane from its first failure on, in milliseconds.
    pub max_hold_ms: i64,
    pub out_of_order: bool,
    pub test: bool,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Run this one; [`Scheduler::done`] or [`Scheduler::again`] is called when it has ended.
    Run(Job),
    /// This one has just been overtaken by a later one of its lane: write it down.
    Overtaken(Job),
}

/// The lanes, and when each may go on.
#[derive(Debug, Default)]
pub struct Scheduler {
    lanes: HashMap<Lane, LaneState>,
    /// In which lane each delivery stands or runs: its hook may have changed since.
    places: HashMap<i64, Lane>,
    /// Lanes to look at now, in the order in which they became so.
    ready: VecDeque<Lane>,
    /// Lanes to look at later.
    timers: BinaryHeap<Reverse<(Millis, Lane)>>,
    overtaken: VecDeque<Job>,
}

#[derive(Debug, Default)]
struct LaneState {
    /// By row number. The one that runs is not among them.
    jobs: BTreeMap<i64, Job>,
    running: Option<i64>,
    /// The highest row number that has begun.
    begun: i64,
    /// Whether it stands in `ready`.
    listed: bool,
}

impl Scheduler {
    /// Takes a delivery in, or one that was taken out by [`Self::take`] back; false where it is
    /// here already.
    pub fn add(&mut self, job: Job) -> bool {
        if self.places.contains_key(&job.seq) {
            return false;
        }
        let lane = job.lane;
        self.places.insert(job.seq, lane);
        self.lanes.entry(lane).or_default().jobs.insert(job.seq, job);
        self.list(lane);
        true
    }

    /// What to do now; nothing until [`Self::wake_at`], or until something else happens.
    pub fn next(&mut self, now: Millis) -> Option<Step> {
        while let Some(Reverse((at, lane))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            self.list(lane);
        }
        loop {
            if let Some(job) = self.overtaken.pop_front() {
                return Some(Step::Overtaken(job));
            }
            let lane = self.ready.pop_front()?;
            if let Some(job) = self.pick(lane, now) {
                return Some(Step::Run(job));
            }
        }
    }

    /// When [`Self::next`] will have something to do by the mere passing of time.
    pub fn wake_at(&self) -> Option<Millis> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// The lane's running delivery has come to its end, or leaves.
    pub fn done(&mut self, lane: Lane) {
        if let Some(seq) = self.lanes.get(&lane).and_then(|state| state.running) {
            self.places.remove(&seq);
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

    /// Makes a delivery that waits for its time due at once; whether it is one that does.
    pub fn hurry(&mut self, seq: i64) -> bool {
        let Some(&lane) = self.places.get(&seq) else { return false };
        let job = self.lanes.get_mut(&lane).and_then(|state| state.jobs.get_mut(&seq));
        let Some(job) = job.filter(|job| job.due.is_some()) else { return false };
        job.due = None;
        self.list(lane);
        true
    }

    /// Takes out every delivery of these hooks that does not run.
    pub fn take(&mut self, hooks: &BTreeSet<HookId>) -> Vec<Job> {
        let mut taken = Vec::new();
        if hooks.is_empty() {
            return taken;
        }
        let mut freed = Vec::new();
        for (lane, state) in &mut self.lanes {
            let gone = state.jobs.extract_if(.., |_, job| hooks.contains(&job.hook_id));
            let before = taken.len();
            taken.extend(gone.map(|(_, job)| job));
            if taken.len() > before {
                freed.push(*lane);
            }
        }
        freed.into_iter().for_each(|lane| self.list(lane));
        for job in &taken {
            self.places.remove(&job.seq);
        }
        // The taken ones carry their mark themselves.
        self.overtaken.retain(|job| !hooks.contains(&job.hook_id));
        taken.sort_by_key(|job| job.seq);
        taken
    }

    /// How many deliveries wait or run.
    pub fn len(&self) -> usize {
        self.places.len()
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
            self.ready.push_back(lane);
        }
    }

    /// The delivery of this lane that may begin now, if there is one; else sees to it that the
    /// lane is looked at when that changes.
    fn pick(&mut self, lane: Lane, now: Millis) -> Option<Job> {
        let state = self.lanes.get_mut(&lane)?;
        state.listed = false;
        if state.running.is_some() {
            return None;
        }
        if state.jobs.is_empty() {
            self.lanes.remove(&lane);
            return None;
        }
        let mut chosen = None;
        let mut wake: Option<Millis> = None;
        for (seq, job) in &state.jobs {
            match job.due {
                Some(due) if due > now => {
                    wake = Some(wake.map_or(due, |at| at.min(due)));
                    if let Some(until) = job.hold_until
                        && until > now
                    {
                        wake = wake.map(|at| at.min(until));
                        break;
                    }
                }
                _ => {
                    chosen = Some(*seq);
                    break;
                }
            }
        }
        let Some(seq) = chosen else {
            self.timers.extend(wake.map(|at| Reverse((at, lane))));
            return None;
        };
        let mut job = state.jobs.remove(&seq)?;
        state.running = Some(seq);
        job.out_of_order |= seq < state.begun;
        state.begun = state.begun.max(seq);
        for (_, late) in state.jobs.range_mut(..seq) {
            if !late.out_of_order {
                late.out_of_order = true;
                self.overtaken.push_back(late.clone());
            }
        }
        Some(job)
    }
}

#[cfg(test)]
mod tests;
