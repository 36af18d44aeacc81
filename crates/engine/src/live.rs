//! What is shown of this moment: what runs, what is held back, how the destinations stand.

use crate::error::Busy;
use arc_swap::ArcSwap;
use model::{
    delivery::Overlay,
    ids::{DeliveryId, FlowId, HookId},
    live::{DestinationView, Live},
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// How things stood a moment ago.
#[derive(Debug, Default)]
struct Moment {
    backlog: u64,
    /// How many bytes are free where the database is kept.
    free: Option<u64>,
    destinations: Vec<DestinationView>,
    held_hooks: Vec<HookId>,
    held_flows: Vec<FlowId>,
}

/// Beyond what no events are taken.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub backlog_max: u64,
    pub free_bytes_min: u64,
}

/// What the dispatcher shows. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shared {
    running: Arc<Mutex<HashSet<DeliveryId>>>,
    moment: Arc<ArcSwap<Moment>>,
    /// Whether what has been done cannot be written down at the moment.
    stalled: Arc<AtomicBool>,
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
        free: Option<u64>,
        destinations: Vec<DestinationView>,
        held_hooks: Vec<HookId>,
        held_flows: Vec<FlowId>,
    ) {
        let moment = Moment { backlog, free, destinations, held_hooks, held_flows };
        self.moment.store(Arc::new(moment));
    }

    /// Whether what has been done can be written down at the moment.
    pub fn stall(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Why no events are to be taken, if so.
    pub fn busy(&self, settings: &Limits) -> Option<Busy> {
        let moment = self.moment.load();
        let (backlog, limit) = (moment.backlog, settings.backlog_max);
        let needed = settings.free_bytes_min;
        match moment.free {
            _ if self.stalled.load(Ordering::Relaxed) => Some(Busy::NotWritten),
            _ if backlog >= limit => Some(Busy::Backlog { backlog, limit }),
            Some(free) if free < needed => Some(Busy::DiskFull { free, needed }),
            _ => None,
        }
    }

    /// What stands before the engine. How old the oldest of it is, the database knows.
    pub fn live(&self) -> Live {
        let moment = self.moment.load();
        Live { backlog: moment.backlog, oldest_at: None, destinations: moment.destinations.clone() }
    }

    /// What is laid over the log.
    pub fn overlay(&self) -> Overlay {
        let moment = self.moment.load();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        Overlay {
            running: running.iter().copied().collect(),
            held_hooks: moment.held_hooks.clone(),
            held_flows: moment.held_flows.clone(),
        }
    }
}
