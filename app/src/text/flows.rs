//! The words of the flow pages and of the editor.

use super::time::{number, plural};
use model::flow::{FlowKind, FlowMode};

pub const TITLE: &str = "Flows";
pub const NEW: &str = "New flow";
pub const IMPORT: &str = "Import";
pub const EXPORT: &str = "Export";
pub const DUPLICATE: &str = "Duplicate";
pub const HISTORY: &str = "History";
pub const DELETE: &str = "Delete";
pub const SEARCH: &str = "Search flows";
pub const EMPTY_TITLE: &str = "No flows yet";
pub const EMPTY_TEXT: &str = "A flow says what to do when a hook fires: call an address, decide by a result, remember a value.";

pub const COL_NAME: &str = "Name";
pub const COL_KIND: &str = "Type";
pub const COL_MODE: &str = "Mode";
pub const COL_VERSION: &str = "Version";
pub const COL_HOOKS: &str = "Used by";
pub const COL_SAVED: &str = "Last saved";
pub const ANY_KIND: &str = "Any type";
pub const ANY_MODE: &str = "Any mode";
pub const UNUSED: &str = "no hook";

pub const NAME: &str = "Name";
pub const KIND: &str = "Type";
pub const MODE: &str = "When a step fails";
pub const DESCRIPTION: &str = "Description";
pub const STEPS: &str = "Steps";
pub const STEPS_LABEL: &str = "Steps of the flow, as JSON";
pub const SAVE_NEW: &str = "Save flow";
pub const FORMAT: &str = "Format";
pub const INSERT: &str = "Insert a step";
pub const EDITOR_KEYS: &str = "Ctrl+S saves. Tab indents; press Esc, then Tab, to leave the text.";
pub const USED_BY: &str = "Used by";
pub const USED_BY_NONE: &str =
    "No hook runs this flow yet. Choose it when you add a hook to a queue.";
pub const READ_ONLY: &str = "You may read this flow. Changing it needs the role editor.";
pub const NO_PROBLEMS: &str = "No problems";
pub const PROBLEMS: &str = "Problems";
pub const VARIABLES: &str = "What a flow sees";
pub const VARIABLES_TEXT: &str = "Every field of the event, the queue's and the sender's variables, and \
     event, event_id, occurred_at, queue_id, queue_name, queue_type, hook_id, delivery_id. \
     Write ${name} in any text.";
pub const EVENTS_LINK: &str = "Fields of each event";
pub const WITHOUT_JS: &str = "Problems are shown when you save.";

pub const BY: &str = "by";
pub const SAVED: &str = "Saved";
pub const BACK: &str = "Back";
pub const DELETE_REFUSED: &str = "This flow is in use";
pub const SAVED_BY: &str = "saved by";
pub const VIEW: &str = "View";
pub const RESTORE: &str = "Restore this version";
pub const RESTORE_HINT: &str = "Saves it again as the newest; nothing is lost";
pub const CURRENT: &str = "newest";
pub const NO_VERSION: &str = "Choose a version to see it.";

pub const DUPLICATE_TITLE: &str = "Duplicate flow";
pub const DUPLICATE_NAME: &str = "Name of the copy";
pub const DUPLICATE_TEXT: &str =
    "The copy begins with version 1 and the same steps; no hook uses it.";
pub const DELETE_TITLE: &str = "Delete this flow?";
pub const DELETE_TEXT: &str = "Its versions go with it. Deliveries that ran it stay in the log.";
pub const DELETE_USED: &str = "Hooks use this flow. Delete them or give them another flow first:";
pub const CANCEL: &str = "Keep it";

pub const FAILURE_FLOW: &str = "When a delivery dies";
pub const FAILURE_FLOW_ABOUT: &str = "This flow then runs once, with the variables as they were and \
    ${error.class}, ${error.message} and ${error.step}. When it dies itself, nothing more runs.";
