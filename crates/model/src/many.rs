//! Acts on many hooks or queues at once: what is asked, what it comes to, and why a part of it
//! was not done.

use crate::{
    catalog::{EventKind, QueueType},
    delivery::Rest,
    ids::{FlowId, HookId, QueueId},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How many hooks or queues are acted on at once, at most; and how many copies are made at once.
pub const AT_ONCE: usize = 500;

/// What is done to many hooks or queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Enable,
    Disable,
    Delete,
    /// Hooks run another flow.
    Move,
    /// Hooks are made in other queues too.
    Copy,
}

impl Act {
    pub const ALL: [Self; 5] = [Self::Enable, Self::Disable, Self::Delete, Self::Move, Self::Copy];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Delete => "delete",
            Self::Move => "move",
            Self::Copy => "copy",
        }
    }
}

crate::user::word!(Act, "act");

/// What is done to many hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAct {
    Enable,
    Disable,
    Delete(Rest),
    /// They run this flow from now on.
    Move(FlowId),
}

/// What is done to many queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueAct {
    Enable,
    Disable,
    Delete(Rest),
}

/// Why one of many was left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It was deleted meanwhile.
    Gone,
    /// A hook of the queue runs this flow at this event already.
    Taken,
    /// The queue's type does not fire this event.
    NotFired,
    /// The queue that a copy was for was deleted meanwhile.
    QueueGone,
    /// The flow was deleted meanwhile.
    FlowGone,
}

impl Refusal {
    pub const ALL: [Self; 5] =
        [Self::Gone, Self::Taken, Self::NotFired, Self::QueueGone, Self::FlowGone];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Taken => "taken",
            Self::NotFired => "not_fired",
            Self::QueueGone => "queue_gone",
            Self::FlowGone => "flow_gone",
        }
    }
}

crate::user::word!(Refusal, "refusal");

/// What an act on many came to. `T` names what was left: a hook, a queue, or a hook and the queue
/// that it was to be copied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome<T> {
    /// How many it was done to.
    pub done: usize,
    pub left: Vec<(T, Refusal)>,
}

/// A hook among those that were chosen, with the names that a person knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenHook {
    pub id: HookId,
    pub event: EventKind,
    pub enabled: bool,
    pub queue_id: QueueId,
    pub queue_name: String,
    pub flow_id: FlowId,
    pub flow_name: String,
}

/// A queue among those that were chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenQueue {
    pub id: QueueId,
    pub name: String,
    pub kind: QueueType,
    pub enabled: bool,
    pub hooks: u32,
}

/// What copying hooks to other queues would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyPlan {
    /// The hooks that are copied, those that still exist.
    pub hooks: Vec<ChosenHook>,
    /// The queues that they are copied to, those that still exist.
    pub queues: Vec<ChosenQueue>,
    /// Each hook in each queue, queue by queue, and why no copy can be made, where none can.
    pub copies: Vec<PlannedCopy>,
}

/// A copy of a hook in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCopy {
    pub hook: HookId,
    pub queue: QueueId,
    pub refusal: Option<Refusal>,
}

impl CopyPlan {
    /// How many copies can be made.
    pub fn possible(&self) -> usize {
        self.copies.iter().filter(|copy| copy.refusal.is_none()).count()
    }
}

/// How copies of hooks begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopiesBegin {
    /// Switched off, whatever the hooks they are copied from are.
    Disabled,
    /// As the hooks that they are copied from.
    AsTheyAre,
}

impl CopiesBegin {
    pub const ALL: [Self; 2] = [Self::Disabled, Self::AsTheyAre];

    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::AsTheyAre => "as_they_are",
        }
    }
}

crate::user::word!(CopiesBegin, "beginning of copies");
