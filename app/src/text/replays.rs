//! Replays of many deliveries.

use super::{
    deliveries::visit,
    time::{number, plural},
};
use model::replay::{Beginning, Beginnings, Matching, Replay, ReplayState};

pub const TITLE: &str = "Replays";
pub const NEW: &str = "Replay deliveries";
pub const CAPTION: &str = "Replays, newest first";
pub const SEARCH: &str = "Who made it, or its number";
pub const STATE: &str = "State";
pub const ALL_STATES: &str = "All states";
pub const APPLY: &str = "Apply";
pub const NUMBER: &str = "Replay";
pub const PROGRESS: &str = "Progress";
pub const MADE: &str = "Made";
pub const FOUND: &str = "Found";
pub const RATE: &str = "Rate";
pub const BY: &str = "Started";
pub const WHAT: &str = "What is replayed";
pub const ENDED: &str = "Ended";
pub const NEWER: &str = "Newer";
pub const OLDER: &str = "Older";
pub const EMPTY: &str = "No replays";
pub const EMPTY_ABOUT: &str = "Open the log, narrow it to what is to be delivered again, and press \
    Replay. Deliveries that were skipped or given up can be replayed too.";
pub const NONE: &str = "Nothing matches";
pub const NONE_ABOUT: &str = "No replay is in this state, or was started by somebody called so.";
pub const CLEAR: &str = "Show all";
pub const TO_LOG: &str = "Open the log";

pub const FROM: &str = "Replay from a step";
pub const FROM_ABOUT: &str = "Makes a new delivery that goes on as the run stood when it came to the \
    step: with the variables as they were then, and without running the steps before it again.";
pub const FROM_STEP: &str = "Begin at";
pub const FROM_VERSION: &str = "On";
pub const FROM_RAN: &str = "the version that ran";
pub const FROM_PUBLISHED: &str = "the flow as it is published now";
pub const FROM_VERSION_HINT: &str = "As the flow is published now only where the steps before it have \
    not changed";
pub const FROM_DO: &str = "Replay";
pub const FROM_NONE: &str = "No step to begin at";
pub const FROM_NONE_ABOUT: &str = "A run is kept as it stands before each step with an effect outside \
    but the first, and over long waits; a replay can begin where it was kept. This one was kept \
    nowhere, so it is replayed from its beginning.";
pub const FROM_OPEN: &str = "It has not ended";
pub const FROM_OPEN_ABOUT: &str = "This delivery is still under way; it can be replayed when it has \
    ended.";
pub const TO_DELIVERY: &str = "Open the delivery";

pub const ABOUT: &str = "Each delivery that matches is made anew, in the order of acceptance, for \
    its flow as it is now, and linked to the old one. What is under way still is passed over, and so \
    is what another of them begins by itself, and what arrives from now on.";
pub const NOTHING: &str = "Nothing matches, so there is nothing to replay.";
pub const WHOLE_LOG: &str = "the whole log";
pub const SEE: &str = "See them in the log";
pub const RATE_LABEL: &str = "Deliveries a second";
pub const FASTEST: &str = "as fast as possible";
pub const START: &str = "Start replay";
pub const STARTED: &str = "The replay has begun";
pub const PAUSE: &str = "Pause";
pub const RESUME: &str = "Resume";
pub const CANCEL: &str = "Cancel replay";
pub const CANCEL_HINT: &str = "What it has made is delivered; nothing more is made.";
pub const CHANGE_RATE: &str = "Change rate";
pub const RATE_CHANGED: &str = "The rate is changed";
pub const REPLAY_MATCHING: &str = "Replay…";
pub const REPLAY_MATCHING_HINT: &str = "Replay all that match the filters";
pub const REPLAY_CHOSEN: &str = "Replay the chosen…";
pub const CHOOSE: &str = "Choose this delivery";
pub const OF_HOOK_TODAY: &str = "Replay what it got since midnight (UTC)…";

/// A state's name on its pill.
pub fn state(state: ReplayState) -> &'static str {
    match state {
        ReplayState::Running => "Running",
        ReplayState::Paused => "Paused",
        ReplayState::Done => "Done",
        ReplayState::Cancelled => "Cancelled",
        ReplayState::Failed => "Failed",
    }
}

/// What a change of a job says.
pub fn changed(state: ReplayState) -> &'static str {
    match state {
        ReplayState::Running => "The replay goes on",
        ReplayState::Paused => "The replay is paused",
        _ => "The replay is called off",
    }
}

