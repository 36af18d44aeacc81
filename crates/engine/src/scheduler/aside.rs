//! Lanes that are set aside: what stands first in them waits for a destination that is down or slow, as
//! many others do. Only the database has them meanwhile, so that they take no room from what their flow
//! sends elsewhere. Some stay, to keep the destination busy; as those become few, the next are read, by
//! their row numbers.
//!
//! A lane that is set aside is known by what stands in it: nothing of it is taken in but together with
//! what it has before that, and whatever is taken out of memory is taken out here as well.

mod lane;
mod lanes;

pub(super) use lanes::{Asides, Recall};

use super::{Job, Lane, Scheduler, Target};
use crate::backlog::InMemory;
use model::{ids::FlowId, policy::Priority};

/// More than any window has room for.
const FULL: usize = usize::MAX >> 8;
/// How many deliveries are read at once.
const READ: usize = 256;

/// How many lanes of one priority are to wait in memory for a destination, where so many deliveries of
/// their flow are beside them and `window` may be. It is the fewer the more there are, so that all
/// destinations of a flow together leave it the half of its window in which it is read on.
fn staying(beside: usize, window: usize) -> usize {
    ((window / 2).saturating_sub(beside) / 4).max(1)
}

impl Scheduler {
    /// How many of this flow are beside a delivery that would come into memory, by priority. Where as
    /// much is set aside as may be, there is no room for more of a flow of which some is.
    pub fn beside(&self, flow: FlowId) -> InMemory {
        let is_full = self.asides.is_full() && self.asides.has_of(flow);
        if is_full { [FULL; Priority::ALL.len()] } else { self.len_of(flow) }
    }

    /// Sets the lane aside of a delivery that has just run up to a request and found no room at its
    /// destination; whether that was done. It is where its flow calls others as well, and many of it are
    /// in memory, of which enough wait there; and where others are set aside already, behind which it
    /// has its turn.
    pub fn set_aside(&mut self, job: &Job) -> bool {
        let Some(target) = &job.target else { return false };
        let may = job.due.is_none() && !job.test && self.calls_others(job);
        if !may || self.asides.is_full() {
            return false;
        }
        let (flow, priority) = (job.flow_id, job.priority);
        let (window, beside) = (self.load().window(), self.len_of(flow)[priority as usize]);
        let ready = self.targets.ready(target, flow, priority);
        let crowded = beside > window / 4 && ready >= staying(beside, window);
        // One at least stays: the others are looked after when it goes.
        if ready == 0 || !(crowded || self.asides.wait_at(target, flow, priority)) {
            return false;
        }
        let lane = self.lanes.get_mut(&job.lane);
        let behind = lane.map(|state| state.jobs.split_off(&job.seq)).unwrap_or_default();
        self.asides.insert(job, target.clone(), behind.values());
        for seq in behind.into_keys() {
            self.forget(seq, flow);
        }
        self.done(job.lane, flow);
        true
    }

    /// Keeps a delivery out of memory where its lane is set aside, or where the lane waits for a
    /// destination and many of its flow are in memory, of which others go elsewhere; whether it does.
    pub(super) fn keep_out(&mut self, job: &Job) -> bool {
        if self.asides.keep_out(job) {
            return true;
        }
        let beside = self.len_of(job.flow_id)[job.priority as usize];
        let crowded = beside >= self.load().window() / 4;
        if !crowded || self.asides.is_full() {
            return false;
        }
        let lane = self.lanes.get(&job.lane);
        let first = lane.and_then(|state| state.jobs.first_key_value());
        let waits = first.is_some_and(|(seq, first)| {
            *seq < job.seq && first.target.is_some() && self.calls_others(first)
        });
        // Where something later is set aside, this is for memory: that waits for something else.
        if !waits || self.asides.has(&job.lane) {
            return false;
        }
        self.asides.keep_behind(job);
        // Where nothing holds it by now, it goes on.
        self.list(job.lane);
        true
    }

    /// Whether this lane waits out of memory for a destination, or behind what does.
    pub fn is_aside(&self, lane: &Lane) -> bool {
        self.asides.has(lane)
    }

    /// Whether the delivery's flow calls others beside whom it waits for now: not always the same one
    /// first, or another one before that.
    fn calls_others(&self, job: &Job) -> bool {
        let first = self.learned.of(job.flow_id);
        self.learned.calls_several(job.flow_id) || (job.rests && job.target.as_ref() != first)
    }

    /// What is to be read of what is set aside, no more than so many deliveries, if anything. One
    /// read at a time: it is answered by [`Self::come_back`] or [`Self::unread`].
    pub fn recall(&mut self, most: usize) -> Option<Recall> {
        if !self.fresh.is_empty() {
            // Where these queue is not known yet, so neither is where few do.
            return None;
        }
        let window = self.load().window();
        let Self { asides, by_flow, targets, .. } = self;
        let beside = |flow, priority| by_flow.get(&flow).map_or(0, |many| many[priority as usize]);
        let has_room = |flow, priority| beside(flow, priority) <= window / 2;
        let wanted = |target: &Target, flow, priority, begun| {
            let enough = staying(beside(flow, priority), window);
            match targets.ready(target, flow, priority) {
                few if few <= enough / 2 => enough - few,
                // What is never set aside may always be enough.
                _ if begun >= enough && has_room(flow, priority) => enough,
                _ => 0,
            }
        };
        asides.recall(most.min(READ), has_room, wanted)
    }

    /// The read has found these of what it asked for, in their order; the others have ended or left
    /// meanwhile.
    pub fn come_back(&mut self, read: u64, found: Vec<Job>) {
        let (mut back, rest) = self.asides.come_back(read);
        for job in found {
            if let Some(target) = back.remove(&job.seq) {
                self.add(Job { target, ..job });
            }
        }
        for lane in rest {
            match self.lanes.contains_key(&lane) {
                true => self.list(lane),
                false => self.asides.follow(lane),
            }
        }
    }

    /// The read failed: what it asked for is read again.
    pub fn unread(&mut self, read: u64) {
        self.asides.unread(read);
    }
}
