//! Replays of many deliveries: jobs that the engine runs.

use crate::{Admin, AdminError, Result, deliveries::check_text, hooks::checked_rate, now};
use model::{
    delivery::DeliveryFilter,
    ids::ReplayId,
    page::{Page, Paging},
    problem::Problem,
    replay::{CHOSEN_MAX, Matching, Replay, ReplayAct, ReplayFilter},
    user::{Actor, Permission},
};

impl Admin {
    /// How many deliveries a replay would find, counted up to 10,000.
    pub async fn matching(&self, actor: &Actor, filter: &DeliveryFilter) -> Result<Matching> {
        actor.require(Permission::Read)?;
        check(filter)?;
        Ok(self.storage.matching(filter, &self.running.overlay()).await?)
    }

    /// Starts a job that replays what matches, in the order of acceptance, so many a second or as
    /// many as possible.
    pub async fn start_replay(
        &self,
        actor: &Actor,
        filter: &DeliveryFilter,
        per_second: Option<u32>,
    ) -> Result<Replay> {
        actor.require(Permission::Edit)?;
        check(filter)?;
        checked_rate("per_second", per_second)?;
        Ok(self.storage.create_replay(filter, per_second, &actor.name, now()).await?)
    }

    /// A page of the jobs, newest first.
    pub async fn replays(
        &self,
        actor: &Actor,
        filter: &ReplayFilter,
        paging: Paging,
    ) -> Result<Page<Replay>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.replays(filter, paging).await?)
    }

    /// One job.
    pub async fn replay(&self, actor: &Actor, id: ReplayId) -> Result<Replay> {
        actor.require(Permission::Read)?;
        self.storage.replay(id).await?.ok_or_else(|| AdminError::no("replay", id))
    }

    /// Pauses a job, lets it go on or calls it off.
    pub async fn change_replay(
        &self,
        actor: &Actor,
        id: ReplayId,
        act: ReplayAct,
    ) -> Result<Replay> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.set_replay_state(id, act.leads_to(), "", now()).await?;
        self.unless_ended(actor, id, changed).await
    }

    /// Changes the rate of a job.
    pub async fn set_replay_rate(
        &self,
        actor: &Actor,
        id: ReplayId,
        per_second: Option<u32>,
    ) -> Result<Replay> {
        actor.require(Permission::Edit)?;
        checked_rate("per_second", per_second)?;
        let changed = self.storage.set_replay_rate(id, per_second).await?;
        self.unless_ended(actor, id, changed).await
    }

    async fn unless_ended(
        &self,
        actor: &Actor,
        id: ReplayId,
        changed: Option<Replay>,
    ) -> Result<Replay> {
        if let Some(changed) = changed {
            return Ok(changed);
        }
        let state = self.replay(actor, id).await?.state;
        Err(AdminError::Conflict(format!("this replay has ended: it is {state}")))
    }
}

fn check(filter: &DeliveryFilter) -> Result<()> {
    if filter.ids.len() > CHOSEN_MAX {
        let detail = format!("{} deliveries; {CHOSEN_MAX} at most", filter.ids.len());
        return Err(AdminError::Invalid(vec![Problem::new("/ids", detail)]));
    }
    check_text(filter, now())
}
