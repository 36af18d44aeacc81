//! The time now, and when that is set back.

use model::time::Millis;
use rustix::time::{ClockId, clock_gettime};
use std::{
    ops::{Add, Sub},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

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

/// A moment by a clock that nobody sets, and that goes on while the process is stopped or the machine
/// is asleep, as [`Instant`] does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

#[cfg(target_os = "linux")]
const AWAKE_OR_NOT: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const AWAKE_OR_NOT: ClockId = ClockId::Monotonic;

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        Self(Duration::try_from(clock_gettime(AWAKE_OR_NOT)).unwrap_or_default())
    }

    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(earlier))
    }
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
