//! Many calls at once, as one stream of events at a steady rate.
//!
//! The stream has a slot for each event that is to be posted: slot `n` lies at `n / rate` seconds.
//! A slot takes what is due longest, or begins a call when nothing is. While the first calls fill
//! the lines, and when the last ones must come to an end, events are taken before they are due, so
//! that the rate holds from the first slot to the last and every call ends.

use super::{call::Call, dice::Dice};
use model::{catalog::QueueType, ids::QueueId, time::Millis};
use serde_json::{Value, json};
use std::{cmp::Reverse, collections::BinaryHeap};

/// What is to be played.
#[derive(Debug, Clone)]
pub struct Score {
    /// At least one queue.
    pub queues: Vec<(QueueId, QueueType)>,
    /// Events each second.
    pub rate: f64,
    /// How many events in all.
    pub total: u64,
    /// How much faster than life a call goes.
    pub speed: f64,
    pub seed: u64,
    /// Begins each event's id, and differs from run to run.
    pub prefix: String,
    /// The number of the first call.
    pub first_attempt: u64,
    /// When the first slot is.
    pub begins_at: Millis,
}

/// An event to be posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Milliseconds after the beginning.
    pub slot: f64,
    /// Counts the calls from 0; events of one call are posted one after the other.
    pub call: usize,
    /// Whether its call ends with it.
    pub last: bool,
    /// As the API takes it.
    pub body: Value,
}

/// The events of a score, in the order of their slots.
pub struct Traffic {
    score: Score,
    dice: Dice,
    /// Events given out.
    given: u64,
    /// Calls begun.
    begun: usize,
    open: BinaryHeap<Reverse<Open>>,
    /// Events of the open calls that are still to come.
    outstanding: u64,
    /// How many of them keep the lines full.
    full: u64,
}

/// A call that goes on, ordered by the time of its next event.
#[derive(PartialEq)]
struct Open {
    /// When its next event is due, in milliseconds after the beginning.
    due: f64,
    call: usize,
    /// When it joined.
    begun: f64,
    /// Of `what.moments`, the next one.
    next: usize,
    queue: QueueId,
    what: Call,
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.total_cmp(&other.due).then(self.call.cmp(&other.call))
    }
}

/// Calls looked at to learn how long and how many events they usually are.
const PROBES: u64 = 200;
/// Calls drawn in search of one that is short enough for the slots that are left.
const DRAWS: usize = 20;

impl Traffic {
    /// The traffic of this score. The same score gives the same traffic.
    pub fn new(score: Score) -> Self {
        let full = lines(&score);
        Self {
            dice: Dice::new(score.seed),
            score,
            given: 0,
            begun: 0,
            open: BinaryHeap::new(),
            outstanding: 0,
            full,
        }
    }

    /// The next event's time of posting, in milliseconds after the beginning.
    fn slot(&self) -> f64 {
        self.given as f64 * 1_000.0 / self.score.rate
    }

    /// Begins a call of at most so many events; where none drawn is that short, the last is cut.
    fn begin(&mut self, slot: f64, at_most: u64) {
        let Some((queue, kind)) = self.dice.pick(&self.score.queues).copied() else { return };
        let attempt = self.score.first_attempt + self.begun as u64;
        let fits = |call: &Call| call.moments.len() as u64 <= at_most;
        let mut what = Call::new(kind, attempt, &mut self.dice);
        for _ in 1..DRAWS {
            if fits(&what) {
                break;
            }
            what = Call::new(kind, attempt, &mut self.dice);
        }
        what.moments.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
        self.outstanding += what.moments.len() as u64;
        self.open.push(Reverse(Open {
            due: slot,
            call: self.begun,
            begun: slot,
            next: 0,
            queue,
            what,
        }));
        self.begun += 1;
    }
}

/// How many events are usually still to come of all calls that go on, once traffic is steady.
fn lines(score: &Score) -> u64 {
    let mut dice = Dice::new(score.seed);
    let (mut events, mut waits) = (0_u64, 0_f64);
    for probe in 0..PROBES {
        let Some((_, kind)) = dice.pick(&score.queues).copied() else { return 0 };
        let call = Call::new(kind, probe, &mut dice);
        events += call.moments.len() as u64;
        waits += call.moments.iter().map(|moment| moment.at as f64).sum::<f64>();
    }
    // Little's law: what waits is the rate times the usual wait.
    let usual_wait = waits / events.max(1) as f64 / score.speed / 1_000.0;
    let steady = (score.rate * usual_wait).ceil() as u64;
    // A run shorter than its calls would else be all beginnings and no ends.
    steady.clamp(1, (score.total / 4).max(1))
}

