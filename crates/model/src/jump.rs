//! Jumping: what a few typed letters lead to.

use crate::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    flow::FlowKind,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// What is found, with how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub fit: Fit,
    pub target: Target,
}

/// How well something fits what is searched; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// Its id, or all of its name.
    Exact,
    /// Its name begins so, or its id.
    Start,
    /// A word of its name begins so.
    Word,
    /// It stands somewhere in its name.
    Part,
}

impl Fit {
    pub const ALL: [Self; 4] = [Self::Exact, Self::Start, Self::Word, Self::Part];
}

/// Something that one can jump to, with what tells it apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    Queue {
        id: QueueId,
        name: String,
        kind: QueueType,
        enabled: bool,
    },
    Flow {
        id: FlowId,
        name: String,
        kind: FlowKind,
    },
    Hook {
        id: HookId,
        queue_id: QueueId,
        queue_name: String,
        event: EventKind,
        flow_name: String,
    },
    /// All that came of one call; of its newest delivery, the queue and the time.
    Call {
        attempt: i64,
        queue_name: String,
        at: Millis,
    },
    Delivery {
        id: DeliveryId,
        event: EventKind,
        flow_name: String,
        state: DeliveryState,
        at: Millis,
    },
    Event {
        id: EventId,
        event: EventKind,
        queue_name: String,
        sender_id: Option<String>,
        at: Millis,
        /// Of which call it is, where it made no delivery that leads there.
        call: Option<i64>,
    },
}

/// Something to jump to, as it is drawn and as the browser remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub kind: HitKind,
    pub title: String,
    /// In small beside the title.
    pub note: String,
    /// A path of the panel.
    pub href: String,
}

/// What a hit leads to. In this order where several fit equally well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Page,
    Queue,
    Flow,
    Hook,
    Call,
    Delivery,
    Event,
}
