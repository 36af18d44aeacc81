//! Replays of many deliveries: jobs that the engine runs.

use crate::{Admin, AdminError, Result, deliveries::check_filter, hooks::checked_rate, now};
use model::{
    delivery::DeliveryFilter,
    ids::{DeliveryId, ReplayId},
    page::{Page, Paging},
    problem::Problem,
    replay::{Beginning, Beginnings, CHOSEN_MAX, Matching, Replay, ReplayAct, ReplayFilter},
    trace::{StepRecord, step_in_run},
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
    /// many as possible. How many match then is kept with it.
    pub async fn start_replay(
        &self,
        actor: &Actor,
        filter: &DeliveryFilter,
        per_second: Option<u32>,
    ) -> Result<Replay> {
        actor.require(Permission::Edit)?;
        check(filter)?;
        checked_rate("per_second", per_second)?;
        let overlay = self.running.overlay();
        Ok(self.storage.create_replay(filter, &overlay, per_second, &actor.name, now()).await?)
    }

    /// The steps at which a replay of this delivery can begin.
    pub async fn beginnings(&self, actor: &Actor, id: DeliveryId) -> Result<Beginnings> {
        let detail = self.delivery(actor, id).await?;
        let kept = self.storage.kept_steps(id).await?;
        let records = || detail.attempts.iter().flat_map(|attempt| &attempt.steps);
        let steps = kept.steps.into_iter().map(|kept| {
            let same = |record: &&StepRecord| step_in_run(record.flow, &record.id) == kept.at.step;
            let told = records().find(|record| same(record) && record.visit == kept.at.visit);
            let told = told.or_else(|| records().find(same));
            Beginning {
                action: told.map(|record| record.action.clone()),
                path: told.map(|record| record.path.clone()),
                name: told.and_then(|record| record.name.clone()),
                behind: kept.behind,
                at: kept.at,
            }
        });
        Ok(Beginnings { steps: steps.collect(), left_out: kept.left_out })
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
        return Err(AdminError::Invalid(vec![Problem::new("/id", detail)]));
    }
    check_filter(filter, now())
}
