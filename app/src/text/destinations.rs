//! Destinations: the servers that flows call.

use super::time::{number, relative, span};
use model::{
    destination::{
        BREAKER_KNOWS, DEFAULT_CONCURRENCY, DEFAULT_FAILURE_PERCENT, DEFAULT_MIN_CALLS,
        DEFAULT_OPEN_MS, DestinationAct,
    },
    live::{BreakerState, DestinationView},
    time::Millis,
};

pub const TITLE: &str = "Destinations";
pub const SEARCH: &str = "Search destinations";
pub const ANY_STATE: &str = "Any state";
pub const ANY_SETTING: &str = "Set or not";
pub const IS_SET: &str = "With settings of its own";
pub const NOT_SET: &str = "As any";
pub const COL_KEY: &str = "Destination";
pub const COL_STATE: &str = "State";
pub const COL_RUNNING: &str = "Running";
pub const COL_RATE: &str = "Rate";
pub const COL_WAITING: &str = "Waiting";
pub const COL_FAILURE: &str = "Last failure";
pub const EDIT: &str = "Settings";
pub const EMPTY_TITLE: &str = "No destination has been called yet";
pub const EMPTY_TEXT: &str = "The servers that flows call appear here with what waits for them. \
                              One can be set up before its first call, too.";
pub const NONE_TITLE: &str = "Nothing matches";
pub const NONE_TEXT: &str = "No destination is called so, or is in this state.";
pub const CLEAR: &str = "Show all";
pub const ADD: &str = "Set up a destination";
pub const ADD_KEY: &str = "Scheme, host and port";
pub const ADD_GO: &str = "Go on";
pub const LIMITLESS: &str = "no limit";
pub const SLOWED: &str = "Slowed";
pub const FORCED: &str = "by hand";
pub const NO_FAILURE: &str = "none lately";
pub const NOW_TITLE: &str = "Now";
pub const STEER_TITLE: &str = "Breaker";
pub const STEER_TEXT: &str = "A breaker opens by itself when too many requests fail, and probes \
                              after a while. While it is open deliveries wait and none is lost.";
pub const LIMITS_TITLE: &str = "Settings";
pub const LIMITS_TEXT: &str = "What is left empty is as for any destination.";
pub const CONCURRENCY: &str = "Requests at once";
pub const RATE: &str = "Requests a second";
pub const FAILURE: &str = "Failures that open it, in percent";
pub const MIN_CALLS: &str = "Requests before it may open";
pub const OPEN_S: &str = "Stays open before it probes, in seconds";
pub const NO_NUMBER: &str = "is a number without any other sign";
pub const SAVE: &str = "Save";
pub const RESET: &str = "Back to defaults";
pub const SAVED: &str = "Saved";
pub const RESET_DONE: &str = "Its settings are as for any destination again";
pub const VIEWER: &str = "An editor can change this.";
pub const DRAIN_TIME: &str = "Drained in";
pub const PROBES: &str = "Probes";
pub const LIMIT: &str = "At once, at most";
pub const UNLIMITED_HINT: &str = "Empty: as many as there are.";

/// Where a breaker stands, on its pill.
pub fn state(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "Sending",
        BreakerState::Open => "Stopped",
        BreakerState::HalfOpen => "Probing",
    }
}

/// The technical word, in the filter and on hovering.
pub fn state_about(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "The breaker is closed: requests are sent",
        BreakerState::Open => "The breaker is open: nothing is sent, deliveries wait",
        BreakerState::HalfOpen => "The breaker is half open: one request is sent to see",
    }
}

/// What a button does.
pub fn act(act: DestinationAct) -> &'static str {
    match act {
        DestinationAct::Open => "Stop sending",
        DestinationAct::Close => "Send whatever fails",
        DestinationAct::Release => "Leave it to the breaker",
        DestinationAct::Drain => "Send what waits now",
    }
}

/// What was done.
pub fn acted(act: DestinationAct) -> &'static str {
    match act {
        DestinationAct::Open => "Nothing is sent to it any more; its deliveries wait",
        DestinationAct::Close => "Everything is sent to it, whatever fails",
        DestinationAct::Release => "The breaker decides again",
        DestinationAct::Drain => "What waits goes out now, and what was to be tried again",
    }
}

/// How many run, of how many that may.
pub fn running(view: &DestinationView) -> String {
    format!("{} of {}", number(view.running.into()), number(view.limit.into()))
}

/// Requests a second.
pub fn rate(per_s: Option<f64>) -> String {
    per_s.map_or_else(|| LIMITLESS.to_owned(), |rate| format!("{} a second", plain(rate)))
}

/// A number without needless zeros.
pub fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How long what waits is going to take.
pub fn drains(view: &DestinationView) -> Option<String> {
    let seconds = view.drain_seconds.filter(|_| view.waiting > 0)?;
    Some(format!("about {}", span(seconds.saturating_mul(1_000))))
}

/// Why a destination needs attention, after its pill.
pub fn wrong(view: &DestinationView, now: Millis) -> String {
    let mut told = Vec::new();
    if view.forced.is_some() {
        told.push(FORCED.to_owned());
    } else if let Some(until) = view.opens_until {
        told.push(format!("next probe {}", relative(until, now)));
    }
    if let Some(last) = &view.last_failure {
        told.push(format!("{}, {}", last.what, relative(last.at, now)));
    }
    told.join("; ")
}

/// What a field is where it is left empty.
pub fn default_of(field: &str) -> String {
    match field {
        "concurrency" => format!("Empty: {DEFAULT_CONCURRENCY}."),
        "failure_percent" => format!("Of the last requests. Empty: {DEFAULT_FAILURE_PERCENT}."),
        "min_calls" => format!("At most {BREAKER_KNOWS}. Empty: {DEFAULT_MIN_CALLS}."),
        "open_s" => format!("Empty: {}.", DEFAULT_OPEN_MS / 1_000),
        _ => UNLIMITED_HINT.into(),
    }
}

/// How many destinations the list has.
pub fn total(count: usize) -> String {
    super::time::plural(count as u64, "destination", "destinations")
}

/// Names the settings of a destination for those who do not see the row.
pub fn edit(key: &str) -> String {
    format!("{EDIT} of {key}")
}
