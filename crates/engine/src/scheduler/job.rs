//! What the scheduler puts in order.

use super::{Lane, Target};
use model::{
    delivery::DeliveryState,
    event::Event,
    ids::{DeliveryId, FlowId, HookId, QueueId},
    policy::Priority,
    time::Millis,
};
use std::sync::Arc;
use storage::journal::{Lot, Shard};

/// A delivery that still has to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The row number, which is the order of acceptance.
    pub seq: i64,
    pub id: DeliveryId,
    pub event: Arc<Event>,
    pub hook_id: HookId,
    pub flow_id: FlowId,
    pub flow_version: u32,
    pub lane: Lane,
    /// Attempts that have ended.
    pub attempts: u32,
    /// When the next attempt is due.
    pub due: Option<Millis>,
    /// Until when it holds its lane while it is not due.
    pub hold_until: Option<Millis>,
    /// How long it may hold its lane from its first failure on, in milliseconds.
    pub max_hold_ms: i64,
    pub out_of_order: bool,
    /// As it is written down: pending, retrying or waiting.
    pub state: DeliveryState,
    /// Whether something is kept of its run.
    pub rests: bool,
    pub test: bool,
    /// The delivery whose run has begun it.
    pub parent: Option<DeliveryId>,
    /// When it was made: with its event, or by a replay.
    pub created_at: Millis,
    pub priority: Priority,
    /// Whom it calls first, if it is known better than by its flow.
    pub target: Option<Target>,
    /// The shard of its lane.
    pub shard: Shard,
    /// Whether it is still to be told how long its event took to a receiver: it was made with its
    /// event, and no attempt has ended but to make room before anybody was reached.
    pub timed: bool,
}

/// Whether a delivery in this state waits for its time.
pub fn is_due_later(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Retrying | DeliveryState::Waiting)
}

/// Whose a delivery is: by that it is held back, called off and handed on.
#[derive(Debug, Clone, Copy)]
pub struct Whose {
    pub id: DeliveryId,
    pub queue: QueueId,
    pub lot: Lot,
    pub test: bool,
}

impl Job {
    /// Whose it is.
    pub fn whose(&self) -> Whose {
        Whose { id: self.id, queue: self.event.queue_id, lot: self.lot(), test: self.test }
    }

    /// With what it is counted.
    pub fn lot(&self) -> Lot {
        Lot { shard: self.shard, flow: self.flow_id, hook: self.hook_id }
    }
}
