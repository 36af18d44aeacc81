//! What is shown of this moment: what runs, what is held back, how the destinations stand.

use arc_swap::ArcSwap;
use model::{
    delivery::Overlay,
    ids::{DeliveryId, FlowId, HookId},
    live::DestinationView,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// How things stood a moment ago.
#[derive(Debug, Default)]
pub struct Moment {
    /// How many deliveries are unfinished.
    pub backlog: u64,
    pub destinations: Vec<DestinationView>,
    held_hooks: Vec<HookId>,
    held_flows: Vec<FlowId>,
}

/// What the dispatcher shows. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shared {
    running: Arc<Mutex<HashSet<DeliveryId>>>,
    moment: Arc<ArcSwap<Moment>>,
}

impl Shared {
    pub fn runs(&self, id: DeliveryId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    pub fn stops(&self, id: DeliveryId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub fn show(
        &self,
        backlog: u64,
        destinations: Vec<DestinationView>,
        held_hooks: Vec<HookId>,
        held_flows: Vec<FlowId>,
    ) {
        self.moment.store(Arc::new(Moment { backlog, destinations, held_hooks, held_flows }));
    }

    pub fn moment(&self) -> Arc<Moment> {
        self.moment.load_full()
    }

    /// What is laid over the log.
    pub fn overlay(&self) -> Overlay {
        let moment = self.moment();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        Overlay {
            running: running.iter().copied().collect(),
            held_hooks: moment.held_hooks.clone(),
            held_flows: moment.held_flows.clone(),
        }
    }
}
