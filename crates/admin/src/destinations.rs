//! Destinations: how they stand, and what is set for them.

use crate::{Admin, AdminError, Result, no_problems, now};
use model::{
    destination::{
        DEFAULT_CONCURRENCY, DestinationAct, DestinationFilter, DestinationKey, DestinationLimits,
        DestinationRow, DestinationSettings, Forced, Rate,
    },
    live::{BreakerState, DestinationView, Live},
    user::{Actor, Permission},
};
use std::collections::BTreeMap;

impl Admin {
    /// The destinations that the filter leaves: those that were called of late or are waited for,
    /// and those for which something is set. What needs attention comes first, then by key.
    pub async fn destinations(
        &self,
        actor: &Actor,
        filter: &DestinationFilter,
    ) -> Result<Vec<DestinationRow>> {
        actor.require(Permission::Read)?;
        let live = self.running.live().unwrap_or_default();
        let mut rows = rows(&live, self.storage.destinations().await?);
        rows.retain(|row| filter.admits(row));
        rows.sort_by_cached_key(|row| {
            let calm = row.now.state == BreakerState::Closed;
            (calm, std::cmp::Reverse(row.now.waiting), row.now.key.clone())
        });
        Ok(rows)
    }

    /// One destination; one that nobody knows is as any.
    pub async fn destination(&self, actor: &Actor, key: &DestinationKey) -> Result<DestinationRow> {
        actor.require(Permission::Read)?;
        let set = self.storage.destination(key).await?;
        let view = self.running.live().unwrap_or_default().destinations;
        let view = view.into_iter().find(|view| view.key == *key);
        Ok(row(key, view, set.as_ref()))
    }

    /// Sets a destination's limits, all of them.
    pub async fn limit_destination(
        &self,
        actor: &Actor,
        key: &DestinationKey,
        limits: DestinationLimits,
    ) -> Result<DestinationSettings> {
        actor.require(Permission::Edit)?;
        no_problems(limits.problems())?;
        Ok(self.storage.set_destination_limits(key, &limits, now()).await?)
    }

    /// Opens, closes or releases a destination's breaker, or lets out what waits for it.
    pub async fn steer_destination(
        &self,
        actor: &Actor,
        key: &DestinationKey,
        act: DestinationAct,
    ) -> Result<DestinationSettings> {
        actor.require(Permission::Edit)?;
        let forced = match act {
            DestinationAct::Open => Some(Forced::Open),
            DestinationAct::Close => Some(Forced::Closed),
            DestinationAct::Release => None,
            DestinationAct::Drain => return Ok(self.storage.drain_destination(key, now()).await?),
        };
        Ok(self.storage.force_destination(key, forced, now()).await?)
    }

    /// Forgets what is set for a destination.
    pub async fn reset_destination(
        &self,
        actor: &Actor,
        key: &DestinationKey,
    ) -> Result<DestinationSettings> {
        actor.require(Permission::Edit)?;
        let gone = self.storage.reset_destination(key).await?;
        gone.ok_or_else(|| AdminError::no("setting of the destination", key))
    }

    /// The destinations as they stand, those that only somebody's setting names too.
    pub(crate) async fn destination_views(&self, live: &Live) -> Result<Vec<DestinationView>> {
        let rows = rows(live, self.storage.destinations().await?);
        Ok(rows.into_iter().map(|row| row.now).collect())
    }
}

fn rows(live: &Live, settings: Vec<DestinationSettings>) -> Vec<DestinationRow> {
    let mut known = BTreeMap::new();
    for view in &live.destinations {
        known.insert(view.key.clone(), (Some(view.clone()), None));
    }
    for set in settings {
        let key = set.key.clone();
        known.entry(key).or_insert((None, None)).1 = Some(set);
    }
    known.into_iter().map(|(key, (view, set))| row(&key, view, set.as_ref())).collect()
}

fn row(
    key: &DestinationKey,
    view: Option<DestinationView>,
    set: Option<&DestinationSettings>,
) -> DestinationRow {
    let limits = set.map(|set| set.limits).unwrap_or_default();
    let forced = set.and_then(|set| set.forced);
    DestinationRow {
        now: match view {
            Some(view) => as_set(view, &limits, forced),
            None => idle(key.clone(), &limits, forced),
        },
        limits,
        updated_at: set.map(|set| set.updated_at),
    }
}

/// What the engine tells, with what is set: it may not have heard of that yet.
fn as_set(
    view: DestinationView,
    limits: &DestinationLimits,
    forced: Option<Forced>,
) -> DestinationView {
    let state = match (forced, view.forced) {
        (Some(Forced::Open), _) => BreakerState::Open,
        (Some(Forced::Closed), _) | (None, Some(_)) => BreakerState::Closed,
        (None, None) => view.state,
    };
    let most = limits.concurrency.unwrap_or(DEFAULT_CONCURRENCY);
    let rate_per_s = limits.rate_per_s.map(Rate::per_second);
    DestinationView { state, forced, limit: view.limit.min(most), rate_per_s, ..view }
}

/// A destination that the engine has not heard of lately: nothing runs and nothing waits.
fn idle(
    key: DestinationKey,
    limits: &DestinationLimits,
    forced: Option<Forced>,
) -> DestinationView {
    DestinationView {
        key,
        state: match forced {
            Some(Forced::Open) => BreakerState::Open,
            Some(Forced::Closed) | None => BreakerState::Closed,
        },
        forced,
        running: 0,
        waiting: 0,
        limit: limits.concurrency.unwrap_or(DEFAULT_CONCURRENCY),
        rate_per_s: limits.rate_per_s.map(Rate::per_second),
        slowed: false,
        failures: 0,
        last_failure: None,
        opens_until: None,
        drain_seconds: None,
    }
}
