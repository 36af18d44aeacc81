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
    /// Whether the deliveries of all its hooks are parked.
    pub paused: bool,
    /// How many deliveries a second are released when it is resumed; nothing is as many as
    /// possible.
    pub release_per_s: Option<u32>,
    /// When it was resumed last: the rate holds for what was made before.
    pub resumed_at: Option<Millis>,
    /// Given to every flow that its hooks run; the sender's own variables go before them.
    pub variables: JsonMap,
    /// Members that other tools keep with it and Offhook has no use for, by name; given back as
    /// they came, and not sent to the browser.
    #[serde(skip)]
    pub extras: JsonMap,
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
    /// All variables; nothing leaves them as they are.
    #[serde(default)]
    pub variables: Option<JsonMap>,
    /// What other tools keep with it, as a whole; nothing leaves it as it is.
    #[serde(default)]
    pub extras: Option<JsonMap>,
}

/// A row of the queue list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueRow {
    pub id: QueueId,
    pub name: String,
    pub kind: QueueType,
    pub enabled: bool,
    pub paused: bool,
    pub hooks: u32,
    /// What happened in the last hour.
    pub last_hour: Figures,
}

/// Counted events and finished deliveries of some span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    pub events: u64,
    pub delivered: u64,
    /// Dead, or delivered with errors.
    pub failed: u64,
    pub skipped: u64,
}

/// The member in which a queue keeps the original's number of its type, where that is not the
/// type's first: 8 of a task queue.
pub const CODE_EXTRA: &str = "type";

impl Queue {
    /// The original's number of its type.
    pub fn code(&self) -> u8 {
        let kept = self.extras.get(CODE_EXTRA).and_then(serde_json::Value::as_u64);
        kept.and_then(|code| u8::try_from(code).ok())
            .filter(|code| QueueType::from_code(*code) == Some(self.kind))
            .unwrap_or_else(|| self.kind.code())
    }
}

impl Figures {
    /// Adds all of another.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// The share of finished deliveries that arrived, in percent; nothing when none has finished.
    pub fn share_delivered(&self) -> Option<f64> {
        let finished = self.delivered + self.failed;
        (finished > 0).then(|| self.delivered as f64 * 100.0 / finished as f64)
    }
}

/// What the queue list is narrowed to. An empty text or list narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueFilter {
    /// A part of the name, in any case, or the whole id.
    pub search: String,
    /// The whole name, in any case; `*` stands for any characters.
    pub pattern: String,
    pub ids: Vec<QueueId>,
    pub kinds: Vec<QueueType>,
    /// The original's numbers of types, of which task queues have two.
    pub codes: Vec<u8>,
    pub enabled: Option<bool>,
    /// Ids of teams, from the members kept for other tools.
    pub teams: Vec<String>,
    /// Names of tags, of which a queue has at least one; from the members kept for other tools.
    pub tags: Vec<String>,
    /// One of [`Self::SORTS`]; by name otherwise.
    pub sort: crate::page::Sort,
}

impl QueueFilter {
    /// What the list can be sorted by.
    pub const SORTS: &[&str] = &[
        "name",
        "id",
        "type",
        "enabled",
        "description",
        "priority",
        "team",
        "created_at",
        "updated_at",
    ];
}
