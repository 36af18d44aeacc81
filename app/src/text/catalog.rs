//! Queue types and events, as they are called.

use model::catalog::{EventKind, QueueType};

/// A queue type's name.
pub fn queue_type(kind: QueueType) -> &'static str {
    match kind {
        QueueType::Offline => "Offline queue",
        QueueType::Inbound => "Inbound queue",
        QueueType::OutboundIvr => "Outbound IVR",
        QueueType::Preview => "Preview dialer",
        QueueType::Progressive => "Progressive dialer",
        QueueType::Predictive => "Predictive dialer",
        QueueType::ChatInbound => "Inbound chat",
        QueueType::Task => "Task queue",
    }
}

/// What a queue of this type does.
pub fn queue_type_about(kind: QueueType) -> &'static str {
    match kind {
        QueueType::Offline => "Agents call members from a list when they choose to",
        QueueType::Inbound => "Callers wait until an agent is free",
        QueueType::OutboundIvr => "Calls members and plays a menu, without agents",
        QueueType::Preview => "Offers a member to an agent, who decides to call",
        QueueType::Progressive => "Calls the next member once an agent is free",
        QueueType::Predictive => "Calls ahead of the agents, by forecast",
        QueueType::ChatInbound => "Chats wait until an agent is free",
        QueueType::Task => "Tasks without a call, given to agents in turn",
    }
}

/// An event's name.
pub fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Joined => "Joined",
        EventKind::Answered => "Answered",
        EventKind::Offering => "Offering",
        EventKind::Bridged => "Bridged",
        EventKind::Missed => "Missed",
        EventKind::Leaving => "Leaving",
        EventKind::Processing => "Processing",
        EventKind::Active => "Active",
    }
}

/// Queues of this type, within a sentence.
pub fn queue_types(kind: QueueType) -> &'static str {
    match kind {
        QueueType::Offline => "offline queues",
        QueueType::Inbound => "inbound queues",
        QueueType::OutboundIvr => "outbound IVR",
        QueueType::Preview => "preview dialers",
        QueueType::Progressive => "progressive dialers",
        QueueType::Predictive => "predictive dialers",
        QueueType::ChatInbound => "inbound chats",
        QueueType::Task => "task queues",
    }
}
