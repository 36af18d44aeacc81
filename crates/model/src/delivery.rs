//! Deliveries: one event for one hook, the thing in the log.

use crate::{
    JsonMap,
    catalog::EventKind,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    page::Cursor,
    replay::AtStep,
    time::Millis,
    trace::{Attempt, Failure, FailureClass},
    warning::Warning,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where a delivery stands; the same words in database, API and panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Accepted, not begun; or begun, and before a request for which there is no room yet.
    Pending,
    /// An attempt runs now.
    Running,
    /// In a durable wait.
    Waiting,
    /// Failed, and due again.
    Retrying,
    /// Held back: its hook or queue is paused, or its destination closed.
    Parked,
    /// Its condition was false.
    Skipped,
    /// Done.
    Delivered,
    /// Done, a step of its lenient flow having failed.
    DeliveredWithErrors,
    /// Given up.
    Dead,
    /// Called off by a person.
    Cancelled,
}

impl DeliveryState {
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Running,
        Self::Waiting,
        Self::Retrying,
        Self::Parked,
        Self::Skipped,
        Self::Delivered,
        Self::DeliveredWithErrors,
        Self::Dead,
        Self::Cancelled,
    ];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Parked => "parked",
            Self::Skipped => "skipped",
            Self::Delivered => "delivered",
            Self::DeliveredWithErrors => "delivered_with_errors",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to it by itself.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Skipped
                | Self::Delivered
                | Self::DeliveredWithErrors
                | Self::Dead
                | Self::Cancelled
        )
    }
}

crate::user::word!(DeliveryState, "state");

/// Whether a delivery of a hook that asks for order waits for those before it in its lane: unless it
/// is a test, for which a person waits, or was begun by another run.
pub fn keeps_order(ordered: bool, test: bool, parent: Option<DeliveryId>) -> bool {
    ordered && !test && parent.is_none()
}

/// What the engine alone knows of unfinished deliveries at this moment. It is laid over the log
/// when that is read, which spares each delivery a write.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overlay {
    /// Their attempts run now.
    pub running: Vec<DeliveryId>,
    /// What these hooks have not finished is parked, but for tests: they, or their queues, are paused.
    pub held_hooks: Vec<HookId>,
    /// What these flows could do now is parked: the destination that they call is closed to them.
    pub held_flows: Vec<FlowId>,
    /// These are parked before another request than their first, or are due again: the destination is
    /// closed to them. Not all of them, where they are many.
    pub held: Vec<DeliveryId>,
}

impl Overlay {
    /// An overlay that knows only what runs.
    pub fn running(running: Vec<DeliveryId>) -> Self {
        Self { running, ..Self::default() }
    }

