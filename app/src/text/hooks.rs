//! Hooks: the tab of a queue and its dialogs.

use model::{
    catalog::{EventKind, QueueType},
    delivery::Rest,
    hook::PauseReason,
};

pub const TITLE: &str = "Hooks";
pub const ADD: &str = "Add hook";
pub const EDIT: &str = "Edit hook";
pub const SEARCH: &str = "Search hooks";
pub const COUNTED: (&str, &str) = ("hook", "hooks");

pub const EVENT: &str = "Event";
pub const FLOW: &str = "Flow";
pub const CONDITION: &str = "Only when";
pub const LAST: &str = "Last delivery";
pub const DAY: &str = "24 hours";
pub const DELIVERED: &str = "Delivered";
pub const ON: &str = "On";
pub const STATE: &str = "State";
pub const STATE_ON: &str = "On";
pub const STATE_OFF: &str = "Off";
pub const ALWAYS: &str = "always";
pub const NEVER_FIRED: &str = "not yet";
pub const NOTHING_FINISHED: &str = "No delivery has finished in the last 24 hours";

pub const QUEUE: &str = "Queue";
pub const ALL_QUEUES: &str = "All queues";
pub const ALL_FLOWS: &str = "All flows";
pub const COPY_ALL: &str = "Copy to queues";
pub const CAPTION: &str = "Hooks of all queues";
pub const EMPTY_EVERYWHERE_ABOUT: &str = "A hook runs a flow when something happens in a queue. \
    Open a queue and add its first one.";
pub const TO_QUEUES: &str = "To the queues";

pub const EMPTY: &str = "No hooks yet";
pub const EMPTY_ABOUT: &str =
    "A hook runs a flow when something happens in this queue: a caller joins, an agent misses.";
pub const EMPTY_VIEWER: &str =
    "A hook runs a flow when something happens in this queue. An editor can add one.";

pub const PAUSED: &str = "Paused";
pub const RESUME: &str = "Resume";
pub const RESUMED: &str = "The hook goes on; what was parked is released in order";
pub const RELEASE: &str = "Release a second";
pub const RELEASE_HINT: &str = "How many parked deliveries a second; empty: as fast as possible";
pub const RELEASE_RANGE: &str = "A whole number from 1 to 10,000, or empty";
pub const PAUSE: &str = "Pause";
pub const PAUSE_ABOUT: &str =
    "Paused, deliveries are made and parked until the hook is resumed. Nothing is lost.";
pub const PAUSED_NOW: &str = "The hook is paused; its deliveries are parked";

pub const WHEN: &str = "When this happens";
pub const FIELDS_OF: &str = "It carries";
pub const RUN: &str = "Run this flow";
pub const RUN_HINT: &str = "Flows of type service and default.";
pub const RUN_SEARCH: &str = "Search flows";
pub const NO_FLOWS: &str = "There is no flow yet that a hook may run.";
pub const NEW_FLOW: &str = "Create a new flow";
pub const OPEN_FLOW: &str = "Open the flow";
pub const CONDITION_HINT: &str = "An expression over the event's fields and variables, in CEL. \
    Empty: always. Where it cannot be decided, the flow runs and the delivery says so.";
pub const EXAMPLES: &str = "For instance";
pub const POLICY: &str = "Delivery";
pub const ORDERED: &str = "Keep the order of each call";
pub const ORDERED_HINT: &str =
    "Events of one call reach the flow one after another; other calls do not wait.";
pub const MAX_HOLD: &str = "A late delivery holds its call for at most, in seconds";
pub const MAX_HOLD_HINT: &str =
    "After that the call's later events go on, and the late one is marked as out of order.";
pub const MAX_HOLD_RANGE: &str = "A whole number of seconds, from 0 to 86400 (a day)";
pub const ENABLED: &str = "Switched on";
pub const ENABLED_HINT: &str =
    "Switched off, no deliveries are made; what was pending still finishes.";
pub const SAVE: &str = "Save hook";
pub const CREATED: &str = "The hook is made";
pub const SAVED: &str = "The hook is saved";
pub const DELETE: &str = "Delete hook";
pub const DELETED: &str = "The hook is deleted";
pub const DELETE_ABOUT: &str = "The log is kept. This cannot be undone.";
pub const REST: &str = "Deliveries that are not finished";

