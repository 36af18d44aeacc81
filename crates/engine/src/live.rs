//! What is shown of this moment: what runs, what is held back, how the destinations stand.

use crate::error::Busy;
use arc_swap::ArcSwap;
use model::{
    delivery::Overlay,
    ids::{DeliveryId, FlowId, HookId},
    live::{DestinationView, Live, NodeStatus, NodeView},
    node::NodeState,
    time::Millis,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use storage::{
    journal::{Batch, Committed, EventReceipt, NewEvent, Shard},
    nodes::{Incarnation, NodeRow, SILENT_MAX},
};

/// An attempt that has been running for longer is told to the other nodes, and how many such.
const LONG: Duration = Duration::from_secs(1);
const LONG_MAX: usize = 256;
/// For how long a node that has ended is shown, in milliseconds.
const ENDED_SHOWN_MS: i64 = 300_000;

/// How things stood a moment ago.
#[derive(Debug, Default)]
struct Moment {
    backlog: u64,
    /// How many bytes are free where the database is kept.
    free: Option<u64>,
    destinations: Vec<DestinationView>,
    held_hooks: Vec<HookId>,
    held_flows: Vec<FlowId>,
    held: Vec<DeliveryId>,
}

/// Beyond what no events are taken.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub backlog_max: u64,
    pub free_bytes_min: u64,
}

impl Default for Limits {
    /// None.
    fn default() -> Self {
        Self { backlog_max: u64::MAX, free_bytes_min: 0 }
    }
}

/// What the dispatcher shows. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shared {
    limits: Limits,
    /// What runs, and since when.
    running: Arc<Mutex<HashMap<DeliveryId, Instant>>>,
    moment: Arc<ArcSwap<Moment>>,
    /// How many cannot write down at the moment what has been done.
    stalled: Arc<AtomicUsize>,
    /// The highest row number that is known to have been given to a delivery.
    newest: Arc<AtomicI64>,
    /// Events accepted and deliveries ended since the start.
    accepted: Arc<AtomicU64>,
    ended: Arc<AtomicU64>,
    nodes: Arc<ArcSwap<Nodes>>,
    /// How much is unfinished that no node holds.
    unheld: Arc<AtomicU64>,
}

/// Somebody who cannot write down what has been done.
#[must_use]
pub struct Stalled(Arc<AtomicUsize>);

impl Drop for Stalled {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The nodes that share the database, as they were heard of last.
#[derive(Debug, Default)]
struct Nodes {
    here: Incarnation,
    rows: Vec<NodeRow>,
    /// When that was.
    at: Option<Instant>,
}

impl Nodes {
    fn others(&self) -> impl Iterator<Item = &NodeRow> {
        self.rows.iter().filter(|row| !row.fenced && row.incarnation != self.here)
    }
}

/// What was counted when rates were last worked out, and what they were.
#[derive(Debug, Default)]
pub struct Rates {
    before: Option<(Instant, u64, u64)>,
    accepted: f64,
    ended: f64,
}

impl Rates {
    /// Works the rates out anew, weighing the last ten seconds or so.
    fn take(&mut self, now: Instant, accepted: u64, ended: u64) {
        if let Some((at, accepted_before, ended_before)) = self.before {
            let passed = now.duration_since(at).as_secs_f64().max(0.001);
            let weight = (passed / 10.0).min(1.0);
            let smooth =
                |rate: f64, many: u64| rate * (1.0 - weight) + weight * many as f64 / passed;
            self.accepted = smooth(self.accepted, accepted - accepted_before);
            self.ended = smooth(self.ended, ended - ended_before);
        }
        self.before = Some((now, accepted, ended));
    }
}

impl Shared {
    /// Of an engine with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub fn runs(&self, id: DeliveryId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Instant::now());
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
        (held_flows, held): (Vec<FlowId>, Vec<DeliveryId>),
    ) {
        let moment = Moment { backlog, free, destinations, held_hooks, held_flows, held };
        self.moment.store(Arc::new(moment));
    }

    /// What has been done cannot be written down, until what this gives is dropped.
    pub fn stall(&self) -> Stalled {
        self.stalled.fetch_add(1, Ordering::Relaxed);
        Stalled(self.stalled.clone())
    }