    /// The state to show for a delivery that is stored in this one.
    pub fn state(
        &self,
        stored: DeliveryState,
        id: DeliveryId,
        hook: HookId,
        flow: FlowId,
        test: bool,
    ) -> DeliveryState {
        if stored.is_final() {
            stored
        } else if self.running.contains(&id) {
            DeliveryState::Running
        } else if (!test && self.held_hooks.contains(&hook))
            || self.held.contains(&id)
            || (stored == DeliveryState::Pending && self.held_flows.contains(&flow))
        {
            DeliveryState::Parked
        } else {
            stored
        }
    }
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryRow {
    /// The log's row number, which is also the order of acceptance and the cursor.
    pub seq: i64,
    pub id: DeliveryId,
    pub event_id: EventId,
    pub event: EventKind,
    pub queue_id: QueueId,
    /// Empty when the queue has been deleted.
    pub queue_name: String,
    pub hook_id: HookId,
    pub flow_id: FlowId,
    pub flow_version: u32,
    /// Empty when the flow has been deleted.
    pub flow_name: String,
    /// The dialler's `attempt_id`.
    pub call_attempt: Option<i64>,
    pub state: DeliveryState,
    /// Attempts that have ended.
    pub attempts: u32,
    /// How long the last attempt took.
    pub duration_us: Option<u64>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// Why its condition could not be decided, where it ran all the same.
    pub warning: Option<Warning>,
    pub created_at: Millis,
    pub finished_at: Option<Millis>,
    /// When the next attempt is due.
    pub next_at: Option<Millis>,
    /// Until when later deliveries of its call wait for it.
    pub hold_until: Option<Millis>,
    /// Whether it ran after a later one of its call.
    pub out_of_order: bool,
    /// The delivery of which this is a replay.
    pub replay_of: Option<DeliveryId>,
    /// The delivery whose run has begun this one.
    pub parent: Option<DeliveryId>,
    /// Sent by a person to try a hook; counted nowhere.
    pub test: bool,
}

/// Everything about one delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryDetail {
    pub row: DeliveryRow,
    /// The id that the sender gave the event.
    pub sender_id: Option<String>,
    pub occurred_at: Millis,
    pub accepted_at: Millis,
    /// The documented fields of the event.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: JsonMap,
    /// Variables of queue and sender.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub variables: JsonMap,
    /// Oldest first.
    pub attempts: Vec<Attempt>,
    /// Replays made of this delivery, newest first.
    pub replays: Vec<DeliveryId>,
    /// The step of the other's run at which this replay has begun, if not with its flow.
    pub begun_at: Option<AtStep>,
    /// How its parent began it, if it has one.
    pub begun: Option<Begun>,
    /// The first hundred of those that its run has begun, oldest first.
    pub children: Vec<Child>,
}

/// How another delivery's run began this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Begun {
    /// The `_id` of the step, after the number of its flow and a dot where that was called by
    /// another; nothing where the other died, and this is the failure flow.
    pub step: Option<String>,
    /// How often that step had been reached; of a death, after how many attempts.
    pub visit: u32,
    /// The function that it runs; nothing where it is all of the flow.
    pub function: Option<String>,
}

/// A delivery that another's run has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Child {
    pub id: DeliveryId,
    pub flow_id: FlowId,
    /// Empty when the flow has been deleted.
    pub flow_name: String,
    pub state: DeliveryState,
    pub begun: Begun,
    pub created_at: Millis,
}

/// How many children a delivery is shown with.
pub const CHILDREN_SHOWN: u32 = 100;

/// The longest span of time in which text is searched, in milliseconds: seven days.
pub const TEXT_SPAN_MAX_MS: i64 = 7 * 24 * 3_600_000;
/// The longest text that is searched, in characters.
pub const TEXT_CHARS_MAX: usize = 200;

/// What becomes of unfinished deliveries when their hook or queue is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They are delivered all the same.
    #[default]
    Finish,
    /// They are called off; an attempt that runs is the last of its delivery.
    Cancel,
}

impl Rest {
    pub const ALL: [Self; 2] = [Self::Finish, Self::Cancel];

    /// The word in forms and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finish => "finish",
            Self::Cancel => "cancel",
        }
    }
}

crate::user::word!(Rest, "end of deliveries");

/// What the log is narrowed to. Lists are alternatives; an empty list is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryFilter {
    /// These alone.
    pub ids: Vec<DeliveryId>,
    pub states: Vec<DeliveryState>,
    pub events: Vec<EventKind>,
    pub queues: Vec<QueueId>,
    pub hooks: Vec<HookId>,
    pub flows: Vec<FlowId>,
    pub failures: Vec<FailureClass>,
    /// A delivery's or event's id or the beginning of one, a call's number, or a sender's id.
    pub search: String,
    /// Text inside the event's fields and variables, its requests and answers, in any case of
    /// ASCII. Needs a span of at most [`TEXT_SPAN_MAX_MS`].
    pub text: String,
    /// Only those whose condition could not be decided, or only the others.
    pub warned: Option<bool>,
    /// Accepted at or after.
    pub from: Option<Millis>,
    /// Accepted before.
    pub to: Option<Millis>,
    /// Only tests, or only real ones.
    pub test: Option<bool>,
}

/// A request for a stretch of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeliveryQuery {
    pub filter: DeliveryFilter,
    pub cursor: Cursor,
    /// At most 200.
    pub size: u32,
}
