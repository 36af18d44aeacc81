//! The words of a call's page.

use super::time::{duration_us, number, plural};
use model::{
    call::{Wait, WaitReason},
    time::Millis,
    trace::AttemptOutcome,
};

pub const COL_WHAT: &str = "Event and flow";
pub const COL_TIME: &str = "Time";
pub const COL_ACCEPTED: &str = "Accepted";
pub const COL_WAITED: &str = "Waited for";
pub const COL_RAN: &str = "Attempts";
pub const COL_STATE: &str = "State";
pub const DELIVERIES: &str = "deliveries";
pub const CRUMB: &str = "Deliveries";
pub const EMPTY_TITLE: &str = "Nothing is known of this call";
pub const EMPTY_TEXT: &str = "No event with this attempt_id has been accepted. Calls show up here \
                              as soon as their first event arrives.";
pub const TO_LOG: &str = "Open the log";
pub const IN_LOG: &str = "Its deliveries in the log";
pub const NO_DELIVERY: &str = "no delivery: no hook listened, or its queue was off";
pub const NOTHING: &str = "nothing";
pub const SHORTENED: &str = "Shaded: time in which nothing ran, drawn shorter than it was.";
pub const KEY_WAIT: &str = "waited";
pub const KEY_RUN: &str = "ran";
pub const KEY_FAILED: &str = "failed";
pub const KEY_BETWEEN: &str = "until tried again";
pub const LATER: &str = "It began later than it could: no worker was free, its hook was paused, or \
                         the server was restarted.";
pub const TEST: &str = "test";

/// `Call 80217`.
pub fn title(number: i64) -> String {
    format!("Call {number}")
}

/// Said where not all is shown.
pub fn cut(events: u32) -> String {
    format!(
        "Only the {} newest events of this number are shown, and as many deliveries.",
        number(u64::from(events))
    )
}

/// Said where several queues carry the number in one stretch.
pub fn queues(names: &[String]) -> String {
    format!(
        "Events of {} carry this number here ({}): one call that moved on, or calls of several \
         diallers.",
        plural(names.len() as u64, "queue", "queues"),
        names.join(", ")
    )
}

/// Said where the number was used more than once.
pub fn stretches(count: usize) -> String {
    format!(
        "This number has been used {} with more than an hour in between; each is shown on its \
         own, the newest first.",
        plural(count as u64, "time", "times")
    )
}

/// `2026-11-22, 10:41:52 to 10:43:10 UTC`, with both dates where they differ.
pub fn span(from: Millis, to: Millis) -> String {
    let (first, last) = (from.exact(), to.exact());
    let part =
        |text: &str, range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    let (date, clock) = (part(&first, 0..10), part(&first, 11..19));
    let end = match part(&last, 0..10) == date {
        true => part(&last, 11..19),
        false => part(&last, 0..19),
    };
    format!("{date}, {clock} to {end} UTC")
}

/// What the events of a stretch came to.
pub fn totals(events: usize, deliveries: usize, attempts: usize) -> String {
    format!(
        "{} · {} · {}",
        plural(events as u64, "event", "events"),
        plural(deliveries as u64, "delivery", "deliveries"),
        plural(attempts as u64, "attempt", "attempts"),
    )
}

/// How long all deliveries waited and ran.
pub fn times(waited_us: u64, ran_us: u64) -> String {
    format!("{} waited, {} run", duration_us(waited_us), duration_us(ran_us))
}

/// When a delivery could begin.
pub fn could_start(at: Millis) -> String {
    format!("could start {}", at.clock())
}

/// An attempt: `2: 10:41:57.402, 41 ms, completed`.
pub fn run(number: u32, at: Millis, us: u64, outcome: AttemptOutcome) -> String {
    let outcome = super::deliveries::outcome(outcome);
    format!("{number}: {}, {}, {outcome}", at.clock(), duration_us(us))
}

/// What stands before and after the name of the delivery that was waited for.
pub fn waited(wait: &Wait, since: Millis, now: Millis) -> (String, String) {
    let over = wait.until.filter(|until| *until <= now);
    let before = match (over, wait.until) {
        (Some(until), _) => format!("{} for ", length(since, until)),
        (None, Some(until)) => format!("until {} at the latest for ", until.clock()),
        (None, None) => "for ".into(),
    };
    let mut after = match (wait.why, over.is_some()) {
        (WaitReason::Ran, true) => ", which ran",
        (WaitReason::Ran, false) => ", which runs",
        (WaitReason::Retried, true) => ", which was tried again",
        (WaitReason::Retried, false) => ", which is tried again",
        (WaitReason::Waited, true) => ", whose flow waited",
        (WaitReason::Waited, false) => ", whose flow waits",
        (WaitReason::Held, _) => ", which held it as long as its hook allows",
        (WaitReason::Queued, _) => ", which has not begun either",
        (WaitReason::Parked, _) => ", which was parked then",
        (WaitReason::HookPaused, _) => "its hook or its queue, which is paused",
    }
    .to_owned();
    if wait.others > 0 {
        after.push_str(&format!(", and {} more before it", number(u64::from(wait.others))));
    }
    (before, after)
}

/// How long it was between two times.
pub fn length(from: Millis, to: Millis) -> String {
    let ms = u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0);
    duration_us(ms.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_both_dates_where_they_differ() {
        let at: Millis = "2026-11-22T23:59:50Z".parse().unwrap();
        assert_eq!(span(at, at.plus(5_000)), "2026-11-22, 23:59:50 to 23:59:55 UTC");
        assert_eq!(span(at, at.plus(20_000)), "2026-11-22, 23:59:50 to 2026-11-23 00:00:10 UTC");
    }

    #[test]
    fn a_wait_is_told_as_long_as_it_was() {
        let wait =
            Wait { why: WaitReason::Retried, on: None, others: 2, until: Some(Millis(5_200)) };
        let (before, after) = waited(&wait, Millis(200), Millis(60_000));
        assert_eq!(before, "5.00 s for ");
        assert_eq!(after, ", which was tried again, and 2 more before it");
        assert_eq!(waited(&wait, Millis(200), Millis(1_000)).1[..24], *", which is tried again, ");
    }
}
