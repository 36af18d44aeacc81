//! The words of the delivery log and of a delivery's page.

use super::{
    cause,
    time::{duration_us, number},
};
use model::{
    delivery::{Begun, DeliveryRow, DeliveryState},
    replay::AtStep,
    time::Millis,
    trace::AttemptOutcome,
};

pub const TITLE: &str = "Deliveries";
pub const SEARCH: &str = "Call, delivery or event id";
pub const SEARCH_LABEL: &str = "Search by call number, delivery id, event id or the sender's id";
pub const EMPTY_TITLE: &str = "No deliveries yet";
pub const EMPTY_TEXT: &str = "An event that meets a hook makes a delivery, and it shows up here at once. \
     Send a test event from a queue's Hooks tab to see one.";
pub const NONE_TITLE: &str = "Nothing matches";
pub const NONE_TEXT: &str = "No delivery fits these filters. Take one away, or widen the time.";
pub const CLEAR: &str = "Clear filters";
pub const OPEN_QUEUES: &str = "Open queues";
pub const NEWEST_FIRST: &str = "Newest first";
pub const NEWEST: &str = "Newest";
pub const OLDER: &str = "Older";
pub const NEWER: &str = "Newer";
pub const LIVE: &str = "Live";
pub const LIVE_PAUSED: &str = "Paused";
pub const LIVE_CUT: &str = "Reconnecting…";
pub const LIVE_HINT: &str = "New deliveries appear by themselves. Press to stop or go on.";
pub const BACK: &str = "All deliveries";
pub const PICK_TITLE: &str = "No delivery chosen";
pub const PICK_TEXT: &str = "Choose one to see what happened and why.";
pub const KEYS: &[(&str, &str)] =
    &[("j", "next"), ("k", "previous"), ("/", "search"), ("r", "replay")];

pub const STATE: &str = "State";
pub const EVENT: &str = "Event";
pub const QUEUE: &str = "Queue";
pub const HOOK: &str = "Hook";
pub const FLOW: &str = "Flow";
pub const FAILURE: &str = "Cause";
pub const TIME: &str = "Time";
pub const TEST: &str = "Tests";
pub const ANY: &str = "any";
pub const APPLY: &str = "Apply";
pub const FROM: &str = "From (UTC)";
pub const TO: &str = "To (UTC)";
pub const WARNED: &str = "Warnings";
pub const WARNED_ONLY: &str = "Only with a warning";
pub const WARNED_NONE: &str = "Without warnings";
pub const INSIDE: &str = "Text inside";
pub const INSIDE_LABEL: &str = "Text in fields, variables, requests and answers";
pub const INSIDE_HINT: &str = "Exact, upper and lower case alike. Needs a span of time.";
pub const SPAN_TITLE: &str = "Choose a span of time";
pub const SPAN_TEXT: &str = "Text inside deliveries is searched within a span of at most 7 days.";
pub const SO_FAR: &str = "Nothing found so far";
pub const GO_ON: &str = "Go on";
pub const TEST_ONLY: &str = "Only tests";
pub const TEST_NONE: &str = "Without tests";

pub const REPLAY: &str = "Replay";
pub const REPLAY_AS_IT_RAN: &str = "Replay on this version";
pub const REPLAY_FROM: &str = "Replay from a step…";
pub const REPLAY_HINT: &str = "Make a new delivery of the same event";
pub const RETRY_NOW: &str = "Retry now";
pub const GO_ON_NOW: &str = "Go on now";
pub const RESUME: &str = "Resume";
pub const RESUME_HINT: &str =
    "Go on at the step that failed; requests that succeeded are not sent again";
pub const COPY_CURL: &str = "Copy as curl";
pub const COPY_ID: &str = "Copy the delivery's id";
pub const COPY_BODY: &str = "Copy";

pub const REPLAYED: &str = "A new delivery of the same event has been made.";
pub const CANCEL: &str = "Cancel";
pub const CANCELLED: &str = "The delivery is called off; an attempt that runs ends by itself.";
pub const RETRIED: &str = "It runs now.";
pub const RESUMED_PARKED: &str = "It is parked, and runs when its hook and its queue go on.";

