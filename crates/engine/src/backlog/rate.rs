//! At which rate what was held back goes out.

use model::{
    ids::{HookId, QueueId},
    time::Millis,
};
use std::collections::{HashMap, hash_map::Entry};

/// What was resumed at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resumed {
    Hook(HookId),
    Queue(QueueId),
}

/// The rate that was chosen when something was resumed. All that is its goes out within it, of
/// whichever hooks and flows, but for what was made afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub of: Resumed,
    /// Deliveries a second, on all nodes together.
    pub per_s: u32,
    /// When it was resumed.
    pub before: Millis,
}

impl Rate {
    /// Whether what was made at that time goes out within it.
    pub fn holds(&self, made: Millis) -> bool {
        made < self.before
    }
}

/// What each rate allows at this moment.
#[derive(Debug, Default)]
pub(super) struct Budgets(HashMap<Resumed, Budget>);

#[derive(Debug, Clone, Copy)]
struct Budget {
    per_s: u32,
    /// Of which resuming it is.
    before: Millis,
    deliveries: f64,
    at: Millis,
}

impl Budgets {
    /// A rate holds from now on, where it did not before.
    pub fn begin(&mut self, rate: Rate, now: Millis) {
        let Rate { of, per_s, before } = rate;
        let new = Budget { per_s, before, deliveries: 1.0, at: now };
        match self.0.entry(of) {
            Entry::Occupied(known)
                if (known.get().per_s, known.get().before) == (per_s, before) => {}
            Entry::Occupied(mut known) => {
                known.insert(new);
            }
            Entry::Vacant(place) => {
                place.insert(new);
            }
        }
    }

    /// How many may go out now, `most` at most, within all of these rates, which so many nodes
    /// share. They count as gone out.
    pub fn take(&mut self, rates: &[Rate], most: u32, nodes: u32, now: Millis) -> u32 {
        let mut allowed = f64::from(most);
        for rate in rates {
            if let Some(budget) = self.0.get_mut(&rate.of) {
                budget.grow(nodes, now);
                allowed = allowed.min(budget.deliveries.floor());
            }
        }
        for rate in rates {
            if let Some(budget) = self.0.get_mut(&rate.of) {
                budget.deliveries -= allowed;
            }
        }
        allowed as u32
    }

    /// So many of what was taken did not go out.
    pub fn give_back(&mut self, rates: &[Rate], many: usize) {
        for rate in rates {
            if let Some(budget) = self.0.get_mut(&rate.of) {
                budget.deliveries += many as f64;
            }
        }
    }

    /// When all of these rates allow one more.
    pub fn next(&self, rates: &[Rate], nodes: u32) -> Option<Millis> {
        let budgets = rates.iter().filter_map(|rate| self.0.get(&rate.of));
        budgets.map(|budget| budget.next(nodes)).max()
    }
}

impl Budget {
    fn share(self, nodes: u32) -> f64 {
        f64::from(self.per_s) / f64::from(nodes.max(1))
    }

    fn grow(&mut self, nodes: u32, now: Millis) {
        let passed = (now.0 - self.at.0).max(0) as f64 / 1_000.0;
        let share = self.share(nodes);
        self.deliveries = (self.deliveries + passed * share).min(share.max(1.0));
        self.at = now;
    }

    fn next(self, nodes: u32) -> Millis {
        let missing = (1.0 - self.deliveries).max(0.0);
        self.at.plus((missing / self.share(nodes) * 1_000.0).ceil() as i64)
    }
}
