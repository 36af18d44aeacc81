//! Seats at destinations that bear fewer requests at once than there are nodes: what is to be asked
//! of the database, and what it answers.

use super::{Scheduler, Target, target::TargetState};
use crate::destination::Errand;
use model::{destination::DestinationKey, time::Millis};
use std::cmp::Reverse;

impl Scheduler {
    /// What the database is to be told of seats, once all has begun that may. Each [`Errand::Take`]
    /// is answered by [`Self::seat_answered`].
    pub fn errands(&mut self, now: Millis) -> Vec<(DestinationKey, Errand)> {
        let mut errands = Vec::new();
        self.seated.retain(|target| {
            let state = self.targets.get_mut(target);
            let Some(destination) = state.and_then(TargetState::destination) else { return false };
            if let (Target::Destination(key), Some(errand)) = (target, destination.errand(now)) {
                if let Errand::Leave { until } = errand {
                    self.later.push(Reverse((until, target.clone())));
                }
                errands.push((key.clone(), errand));
            }
            destination.is_seated()
        });
        errands
    }

    /// Whether a seat was to be had at this destination.
    pub fn seat_answered(&mut self, key: DestinationKey, granted: bool, now: Millis, jitter: f64) {
        let target = Target::Destination(key);
        let state = self.targets.get_mut(&target);
        if let Some(destination) = state.and_then(TargetState::destination) {
            destination.seat_answered(granted, now, jitter);
        }
        self.give_turn(target);
    }

    /// Wants a seat where something began before one was needed, so that others do not get it.
    pub(super) fn keep_place(&mut self, target: &Target) {
        let state = self.targets.get_mut(target);
        if state.and_then(TargetState::destination).is_some_and(|one| one.runs_unseated()) {
            self.want_seat(target);
        }
    }

    pub(super) fn want_seat(&mut self, target: &Target) {
        let state = self.targets.get_mut(target);
        if let Some(destination) = state.and_then(TargetState::destination) {
            destination.want_seat();
            if !self.seated.contains(target) {
                self.seated.push(target.clone());
            }
        }
    }
}
