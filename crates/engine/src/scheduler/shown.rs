//! What is shown of how things stand.

use super::{LaneState, Scheduler, Target};
use model::{ids::FlowId, live::DestinationView, time::Millis};
use std::collections::HashMap;

impl Scheduler {
    /// The flows that call one destination, and it takes nothing at the moment.
    pub fn held_flows(&self) -> Vec<FlowId> {
        let held = self.learned.iter().filter(|(_, target)| self.targets.is_open(target));
        held.map(|(flow, _)| *flow).collect()
    }

    /// The destinations as they stand; `waiting` says how much of a flow does not run. It waits for whom
    /// its flow calls first, but for what stands before a request to another one.
    pub fn views(&self, waiting: impl Fn(FlowId) -> u64, now: Millis) -> Vec<DestinationView> {
        let mut at: HashMap<&Target, u64> = HashMap::new();
        for (flow, target) in self.learned.iter() {
            *at.entry(target).or_default() += waiting(*flow);
        }
        let queued = self.lanes.values().filter_map(|state| state.queues(now));
        for (target, flow, many) in queued.chain(self.asides.waiting()) {
            let first = self.learned.of(flow);
            if first == Some(target) {
                continue;
            }
            *at.entry(target).or_default() += many;
            if let Some(before) = first.and_then(|first| at.get_mut(first)) {
                *before = before.saturating_sub(many);
            }
        }
        self.targets.views(|target| at.get(target).copied().unwrap_or_default(), now)
    }
}

impl LaneState {
    /// At whom it queues before a request which is not the first of its flow as a rule, and of which
    /// flow it is; one such lane.
    fn queues(&self, now: Millis) -> Option<(&Target, FlowId, u64)> {
        let queued = self.queued.as_ref()?;
        let head = self.jobs.values().find(|job| job.due.is_none_or(|due| due <= now))?;
        (head.target.as_ref() == Some(queued)).then_some((queued, head.flow_id, 1))
    }
}
