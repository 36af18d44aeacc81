//! Holding a hook's deliveries back, and letting them go on at a rate.

use super::{Backlog, Rate, Read, Unit};
use model::{
    ids::{FlowId, HookId},
    time::Millis,
};

/// At which rate a hook's deliveries are being released.
#[derive(Debug, Clone, Copy)]
pub(super) struct Release {
    pub hook: HookId,
    pub rate: Rate,
    /// Up to this row number, as far as is known; else what was made before it was resumed. Where the
    /// clock was set back that says nothing.
    pub last: Option<i64>,
}

impl Release {
    /// Whether a delivery with this number, made at that time, is of what is being released.
    pub fn holds(&self, seq: i64, made: Millis) -> bool {
        self.last.map_or(self.rate.holds(made), |last| seq <= last)
    }
}

impl Backlog {
    /// Holds a hook's deliveries back. Those in memory have been taken out.
    pub fn hold(&mut self, hook: HookId) {
        self.held.insert(hook);
        self.late.forget(hook);
        self.rests.retain(|_, rest| {
            let before = rest.hooks.len();
            rest.hooks.retain(|one| *one != hook);
            rest.rates.retain(|one| one.hook != hook);
            if rest.hooks.len() < before {
                // What is being read is out of date.
                rest.reading = None;
            }
            before == 0 || !rest.hooks.is_empty()
        });
    }

    /// Lets a hook's deliveries go on, within these rates. What has come up to the row number `seen` is
    /// what was parked until it was `resumed`; a rate of an earlier time is for what is left of that.
    /// Those of a flow's hooks that are released at once go out together, in order, within the
    /// rates of all of them.
    pub fn release(
        &mut self,
        hook: HookId,
        rates: &[Rate],
        (resumed, seen): (Option<Millis>, i64),
        now: Millis,
    ) {
        if !self.held.remove(&hook) {
            return;
        }
        for flow in self.counts.flows_of(hook) {
            self.release_of(flow, hook, rates, now);
            let rest = self.rests.get_mut(&Unit::Released(flow));
            let new = rest.into_iter().flat_map(|rest| &mut rest.rates);
            let is_new = |one: &&mut Release| one.hook == hook && Some(one.rate.before) == resumed;
            new.filter(is_new).for_each(|one| one.last = Some(seen));
        }
    }

    pub(super) fn release_of(&mut self, flow: FlowId, hook: HookId, rates: &[Rate], now: Millis) {
        let rest = self.rests.entry(Unit::Released(flow)).or_default();
        // From the beginning: what has been read before is in memory, or done.
        (rest.after, rest.reading) = (0, None);
        self.join(flow, hook, rates, now);
    }

    fn join(&mut self, flow: FlowId, hook: HookId, rates: &[Rate], now: Millis) {
        let rest = self.rests.entry(Unit::Released(flow)).or_default();
        if !rest.hooks.contains(&hook) {
            rest.hooks.push(hook);
        }
        let before: Vec<_> = rest.rates.extract_if(.., |one| one.hook == hook).collect();
        rest.rates.extend(rates.iter().map(|rate| {
            let known = before.iter().find(|one| one.rate == *rate);
            Release { hook, rate: *rate, last: known.and_then(|known| known.last) }
        }));
        rates.iter().for_each(|rate| self.budgets.begin(*rate, now));
    }

    /// So many of what a read found do not go out by it: they are in memory already, say.
    pub fn spare(&mut self, read: &Read, many: usize) {
        self.budgets.give_back(&read.rates, many);
    }

    /// The clock has been set back, when deliveries had arrived up to the row number `seen`.
    pub fn set_back(&mut self, seen: i64) {
        let releases = self.rests.values_mut().flat_map(|rest| &mut rest.rates);
        releases.for_each(|release| _ = release.last.get_or_insert(seen));
    }
}