pub const KV_EVENT: &str = "Event";
pub const KV_CALL: &str = "Call";
pub const KV_HOOK: &str = "Hook";
pub const KV_FLOW: &str = "Flow";
pub const KV_DELIVERY: &str = "Delivery";
pub const KV_COMPARE: &str = "Compare";
pub const COMPARE_ORIGIN: &str = "with the original";
pub const COMPARE_PREVIOUS: &str = "with the hook's one before";
pub const COMPARE_OTHER: &str = "with another";
pub const KV_SENDER: &str = "Sender's id";
pub const KV_REPLAY_OF: &str = "Replay of";
pub const KV_REPLAYS: &str = "Replays";
pub const KV_PARENT: &str = "Begun by";
pub const KV_CHILDREN: &str = "Has begun";
pub const KV_OCCURRED: &str = "Occurred";
pub const KV_ACCEPTED: &str = "Accepted";
pub const KV_FINISHED: &str = "Finished";
pub const KV_MARKS: &str = "Marks";
pub const ON: &str = "on";
pub const HOOK_GONE: &str = "deleted";
pub const DELETED_QUEUE: &str = "a deleted queue";
pub const DELETED_FLOW: &str = "a deleted flow";

pub const MARK_TEST: &str = "test";
pub const MARK_REPLAY: &str = "replay";
pub const MARK_CHILD: &str = "begun by another";
pub const MARK_LATE: &str = "out of order";
pub const MARK_TEST_HINT: &str = "Sent by a person to try the hook; counted nowhere";
pub const MARK_REPLAY_HINT: &str = "Made from an earlier delivery";
pub const MARK_CHILD_HINT: &str = "The run of another delivery has begun it";
pub const MARK_LATE_HINT: &str = "It ran after a later delivery of its call";

pub const DETAIL_LABEL: &str = "The delivery";
pub const ATTEMPT_WORD: &str = "attempt";
pub const ITS_DELIVERIES: &str = "its deliveries";
pub const AS_JSON: &str = "As JSON";

pub const TAB_EVENT: &str = "Event";
pub const TAB_VARIABLES: &str = "Variables";
pub const TABS_LABEL: &str = "Attempts and event";
pub const NO_ATTEMPT: &str = "No attempt has ended yet.";
pub const NO_STEPS: &str = "No step ran.";
pub const NO_DATA: &str = "The event carried no documented fields.";
pub const NO_VARIABLES: &str = "Neither the queue nor the sender gave variables.";
pub const REQUEST: &str = "Request";
pub const ANSWER: &str = "Answer";
pub const INPUT: &str = "Input";
pub const OUTPUT: &str = "Output";
pub const NO_ANSWER: &str = "No answer came.";
pub const DATA: &str = "Fields";
pub const INPUT_OUTPUT: &str = "Input and output";
pub const REQUEST_ANSWER: &str = "Request and answer";
pub const STEP_DONE: &str = "done";
pub const STEP_WARNED: &str = "done, with a warning";
pub const STEP_FAILED: &str = "failed";
pub const STEPS_LABEL: &str = "Steps";

pub const HISTOGRAM_LABEL: &str = "Deliveries that ended, over time";
pub const HISTOGRAM_OF: &str = "(counted when they end)";
pub const HISTOGRAM_NONE: &str =
    "No chart under these filters: it follows the time, one queue and one hook alone.";
pub const HISTOGRAM_LONG: &str = "No chart of more than 31 days: choose a shorter time.";

/// The log is kept for so many days.
#[cfg(feature = "ssr")]
pub fn kept(days: std::num::NonZeroU32) -> String {
    format!(
        "What ended more than {} ago is not kept.",
        super::time::plural(days.get().into(), "day", "days")
    )
}

/// The name of a span of the time filter.
pub fn span(word: &str) -> &'static str {
    match word {
        "15m" => "Last 15 minutes",
        "1h" => "Last hour",
        "6h" => "Last 6 hours",
        "24h" => "Last 24 hours",
        "7d" => "Last 7 days",
        _ => "Any time",
    }
}

/// `Attempt 3`.
pub fn attempt(count: u32) -> String {
    format!("Attempt {count}")
}

/// How an attempt ended.
pub fn outcome(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Completed => "completed",
        AttemptOutcome::CompletedWithErrors => "completed with errors",
        AttemptOutcome::Failed => "failed",
        AttemptOutcome::Waiting => "came to a wait",
        AttemptOutcome::Held => "no room at the destination",
    }
}

/// `call 80217`, `chat 5512`.
pub fn call(number: i64) -> String {
    format!("call {number}")
}

/// What stands at the end of a row's second line: the cause, the time, or the attempts.
pub fn outcome_of_row(row: &DeliveryRow) -> String {
    match (row.state, &row.failure) {
        (DeliveryState::Skipped, _) => "condition was false".into(),
        (DeliveryState::Parked, _) => "held back".into(),
        (DeliveryState::Retrying | DeliveryState::Dead, Some(failure)) => {
            let times = if row.attempts == 1 { "1 attempt" } else { "attempts" };
            let tries = if row.attempts == 1 {
                times.to_owned()
            } else {
                format!("{} {times}", row.attempts)
            };
            format!("{}, {tries}", cause::short(failure))
        }
        (DeliveryState::DeliveredWithErrors, Some(failure)) => cause::short(failure),
        _ => row.duration_us.map(duration_us).unwrap_or_default(),
    }
}

