//! At which target a lane queues, and with which delivery it goes on when it has its turn there.

use super::{Job, Lane, Scheduler, Step, Target};
use crate::destination::May;
use model::time::Millis;
use std::cmp::Reverse;

impl Scheduler {
    /// Lets the lane queue at the target of the delivery that may begin; where none may, sees to
    /// it that the lane is looked at when that changes.
    pub(super) fn queue_up(&mut self, lane: Lane, now: Millis) {
        let seq = self.head(lane, now);
        let Some(state) = self.lanes.get(&lane) else { return };
        let job = seq.and_then(|seq| state.jobs.get(&seq));
        let queues = job.map(|job| (self.target_of(job), job.flow_id, job.priority));
        let Some(state) = self.lanes.get_mut(&lane) else { return };
        let Some((target, flow, priority)) = queues else {
            state.queued = None;
            return;
        };
        if state.queued.as_ref() == Some(&target) {
            return;
        }
        state.queued = Some(target.clone());
        self.targets.state(&target).ready.push(flow, priority, lane);
        self.give_turn(target);
    }

    /// Whether this lane queues there; what is listed there may queue elsewhere by now.
    pub(super) fn queues_at(&self, lane: &Lane, target: &Target) -> bool {
        self.lanes.get(lane).is_some_and(|state| state.queued.as_ref() == Some(target))
    }

    /// Begins the next delivery of this target, if it may.
    pub(super) fn begin_at(&mut self, target: Target, now: Millis) -> Option<Step> {
        let state = self.targets.get_mut(&target)?;
        state.has_turn = false;
        if state.ready.is_empty() {
            return None;
        }
        if self.targets.is_crowded(&target) {
            let state = self.targets.get_mut(&target)?;
            state.has_turn = true;
            self.crowded.push(target);
            return None;
        }
        let state = self.targets.get_mut(&target)?;
        match state.called.may(now) {
            May::Wait => {
                state.held_back = true;
                return None;
            }
            May::Seat => {
                state.held_back = true;
                self.want_seat(&target);
                return None;
            }
            May::At(at) => {
                state.held_back = true;
                if state.looked_at_again.is_none_or(|before| at < before || before <= now) {
                    state.looked_at_again = Some(at);
                    self.later.push(Reverse((at, target)));
                }
                return None;
            }
            May::Begin => {}
        }
        let had_nothing_to_do = !std::mem::take(&mut state.held_back);
        self.asides.look_at(&target);
        while let Some(lane) = self.targets.get_mut(&target)?.ready.pop() {
            let Some(job) = self.pick(lane, &target, now) else { continue };
            self.targets.began(&target, had_nothing_to_do, now);
            self.give_turn(target.clone());
            return Some(Step::Run(job, target));
        }
        None
    }

    /// The delivery with which this lane goes on now. The lane is listed when there is one, or when
    /// one that is before it falls due.
    fn head(&mut self, lane: Lane, now: Millis) -> Option<i64> {
        let state = self.lanes.get_mut(&lane)?;
        if state.running.is_some() {
            return None;
        }
        let (mut wake, mut held): (Option<Millis>, bool) = (None, false);
        let mut head = None;
        for (seq, job) in &state.jobs {
            let Some(due) = job.due.filter(|due| *due > now) else {
                head = Some(*seq);
                break;
            };
            wake = Some(wake.map_or(due, |at| at.min(due)));
            if let Some(until) = job.hold_until.filter(|until| *until > now) {
                wake = wake.map(|at| at.min(until));
                held = true;
                break;
            }
        }
        if wake != state.wakes {
            state.wakes = wake;
            self.timers.extend(wake.map(|at| Reverse((at, lane))));
        }
        if state.jobs.is_empty() {
            self.lanes.remove(&lane);
        }
        if head.is_none() && !held {
            self.asides.follow(lane);
        }
        head
    }

    /// Takes the delivery out with which this lane, whose turn it is at the target, goes on. Where
    /// another one has come before it that goes elsewhere, the lane queues there.
    fn pick(&mut self, lane: Lane, target: &Target, now: Millis) -> Option<Job> {
        if !self.queues_at(&lane, target) {
            return None;
        }
        self.lanes.get_mut(&lane)?.queued = None;
        let seq = self.head(lane, now)?;
        if self.target_of(self.lanes.get(&lane)?.jobs.get(&seq)?) != *target {
            self.queue_up(lane, now);
            return None;
        }
        let state = self.lanes.get_mut(&lane)?;
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
