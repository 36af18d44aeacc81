//! How the installation fares.

use super::time::{duration_us, number, plural, span as span_of};
use model::{live::Live, overview::Span, queue::Figures, time::Millis};

pub const TITLE: &str = "Overview";
pub const SPANS: &str = "How far back";
pub const EVENTS: &str = "Events";
pub const DELIVERIES: &str = "Deliveries";
pub const DELIVERED: &str = "Delivered";
pub const LATENCY: &str = "Event to receiver";
pub const LATENCY_HINT: &str = "From the acceptance of an event until the first request of its \
                                delivery that was answered was sent, estimated; what nobody \
                                answered at the first attempt, replays and tests are left out";
pub const BACKLOG: &str = "Backlog";
pub const BREAKERS: &str = "Destinations";
pub const NOTHING_YET: &str = "–";
pub const NONE_WAITS: &str = "nothing waits";
pub const ALL_CLOSED: &str = "none is stopped";
pub const ATTENTION: &str = "Needs attention";
pub const COL_WRONG: &str = "What is wrong";
pub const COL_WAITING: &str = "Waiting";
pub const ALL_WELL: &str = "Nothing needs your attention.";
pub const ALL_WELL_ABOUT: &str = "No hook failed in this time, and every destination is open for \
                                  business.";
pub const OPEN_LOG: &str = "See failures";
pub const OPEN_DESTINATION: &str = "Open";
pub const DESTINATION: &str = "destination";
pub const HOOK: &str = "hook";
pub const GONE: &str = "Paused: receiver gone";
pub const PAUSED: &str = "Paused";
pub const OPEN_PARKED: &str = "See what is parked";
pub const INTAKE: &str = "intake";
pub const INTAKE_REFUSES: &str = "Events are refused";
pub const NODES: &str = "nodes";
pub const MISSING: &str = "Nobody";
pub const MORE: &str = "There may be more hooks than these.";
pub const DELETED: &str = "Of deleted hooks";
pub const REFUSED: &str = "503";
pub const REFUSED_ABOUT: &str = "who posts is told to try again later";
pub const EVENTS_CHART: &str = "Events accepted";
pub const DELIVERIES_CHART: &str = "Deliveries ended";
pub const LATENCY_CHART: &str = "Event to receiver";
pub const KEY_DELIVERED: &str = "delivered";
pub const KEY_FAILED: &str = "failed";
pub const KEY_P50: &str = "median";
pub const KEY_P95: &str = "95 %";
pub const AS_TABLE: &str = "The figures as a table";
pub const COL_TIME: &str = "From (UTC)";
pub const COL_EVENTS: &str = "Events";
pub const COL_DELIVERED: &str = "Delivered";
pub const COL_FAILED: &str = "Failed";
pub const COL_SKIPPED: &str = "Skipped";
pub const COL_P50: &str = "Median";
pub const COL_P95: &str = "95 %";
pub const NOW: &str = "now";

/// A span's name where it is chosen.
pub fn span(span: Span) -> &'static str {
    match span {
        Span::Hour => "Hour",
        Span::Day => "Day",
        Span::Week => "Week",
    }
}

/// The span in a sentence.
pub fn over(span: Span) -> &'static str {
    match span {
        Span::Hour => "the last hour",
        Span::Day => "the last day",
        Span::Week => "the last week",
    }
}

/// How long a point of the charts lasts, in a word.
pub fn step(span: Span) -> &'static str {
    match span {
        Span::Hour => "a minute",
        Span::Day | Span::Week => "an hour",
    }
}

/// So many over so many seconds, in the unit that leaves a number to read.
pub fn rate(count: u64, seconds: f64) -> String {
    let per_second = if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
    match per_second {
        0.0 => "none".into(),
        rate if rate >= 10.0 => format!("{} a second", number(rate.round() as u64)),
        rate if rate >= 0.1 => {
            format!("{} a second", super::destinations::plain((rate * 10.0).round() / 10.0))
        }
        rate if rate * 60.0 >= 1.0 => format!("{:.0} a minute", rate * 60.0),
        rate => format!("{:.0} an hour", (rate * 3_600.0).max(1.0)),
    }
}

/// A time that was estimated, in milliseconds.
pub fn took(ms: f64) -> String {
    if ms < 1.0 {
        return "under 1 ms".into();
    }
    // More digits than were measured would be made up.
    let rounded = if ms < 10.0 { (ms * 10.0).round() / 10.0 } else { ms.round() };
    duration_us((rounded * 1_000.0) as u64)
}

