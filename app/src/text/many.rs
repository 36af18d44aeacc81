//! Acts on many hooks or queues at once.

use super::{
    catalog, hooks, queues,
    time::{number, plural},
};
use crate::api::many::Over;
use model::{
    catalog::QueueType,
    many::{Act, ChosenHook, Refusal},
};
use std::collections::BTreeSet;

pub const ENABLE: &str = "Enable";
pub const DISABLE: &str = "Disable";
pub const DELETE: &str = "Delete";
pub const MOVE: &str = "Move to a flow";
pub const COPY: &str = "Copy to queues";

pub const NOTHING: &str = "Nothing to do";
pub const NOTHING_CHOSEN: &str = "Nothing is chosen. Choose rows of the list first.";
pub const ALL_GONE: &str = "What was chosen is gone: somebody deleted it meanwhile.";
pub const UNKNOWN_ACT: &str = "This address names nothing that can be done here.";
pub const NUMBERS: &str = "holds numbers, parted by commas";
pub const WHICH: &str = "Which they are";
pub const LEFT: &str = "Left as they are";

pub const TO: &str = "To these queues";
pub const TO_SEARCH: &str = "Search queues";
pub const TO_NONE: &str = "No queue is called so.";
pub const CHOOSE_QUEUES: &str = "Choose at least one queue.";
pub const PREVIEW: &str = "Show what will be made";
pub const PREVIEW_ABOUT: &str =
    "A copy runs the same flow at the same event, under the same condition and policy.";
pub const OTHER_QUEUES: &str = "Choose other queues";
pub const BEGIN: &str = "The copies begin";
pub const BEGIN_SAME: &str = "As the hooks are, on or off";
pub const BEGIN_OFF: &str = "Switched off";
pub const MADE: &str = "will be made";

/// A hook, with its queue where they hang on several.
pub fn hook(hook: &ChosenHook, with_queue: bool) -> String {
    let which = hooks::which(hook.event, &hook.flow_name);
    if with_queue { format!("{}: {which}", hook.queue_name) } else { which }
}

/// A copy of a hook in a queue.
pub fn copy_of(hook: &str, queue: &str) -> String {
    format!("{hook}, for {queue}")
}

/// What is known by its number only, because it is gone.
pub fn by_number(over: Over, id: i64) -> String {
    match over {
        Over::Hooks => format!("Hook {id}"),
        Over::Queues => format!("Queue {id}"),
    }
}

fn counted(over: Over, count: usize) -> String {
    let (one, many) = match over {
        Over::Hooks => hooks::COUNTED,
        Over::Queues => queues::COUNTED,
    };
    plural(count as u64, one, many)
}

fn verb(act: Act) -> &'static str {
    match act {
        Act::Enable => ENABLE,
        Act::Disable => DISABLE,
        Act::Delete => DELETE,
        Act::Move => "Move",
        Act::Copy => "Copy",
    }
}

fn past(act: Act) -> &'static str {
    match act {
        Act::Enable => "enabled",
        Act::Disable => "disabled",
        Act::Delete => "deleted",
        Act::Move => "moved",
        Act::Copy => "made",
    }
}

/// Asks before something is done to many hooks: how many, and where.
pub fn ask_hooks(act: Act, hooks: &[ChosenHook]) -> String {
    let queues: BTreeSet<_> = hooks.iter().map(|hook| hook.queue_id).collect();
    let place = match hooks {
        [first, ..] if queues.len() == 1 => first.queue_name.clone(),
        _ => counted(Over::Queues, queues.len()),
    };
    let count = counted(Over::Hooks, hooks.len());
    match act {
        Act::Move => format!("Move {count} in {place} to another flow?"),
        act => format!("{} {count} in {place}?", verb(act)),
    }
}

/// What that means.
pub fn about_hooks(act: Act) -> &'static str {
    match act {
        Act::Enable => "From the next event on they make deliveries.",
        Act::Disable => "They make no deliveries any more; what was pending still finishes.",
        Act::Delete => hooks::DELETE_ABOUT,
        Act::Move => {
            "From the next event on they run this flow. What was pending still runs the \
            flow that it began with."
        }
        Act::Copy => PREVIEW_ABOUT,
    }
}

/// Asks before something is done to many queues.
pub fn ask_queues(act: Act, count: usize) -> String {
    format!("{} {}?", verb(act), counted(Over::Queues, count))
}

/// What that means.
pub fn about_queues(act: Act, hooks: u64) -> String {
    match act {
        Act::Enable => "From the next event on their hooks make deliveries.".into(),
        Act::Disable => {
            "They still keep their events, but run no flow; what was pending still finishes.".into()
        }
        _ => {
            let with = match hooks {
                0 => "They have no hooks.".to_owned(),
                1 => "1 hook goes with them.".to_owned(),
                hooks => format!("{} hooks go with them.", number(hooks)),
            };
            format!("{with} New events are refused; the log is kept. This cannot be undone.")
        }
    }
}

