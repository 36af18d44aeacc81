//! Replaying one delivery, from its flow's beginning or from a step at which its run was kept.

use crate::{Engine, EngineError, Result, replays, stopped, writer::Write};
use flow::{Checkpoint, Versions};
use model::{
    flow::Flow,
    ids::{DeliveryId, FlowId},
    replay::{AtStep, OnVersion},
    trace::Failure,
    user::{Actor, Permission},
};
use std::collections::BTreeMap;
use storage::journal::{Beginning, KeptRun, KeptStep, OpenDelivery};
use tokio::sync::oneshot;

impl Engine {
    /// Makes a new delivery of the same event for the same flow, linked to this one: on the flow's
    /// version that is published now, or on the one that it ran.
    pub async fn replay(&self, actor: &Actor, id: DeliveryId, on: OnVersion) -> Result<DeliveryId> {
        actor.require(Permission::Edit)?;
        let (open, flow) = self.ended(id).await?;
        let version = version(&open, &flow, on);
        self.make(open, version, None).await
    }

    /// The same from a step on, as the run stood when it came there: the steps before it are not run.
    /// Without a visit the first that is kept. On the version that is published now only where the
    /// steps before it are the same there.
    pub async fn replay_from(
        &self,
        actor: &Actor,
        id: DeliveryId,
        on: OnVersion,
        step: &str,
        visit: Option<u32>,
    ) -> Result<DeliveryId> {
        actor.require(Permission::Edit)?;
        let (open, flow) = self.ended(id).await?;
        let steps = self.storage.kept_steps(id).await?.steps;
        let asked = |at: &AtStep| at.step == step && visit.is_none_or(|visit| visit == at.visit);
        let Some(kept) = steps.iter().find(|one| asked(&one.at)).cloned() else {
            return Err(not_kept(step, visit, &steps));
        };
        let run = self.worker.vault.opened_run(id, &kept.checkpoint).map_err(unusable)?;
        let called = match on {
            OnVersion::Ran => kept.called,
            OnVersion::Published => self.as_published(&open, &flow, &run, &kept.called).await?,
        };
        let version = version(&open, &flow, on);
        self.make(open, version, Some((kept.at, run, called))).await
    }

    /// A delivery that has ended, and its flow as it is published.
    async fn ended(&self, id: DeliveryId) -> Result<(OpenDelivery, Flow)> {
        let open = self.open(id).await?;
        if !open.state.is_final() {
            return Err(EngineError::Conflict(
                "this delivery is still under way; it can be replayed when it has ended".into(),
            ));
        }
        let flow = self.storage.flow(open.flow_id, None).await?;
        let flow = flow.ok_or_else(|| {
            EngineError::Conflict("its flow has been deleted, so it cannot run again".into())
        })?;
        Ok((open, flow))
    }

    /// The published versions of the flows that the run has called, where it can go on with them.
    async fn as_published(
        &self,
        open: &OpenDelivery,
        flow: &Flow,
        run: &Checkpoint,
        called: &BTreeMap<FlowId, u32>,
    ) -> Result<BTreeMap<FlowId, u32>> {
        let index = self.current.get().await?;
        let mut all = vec![(None, open.flow_id, open.flow_version, Some(flow.current))];
        for id in run.flows().into_iter().map(FlowId) {
            if let Some(ran) = called.get(&id) {
                all.push((Some(id.0), id, *ran, index.flow_version(id)));
            }
        }
        let (mut published, mut sources) = (BTreeMap::new(), Vec::new());
        for (number, id, ran, next) in all {
            published.extend(next.filter(|_| number.is_some()).map(|next| (id, next)));
            let next = match next {
                Some(next) => self.source(id, next).await?,
                None => None,
            };
            sources.push((number, self.source(id, ran).await?.unwrap_or_default(), next));
        }
        let versions = sources.iter().map(|(flow, ran, next)| {
            let next = next.as_deref();
            Versions { flow: *flow, ran, next }
        });
        match run.first_change(&versions.collect::<Vec<_>>()) {
            None => Ok(published),
            Some(change) => {
                let flow =
                    change.flow.map(|flow| index.flow_name(FlowId(flow)).unwrap_or_default());
                Err(changed(flow, change.step.as_deref()))
            }
        }
    }

    async fn source(&self, flow: FlowId, version: u32) -> Result<Option<String>> {
        Ok(self.storage.flow_version(flow, version).await?.map(|found| found.source))
    }

    /// Makes it, and answers when it is on disk.
    async fn make(
        &self,
        open: OpenDelivery,
        version: u32,
        from: Option<(AtStep, Checkpoint, BTreeMap<FlowId, u32>)>,
    ) -> Result<DeliveryId> {
        let index = self.current.get().await?;
        let origin = open.id.to_string();
        let (delivery, mut job) = replays::again(&self.worker, open, version, &index);
        let id = delivery.id;
        job.rests = from.is_some();
        let beginning = from.map(|(at, run, called)| {
            let run = run.handed_on(&origin, &id.to_string());
            let checkpoint = self.worker.vault.kept_run(id, &run);
            let run = KeptRun {
                uncounted: 0,
                logged_bytes: u32::try_from(checkpoint.len()).unwrap_or(u32::MAX),
                // Its own log has it as well, so that it can be replayed from there.
                logged_by: Some(1),
                checkpoint: Some(checkpoint),
                called,
            };
            Box::new(Beginning { at, run })
        });
        let (answer, answered) = oneshot::channel();
        self.write(Write::Replay { delivery, beginning, job: Box::new(job), answer }).await?;
        answered.await.map_err(|_| stopped())?.map_err(EngineError::Unavailable)?;
        Ok(id)
    }
}

fn version(open: &OpenDelivery, flow: &Flow, on: OnVersion) -> u32 {
    match on {
        OnVersion::Published => flow.current,
        OnVersion::Ran => open.flow_version,
    }
}

fn unusable(failure: Failure) -> EngineError {
    EngineError::Conflict(failure.detail)
}

/// That the run was not kept at a step, and at which it was.
fn not_kept(step: &str, visit: Option<u32>, kept: &[KeptStep]) -> EngineError {
    let there = match visit {
        Some(visit) => format!("step {step} at visit {visit}"),
        None => format!("step {step}"),
    };
    if kept.is_empty() {
        return EngineError::Conflict(format!(
            "no replay of this delivery can begin at {there}: its run was kept at no step, as a run is \
             before each step with an effect outside but the first, and over long waits"
        ));
    }
    let all: Vec<_> = kept
        .iter()
        .map(|KeptStep { at: AtStep { step, visit }, .. }| match visit {
            1 => step.clone(),
            visit => format!("{step} at visit {visit}"),
        })
        .collect();
    EngineError::Conflict(format!(
        "the run of this delivery was not kept at {there}; a replay can begin at {}",
        all.join(", ")
    ))
}

/// That what came before is another by now, in the flow of this name where that was called.
fn changed(flow: Option<&str>, step: Option<&str>) -> EngineError {
    let what = match (flow, step) {
        (Some(""), _) | (_, None) => "a flow that it has called has been deleted".to_owned(),
        (None, Some(step)) => format!("step {step}, which it depends on, has changed"),
        (Some(flow), Some(step)) => {
            format!("step {step} of \"{flow}\", which it depends on, has changed")
        }
    };
    EngineError::Conflict(format!(
        "as the flow is published now a replay cannot begin there: {what}; it can begin there on the \
         version that ran, or at the beginning"
    ))
}
