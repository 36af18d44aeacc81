//! Queues of the contact centre.

use crate::{JsonMap, catalog::QueueType, ids::QueueId, time::Millis};
use serde::{Deserialize, Serialize};

/// A queue: where events come from and hooks hang.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    pub id: QueueId,
    pub name: String,
    pub kind: QueueType,
    pub description: String,
    /// A disabled queue keeps its events and makes no deliveries.
    pub enabled: bool,
    /// Given to every flow that its hooks run; the sender's own variables go before them.
    pub variables: JsonMap,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// What a person fills in for a queue. The type is chosen once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueDraft {
    pub name: String,
    pub kind: QueueType,
    pub description: String,
    pub enabled: bool,
}

/// A row of the queue list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueRow {
    pub id: QueueId,
    pub name: String,
    pub kind: QueueType,
    pub enabled: bool,
    pub hooks: u32,
    /// What happened in the last hour.
    pub last_hour: Figures,
}

/// Counted events and finished deliveries of some span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    pub events: u64,
    pub delivered: u64,
    /// Dead, or delivered with errors.
    pub failed: u64,
    pub skipped: u64,
}

impl Figures {
    /// The share of finished deliveries that arrived, in percent; nothing when none has finished.
    pub fn share_delivered(&self) -> Option<f64> {
        let finished = self.delivered + self.failed;
        (finished > 0).then(|| self.delivered as f64 * 100.0 / finished as f64)
    }
}

/// What the queue list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueueFilter {
    /// A part of the name, in any case, or the whole id.
    pub search: String,
    pub kind: Option<QueueType>,
    pub enabled: Option<bool>,
    /// `name`, `type` or `id`.
    pub sort: crate::page::Sort,
}