impl Iterator for Traffic {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        let left = self.score.total.checked_sub(self.given).filter(|left| *left > 0)?;
        let slot = self.slot();
        let something_is_due = self.open.peek().is_some_and(|Reverse(call)| call.due <= slot);
        // The shortest calls have two events.
        let room = left.saturating_sub(self.outstanding);
        let begin = self.open.is_empty() || self.outstanding < self.full && room >= 2;
        if !something_is_due && begin {
            self.begin(slot, room.max(1));
        }
        let Reverse(mut open) = self.open.pop()?;
        let moment = open.what.moments.get(open.next)?;
        let occurred_at = self.score.begins_at.plus(open.due.min(slot).round() as i64);
        let last = open.next + 1 == open.what.moments.len();
        let planned = Planned {
            slot,
            call: open.call,
            last,
            body: json!({
                "id": format!("{}-{}", self.score.prefix, self.given + 1),
                "event": moment.event.as_str(),
                "queue_id": open.queue,
                "occurred_at": occurred_at.to_string(),
                "data": moment.data,
                "variables": open.what.variables,
            }),
        };
        // What was taken early makes the rest of its call early by as much.
        if open.due > slot {
            open.begun -= open.due - slot;
        }
        self.given += 1;
        self.outstanding -= 1;
        open.next += 1;
        if let Some(next) = open.what.moments.get(open.next) {
            open.due = open.begun + next.at as f64 / self.score.speed;
            self.open.push(Reverse(open));
        }
        Some(planned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn score(rate: f64, total: u64, seed: u64) -> Score {
        let queues = (1..).map(QueueId).zip(QueueType::ALL).collect();
        Score {
            queues,
            rate,
            total,
            speed: 30.0,
            seed,
            prefix: "sim-test".into(),
            first_attempt: 100,
            begins_at: Millis(1_800_000_000_000),
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_traffic() {
        let play = |seed| Traffic::new(score(20.0, 600, seed)).collect::<Vec<_>>();
        assert_eq!(play(1), play(1));
        assert_ne!(play(1), play(2));
    }

    #[test]
    fn every_slot_has_an_event_and_every_call_ends() {
        for (rate, total) in [(20.0, 1_200), (200.0, 12_000), (0.5, 30), (5.0, 7)] {
            let all: Vec<_> = Traffic::new(score(rate, total, 3)).collect();
            assert_eq!(all.len() as u64, total);
            let mut ended: HashMap<usize, bool> = HashMap::new();
            for (n, event) in all.iter().enumerate() {
                assert!((event.slot - n as f64 * 1_000.0 / rate).abs() < 1e-6);
                assert_ne!(ended.insert(event.call, event.last), Some(true), "after its end");
            }
            assert!(ended.values().all(|ended| *ended));
        }
    }

    #[test]
    fn ids_differ_and_times_of_a_call_never_run_back() {
        let all: Vec<_> = Traffic::new(score(50.0, 3_000, 9)).collect();
        let mut ids: Vec<_> = all.iter().map(|event| event.body["id"].to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        let mut last: HashMap<usize, String> = HashMap::new();
        for event in &all {
            let at = event.body["occurred_at"].to_string();
            let before = last.insert(event.call, at.clone());
            assert!(before.is_none_or(|before| before <= at));
        }
    }

    #[test]
    fn calls_overlap_and_joined_and_leaving_keep_step() {
        let all: Vec<_> = Traffic::new(score(20.0, 1_200, 1)).collect();
        let of = |part: &[Planned], word: &str| {
            part.iter().filter(|event| event.body["event"] == word).count()
        };
        for part in all[200..1_000].chunks(400) {
            let (joined, leaving) = (of(part, "joined"), of(part, "leaving"));
            assert!(joined.abs_diff(leaving) < 40, "{joined} joined, {leaving} left");
        }
        assert!(all.windows(2).any(|pair| pair[0].call != pair[1].call));
    }
}
