//! Requests after an attempt's first: whether they may go out, and where the attempt counts then.

use super::{Scheduler, Target};
use crate::destination::{Gate, Heard, May};
use model::{destination::DestinationKey, ids::DeliveryId, time::Millis};

impl Scheduler {
    /// What tells an attempt that has its place at this target whether it may go on there without
    /// asking; an attempt that calls nobody yet has to ask.
    pub fn gate(&mut self, target: &Target) -> Gate {
        let destination = self.targets.state(target).destination();
        destination.map(|destination| destination.gate()).unwrap_or_default()
    }

    /// An attempt that counts at `from` is about to send a further request, to `to`; `heard` is what
    /// those before came to. Where there is room it counts at `to` from now on, and no more at
    /// `from`. Where there is none, it has to give its place up: whoever waited in place, holding
    /// room at one destination and wanting some at another, could wait for ever for one who does the
    /// opposite.
    pub fn go_on(
        &mut self,
        from: &Target,
        to: &Target,
        heard: &[(DestinationKey, Heard)],
        now: Millis,
        jitter: f64,
    ) -> Option<Gate> {
        self.hear(heard, now, jitter);
        // Whoever leaves more behind than it finds takes nothing from the others.
        let running = |target| self.targets.running(target);
        let is_crowded = self.targets.is_crowded(to) && running(to) + 1 > running(from);
        let state = self.targets.state(to);
        // Those who wait there already were there first.
        let comes_before = state.held_back && !state.ready.is_empty();
        let destination = state.destination()?;
        if from == to {
            let may = destination.may_go_on(now);
            return may.then(|| {
                destination.went_on();
                destination.gate()
            });
        }
        // It is not there yet, whatever it has done: where slots are few, it may not.
        if comes_before || is_crowded || destination.may(now) != May::Begin {
            return None;
        }
        let gate = destination.gate();
        self.targets.began(to, true, now);
        self.targets.ended(from, now);
        self.give_turn(from.clone());
        Some(gate)
    }

    /// What requests came to.
    pub(super) fn hear(&mut self, heard: &[(DestinationKey, Heard)], now: Millis, jitter: f64) {
        for (key, heard) in heard {
            let target = Target::Destination(key.clone());
            if let Some(destination) = self.targets.state(&target).destination() {
                let was_open = destination.is_open();
                destination.hear(heard, now, jitter);
                if destination.is_open() && !was_open {
                    self.queue_again(&target);
                }
            }
            self.give_turn(target);
        }
    }

    /// Up to so many deliveries that wait for a destination to which nothing is sent at the moment: those
    /// that stand before a request to it which is not the first of their flow, and those that are due
    /// again.
    pub fn held(&self, max: usize, now: Millis) -> Vec<DeliveryId> {
        let parked = self.targets.parked().filter(|(target, lane)| self.queues_at(lane, target));
        let waits = parked.filter_map(|(target, lane)| {
            let mut jobs = self.lanes.get(lane)?.jobs.values();
            let head = jobs.find(|job| job.due.is_none_or(|due| due <= now))?;
            (head.target.as_ref() == Some(target)).then_some(head.id)
        });
        waits.take(max).collect()
    }
}