    /// Whether somebody cannot write down what has been done.
    pub fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Relaxed) > 0
    }

    /// So many deliveries are unfinished that no node holds.
    pub fn show_unheld(&self, many: u64) {
        self.unheld.store(many, Ordering::Relaxed);
    }

    /// Why no events are to be taken, if so.
    pub fn busy(&self) -> Option<Busy> {
        let moment = self.moment.load();
        let elsewhere: u64 = self.nodes.load().others().map(|row| row.status.live.backlog).sum();
        let unheld = self.unheld.load(Ordering::Relaxed);
        let (backlog, limit) = (moment.backlog + elsewhere + unheld, self.limits.backlog_max);
        let needed = self.limits.free_bytes_min;
        match moment.free {
            _ if self.is_stalled() => Some(Busy::NotWritten),
            _ if backlog >= limit => Some(Busy::Backlog { backlog, limit }),
            Some(free) if free < needed => Some(Busy::DiskFull { free, needed }),
            _ => None,
        }
    }

    /// The highest row number that is known to have been given to a delivery.
    pub fn newest(&self) -> i64 {
        self.newest.load(Ordering::Relaxed)
    }

    /// This one has been given.
    pub fn knows(&self, number: i64) {
        self.newest.fetch_max(number, Ordering::Relaxed);
    }

    /// No higher one has been given: what was known before is lost.
    pub fn begin_anew(&self, number: i64) {
        self.newest.store(number, Ordering::Relaxed);
    }

    /// Counts what has been committed, as the log's figures do: no test, and none that came before.
    pub fn count(&self, batch: &Batch, committed: &Committed) {
        let ended = batch.completions.iter().filter(|done| done.state.is_final() && !done.test);
        let (ended, events) = (ended.count(), batch.events.iter().zip(&committed.events));
        let is_new = |(new, receipt): &(&NewEvent, &EventReceipt)| {
            matches!(receipt, EventReceipt::Accepted { .. }) && !new.event.test
        };
        let accepted = events.filter(is_new).count();
        self.accepted.fetch_add(accepted as u64, Ordering::Relaxed);
        self.ended.fetch_add(ended as u64, Ordering::Relaxed);
    }

    /// What this node tells the others of itself.
    pub fn status(&self, rates: &mut Rates) -> NodeStatus {
        let now = Instant::now();
        let (accepted, ended) = (&self.accepted, &self.ended);
        rates.take(now, accepted.load(Ordering::Relaxed), ended.load(Ordering::Relaxed));
        let moment = self.moment.load();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let long = running.iter().filter(|(_, since)| now.duration_since(**since) > LONG);
        NodeStatus {
            running: running.len() as u64,
            events_per_s: rates.accepted,
            deliveries_per_s: rates.ended,
            live: self.own(&moment),
            long: long.map(|(id, _)| *id).take(LONG_MAX).collect(),
            held_flows: moment.held_flows.clone(),
            held: moment.held.clone(),
        }
    }

    /// Takes what is known of the nodes.
    pub fn show_nodes(&self, rows: Vec<NodeRow>, here: Incarnation) {
        self.nodes.store(Arc::new(Nodes { here, rows, at: Some(Instant::now()) }));
    }

    /// The nodes that share the database; none where it is not shared. One that ended a moment ago
    /// is among them, unless it has begun anew.
    pub fn nodes(&self, now: Millis) -> Vec<NodeView> {
        let nodes = self.nodes.load();
        let since = nodes.at.map(|at| at.elapsed().as_millis()).unwrap_or_default();
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let lives = |name: &str| nodes.rows.iter().any(|row| !row.fenced && row.name == name);
        let is_shown =
            |row: &&NodeRow| !row.fenced || (row.silent_ms < ENDED_SHOWN_MS && !lives(&row.name));
        let view = |row: &NodeRow| {
            // What is heard by way of the database is dated by its clock; here this one's counts.
            let silent_ms = row.silent_ms.saturating_add(since);
            let silent = Duration::from_millis(u64::try_from(silent_ms).unwrap_or_default());
            NodeView {
                name: row.name.clone(),
                here: row.incarnation == nodes.here,
                state: match row.fenced {
                    true if row.stopped => NodeState::Stopped,
                    false if silent < SILENT_MAX => NodeState::Alive,
                    _ => NodeState::Lost,
                },
                roles: row.roles.each(),
                since: row.began,
                seen_at: now.plus(-silent_ms),
                shards: Some((row.shards, u32::from(Shard::COUNT))),
                running: row.status.running,
                events_per_s: Some(row.status.events_per_s),
                deliveries_per_s: Some(row.status.deliveries_per_s),
                refuses: row.status.live.refuses.clone().filter(|_| row.roles.intake),
            }
        };
        nodes.rows.iter().filter(is_shown).map(view).collect()
    }

    /// What stands before this node.
    fn own(&self, moment: &Moment) -> Live {
        let refuses = self.busy().map(|busy| busy.to_string());
        let (backlog, destinations) = (moment.backlog, moment.destinations.clone());
        Live { backlog, oldest_at: None, destinations, refuses }
    }

    /// What stands before the engine, on all nodes. How old the oldest of it is, the database knows.
    pub fn live(&self) -> Live {
        let mut live = self.own(&self.moment.load());
        for row in self.nodes.load().others() {
            live.add(&row.status.live);
        }
        live
    }

    /// What is laid over the log.
    pub fn overlay(&self) -> Overlay {
        let moment = self.moment.load();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut overlay = Overlay {
            running: running.keys().copied().collect(),
            held_hooks: moment.held_hooks.clone(),
            held_flows: moment.held_flows.clone(),
            held: moment.held.clone(),
        };
        for row in self.nodes.load().others() {
            overlay.running.extend(&row.status.long);
            overlay.held_flows.extend(&row.status.held_flows);
            overlay.held.extend(&row.status.held);
        }
        overlay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_what_is_counted() {
        let (mut rates, start) = (Rates::default(), Instant::now());
        for second in 0..=60_u64 {
            rates.take(start + Duration::from_secs(second), second * 100, second * 50);
        }
        assert!((99.0..=101.0).contains(&rates.accepted), "{rates:?}");
        assert!((49.0..=51.0).contains(&rates.ended), "{rates:?}");
    }
}
