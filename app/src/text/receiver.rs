//! The words of the sample receiver's page.

use super::time::plural;

pub const TITLE: &str = "Receiver";
pub const ABOUT: &str = "The sample contact centre's hooks call this receiver, which runs inside Offhook. It keeps the last 200 requests until a restart.";
pub const SEARCH: &str = "Search requests";
pub const EMPTY_TITLE: &str = "No requests yet";
pub const EMPTY_TEXT: &str = "Send a test event from a hook of the sample, or play traffic with offhook simulate; what the flows send shows up here.";
pub const NONE_TITLE: &str = "Nothing matches";
pub const NONE_TEXT: &str = "No request holds this text.";
pub const ABSENT_TITLE: &str = "No receiver here";
pub const ABSENT_TEXT: &str = "The receiver belongs to the sample contact centre, which is not loaded. Load it with offhook sample.";
pub const HEADERS: &str = "Headers";
pub const BODY: &str = "Body";
pub const NO_BODY: &str = "No body.";
pub const OPEN_QUEUES: &str = "Open queues";

/// `12 requests`.
pub fn total(count: usize) -> String {
    plural(count as u64, "request", "requests")
}

/// What was answered.
pub fn answered(status: u16) -> String {
    format!("answered {status}")
}
