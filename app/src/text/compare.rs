//! The words of the comparison of two deliveries.

use super::time::plural;

pub const TITLE: &str = "Compare deliveries";
pub const FACTS: &str = "Facts";
pub const DATA: &str = "Event";
pub const VARIABLES: &str = "Variables";
pub const ATTEMPTS: &str = "Attempts";
pub const STEPS: &str = "Steps of the last attempt";
pub const INPUT: &str = "Input";
pub const OUTPUT: &str = "Output";
pub const REQUEST: &str = "Request";
pub const ANSWER: &str = "Answer";
pub const A: &str = "A";
pub const B: &str = "B";
pub const NAME: &str = "What";
pub const DIFFERS: &str = "differs";
pub const NONE: &str = "–";
pub const NOTHING: &str = "Nothing in either.";
pub const DID_NOT_RUN: &str = "did not run";
pub const NO_ANSWER: &str = "no answer came";
pub const BODY: &str = "body";
pub const METHOD: &str = "method";
pub const URL: &str = "URL";
pub const STATUS: &str = "status";
pub const SWAP: &str = "Swap A and B";
pub const OTHER: &str = "Compare others";
pub const CHOOSE: &str = "Which two?";
pub const FIELD_A: &str = "A: a delivery's id";
pub const FIELD_B: &str = "B: a delivery's id";
pub const FIELD_HINT: &str = "Paste ids, or the addresses of two deliveries.";
pub const GO: &str = "Compare";
pub const WITH_PREVIOUS: &str = "With the hook's delivery before it";
pub const WITH_ORIGIN: &str = "With the delivery of which it is a replay";
pub const NO_PREVIOUS: &str = "The hook has no delivery before this one.";
pub const NO_ORIGIN: &str = "This delivery is no replay.";

pub const HOOK: &str = "Hook";
pub const FLOW: &str = "Flow";
pub const QUEUE: &str = "Queue";
pub const EVENT: &str = "Event";
pub const CALL: &str = "Call";
pub const STATE: &str = "State";
pub const COUNT: &str = "Attempts";
pub const TOOK: &str = "Last attempt took";
pub const CAUSE: &str = "Cause";
pub const WARNING: &str = "Warning";
pub const ACCEPTED: &str = "Accepted";
pub const OCCURRED: &str = "Occurred";
pub const SENDER: &str = "Sender's id";
pub const REPLAY_OF: &str = "Replay of";
pub const TEST: &str = "Test";
pub const YES: &str = "yes";

/// A text that is no id.
pub fn no_id(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    format!("“{short}” is no delivery's id.")
}

/// `3 members are the same`, the summary of what is folded.
pub fn same(count: usize) -> String {
    let are = if count == 1 { "is" } else { "are" };
    format!("{} {are} the same", plural(count as u64, "member", "members"))
}

/// `All 3 members are the same`, where nothing differs.
pub fn all_same(count: usize) -> String {
    if count == 1 { same(count) } else { format!("All {}", same(count)) }
}

/// Members that are not told.
pub fn dropped(count: usize) -> String {
    format!("{} more are not shown.", plural(count as u64, "member", "members"))
}

/// `Attempt 2`.
pub fn attempt(number: u32) -> String {
    format!("Attempt {number}")
}
