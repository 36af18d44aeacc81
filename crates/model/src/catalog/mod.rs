//! The event catalog: which queue types exist, which events each fires, which fields an event
//! carries. Data, not behaviour; held against the reference document by a test.

mod causes;
mod events;
mod fields;

pub use causes::{HANGUP_CAUSES, HangupCause};
pub use events::{EVENTS, EventInfo};
pub use fields::{FIELDS, Field, FieldType};

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What kind of queue it is, which decides the events that it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueType {
    Offline,
    Inbound,
    OutboundIvr,
    Preview,
    Progressive,
    Predictive,
    ChatInbound,
    Task,
}

impl QueueType {
    pub const ALL: [Self; 8] = [
        Self::Offline,
        Self::Inbound,
        Self::OutboundIvr,
        Self::Preview,
        Self::Progressive,
        Self::Predictive,
        Self::ChatInbound,
        Self::Task,
    ];

    /// The word in the database, the API and in `queue_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Inbound => "inbound",
            Self::OutboundIvr => "outbound_ivr",
            Self::Preview => "preview",
            Self::Progressive => "progressive",
            Self::Predictive => "predictive",
            Self::ChatInbound => "chat_inbound",
            Self::Task => "task",
        }
    }

    /// The original's number of this type.
    pub fn code(self) -> u8 {
        match self {
            Self::Offline => 0,
            Self::Inbound => 1,
            Self::OutboundIvr => 2,
            Self::Preview => 3,
            Self::Progressive => 4,
            Self::Predictive => 5,
            Self::ChatInbound => 6,
            Self::Task => 7,
        }
    }

    /// The type with this number; 8, the original's outbound task, is a task queue here.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            8 => Some(Self::Task),
            _ => Self::ALL.into_iter().find(|kind| kind.code() == code),
        }
    }

    /// Whether agents work in it.
    pub fn has_agents(self) -> bool {
        !matches!(self, Self::OutboundIvr)
    }

    /// The channel of its attempts, unless an event says otherwise.
    pub fn channel(self) -> &'static str {
        match self {
            Self::ChatInbound => "chat",
            Self::Task => "task",
            _ => "call",
        }
    }

    /// The events that it fires, in the order of the catalog.
    pub fn events(self) -> impl Iterator<Item = EventKind> {
        EventKind::ALL.into_iter().filter(move |event| event.fired_by(self))
    }
}

crate::user::word!(QueueType, "queue type");

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Joined,
    Answered,
    Offering,
    Bridged,
    Missed,
    Leaving,
    Processing,
    Active,
}

impl EventKind {
    pub const ALL: [Self; 8] = [
        Self::Joined,
        Self::Answered,
        Self::Offering,
        Self::Bridged,
        Self::Missed,
        Self::Leaving,
        Self::Processing,
        Self::Active,
    ];

    /// The word in the database, the API and in `event`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Answered => "answered",
            Self::Offering => "offering",
            Self::Bridged => "bridged",
            Self::Missed => "missed",
            Self::Leaving => "leaving",
            Self::Processing => "processing",
            Self::Active => "active",
        }
    }

    /// Its entry in the catalog.
    pub fn info(self) -> &'static EventInfo {
        &EVENTS[self as usize]
    }

    /// Whether queues of this type fire it.
    pub fn fired_by(self, kind: QueueType) -> bool {
        self.info().queue_types.contains(&kind)
    }

    /// Whether it carries this field.
    pub fn carries(self, field: &str) -> bool {
        self.info().fields.contains(&field)
    }
}

crate::user::word!(EventKind, "event");

/// Plausible `data` for an event of such a queue: what a test event starts from and the catalog
/// shows.
pub fn example(event: EventKind, kind: QueueType) -> JsonMap {
    let mut data = JsonMap::new();
    for name in event.info().fields {
        let value = match *name {
            "channel" => kind.channel().into(),
            name => field(name)
                .and_then(|field| serde_json::from_str(field.example).ok())
                .unwrap_or_default(),
        };
        data.insert((*name).to_owned(), value);
    }
    data
}

/// The field of this name, if the catalog has it.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}