/// `21,904 delivered · 4 failed · 12 skipped`.
pub fn totals(delivered: u64, failed: u64, skipped: u64) -> String {
    let mut text = format!("{} delivered", number(delivered));
    for (count, word) in [(failed, "failed"), (skipped, "skipped")] {
        if count > 0 {
            text.push_str(&format!(" · {} {word}", number(count)));
        }
    }
    text
}

/// The mark of a body that was cut.
pub fn cut(whole: u64) -> String {
    format!("first 64 KiB of {}", cause::size(whole))
}

/// Steps that ran and were not recorded.
pub fn dropped(count: u64) -> String {
    format!("{} more steps ran and were not recorded.", number(count))
}

/// `version 7`.
pub fn version(number: u32) -> String {
    format!("version {number}")
}

/// The label of a hook by its number.
pub fn hook(number: i64) -> String {
    format!("hook {number}")
}

/// How long a step took.
pub fn took(us: u64) -> String {
    if us < 100 { "<0.1 ms".into() } else { duration_us(us) }
}

/// Which pass of a step in a loop it is.
pub fn visit(pass: u32) -> String {
    format!("pass {pass}")
}

/// A chip with what is chosen: `State: Dead, Retrying +2`.
pub fn chip(label: &str, chosen: &[String]) -> String {
    match chosen {
        [] => label.to_owned(),
        [one] => format!("{label}: {one}"),
        [one, two] => format!("{label}: {one}, {two}"),
        [one, two, rest @ ..] => format!("{label}: {one}, {two} +{}", rest.len()),
    }
}

/// A span with one or two ends, in UTC.
pub fn between(from: Option<Millis>, to: Option<Millis>) -> String {
    let at = |at: Millis| at.exact().get(5..16).unwrap_or_default().to_owned();
    match (from, to) {
        (Some(from), Some(to)) => format!("{} to {}", at(from), at(to)),
        (Some(from), None) => format!("Since {}", at(from)),
        (None, Some(to)) => format!("Until {}", at(to)),
        (None, None) => TIME.to_owned(),
    }
}

/// A chip with the text that is searched.
pub fn inside(text: &str) -> String {
    let short: String = text.chars().take(24).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{INSIDE}: {short}{more}")
}

/// How far a search came before it stopped.
pub fn searched(at: Millis, back: bool) -> String {
    let way = if back { "back" } else { "on" };
    format!("Searched {way} to {} UTC.", at.exact().get(5..19).unwrap_or_default())
}

/// The label of the way to a call from its row.
pub fn open_call(number: i64) -> String {
    format!("Open call {number}")
}

/// What the button says that shows new rows.
pub fn fresh(count: usize) -> String {
    format!("Show {} new", number(count as u64))
}

/// The label of what takes the filter by hook away.
pub fn without_hook(number: i64) -> String {
    format!("Do not filter by hook {number}")
}

/// Who had the call, as far as the event tells.
pub fn agent(name: Option<String>, extension: Option<String>) -> String {
    match (name, extension) {
        (Some(name), Some(extension)) => format!(", agent {name} (ext. {extension})"),
        (Some(name), None) => format!(", agent {name}"),
        (None, Some(extension)) => format!(", agent at ext. {extension}"),
        (None, None) => String::new(),
    }
}

/// What a decision looked at, what it was, and where that led.
pub fn was(asked: &str, value: &str, branch: &str) -> String {
    let mut text = asked.to_owned();
    if !value.is_empty() {
        text.push_str(&format!(" was {value}"));
    }
    if !branch.is_empty() {
        text.push_str(&format!(", so {branch}"));
    }
    text
}

/// How long a step waited.
pub fn slept(ms: &str) -> String {
    format!("waited {ms} ms")
}

/// `, at step a1b2`: how one delivery began another.
pub fn begun(begun: &Begun) -> String {
    match (&begun.step, &begun.function) {
        (None, _) => ", as the failure flow".into(),
        (Some(step), None) => format!(", at step {step}"),
        (Some(step), Some(function)) => format!(", at step {step}: {function}"),
    }
}

/// `, begun at step s4`: where a replay begins that does not begin with its flow.
pub fn begun_at(at: &AtStep) -> String {
    match at.visit {
        1 => format!(", begun at step {}", at.step),
        pass => format!(", begun at step {}, {}", at.step, visit(pass)),
    }
}
