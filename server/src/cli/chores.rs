//! What is done now and then beside serving.

use crate::config::Config;
use admin::log_begins;
use model::{replay::ReplayState, time::Millis};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use storage::{Storage, retention::Walk};
use tokio::{
    task::JoinHandle,
    time::{interval, sleep},
};

/// How much of what has expired is deleted in one step.
const SWEPT_AT_ONCE: u32 = 1_000;
/// How long nothing is deleted between two steps, so that nobody waits long for it.
const BETWEEN_SWEEPS: Duration = Duration::from_millis(100);
/// The same while the log's end is forgotten.
const BETWEEN_STEPS: Duration = Duration::from_millis(50);
/// How long a step of that is to take, and at how many rows it looks at most.
const STEP: Duration = Duration::from_millis(20);
const ROWS_MAX: u32 = 200;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// Begins to do all of it.
pub fn begin(storage: &Arc<dyn Storage>, config: &Config) -> Vec<JoinHandle<()>> {
    let mut chores = vec![
        tokio::spawn(tend(storage.clone())),
        tokio::spawn(roll_up(storage.clone())),
        tokio::spawn(sweep(storage.clone())),
    ];
    if let Some(days) = config.log_days {
        chores.push(tokio::spawn(forget(storage.clone(), days)));
    }
    chores
}

/// Deletes ended sessions, and makes ready what the coming days need, once an hour by the clock on the
/// wall: a machine that was asleep for days looks at once.
async fn tend(storage: Arc<dyn Storage>) {
    let mut minutes = interval(MINUTE);
    let mut tended = None;
    loop {
        minutes.tick().await;
        let hour = Some(now().0 / HOUR_MS);
        if tended == hour {
            continue;
        }
        if let Err(error) = storage.sweep_sessions(now()).await {
            tracing::warn!(%error, "ended sessions are not deleted");
        }
        match storage.maintain().await {
            Ok(()) => tended = hour,
            Err(error) => {
                tracing::warn!(%error, "what the coming days need is not made ready yet");
            }
        }
    }
}

/// Adds up the hours that are over, six times an hour.
async fn roll_up(storage: Arc<dyn Storage>) {
    let mut ticks = interval(10 * MINUTE);
    loop {
        ticks.tick().await;
        if let Err(error) = storage.roll_up(now()).await {
            tracing::warn!(%error, "the figures of the last hours are not added up");
        }
    }
}

/// Deletes what flows kept until a time that is over, once a minute, some at a time so that nobody
/// waits long for it.
async fn sweep(storage: Arc<dyn Storage>) {
    let mut ticks = interval(MINUTE);
    loop {
        ticks.tick().await;
        loop {
            match storage.sweep_kept(SWEPT_AT_ONCE, now()).await {
                Ok(0) => break,
                Ok(_) => sleep(BETWEEN_SWEEPS).await,
                Err(error) => {
                    tracing::warn!(%error, "what has expired is not deleted");
                    break;
                }
            }
        }
    }
}

/// Forgets what ended before the days that the log is kept for, once an hour.
async fn forget(storage: Arc<dyn Storage>, days: NonZeroU32) {
    tracing::info!("the log is kept for {days} days; what ended before them is deleted");
    let mut minutes = interval(MINUTE);
    // Where something happened lately by this clock, it goes on as before the start.
    let newest = storage.times().await.ok().and_then(|times| times.newest);
    let is_near = |newest: Millis| newest.0.abs_diff(now().0) < DAY_MS;
    let (mut clock, mut done) = (Steady::begin(newest.is_some_and(is_near)), None);
    loop {
        minutes.tick().await;
        let is_steady = clock.look(now(), Instant::now());
        let hour = Some(now().0 / HOUR_MS);
        if done == hour || !is_steady {
            continue;
        }
        match forget_once(&*storage, days).await {
            Ok(true) => done = hour,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the end of the log is not forgotten"),
        }
    }
}

/// Forgets it, unless a job replays what may be part of it; whether it did.
async fn forget_once(storage: &dyn Storage, days: NonZeroU32) -> storage::Result<bool> {
    let jobs = storage.open_replays().await?;
    if jobs.iter().any(|job| job.state == ReplayState::Running) {
        return Ok(false);
    }
    // Of two clocks that differ the one by which less goes.
    let now = storage.times().await?.clock.map_or(now(), |clock| clock.min(now()));
    let before = log_begins(now, days);
    // One that cannot be done leaves the other to be done.
    let gone = storage.forget_days(before).await;
    let (mut walk, mut rows, mut limit) = (Some(Walk::START), 0, ROWS_MAX);
    while let Some(from) = walk {
        let begun = Instant::now();
        let step = storage.forget(before, from, limit).await?;
        (walk, rows) = (step.next, rows + step.rows);
        limit = next_limit(limit, begun.elapsed());
        sleep(BETWEEN_STEPS).await;
    }
    let gone = gone?;
    if gone > 0 || rows > 0 {
        tracing::info!(%before, days = gone, rows, "the end of the log is forgotten");
    }
    Ok(true)
}

/// At how many rows the next step looks, where one of so many took so long: some have much beside them, and
/// SQLite has one writer.
fn next_limit(limit: u32, took: Duration) -> u32 {
    match took {
        _ if took > 2 * STEP => (limit / 2).max(1),
        _ if took < STEP / 2 => (limit * 2).min(ROWS_MAX),
        _ => limit,
    }
}

/// Whether the clock on the wall has gone as the machine's own does for an hour: what it says for a moment
/// is no reason to delete anything.
struct Steady {
    /// Nothing where it was trusted from the start.
    since: Option<Instant>,
    wall: Millis,
    at: Instant,
}

impl Steady {
    fn begin(is_trusted: bool) -> Self {
        let at = Instant::now();
        Self { since: (!is_trusted).then_some(at), wall: now(), at }
    }

    fn look(&mut self, wall: Millis, at: Instant) -> bool {
        let moved = wall.0 - self.wall.0;
        let passed = at.duration_since(self.at).as_millis() as i64;
        if moved.abs_diff(passed) > MINUTE.as_millis() as u64 {
            self.since = Some(at);
        }
        (self.wall, self.at) = (wall, at);
        self.since.is_none_or(|since| at.duration_since(since) >= HOUR)
    }
}

fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Millis(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_trusted_when_it_has_gone_for_an_hour() {
        let mut clock = Steady::begin(false);
        let (wall, at) = (clock.wall, clock.at);
        let mut look = |minutes: u32, ahead_ms| {
            let passed = minutes * MINUTE;
            clock.look(Millis(wall.0 + passed.as_millis() as i64 + ahead_ms), at + passed)
        };
        assert!(!look(59, 0) && look(60, 0) && look(61, 30_000));
        let year = 365 * DAY_MS as i64;
        assert!(!look(62, year) && !look(121, year) && look(122, year));
        assert!(!look(123, 0) && look(183, 0));
        let mut clock = Steady::begin(true);
        let (wall, at) = (clock.wall, clock.at);
        assert!(clock.look(wall, at) && !clock.look(Millis(wall.0 + year), at + MINUTE));
    }

    #[test]
    fn a_step_that_takes_long_is_followed_by_a_shorter_one() {
        let after = |limit, ms| next_limit(limit, Duration::from_millis(ms));
        assert_eq!((after(200, 100), after(1, 100), after(200, 20)), (100, 1, 200));
        assert_eq!((after(50, 5), after(150, 5)), (100, 200));
    }
}
