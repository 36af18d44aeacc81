//! Hooks: when this event happens in this queue, run that flow.

use crate::{
    JsonMap,
    catalog::EventKind,
    delivery::DeliveryState,
    ids::{DeliveryId, FlowId, HookId, QueueId},
    policy::Policy,
    queue::Figures,
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// How long a delivery that is retried or waits may hold back later ones of its call, unless the
/// hook says otherwise.
pub const DEFAULT_MAX_HOLD_MS: i64 = 30_000;

/// The most that parked deliveries can be released at, in deliveries a second: what is faster is
/// as fast as possible.
pub const RELEASE_MAX_PER_S: u32 = 10_000;

/// A hook. One queue, event and flow stand together only once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hook {
    pub id: HookId,
    pub queue_id: QueueId,
    pub event: EventKind,
    pub flow_id: FlowId,
    /// A CEL expression; empty is always.
    pub condition: String,
    pub enabled: bool,
    /// Why deliveries are parked, while they are.
    pub paused: Option<PauseReason>,
    /// How many deliveries a second are released when it is resumed; nothing is as many as
    /// possible.
    pub release_per_s: Option<u32>,
    /// When it was resumed last: the rate holds for what was made before.
    pub resumed_at: Option<Millis>,
    /// Whether what one call sends to the flow runs in order.
    pub ordered: bool,
    /// Milliseconds that a late delivery may hold its call's later ones.
    pub max_hold_ms: i64,
    /// How its deliveries are run, where that is not as for any hook.
    pub policy: Policy,
    /// Members that other tools keep with it and Offhook has no use for, by name; given back as
    /// they came, and not sent to the browser.
    #[serde(skip)]
    pub extras: JsonMap,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// Why a hook is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// A person paused it.
    Person,
    /// The receiver answered 410 Gone.
    Gone,
}

impl PauseReason {
    pub const ALL: [Self; 2] = [Self::Person, Self::Gone];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Gone => "gone",
        }
    }
}

crate::user::word!(PauseReason, "reason of a pause");
use std::{fmt, str::FromStr};

/// What a person fills in for a hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookDraft {
    pub event: EventKind,
    pub flow_id: FlowId,
    pub condition: String,
    pub enabled: bool,
    pub ordered: bool,
    pub max_hold_ms: i64,
    #[serde(default)]
    pub policy: Policy,
    /// What other tools keep with it, as a whole; nothing leaves it as it is.
    #[serde(default)]
    pub extras: Option<JsonMap>,
}

/// A row of the Hooks tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookRow {
    pub hook: Hook,
    pub flow_name: String,
    pub queue_name: String,
    /// The newest delivery that is no test.
    pub last: Option<LastDelivery>,
    /// The last 24 hours.
    pub last_day: Figures,
    /// The last 24 hours, one an hour, oldest first.
    pub hours: Vec<Figures>,
}

/// The newest delivery of a hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastDelivery {
    pub id: DeliveryId,
    pub state: DeliveryState,
    pub at: Millis,
}

/// What a list of hooks is narrowed to. An empty text or list narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HookFilter {
    pub ids: Vec<HookId>,
    pub queues: Vec<QueueId>,
    pub flows: Vec<FlowId>,
    /// A part of the flow's name, of the event's or of the condition, in any case, or the whole
    /// id; unless the queues are chosen, a part of the queue's name as well.
    pub search: String,
    /// The whole name of the event, in any case; `*` stands for any characters.
    pub pattern: String,
    pub events: Vec<EventKind>,
    pub enabled: Option<bool>,
    /// One of [`Self::SORTS`]; by id otherwise.
    pub sort: crate::page::Sort,
}

impl HookFilter {
    /// What the list can be sorted by; the original calls a flow a schema.
    pub const SORTS: &[&str] =
        &["id", "event", "flow", "schema", "enabled", "queue", "created_at", "updated_at"];

    /// The hooks of one queue.
    pub fn of_queue(queue: QueueId) -> Self {
        Self { queues: vec![queue], ..Self::default() }
    }

    /// The hooks that run one flow.
    pub fn of_flow(flow: FlowId) -> Self {
        Self { flows: vec![flow], ..Self::default() }
    }
}