pub const FAILURE_FLOW_NONE: &str = "No flow";
pub const FAILURE_FLOW_SEE: &str = "See that flow";
pub const FAILURE_FLOW_SAVE: &str = "Save";
pub const FAILURE_FLOW_SAVED: &str = "Saved";

/// A failure flow whose type is none that may be chosen any more.
pub fn failure_flow_unfit(name: &str) -> String {
    format!("{name} (its type has changed: choose another one)")
}

pub const IMPORT_READ_ONLY: &str = "Importing flows needs the role editor.";
pub const IMPORT_NEEDS_NAME: &str = "The file holds no name; fill one in";
pub const IMPORT_NOT_A_FLOW: &str = "This is neither an array of steps nor an object with a schema";
pub const IMPORT_NO_SCHEMA: &str = "The object has no array \"schema\" of steps";

/// A flow type's name.
pub fn kind(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::Default => "Default",
        FlowKind::Service => "Service",
        FlowKind::Voice => "Voice",
        FlowKind::Chat => "Chat",
        FlowKind::Processing => "Processing",
    }
}

/// A flow type's name and whether hooks run it.
pub fn kind_choice(one: FlowKind) -> String {
    if one.fits_a_hook() { kind(one).to_owned() } else { format!("{}, not for hooks", kind(one)) }
}

/// A mode's name.
pub fn mode(mode: FlowMode) -> &'static str {
    match mode {
        FlowMode::Strict => "Strict",
        FlowMode::Lenient => "Lenient",
    }
}

/// What a mode does.
pub fn mode_choice(mode: FlowMode) -> &'static str {
    match mode {
        FlowMode::Strict => "Stop, try again later (strict)",
        FlowMode::Lenient => "Go on with the next (lenient)",
    }
}

/// `version 7`.
pub fn version(count: u32) -> String {
    format!("version {}", number(count.into()))
}

/// `Save version 8`.
pub fn save(next: u32) -> String {
    format!("Save version {}", number(next.into()))
}

/// `3 hooks`.
pub fn hooks(count: u64) -> String {
    plural(count, "hook", "hooks")
}

/// `12 flows`.
pub fn total(count: u64) -> String {
    plural(count, "flow", "flows")
}

/// Said when a flow has been made.
pub fn made(name: &str) -> String {
    format!("{name} is made.")
}

/// Said when a version has been saved.
pub fn saved(version: u32) -> String {
    format!("Version {version} is saved. New deliveries run it.")
}

/// Said when an earlier version has become the newest again.
pub fn restored(old: u32, new: u32) -> String {
    format!("Version {old} is the newest again, as version {new}.")
}

/// Said when a flow has been deleted.
pub fn deleted(name: &str) -> String {
    format!("{name} is deleted.")
}

/// The name that a copy is offered.
pub fn copy_of(name: &str) -> String {
    format!("{name} (copy)")
}

/// Where a text stops being JSON.
pub fn not_json(line: usize, column: usize) -> String {
    format!("This is not JSON: line {line}, column {column}")
}

/// A word of an imported file that is not known.
pub fn import_unknown(error: &model::user::UnknownWord) -> String {
    format!("The file has an {error}")
}

/// `2 errors, 1 warning`.
pub fn problem_count(errors: usize, warnings: usize) -> String {
    let errors_text = plural(errors as u64, "error", "errors");
    let warnings_text = plural(warnings as u64, "warning", "warnings");
    match (errors, warnings) {
        (0, 0) => NO_PROBLEMS.into(),
        (_, 0) => errors_text,
        (0, _) => warnings_text,
        (_, _) => format!("{errors_text}, {warnings_text}"),
    }
}

/// `12:5`, the place of a problem.
pub fn place(line: u32, column: u32) -> String {
    format!("{line}:{column}")
}

/// What a problem's place is called for one who listens.
pub fn place_label(line: u32, column: u32) -> String {
    format!("Line {line}, column {column}")
}

/// The page's title for a version of the past.
pub fn version_title(number: u32) -> String {
    format!("Version {number}")
}