pub const TEST: &str = "Send a test event";
pub const TEST_ABOUT: &str = "Fires this hook only, even while it is switched off. The delivery \
    is marked as a test and counts in no figure. The flow really calls what it calls.";
pub const TEST_DATA: &str = "Fields of the event, as JSON";
pub const TEST_VARIABLES: &str = "Variables of the sender, as JSON";
pub const TEST_VARIABLES_HINT: &str = "The queue's own variables are added by themselves.";
pub const TEST_SEND: &str = "Send test event";
pub const TEST_SENT: &str = "The test event is sent";

/// Where a hook is to be changed, or for somebody who may not, where it is listed.
#[cfg(feature = "ssr")]
pub fn path(queue: model::ids::QueueId, hook: model::ids::HookId, editor: bool) -> String {
    let list = format!("/queues/{queue}/hooks");
    if editor { format!("{list}/{hook}") } else { list }
}

/// The list, for those who do not see it.
pub fn caption(queue: &str) -> String {
    format!("Hooks of {queue}")
}

/// Which hook of which queue it is.
pub fn which_where(queue: &str, event: EventKind, flow: &str) -> String {
    format!("{queue}: {}", which(event, flow))
}

/// Which hook it is.
pub fn which(event: EventKind, flow: &str) -> String {
    format!("{} → {flow}", super::catalog::event(event))
}

/// What a switch, a button or a link of a row does to which hook.
pub fn of(act: &str, event: EventKind, flow: &str) -> String {
    format!("{act}: {}", which(event, flow))
}

/// A hook was switched.
pub fn switched(on: bool) -> &'static str {
    if on { "The hook is switched on" } else { "The hook is switched off" }
}

/// Why a hook is paused.
pub fn paused(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Person => "Somebody paused it. Its deliveries are parked.",
        PauseReason::Gone => {
            "The receiver answered 410 Gone: it does not want these events any more. Deliveries \
             are parked."
        }
    }
}

/// What becomes of unfinished deliveries.
pub fn rest(rest: Rest) -> &'static str {
    match rest {
        Rest::Finish => "Deliver them all the same",
        Rest::Cancel => "Call them off; an attempt that runs still ends",
    }
}

/// Asks before a hook is deleted.
pub fn delete_question(event: EventKind, flow: &str) -> String {
    format!("Delete the hook {}?", which(event, flow))
}

/// How many fields an event carries.
pub fn fields(count: usize) -> String {
    super::time::plural(count as u64, "field", "fields")
}

/// Which other events exist, and why they are not offered here.
pub fn not_offered(kind: QueueType) -> Option<String> {
    let mut groups: Vec<(&[QueueType], Vec<&str>)> = Vec::new();
    for event in EventKind::ALL.into_iter().filter(|event| !event.fired_by(kind)) {
        let types = event.info().queue_types;
        let name = super::catalog::event(event);
        match groups.iter_mut().find(|(of, _)| *of == types) {
            Some((_, names)) => names.push(name),
            None => groups.push((types, vec![name])),
        }
    }
    let told: Vec<_> = groups.into_iter().map(|(types, names)| told(types, &names)).collect();
    (!told.is_empty()).then(|| told.join(" "))
}

fn told(types: &[QueueType], names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    if types.iter().all(|kind| kind.has_agents()) && types.len() == QueueType::ALL.len() - 1 {
        return format!("{} {verb} fired where agents work.", listed(names));
    }
    let types: Vec<_> = types.iter().map(|kind| super::catalog::queue_types(*kind)).collect();
    format!("{} {verb} fired by {} only.", listed(names), listed(&types))
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Conditions that make sense for an event's fields.
pub fn condition_examples(event: EventKind) -> Vec<&'static str> {
    let known = [
        ("cc_result", "cc_result == 'abandoned'"),
        ("call_duration", "call_duration > 20"),
        ("channel", "channel == 'call'"),
        ("agent_extension", "agent_extension != ''"),
        ("destination", "destination.startsWith('+380')"),
    ];
    known
        .into_iter()
        .filter(|(field, _)| event.carries(field))
        .map(|(_, text)| text)
        .take(3)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_offered_is_explained() {
        assert_eq!(
            not_offered(QueueType::Inbound).as_deref(),
            Some("Answered and Active are fired by preview dialers and offline queues only.")
        );
    }
}
