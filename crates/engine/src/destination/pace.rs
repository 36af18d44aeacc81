//! How fast attempts end, so that it can be told how long a backlog takes.

use crate::clock::set_back;
use model::time::Millis;

/// The seconds that it is smoothed over.
const SMOOTHED_S: f64 = 10.0;

/// Ended attempts a second, smoothed.
#[derive(Debug, Default)]
pub(super) struct Pace {
    per_second: f64,
    last: Option<Millis>,
}

impl Pace {
    /// One begins where none ran: nothing could end meanwhile.
    pub fn go_on(&mut self, now: Millis) {
        self.last = self.last.map(|_| now);
    }

    /// An attempt has ended.
    pub fn ended(&mut self, now: Millis) {
        if let Some(passed) = self.seconds_since(now) {
            let weight = (passed / SMOOTHED_S).min(1.0);
            self.per_second = self.per_second * (1.0 - weight) + weight / passed;
        }
        self.last = Some(now);
    }

    /// How many seconds so many take, if that can be told.
    pub fn seconds_for(&self, many: u64, now: Millis) -> Option<u64> {
        let per_second = match self.seconds_since(now) {
            // None has ended for long: it is one in that time at most.
            Some(passed) if passed > SMOOTHED_S => self.per_second.min(1.0 / passed),
            _ => self.per_second,
        };
        (many > 0 && per_second > 0.0).then(|| (many as f64 / per_second).ceil() as u64)
    }

    /// The clock has been set back by so many milliseconds.
    pub fn set_back(&mut self, ms: i64) {
        set_back(&mut self.last, ms);
    }

    fn seconds_since(&self, now: Millis) -> Option<f64> {
        self.last.map(|last| (now.0 - last.0).max(1) as f64 / 1_000.0)
    }
}
