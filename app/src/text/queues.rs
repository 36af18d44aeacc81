//! Queues: the list and a queue's own pages.

use super::time::{number, percent, plural};
use model::{
    catalog::{EventKind, QueueType},
    queue::Figures,
};

pub const TITLE: &str = "Queues";
pub const ADD: &str = "Add queue";
pub const SEARCH: &str = "Search queues";
pub const COUNTED: (&str, &str) = ("queue", "queues");
pub const CAPTION: &str = "Queues, with what happened in them in the last hour";

pub const NAME: &str = "Name";
pub const TYPE: &str = "Type";
pub const HOOKS: &str = "Hooks";
pub const EVENTS: &str = "Events, last hour";
pub const DELIVERED: &str = "Delivered";
pub const ON: &str = "On";
pub const STATE: &str = "State";
pub const STATE_ON: &str = "On";
pub const STATE_OFF: &str = "Off";
pub const NOTHING_FINISHED: &str = "No delivery has finished in the last hour";

pub const EMPTY: &str = "No queues yet";
pub const EMPTY_ABOUT: &str =
    "A queue is where events come from. Add one, then hang hooks on what happens in it.";
pub const EMPTY_VIEWER: &str = "A queue is where events come from. An editor can add one.";

pub const CHOOSE_TYPE: &str = "What kind of queue is it?";
pub const CHOOSE_TYPE_ABOUT: &str =
    "The type decides which events the queue fires. It cannot be changed later.";
pub const NEW: &str = "New queue";
pub const OTHER_TYPE: &str = "Choose another type";
pub const CREATE: &str = "Create queue";
pub const CREATED: &str = "The queue is made. Add its first hook.";
pub const SAVED: &str = "The queue is saved";
pub const NAME_HINT: &str = "As your people call it, for instance Support line.";
pub const DESCRIPTION: &str = "Description";
pub const RECEIVING: &str = "Makes deliveries";
pub const NOT_RECEIVING: &str = "Switched off";
pub const ENABLED: &str = "Make deliveries";
pub const ENABLED_HINT: &str = "Switched off, the queue still keeps its events, but runs no flow.";

pub const GENERAL: &str = "General";
pub const VARIABLES: &str = "Variables";
pub const DELIVERIES: &str = "Deliveries";
pub const ID: &str = "Number";
pub const ID_HINT: &str = "What senders put into queue_id.";
pub const FIRES: &str = "Fires";
pub const MADE: &str = "Made";
pub const CHANGED: &str = "Changed";

pub const DELETE: &str = "Delete queue";
pub const DELETE_SECTION: &str = "Delete this queue";
pub const DELETE_SECTION_ABOUT: &str = "Its hooks go with it, and the log is kept.";

pub const PAUSE: &str = "Pause queue";
pub const PAUSE_SECTION: &str = "Pause this queue";
pub const PAUSE_ABOUT: &str = "Paused, deliveries of all its hooks are made and parked until it is \
    resumed. Nothing is lost.";
pub const PAUSED_SECTION: &str = "This queue is paused";
pub const PAUSED_ABOUT: &str = "Deliveries of all its hooks are parked. Resumed, they are released \
    in order.";
pub const PAUSED_NOW: &str = "The queue is paused; deliveries of its hooks are parked";
pub const RESUMED: &str = "The queue goes on; what was parked is released in order";

pub const DUPLICATE: &str = "Duplicate";
pub const DUPLICATE_TITLE: &str = "Duplicate queue";
pub const DUPLICATE_SECTION: &str = "Duplicate this queue";
pub const DUPLICATE_ABOUT: &str = "Another queue of the same type, with the same variables and hooks, under a name and a \
    number of its own.";
pub const DUPLICATE_NAME: &str = "Name of the new queue";
pub const DUPLICATE_HOOKS: &str = "Its hooks begin";
pub const DUPLICATED: &str = "The queue is made, with its variables and hooks";

pub const VARIABLES_ABOUT: &str = "Given to every flow that this queue's hooks run. Variables of \
    the event itself go before them.";
pub const VARIABLES_JSON: &str = "Variables, as a JSON object";
pub const VARIABLES_HINT: &str = "Names without $, { or }; together at most 64 KiB.";
pub const VARIABLES_SAVE: &str = "Save variables";
pub const VARIABLES_SAVED: &str = "The variables are saved";
pub const NO_VARIABLES: &str = "This queue has no variables.";

/// Beside a queue's name, where one of many is chosen.
pub fn at_a_glance(kind: QueueType, hooks: u32) -> String {
    let hooks = plural(u64::from(hooks), super::hooks::COUNTED.0, super::hooks::COUNTED.1);
    format!("{}, {hooks}", super::catalog::queue_type(kind))
}

/// The name that is proposed for a duplicate.
pub fn copy_of(name: &str) -> String {
    format!("{name} (copy)")
}

/// The state of a queue's switch, for the one who does not see where it is.
pub fn switch(name: &str) -> String {
    format!("Make deliveries for {name}")
}

/// What happened in the last hour.
pub fn last_hour(figures: &Figures) -> String {
    match figures.events {
        0 => "No events in the last hour".into(),
        count => format!("{} in the last hour", plural(count, "event", "events")),
    }
}

/// The share of what was finished that arrived, where something was.
pub fn share(figures: &Figures) -> Option<String> {
    figures.share_delivered().map(|share| format!("{} delivered", percent(share)))
}

/// The events that a type fires.
pub fn fires(kind: QueueType) -> String {
    let names: Vec<_> =
        kind.events().map(|event: EventKind| super::catalog::event(event)).collect();
    format!("{}: {}", number(names.len() as u64), names.join(", "))
}

/// What deleting takes along.
pub fn delete_question(name: &str) -> String {
    format!("Delete the queue {name}?")
}

/// What deleting takes along.
pub fn delete_about(hooks: u64) -> String {
    match hooks {
        0 => "It has no hooks. Its events are refused from then on; the log is kept.".into(),
        hooks => format!(
            "{} with it. New events are refused; the log is kept.",
            match hooks {
                1 => "1 hook goes".to_owned(),
                hooks => format!("{} hooks go", number(hooks)),
            }
        ),
    }
}

/// The queue is gone.
pub fn deleted(name: &str) -> String {
    format!("The queue {name} is deleted")
}

/// It was switched.
pub fn switched(name: &str, on: bool) -> String {
    if on {
        format!("{name} makes deliveries again")
    } else {
        format!("{name} is switched off: events are kept, no flows run")
    }
}
