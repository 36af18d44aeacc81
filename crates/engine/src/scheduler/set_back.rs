//! What becomes of all that is to be at some time when the clock is set back: it is to be as much
//! later as before.

use super::{Job, Scheduler};
use crate::clock::{set_back, set_back_since};
use model::time::Millis;
use std::{cmp::Reverse, time::Duration};

impl Scheduler {
    /// The clock has been set back by so many milliseconds.
    pub fn set_back(&mut self, ms: i64) {
        let waiting = self.lanes.values_mut().flat_map(|state| state.jobs.values_mut());
        waiting.chain(&mut self.overtaken).for_each(|job| job.set_back(ms));
        self.lanes.values_mut().for_each(|state| state.wakes = None);
        let timers = std::mem::take(&mut self.timers).into_iter();
        self.timers = timers.map(|Reverse((at, lane))| Reverse((at.plus(-ms), lane))).collect();
        let later = std::mem::take(&mut self.later).into_iter();
        self.later = later.map(|Reverse((at, target))| Reverse((at.plus(-ms), target))).collect();
        self.targets.set_back(ms);
    }
}

impl Job {
    /// As it stands by the clock now, after an attempt that began then and took so long: the scheduler
    /// has no deadlines of what runs, to set them back.
    pub fn by_the_clock(mut self, began: Millis, took: Duration, now: Millis) -> Self {
        let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        if let Some(ms) = set_back_since(began.plus(took), now) {
            self.set_back(ms);
        }
        self
    }

    /// The clock has been set back by so many milliseconds since its deadlines were set.
    pub fn set_back(&mut self, ms: i64) {
        set_back(&mut self.due, ms);
        set_back(&mut self.hold_until, ms);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        further_tests::limited,
        tests::{begin_all, end, job, refused, to_host},
        *,
    };
    use model::destination::{DestinationLimits, Rate};
    use std::time::Duration;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn what_waits_for_its_time_waits_no_longer_for_a_clock_that_was_set_back() {
        let mut scheduler = Scheduler::default();
        let now = 10 * HOUR;
        let (due, hold_until) = (Some(Millis(now + 5_000)), Some(Millis(now + 30_000)));
        scheduler.add(Job { due, hold_until, ..job(1, 7) });
        scheduler.add(job(2, 7));
        assert!(scheduler.next(Millis(now)).is_none(), "the lane waits for the retry");
        scheduler.set_back(HOUR);
        let now = now - HOUR;
        assert!(scheduler.next(Millis(now + 4_999)).is_none());
        assert_eq!(scheduler.wake_at(), Some(Millis(now + 5_000)));
        let first = begin_all(&mut scheduler, now + 5_000);
        assert_eq!(first.iter().map(|(job, _)| job.seq).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_runs_meanwhile_holds_its_lane_no_longer() {
        let (began, took) = (Millis(10 * HOUR), Duration::from_secs(5));
        let hold_until = |now: i64| {
            let job = Job { hold_until: Some(began.plus(30_000)), ..job(1, 7) };
            job.by_the_clock(began, took, Millis(now)).hold_until
        };
        let ended = began.0 + 5_000;
        assert_eq!(hold_until(ended), Some(began.plus(30_000)));
        assert_eq!(hold_until(ended - HOUR), Some(began.plus(30_000 - HOUR)));
    }

    #[test]
    fn a_breaker_is_open_no_longer() {
        let mut scheduler = Scheduler::default();
        let now = 10 * HOUR;
        for seq in 1..=20 {
            scheduler.add(to_host(seq, "down.example"));
        }
        for one in begin_all(&mut scheduler, now) {
            end(&mut scheduler, one, refused(), now);
        }
        scheduler.add(to_host(21, "down.example"));
        assert!(begin_all(&mut scheduler, now).is_empty(), "the breaker is open");
        let opens = scheduler.wake_at().unwrap();
        scheduler.set_back(HOUR);
        assert_eq!(scheduler.wake_at(), Some(opens.plus(-HOUR)));
        assert_eq!(begin_all(&mut scheduler, opens.0 - HOUR).len(), 1);
    }

    #[test]
    fn a_rate_goes_on() {
        let (mut scheduler, now) = (Scheduler::default(), 10 * HOUR);
        let rate_per_s = Rate::of_per_second(1.0);
        let limits = DestinationLimits { rate_per_s, ..DestinationLimits::default() };
        scheduler.set([limited("slow.example", limits)].into(), 1);
        [1, 2].into_iter().for_each(|seq| assert!(scheduler.add(to_host(seq, "slow.example"))));
        assert_eq!(begin_all(&mut scheduler, now).len(), 1);
        scheduler.set_back(HOUR);
        assert!(begin_all(&mut scheduler, now - HOUR + 999).is_empty());
        assert_eq!(begin_all(&mut scheduler, now - HOUR + 1_000).len(), 1);
    }
}
