//! What is done now and then beside serving.

use crate::config::Config;
use admin::log_begins;
use model::time::Millis;
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use storage::{Storage, retention::Walk};
use tokio::{
    task::JoinHandle,
    time::{interval, sleep},
};

/// How much of what has expired is deleted in one step.
const SWEPT_AT_ONCE: u32 = 1_000;
/// How long nothing is deleted between two steps, so that nobody waits long for it.
const BETWEEN_SWEEPS: Duration = Duration::from_millis(100);
/// The same while the log's end is forgotten: some 2,000 deliveries a second.
const BETWEEN_STEPS: Duration = Duration::from_millis(50);

const MINUTE: Duration = Duration::from_secs(60);
const HOUR_MS: i64 = 3_600_000;

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
    let mut minutes = interval(MINUTE);
    let mut done = None;
    loop {
        minutes.tick().await;
        let hour = Some(now().0 / HOUR_MS);
        if done == hour {
            continue;
        }
        match forget_before(&*storage, log_begins(now(), days)).await {
            Ok(()) => done = hour,
            Err(error) => tracing::warn!(%error, "the end of the log is not forgotten"),
        }
    }
}

async fn forget_before(storage: &dyn Storage, before: Millis) -> storage::Result<()> {
    let days = storage.forget_days(before).await?;
    let (mut walk, mut rows) = (Some(Walk::START), 0);
    while let Some(from) = walk {
        let step = storage.forget(before, from).await?;
        (walk, rows) = (step.next, rows + step.rows);
        sleep(BETWEEN_STEPS).await;
    }
    if days > 0 || rows > 0 {
        tracing::info!(%before, days, rows, "the end of the log is forgotten");
    }
    Ok(())
}

fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Millis(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
