//! Slowing down who guesses passwords.

use crate::{AdminError, Result};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many logins are remembered.
const REMEMBERED: usize = 10_000;
/// How long a login is remembered after its wait is over.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// Slows down wrong passwords: after three in a row for a login each further one doubles the
/// wait, up to a minute. In memory: a restart forgives.
#[derive(Default)]
pub struct SignIn {
    failures: Mutex<HashMap<String, Failures>>,
}

struct Failures {
    count: u32,
    until: Instant,
}

impl SignIn {
    /// Refuses a try while it has to wait. One that may go on counts as wrong until it has
    /// [succeeded](Self::succeeded), so that tries made at once do not slip past the wait.
    pub(crate) fn begin(&self, key: &str) -> Result<()> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(left) = failures.get(key).map(|f| f.until.saturating_duration_since(now))
            && !left.is_zero()
        {
            return Err(AdminError::SlowDown { seconds: left.as_secs() + 1 });
        }
        if failures.len() >= REMEMBERED && !failures.contains_key(key) {
            make_room(&mut failures, now);
        }
        let entry = failures.entry(key.to_owned()).or_insert(Failures { count: 0, until: now });
        entry.count += 1;
        let wait = match entry.count {
            0..=2 => Duration::ZERO,
            count => Duration::from_secs((1 << (count - 3).min(6)).min(60)),
        };
        entry.until = now + wait;
        Ok(())
    }

    /// Forgets what went before.
    pub(crate) fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Drops what is old, and where that is not enough the login that has failed least: a flood of
/// other names does not reset the one that is being guessed at.
fn make_room(failures: &mut HashMap<String, Failures>, now: Instant) {
    failures.retain(|_, f| f.until + KEPT > now);
    if failures.len() >= REMEMBERED {
        let least = failures.iter().min_by_key(|(_, f)| f.count).map(|(key, _)| key.clone());
        failures.remove(&least.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_wrong_password_in_a_row_makes_the_next_wait() {
        let slow = SignIn::default();
        for _ in 0..3 {
            assert!(slow.begin("olena").is_ok());
        }
        assert!(matches!(slow.begin("olena"), Err(AdminError::SlowDown { .. })));
        assert!(slow.begin("ivan").is_ok());
        slow.succeeded("olena");
        assert!(slow.begin("olena").is_ok());
    }

    #[test]
    fn a_flood_of_names_neither_grows_without_end_nor_resets_the_one_guessed_at() {
        let slow = SignIn::default();
        for _ in 0..3 {
            assert!(slow.begin("olena").is_ok());
        }
        for name in 0..REMEMBERED + 100 {
            assert!(slow.begin(&name.to_string()).is_ok());
        }
        assert!(slow.begin("olena").is_err());
        assert!(slow.failures.lock().unwrap().len() <= REMEMBERED);
    }
}
