//! What is shown of how things stand.

use super::{Lane, Scheduler, Target};
use model::{ids::FlowId, live::DestinationView, time::Millis};
use std::collections::HashMap;

impl Scheduler {
    /// The flows that call one destination, and it takes nothing at the moment.
    pub fn held_flows(&self) -> Vec<FlowId> {
        let held = self.learned.iter().filter(|(_, target)| self.targets.is_open(target));
        held.map(|(flow, _)| *flow).collect()
    }

    /// The destinations as they stand; `unfinished` says how much of a flow is.
    pub fn views(&self, unfinished: impl Fn(FlowId) -> u64, now: Millis) -> Vec<DestinationView> {
        let mut waiting: HashMap<&Target, u64> = HashMap::new();
        for (flow, target) in self.learned.iter() {
            *waiting.entry(target).or_default() += unfinished(*flow);
        }
        let of_several = |target: &Target, lane: &Lane| {
            let queued = self.lanes.get(lane).filter(|_| self.queues_at(lane, target));
            let first = queued.and_then(|state| state.jobs.values().next());
            first.is_some_and(|job| self.learned.calls_several(job.flow_id))
        };
        let waiting = |target: &Target| waiting.get(target).copied().unwrap_or_default();
        let several = |flow| self.learned.calls_several(flow);
        let aside = |target: &Target| self.asides.count(target, several);
        self.targets.views(waiting, of_several, aside, now)
    }
}