/// A job's name.
pub fn title(id: impl std::fmt::Display) -> String {
    format!("Replay {id}")
}

/// How many deliveries match.
pub fn matching(found: Matching) -> String {
    match (found.count, found.more) {
        (0, true) => "None of the newest deliveries match; older ones may".into(),
        (1, true) => "At least 1 delivery matches".into(),
        (count, true) => format!("At least {} deliveries match", number(count)),
        (1, false) => "1 delivery matches".into(),
        (count, false) => format!("{} deliveries match", number(count)),
    }
}

/// How fast a job is.
pub fn rate(per_second: Option<u32>) -> String {
    per_second
        .map_or_else(|| FASTEST.to_owned(), |rate| format!("{} a second", number(rate.into())))
}

/// What became of what a job found, and of how many that is.
pub fn outcome(of: &Replay) -> String {
    let passed = of.found.saturating_sub(of.made);
    let mut told = plural(of.made, "delivery made", "deliveries made");
    if passed > 0 {
        told.push_str(&format!(", {} passed over", number(passed)));
    }
    if let Some(all) = matched(of) {
        told.push_str(&format!(", of {all} that matched"));
    }
    told
}

/// How many matched when a job was started; nothing where it has found as many, or nobody knows.
fn matched(of: &Replay) -> Option<String> {
    let Matching { count, more } = of.matched?;
    let may_be_more = more && of.state != ReplayState::Done;
    if count == 0 || (of.found >= count && !may_be_more) {
        return None;
    }
    let count = number(count);
    Some(if more { format!("at least {count}") } else { count })
}

/// So many deliveries, by their ids.
pub fn chosen(count: usize) -> String {
    plural(count as u64, "chosen delivery", "chosen deliveries")
}

/// `httpRequest "Tell the CRM" /3, pass 2`: a step as a trace shows it.
pub fn beginning(of: &Beginning) -> String {
    let mut words = match &of.action {
        Some(action) => action.clone(),
        None => format!("step {}", of.at.step),
    };
    words.extend(of.name.iter().map(|name| format!(" \"{name}\"")));
    words.extend(of.path.iter().map(|path| format!(" {path}")));
    if let (Some(_), Some((flow, _))) = (&of.action, of.at.step.split_once('.')) {
        words.push_str(&format!(" of flow {flow}"));
    }
    if of.at.visit > 1 {
        words.push_str(&format!(", {}", visit(of.at.visit)));
    }
    if of.behind { format!("behind {words}") } else { words }
}

/// That there was no room for further steps.
pub fn left_out(of: &Beginnings) -> Option<String> {
    let places = plural(of.left_out.into(), "further place", "further places");
    (of.left_out > 0).then(|| {
        format!("The run came to {places}, for which there was no room: 64 KiB of a run are kept.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{delivery::DeliveryFilter, ids::ReplayId, time::Millis};

    #[test]
    fn a_job_tells_of_how_many_it_has_made_so_many() {
        let told = |matched: Option<(u64, bool)>, found, made, state| {
            outcome(&Replay {
                id: ReplayId(1),
                made_by: "eva".into(),
                made_at: Millis(0),
                filter: DeliveryFilter::default(),
                state,
                per_second: None,
                cursor: 8,
                last: 46,
                matched: matched.map(|(count, more)| Matching { count, more }),
                first: None,
                found,
                made,
                finished_at: None,
                note: String::new(),
            })
        };
        let (running, done) = (ReplayState::Running, ReplayState::Done);
        assert_eq!(told(None, 120, 118, running), "118 deliveries made, 2 passed over");
        let exact = Some((214, false));
        assert_eq!(
            told(exact, 120, 118, running),
            "118 deliveries made, 2 passed over, of 214 that matched"
        );
        assert_eq!(told(exact, 214, 214, running), "214 deliveries made");
        assert_eq!(told(exact, 9, 9, done), "9 deliveries made, of 214 that matched");
        let more = Some((10_000, true));
        let of_more = "12,340 deliveries made, of at least 10,000 that matched";
        assert_eq!(told(more, 12_340, 12_340, running), of_more);
        assert_eq!(told(more, 12_340, 12_340, done), "12,340 deliveries made");
        assert_eq!(told(Some((0, true)), 1, 1, running), "1 delivery made", "none of the newest");
    }
}
