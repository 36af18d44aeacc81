//! Whom the next delivery of a flow is going to call, as far as its runs have shown.

use super::{Job, Scheduler, Target};
use model::{destination::DestinationKey, ids::FlowId};
use std::collections::HashMap;

/// Whom the runs of each flow have called first.
#[derive(Debug, Default)]
pub(super) struct Learned(HashMap<FlowId, Calls>);

/// Whom the runs of one version of a flow have called first.
#[derive(Debug)]
struct Calls {
    version: u32,
    /// All that called anybody; nothing where they differ.
    whom: Option<Target>,
}

impl Learned {
    /// A run of this version of a flow has called this one first. The one by which the flow was
    /// known, if it is not any more.
    pub fn learn(&mut self, flow: FlowId, version: u32, called: Target) -> Option<Target> {
        let Some(known) = self.0.get_mut(&flow).filter(|known| known.version >= version) else {
            let new = Calls { version, whom: Some(called) };
            return self.0.insert(flow, new).and_then(|before| before.whom);
        };
        let is_news = known.version == version && called != Target::Nobody;
        match &known.whom {
            Some(Target::Nobody) if is_news => known.whom.replace(called),
            Some(whom) if is_news && *whom != called => known.whom.take(),
            _ => None,
        }
    }

    /// Whom this flow calls, where it is known and always the same.
    pub fn of(&self, flow: FlowId) -> Option<&Target> {
        self.0.get(&flow)?.whom.as_ref()
    }

    /// Whether a flow's runs call now this one and now that one.
    pub fn calls_several(&self, flow: FlowId) -> bool {
        self.0.get(&flow).is_some_and(|known| known.whom.is_none())
    }

    /// The flows that always call the same.
    pub fn iter(&self) -> impl Iterator<Item = (&FlowId, &Target)> {
        self.0.iter().filter_map(|(flow, known)| Some((flow, known.whom.as_ref()?)))
    }
}

impl Scheduler {
    /// The flows that always call first another destination of this one's host.
    pub fn at_its_host(&self, destination: &DestinationKey) -> Vec<FlowId> {
        let is_beside = |target: &Target| match target {
            Target::Destination(one) => one != destination && one.host() == destination.host(),
            Target::Unknown(_) | Target::Nobody => false,
        };
        self.learned.iter().filter(|(_, target)| is_beside(target)).map(|(flow, _)| *flow).collect()
    }

    /// Where this delivery queues. One of which it is not known whom it calls runs to its first
    /// request, and asks for room there. Where nothing is sent to whom its flow has called so far, it
    /// does so as well: it may call another. So does one that goes on somewhere in its flow, beyond
    /// whom that calls first.
    pub(super) fn target_of(&self, job: &Job) -> Target {
        if let Some(target) = &job.target {
            return target.clone();
        }
        if job.rests {
            return Target::Nobody;
        }
        match self.learned.of(job.flow_id) {
            Some(target) if self.targets.is_open(target) => Target::Unknown(job.flow_id),
            Some(target) => target.clone(),
            None if self.learned.calls_several(job.flow_id) => Target::Nobody,
            None => Target::Unknown(job.flow_id),
        }
    }

    /// Looks again at the lanes that queue there: they may have to queue elsewhere.
    pub(super) fn queue_again(&mut self, target: &Target) {
        while let Some(lane) = self.targets.get_mut(target).and_then(|state| state.ready.pop()) {
            if self.queues_at(&lane, target) {
                self.lanes.entry(lane).and_modify(|state| state.queued = None);
                self.list(lane);
            }
        }
        self.asides.look_at(target);
    }
}
