//! Reading and checking a flow's JSON text: from the text to the [`syntax`](super::syntax) tree,
//! with every problem at its line. The browser calls it as one types, the server before it saves.

mod argument;
mod arguments;
mod build;
mod names;
mod reader;
mod request;
mod same;
mod scope;
mod step;
#[cfg(test)]
mod tests;

pub use request::is_header_name;
pub use same::are_same;

use super::{json, syntax::Step};
use reader::Reader;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, fmt};

/// The largest text of a flow, in bytes.
pub const SOURCE_MAX: usize = 1 << 20;
/// The most steps of a flow, nested ones included.
pub const STEPS_MAX: usize = 5_000;
/// How deeply the JSON of a flow may nest.
pub const DEPTH_MAX: usize = 32;
/// The longest `_id`, in characters.
pub const STEP_ID_MAX: usize = 64;
/// The longest `timeout` of a request, in milliseconds.
pub const TIMEOUT_MAX_MS: u64 = 3_600_000;
/// More problems than this are counted, not listed.
const PROBLEMS_MAX: usize = 200;

/// How bad a problem is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The flow is none.
    Error,
    /// Who writes the flow here cannot save it. One that is imported is kept and runs, since the
    /// original takes it.
    Foreign,
    /// The flow can be saved, and may not do what was meant.
    Warning,
}

/// One fault of a flow's text: where it is and what is wrong, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowProblem {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// A JSON pointer into the array of steps: `/2/if/then/0`; empty for the whole.
    pub path: String,
    pub message: String,
    pub severity: Severity,
}

impl FlowProblem {
    /// Whether it must be mended by whoever writes the flow before it can be saved.
    pub fn is_error(&self) -> bool {
        self.severity <= Severity::Foreign
    }
}

impl fmt::Display for FlowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// What [`check`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The steps, when there is no problem of [`Severity::Error`].
    pub steps: Option<Vec<Step>>,
    /// In the order of the text.
    pub problems: Vec<FlowProblem>,
}

/// Reads a flow and collects all that is wrong with it.
pub fn check(source: &str) -> Checked {
    let (steps, problems, _) = read(source);
    Checked { steps, problems }
}

/// Gives every step that lacks one an `_id`, and leaves the text as it is otherwise. Of two steps
/// with the same `_id`, as after copy and paste, the later gets a new one.
///
/// # Errors
/// All problems, when one of them is an error.
pub fn with_ids(source: &str) -> Result<String, Vec<FlowProblem>> {
    let (steps, problems, slots) = read(source);
    if steps.is_none() {
        return Err(problems);
    }
    let taken: HashSet<&str> =
        slots.iter().filter_map(|slot| slot.present.as_ref().map(|id| id.text.as_str())).collect();
    let mut seen = HashSet::new();
    let mut fresh = Vec::new();
    for slot in &slots {
        let keeps = slot.present.as_ref().is_some_and(|id| seen.insert(id.text.as_str()));
        if !keeps {
            fresh.push(slot);
        }
    }
    let names: Vec<String> = (1..)
        .map(|number| format!("s{number}"))
        .filter(|name| !taken.contains(name.as_str()))
        .take(fresh.len())
        .collect();
    let mut text = String::with_capacity(source.len() + fresh.len() * 16);
    let mut copied = 0;
    for (slot, name) in fresh.into_iter().zip(names) {
        let (start, end) = match &slot.present {
            Some(id) => (id.start, id.end),
            None => (slot.inside, slot.inside),
        };
        text.push_str(&source[copied..start]);
        copied = end;
        if slot.present.is_some() {
            text.push_str(&format!("\"{name}\""));
        } else {
            text.push_str(&format!("\"_id\": \"{name}\","));
            if !source[end..].starts_with(char::is_whitespace) {
                text.push(' ');
            }
        }
    }
    text.push_str(&source[copied..]);
    Ok(text)
}

/// Where a step's `_id` is, or where it would be put.
struct IdSlot {
    /// The byte after the step's `{`.
    inside: usize,
    present: Option<PresentId>,
}

/// An `_id` that stands in the text, and the bytes that it takes with its quotes.
struct PresentId {
    text: String,
    start: usize,
    end: usize,
}

fn read(source: &str) -> (Option<Vec<Step>>, Vec<FlowProblem>, Vec<IdSlot>) {
    let mut reader = Reader::new(source);
    let mut steps = Vec::new();
    if source.len() > SOURCE_MAX {
        reader.error(
            0,
            "",
            format!("a flow may have {SOURCE_MAX} bytes, this has {}", source.len()),
        );
    } else {
        match json::read(source, DEPTH_MAX) {
            Ok(document) => {
                for fault in document.repeated {
                    reader.error(fault.offset, &fault.path, fault.message);
                }
                steps = reader.flow(&document.root);
            }
            Err(fault) => reader.error(fault.offset, &fault.path, fault.message),
        }
    }
    let (problems, slots) = reader.finish();
    let sound = problems.iter().all(|problem| problem.severity != Severity::Error);
    (sound.then_some(steps), problems, slots)
}