/// The 95th percentile, under the median.
pub fn p95(ms: f64) -> String {
    format!("95 % within {}", took(ms))
}

/// What did not arrive, under the share that did.
pub fn not_delivered(retrying: u64, failed: u64) -> String {
    format!("{} retrying, {} failed", number(retrying), number(failed))
}

/// How old the oldest of what waits is.
pub fn oldest(at: Millis, now: Millis) -> String {
    let ms = now.0.saturating_sub(at.0).max(1_000);
    format!("oldest {}", span_of(ms.unsigned_abs()))
}

/// How many destinations are stopped, and of how many.
pub fn stopped(stopped: usize, slowed: usize) -> String {
    match (stopped, slowed) {
        (0, 0) => ALL_CLOSED.into(),
        (0, slowed) => format!("{slowed} slowed"),
        (stopped, 0) => format!("{stopped} stopped"),
        (stopped, slowed) => format!("{stopped} stopped, {slowed} slowed"),
    }
}

/// How many deliveries of a hook failed, on its pill.
pub fn failed(count: u64) -> String {
    format!("{} failed", number(count))
}

/// How many deliveries of a hook are to be tried again, on its pill.
pub fn retrying(count: u64) -> String {
    format!("{} retrying", number(count))
}

/// Of how many.
pub fn of_ended(figures: &Figures) -> String {
    format!("of {}", plural(figures.delivered + figures.failed, "delivery", "deliveries"))
}

/// The most that a chart shows, beside its title.
pub fn most(words: &str) -> String {
    format!("at most {words}")
}

/// What the events' chart shows, for those who do not see it.
pub fn events_told(all: u64, most: u64, span: Span) -> String {
    let all = plural(all, "event", "events");
    format!("{all} over {}; at most {} {}.", over(span), number(most), step(span))
}

/// What the deliveries' chart shows, for those who do not see it.
pub fn deliveries_told(figures: &Figures, span: Span) -> String {
    format!(
        "{} delivered and {} failed over {}.",
        number(figures.delivered),
        number(figures.failed),
        over(span)
    )
}

/// What the latencies' chart shows, for those who do not see it.
pub fn latency_told(p50: Option<f64>, p95: Option<f64>, span: Span) -> String {
    match (p50, p95) {
        (Some(p50), Some(p95)) => format!(
            "Over {} half of the events reached their receiver within {}, 95 % within {}.",
            over(span),
            took(p50),
            took(p95)
        ),
        _ => format!("Nothing reached a receiver over {}.", over(span)),
    }
}

/// What waits, as the backlog's tile says it.
pub fn waits(live: &Live, now: Millis) -> String {
    live.oldest_at.map_or_else(|| NONE_WAITS.to_owned(), |at| oldest(at, now))
}

/// The start of a point: the time of day, or with the date where it is longer.
pub fn point(at: Millis, span: Span) -> String {
    let exact = at.exact();
    match span {
        Span::Hour | Span::Day => exact.get(11..16).unwrap_or_default().to_owned(),
        Span::Week => exact.get(5..16).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_told_in_the_unit_that_leaves_a_number_to_read() {
        assert_eq!(rate(0, 3_600.0), "none");
        assert_eq!(rate(3_600_000, 3_600.0), "1,000 a second");
        assert_eq!(rate(5_400, 3_600.0), "1.5 a second");
        assert_eq!(rate(3_600, 3_600.0), "1 a second");
        assert_eq!(rate(120, 3_600.0), "2 a minute");
        assert_eq!(rate(7, 3_600.0), "7 an hour");
        assert_eq!(rate(1, 86_400.0), "1 an hour");
    }

    #[test]
    fn an_estimate_has_no_more_digits_than_were_measured() {
        assert_eq!(took(0.4), "under 1 ms");
        assert_eq!(took(6.26), "6.3 ms");
        assert_eq!(took(31.4), "31 ms");
        assert_eq!(took(2_310.0), "2.31 s");
    }

    #[test]
    fn an_age_is_a_span() {
        let now = Millis(100_000_000);
        assert_eq!(oldest(now.plus(-48_000), now), "oldest 48 s");
        assert_eq!(oldest(now.plus(5), now), "oldest 1 s");
    }
}
