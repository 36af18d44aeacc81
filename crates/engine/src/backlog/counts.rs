//! How much is unfinished, and whose it is.

use model::{
    ids::{FlowId, HookId},
    policy::Priority,
};
use std::collections::{HashMap, hash_map::Entry};
use storage::{journal::Lot, nodes::Shards};

/// How much is unfinished, by shard, flow, hook and priority.
#[derive(Debug, Default)]
pub(super) struct Counts {
    lots: HashMap<Lot, u64>,
    flows: HashMap<FlowId, OfFlow>,
    total: u64,
    /// Of those hooks that have not the normal one.
    priorities: HashMap<HookId, Priority>,
}

#[derive(Debug, Default)]
struct OfFlow {
    hooks: HashMap<HookId, u64>,
    by_priority: [u64; Priority::ALL.len()],
}

impl Counts {
    /// How many deliveries there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many there are of a flow, by these of its hooks.
    pub fn of_flow(&self, flow: FlowId, counts: impl Fn(HookId) -> bool) -> u64 {
        let hooks = self.flows.get(&flow).into_iter().flat_map(|of| &of.hooks);
        hooks.filter(|(hook, _)| counts(**hook)).map(|(_, many)| many).sum()
    }

    /// The flows of which there are some.
    pub fn flows(&self) -> impl Iterator<Item = FlowId> {
        self.flows.keys().copied()
    }

    /// The flows that have some of this hook.
    pub fn flows_of(&self, hook: HookId) -> Vec<FlowId> {
        self.flows().filter(|flow| self.has(*flow, hook)).collect()
    }

    /// Whether a flow has some of this hook.
    pub fn has(&self, flow: FlowId, hook: HookId) -> bool {
        self.flows.get(&flow).is_some_and(|of| of.hooks.contains_key(&hook))
    }

    /// The hooks of this priority of which a flow has some, in no order.
    pub fn hooks_of(&self, flow: FlowId, priority: Priority) -> Vec<HookId> {
        let hooks = self.flows.get(&flow).into_iter().flat_map(|of| of.hooks.keys().copied());
        hooks.filter(|hook| self.priority(*hook) == priority).collect()
    }

    /// Whether a flow has some of a lower priority.
    pub fn has_below(&self, flow: FlowId, priority: Priority) -> bool {
        let below = priority as usize + 1;
        self.flows.get(&flow).is_some_and(|of| of.by_priority[below..].iter().any(|many| *many > 0))
    }

    pub fn priority(&self, hook: HookId) -> Priority {
        self.priorities.get(&hook).copied().unwrap_or_default()
    }

    /// Takes the priorities of those hooks that have not the normal one; whether one has changed.
    pub fn prioritize(&mut self, priorities: HashMap<HookId, Priority>) -> bool {
        if self.priorities == priorities {
            return false;
        }
        self.priorities = priorities;
        let priority = |hook| self.priorities.get(hook).copied().unwrap_or_default();
        for of in self.flows.values_mut() {
            of.by_priority = Default::default();
            for (hook, many) in &of.hooks {
                of.by_priority[priority(hook) as usize] += many;
            }
        }
        true
    }

    /// So many more.
    pub fn add(&mut self, lot: Lot, many: u64) {
        let priority = self.priority(lot.hook);
        *self.lots.entry(lot).or_default() += many;
        let of = self.flows.entry(lot.flow).or_default();
        *of.hooks.entry(lot.hook).or_default() += many;
        of.by_priority[priority as usize] += many;
        self.total += many;
    }

    /// One less, where there is one.
    pub fn take_one(&mut self, lot: Lot) {
        let Entry::Occupied(mut left) = self.lots.entry(lot) else { return };
        *left.get_mut() -= 1;
        if *left.get() == 0 {
            left.remove();
        }
        self.take(lot, 1);
    }

    /// Forgets what there is of these shards.
    pub fn forget(&mut self, shards: Shards) {
        let gone: Vec<_> = self.lots.extract_if(|lot, _| shards.contains(lot.shard)).collect();
        gone.into_iter().for_each(|(lot, many)| self.take(lot, many));
    }

    fn take(&mut self, lot: Lot, many: u64) {
        let priority = self.priority(lot.hook);
        self.total -= many;
        let Entry::Occupied(mut of) = self.flows.entry(lot.flow) else { return };
        of.get_mut().by_priority[priority as usize] -= many;
        if let Entry::Occupied(mut left) = of.get_mut().hooks.entry(lot.hook) {
            *left.get_mut() -= many;
            if *left.get() == 0 {
                left.remove();
            }
        }
        if of.get().hooks.is_empty() {
            of.remove();
        }
    }
}
