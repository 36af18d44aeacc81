//! Lanes that are set aside: what stands first in them waits for a destination to which nothing is
//! sent, as many others do. Only the database has them until that changes, so that they take no room
//! from what their flow sends elsewhere.

use super::{Job, Lane, Scheduler, Target};
use model::{delivery::DeliveryState, ids::FlowId};
use std::collections::HashMap;

/// How many lanes may be set aside; what is beyond stays in memory.
const ASIDE_MAX: usize = 200_000;

/// A lane that is set aside.
#[derive(Debug)]
struct Aside {
    target: Target,
    flow: FlowId,
    /// What stands in it from this row number on is not in memory.
    from: i64,
}

/// The lanes that are set aside.
#[derive(Debug, Default)]
pub(super) struct Asides {
    lanes: HashMap<Lane, Aside>,
    /// How many wait for each destination.
    counts: HashMap<Target, u64>,
    /// Whether a destination takes something again.
    reopened: bool,
    /// Whether all are to come back, whatever they wait for.
    all: bool,
}

impl Asides {
    /// Whether this delivery stands in a lane that is set aside.
    pub fn has(&self, job: &Job) -> bool {
        self.lanes.get(&job.lane).is_some_and(|aside| job.seq >= aside.from)
    }

    /// How many lanes wait for this destination.
    pub fn count(&self, target: &Target) -> u64 {
        self.counts.get(target).copied().unwrap_or_default()
    }

    /// A destination may take something again.
    pub fn reopen(&mut self) {
        self.reopened = true;
    }

    /// Something has been taken out of memory: what is set aside may be concerned.
    pub fn come_back_all(&mut self) {
        self.all = true;
    }

    fn insert(&mut self, job: &Job, target: Target) {
        *self.counts.entry(target.clone()).or_default() += 1;
        let new = Aside { target, flow: job.flow_id, from: job.seq };
        // An earlier one of the same lane may have come by itself, when it was due.
        let before = self.lanes.insert(job.lane, new);
        if let Some(count) = before.and_then(|before| self.counts.get_mut(&before.target)) {
            *count -= 1;
        }
    }
}

impl Scheduler {
    /// Sets the lane aside of a delivery that has just run up to its first request and found that
    /// its destination takes nothing; whether that was done. It is where many of its flow are in
    /// memory, which may hold `window` of them, and the flow calls others as well. Some stay, to try
    /// the destination.
    pub fn set_aside(&mut self, job: &Job, window: usize) -> bool {
        let Some(target) = job.target.clone() else { return false };
        let crowded = self.len_of(job.flow_id)[job.priority as usize] > window / 4;
        let has_done_nothing =
            job.state == DeliveryState::Pending && job.due.is_none() && !job.rests && !job.test;
        let others_wait = self.targets.get_mut(&target).is_some_and(|at| !at.ready.is_empty());
        let takes_nothing = self.targets.is_open(&target);
        let has_room = self.asides.lanes.len() < ASIDE_MAX;
        let calls_others = self.learned.calls_several(job.flow_id);
        let may = crowded && has_done_nothing && others_wait && takes_nothing && calls_others;
        if !may || !has_room {
            return false;
        }
        let lane = self.lanes.get_mut(&job.lane);
        let behind = lane.map(|state| state.jobs.split_off(&job.seq)).unwrap_or_default();
        for seq in behind.into_keys() {
            self.forget(seq, job.flow_id);
        }
        self.asides.insert(job, target);
        self.done(job.lane, job.flow_id);
        true
    }

    /// The flows with lanes that come back, and from which row number on they are to be read again.
    pub fn come_back(&mut self) -> HashMap<FlowId, i64> {
        let Asides { lanes, counts, reopened, all } = &mut self.asides;
        let (reopened, all) = (std::mem::take(reopened), std::mem::take(all));
        let mut flows = HashMap::new();
        if !reopened && !all {
            return flows;
        }
        let targets = &self.targets;
        counts.retain(|target, _| !all && !targets.is_closed(target));
        for (_, aside) in lanes.extract_if(|_, aside| !counts.contains_key(&aside.target)) {
            let from: &mut i64 = flows.entry(aside.flow).or_insert(aside.from);
            *from = aside.from.min(*from);
        }
        flows
    }
}
