//! The time now, and when that is set back.

use model::time::Millis;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What is no more than that is no step of the clock, in milliseconds.
const SLACK_MS: i64 = 1_000;

/// Epoch milliseconds.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// By how many milliseconds the clock has been set back since something was done at that time, where it
/// lies ahead of now.
pub fn set_back_since(then: Millis, now: Millis) -> Option<i64> {
    let ahead = then.0.saturating_sub(now.0);
    (ahead > SLACK_MS).then_some(ahead)
}

/// What was to be then is to be so many milliseconds earlier by a clock that was set back.
pub fn set_back(at: &mut Option<Millis>, ms: i64) {
    *at = at.map(|at| at.plus(-ms));
}

/// Sees when the clock is set back.
#[derive(Debug)]
pub struct Watch {
    clock: Millis,
    at: Instant,
}

impl Watch {
    /// From now on.
    pub fn begin() -> Self {
        Self { clock: now(), at: Instant::now() }
    }

    /// By how many milliseconds it has been set back since the last look, if it has.
    pub fn look(&mut self) -> Option<i64> {
        self.see(now(), Instant::now())
    }

    fn see(&mut self, clock: Millis, at: Instant) -> Option<i64> {
        let passed = i64::try_from((at - self.at).as_millis()).unwrap_or(i64::MAX);
        let expected = self.clock.plus(passed);
        *self = Self { clock, at };
        set_back_since(expected, clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_back_is_seen_once_and_one_that_goes_on_or_ahead_is_not() {
        let at = Instant::now();
        let mut watch = Watch { clock: Millis(10_000_000), at };
        let mut see =
            |passed: u64, clock: i64| watch.see(Millis(clock), at + Duration::from_millis(passed));
        assert_eq!(see(500, 10_000_500), None);
        assert_eq!(see(1_000, 10_000_100), None, "no step");
        assert_eq!(see(2_000, 6_401_100), Some(3_600_000));
        assert_eq!(see(3_000, 6_402_100), None);
        assert_eq!(see(4_000, 10_003_100), None, "ahead");
    }
}
