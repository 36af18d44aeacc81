//! When a failed delivery is tried again, and when it is given up.

use crate::{
    policy::Policy,
    trace::{Failure, FailureClass},
};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The waits between attempts, in milliseconds: eight attempts in all.
pub const SCHEDULE_MS: [i64; 7] =
    [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR];
/// How many of the waits a failure gets that repeating is unlikely to mend.
const SHORT: usize = 3;
/// How far a wait is moved either way, as a share of it.
const JITTER: f64 = 0.2;
/// The longest Retry-After that is honoured, in milliseconds.
const RETRY_AFTER_MAX_MS: i64 = 24 * HOUR;

/// The waits that a failure gets of the hook's schedule: the whole of it where time may mend it, its first three for
/// other answers, none where the flow itself is at fault.
fn waits<'a>(failure: &Failure, policy: &'a Policy) -> &'a [i64] {
    let all = policy.retry_waits_ms.as_deref().unwrap_or(&SCHEDULE_MS);
    let short = &all[..all.len().min(SHORT)];
    match failure.class {
        FailureClass::Dns
        | FailureClass::Connect
        | FailureClass::Tls
        | FailureClass::Timeout
        | FailureClass::TimedOut
        | FailureClass::Interrupted => all,
        FailureClass::Status => match failure.status {
            Some(408 | 425 | 429 | 500..) => all,
            _ => short,
        },
        FailureClass::ForbiddenTarget
        | FailureClass::TooLarge
        | FailureClass::BadAnswer
        | FailureClass::Missing
        | FailureClass::NotSetUp => short,
        FailureClass::Flow => &[],
    }
}

/// How many attempts a delivery gets in all that last failed like this.
pub fn attempts_allowed(failure: &Failure, policy: &Policy) -> u32 {
    waits(failure, policy).len() as u32 + 1
}

/// How long to wait for the next attempt, in milliseconds, after so many have ended; nothing when
/// the delivery is to be given up. `jitter` lies between -1 and 1. A Retry-After moves the time
/// back, never forward.
pub fn wait_ms(failure: &Failure, policy: &Policy, attempts: u32, jitter: f64) -> Option<i64> {
    let wait = *waits(failure, policy).get((attempts as usize).checked_sub(1)?)?;
    let moved = wait + (wait as f64 * JITTER * jitter.clamp(-1.0, 1.0)) as i64;
    let asked = failure.retry_after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX));
    Some(moved.max(asked.min(RETRY_AFTER_MAX_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure {
        Failure { status: Some(status), ..Failure::new(FailureClass::Status, "") }
    }

    #[test]
    fn what_time_may_mend_is_tried_eight_times() {
        let failures = [408, 425, 429, 500, 503, 504].map(status);
        for failure in failures.iter().chain([&Failure::new(FailureClass::Dns, "")]) {
            assert_eq!(attempts_allowed(failure, &Policy::default()), 8);
            assert_eq!(wait_ms(failure, &Policy::default(), 1, 0.0), Some(5_000));
            assert_eq!(wait_ms(failure, &Policy::default(), 7, 0.0), Some(86_400_000));
            assert_eq!(wait_ms(failure, &Policy::default(), 8, 0.0), None);
        }
    }

    #[test]
    fn other_answers_are_tried_four_times_and_faults_of_the_flow_once() {
        for failure in [301, 400, 404, 410].map(status) {
            assert_eq!(attempts_allowed(&failure, &Policy::default()), 4);
            assert_eq!(wait_ms(&failure, &Policy::default(), 3, 0.0), Some(120_000));
            assert_eq!(wait_ms(&failure, &Policy::default(), 4, 0.0), None);
        }
        let flow = Failure::new(FailureClass::Flow, "");
        assert_eq!(
            (
                attempts_allowed(&flow, &Policy::default()),
                wait_ms(&flow, &Policy::default(), 1, 0.0)
            ),
            (1, None)
        );
    }

    #[test]
    fn waits_are_moved_by_a_fifth_at_most_and_retry_after_is_honoured_for_a_day() {
        assert_eq!(wait_ms(&status(503), &Policy::default(), 1, 1.0), Some(6_000));
        assert_eq!(wait_ms(&status(503), &Policy::default(), 1, -1.0), Some(4_000));
        let asking = |ms| Failure { retry_after_ms: Some(ms), ..status(503) };
        assert_eq!(wait_ms(&asking(60_000), &Policy::default(), 1, 0.0), Some(60_000));
        assert_eq!(wait_ms(&asking(1), &Policy::default(), 1, 0.0), Some(5_000));
        assert_eq!(wait_ms(&asking(u64::MAX), &Policy::default(), 1, 0.0), Some(86_400_000));
    }

    #[test]
    fn a_hook_has_waits_of_its_own() {
        let policy = Policy { retry_waits_ms: Some(vec![1, 2, 3, 4]), ..Policy::default() };
        assert_eq!(attempts_allowed(&status(500), &policy), 5);
        assert_eq!(wait_ms(&status(500), &policy, 4, 0.0), Some(4));
        assert_eq!(wait_ms(&status(404), &policy, 4, 0.0), None);
        let once = Policy { retry_waits_ms: Some(Vec::new()), ..Policy::default() };
        assert_eq!(wait_ms(&status(500), &once, 1, 0.0), None);
    }
}
