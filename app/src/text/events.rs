//! The words of the event catalog.

use super::time::plural;

pub const TITLE: &str = "Events";
pub const ABOUT: &str =
    "What queues tell, which queues tell it, and what each event carries. Every field is optional.";
pub const SEARCH: &str = "Search events and causes";
pub const FIRED_BY: &str = "Fired by";
pub const ALL_TYPES: &str = "queues of every type";
pub const FIELDS: &str = "Fields";
pub const COL_FIELD: &str = "Field";
pub const COL_TYPE: &str = "Type";
pub const COL_ABOUT: &str = "Meaning";
pub const KNOWN: &str = "Known values:";
pub const ONLY: &str = "One of:";
pub const SEE_CAUSES: &str = "Hangup causes";
pub const EXAMPLE: &str = "Example";
pub const BODY: &str = "Body";
pub const CURL: &str = "curl";
pub const COPY_BODY: &str = "Copy the body";
pub const COPY_CURL: &str = "Copy the curl command";
pub const CAUSES: &str = "Hangup causes";
pub const CAUSES_TEXT: &str = "Values of call_cause that are known, with their Q.850 number and the SIP status that goes with it. Others pass through.";
pub const COL_CAUSE: &str = "Cause";
pub const COL_Q850: &str = "Q.850";
pub const COL_SIP: &str = "SIP";
pub const NONE_TITLE: &str = "Nothing matches";
pub const NONE_TEXT: &str = "No event, field or cause has this in its name or meaning.";
pub const SEND_TITLE: &str = "Sending events";
pub const SEND_TEXT: &str = "Post one event, or an array of up to 1,000, to /api/v1/events with a token of scope ingest. An event is answered once it is safely kept.";
pub const MAKE_TOKEN: &str = "Make a token";
pub const ON_THIS_PAGE: &str = "On this page";

/// `17 fields`.
pub fn fields(count: usize) -> String {
    plural(count as u64, "field", "fields")
}