/// How many are so already.
pub fn so_already(act: Act, count: usize) -> Option<String> {
    let state = match act {
        Act::Enable => "on",
        Act::Disable => "off",
        _ => return None,
    };
    match count {
        0 => None,
        1 => Some(format!("1 of them is {state} already.")),
        count => Some(format!("{} of them are {state} already.", number(count as u64))),
    }
}

/// How many of the chosen ones are gone.
pub fn gone(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more was chosen, but somebody deleted it meanwhile.".into()),
        count => Some(format!(
            "{} more were chosen, but somebody deleted them meanwhile.",
            number(count as u64)
        )),
    }
}

/// The button that does it to hooks.
pub fn submit_hooks(act: Act, count: usize) -> String {
    format!("{} {}", verb(act), counted(Over::Hooks, count))
}

/// The button that does it to queues.
pub fn submit_queues(act: Act, count: usize) -> String {
    format!("{} {}", verb(act), counted(Over::Queues, count))
}

/// Asks to which queues hooks are copied.
pub fn copy_title(count: usize) -> String {
    format!("Copy {} to other queues", counted(Over::Hooks, count))
}

/// How many queues are chosen.
pub fn queues_chosen(count: usize) -> String {
    match count {
        0 => "No queue chosen yet".into(),
        count => format!("{} chosen", counted(Over::Queues, count)),
    }
}

fn copies(count: usize) -> String {
    plural(count as u64, "copy", "copies")
}

/// How many copies can be made.
pub fn preview_title(possible: usize, all: usize) -> String {
    match possible {
        0 => "None of these copies can be made".into(),
        possible if possible == all => format!("Make {}?", copies(all)),
        possible => format!("Make {} of {}?", number(possible as u64), copies(all)),
    }
}

/// The button that makes them.
pub fn submit_copies(count: usize) -> String {
    format!("Make {}", copies(count))
}

/// What was done to how many.
pub fn came_to(over: Over, act: Act, done: usize, of: usize) -> String {
    let all = if act == Act::Copy { copies(of) } else { counted(over, of) };
    let count = if done == of { all } else { format!("{} of {all}", number(done as u64)) };
    format!("{count} {} {}", if done == 1 { "is" } else { "are" }, past(act))
}

/// Why one was left as it was.
pub fn why_left(act: Act, why: Refusal) -> &'static str {
    match why {
        Refusal::Gone if act == Act::Copy => "The hook was deleted meanwhile.",
        Refusal::Gone => "It was deleted meanwhile.",
        Refusal::Taken => "A hook of its queue runs this flow at this event already.",
        Refusal::NotFired => "The queue does not fire this event.",
        Refusal::QueueGone => "The queue was deleted meanwhile.",
        Refusal::FlowGone => "The flow was deleted meanwhile.",
    }
}

/// Why a hook is not copied to a queue of this type.
pub fn why_no_copy(why: Refusal, kind: QueueType) -> String {
    match why {
        Refusal::NotFired => format!("Not fired by {}.", catalog::queue_types(kind)),
        Refusal::Taken => "A hook there runs this flow at this event already.".into(),
        other => why_left(Act::Copy, other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        catalog::EventKind,
        ids::{FlowId, HookId, QueueId},
    };

    fn chosen(id: i64, queue: i64) -> ChosenHook {
        ChosenHook {
            id: HookId(id),
            event: EventKind::Joined,
            enabled: true,
            queue_id: QueueId(queue),
            queue_name: format!("Queue {queue}"),
            flow_id: FlowId(1),
            flow_name: "CRM".into(),
        }
    }

    #[test]
    fn a_question_counts_hooks_and_queues() {
        let several = [chosen(1, 1), chosen(2, 1), chosen(3, 2)];
        assert_eq!(ask_hooks(Act::Disable, &several), "Disable 3 hooks in 2 queues?");
        assert_eq!(ask_hooks(Act::Delete, &several[..1]), "Delete 1 hook in Queue 1?");
        assert_eq!(ask_hooks(Act::Move, &several[..2]), "Move 2 hooks in Queue 1 to another flow?");
    }

    #[test]
    fn a_result_says_how_many_of_how_many() {
        assert_eq!(came_to(Over::Hooks, Act::Move, 10, 12), "10 of 12 hooks are moved");
        assert_eq!(came_to(Over::Queues, Act::Delete, 1, 1), "1 queue is deleted");
        assert_eq!(came_to(Over::Hooks, Act::Copy, 1, 2), "1 of 2 copies is made");
        assert_eq!(came_to(Over::Hooks, Act::Enable, 0, 2), "0 of 2 hooks are enabled");
    }
}
