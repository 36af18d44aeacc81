//! A call's history: every event and delivery of one `attempt_id`, across queues and flows.

use crate::{
    catalog::EventKind,
    delivery::DeliveryRow,
    ids::{DeliveryId, EventId, QueueId},
    time::Millis,
    trace::AttemptOutcome,
};
use serde::{Deserialize, Serialize};

/// What is known of one `attempt_id`. Diallers may use a number more than once, and several may
/// use the same one: what lies far apart stands in stretches of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The dialler's `attempt_id`.
    pub number: i64,
    /// Newest first.
    pub stretches: Vec<CallStretch>,
    /// Whether older events or deliveries exist than are told here.
    pub cut: bool,
    /// When this was read.
    pub at: Millis,
}

/// Events of a number that lie close together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallStretch {
    /// When the first event was accepted.
    pub from: Millis,
    /// When the last thing happened; now, while something is still to happen.
    pub to: Millis,
    /// In the order of acceptance.
    pub events: Vec<CallEvent>,
}

/// An event of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallEvent {
    pub id: EventId,
    pub kind: EventKind,
    pub queue_id: QueueId,
    /// Empty when the queue has been deleted.
    pub queue_name: String,
    /// The id that the sender gave.
    pub sender_id: Option<String>,
    pub occurred_at: Millis,
    pub accepted_at: Millis,
    pub test: bool,
    /// In the order of acceptance.
    pub deliveries: Vec<CallDelivery>,
}

/// A delivery of a call, and what it waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallDelivery {
    pub row: DeliveryRow,
    /// Whether it keeps to the order of its lane: same flow, queue and call.
    pub ordered: bool,
    /// How long a failure of it may hold its lane, in milliseconds.
    pub max_hold_ms: i64,
    /// The attempts that have ended, oldest first.
    pub runs: Vec<Run>,
    /// When everything that it waited for was through; nothing while it still waits.
    pub could_start: Option<Millis>,
    /// What it waited for, or waits for now.
    pub wait: Option<Wait>,
}

impl CallDelivery {
    /// A delivery as it is read, before it is known what it waited for.
    pub fn new(row: DeliveryRow, ordered: bool, max_hold_ms: i64, runs: Vec<Run>) -> Self {
        Self { row, ordered, max_hold_ms, runs, could_start: None, wait: None }
    }
}

/// When an attempt ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub number: u32,
    pub started_at: Millis,
    /// Microseconds.
    pub duration_us: u64,
    pub outcome: AttemptOutcome,
}

impl Run {
    /// When it ended.
    pub fn ended_at(&self) -> Millis {
        self.started_at.plus(i64::try_from(self.duration_us / 1_000).unwrap_or(i64::MAX))
    }
}

/// What a delivery waited for before it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    pub why: WaitReason,
    /// The earlier delivery that let it go last; nothing for a paused hook.
    pub on: Option<DeliveryId>,
    /// Further earlier deliveries of its lane that it waited for as well.
    pub others: u32,
    /// Until when; nothing while it is not known.
    pub until: Option<Millis>,
}

/// Why a delivery had to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The earlier one ran.
    Ran,
    /// The earlier one failed and was tried again before this one could begin.
    Retried,
    /// The flow of the earlier one waited before this one could begin.
    Waited,
    /// The earlier one failed or waited, and held the lane as long as its hook allows.
    Held,
    /// The earlier one has not begun either.
    Queued,
    /// The earlier one was parked with its hook meanwhile, which let this one go.
    Parked,
    /// Its own hook is paused.
    HookPaused,
}

/// A call as it is read: events newest first, none of them told what waited for what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallRecord {
    pub events: Vec<CallEvent>,
    /// Whether there was more than was asked for.
    pub cut: bool,
}
