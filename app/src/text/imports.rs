//! The words of importing flows.

use super::time::number;
use model::flow::import::Verdict;

pub const TITLE: &str = "Import flows";
pub const ABOUT: &str = "Takes exports of Offhook, schemas as {name, type, schema}, and bare arrays of \
    steps. A report says what becomes of each step.";
pub const FILES: &str = "Files";
pub const CONTENT: &str = "Or paste the text of one";
pub const NAME: &str = "Name of what is pasted";
pub const NAME_HINT: &str = "Empty: as in the text";
pub const MODE: &str = "Mode";
pub const MODE_FILE: &str = "As in the file";
pub const GO: &str = "Import";
pub const CHECK: &str = "Only report";
pub const MEND: &str = "mend what is refused, then import it again";
pub const NOTHING: &str = "Choose a file, or paste the text of one";
pub const TOO_MUCH: &str = "All files together may have 8 MiB, and there may be 100 of them";
pub const UNREAD: &str = "What was sent could not be read";
pub const NO_TEXT: &str = "this is no text in UTF-8";
pub const GONE: &str = "This report is not kept any more.";
pub const PASTED: &str = "The pasted text";
pub const SAVED: &str = "saved";
pub const NOT_SAVED: &str = "not saved";
pub const REPORTED: &str = "only reported";
pub const SEE: &str = "Open the flow";
pub const CAPTION: &str = "What becomes of its steps";
pub const LINE: &str = "Line";
pub const STEP: &str = "Step";
pub const VERDICT: &str = "Here";
pub const NO_ACTION: &str = "(no action)";

/// What a step does here.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Runs => "runs",
        Verdict::Differs => "runs, and differs on purpose",
        Verdict::NeedsCore => "does not run here: it needs the contact centre's core",
        Verdict::Unknown => "does not run here: no action of this name is known",
        Verdict::Refused => "refused",
    }
}

/// How many steps are as they were.
pub fn run_as_they_did(steps: usize) -> String {
    match steps {
        1 => "1 step runs as it did.".into(),
        many => format!("{} steps run as they did.", number(many as u64)),
    }
}

/// How many more there are than are shown.
pub fn more(steps: usize) -> String {
    format!("{} more steps are other than they were.", number(steps as u64))
}
