//! Jobs that replay: they walk the log in the order of acceptance and make new deliveries of what
//! matches, at the rate that a person chose. A step's deliveries are written in one transaction
//! with the job's place, so that after a crash a job goes on exactly where it was.

use crate::{
    clock,
    current::Current,
    index::Index,
    live::Shared,
    scheduler::{self, Job},
    worker::Worker,
    writer::Write,
};
use model::{
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryRow, DeliveryState},
    ids::{DeliveryId, FlowId, ReplayId},
    page::Cursor,
    replay::{Replay, ReplayState},
};
use std::{collections::HashMap, error::Error, sync::Arc, time::Duration};
use storage::{
    Storage,
    journal::{NewDelivery, OpenDelivery, ReplayStep, Shard},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until},
};
use uuid::Uuid;

/// How often is looked for jobs while none runs, and for changes of those that do.
const LOOK: Duration = Duration::from_millis(250);
/// The most deliveries of one step.
const STEP_MAX: u32 = 100;
/// How many steps a second a slow job takes at most.
const STEPS_PER_S: u32 = 4;
/// After so many failures in a row a job is given up.
const FAILURES_MAX: u32 = 10;

/// The task that runs the jobs.
pub struct Replays {
    pub storage: Arc<dyn Storage>,
    pub current: Arc<Current>,
    pub worker: Arc<Worker>,
    pub shared: Shared,
    pub writer: mpsc::Sender<Write>,
    pub stopping: watch::Receiver<bool>,
}

/// What is remembered of a job between two steps.
#[derive(Default)]
struct Pace {
    /// When its rate allows the next step.
    next: Option<Instant>,
    failures: u32,
}

impl Replays {
    /// Runs until the engine stops.
    pub async fn run(mut self) {
        let mut paces: HashMap<ReplayId, Pace> = HashMap::new();
        loop {
            let until = self.round(&mut paces).await;
            tokio::select! {
                () = sleep_until(until) => {}
                stopped = self.stopping.wait_for(|stop| *stop) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// Takes a step of each job that may take one; answers when to look again.
    async fn round(&self, paces: &mut HashMap<ReplayId, Pace>) -> Instant {
        let look = Instant::now() + LOOK;
        // Of several nodes the one that holds the first shard makes them, so that they keep to
        // their rates. Where no events are taken, nothing is made anew either.
        let is_mine = self.worker.lease.mine().contains(Shard(0));
        if !is_mine || self.shared.busy().is_some() {
            return look;
        }
        let jobs = match self.storage.running_replays().await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::error!(%error, "the replays cannot be read");
                return look;
            }
        };
        paces.retain(|id, _| jobs.iter().any(|job| job.id == *id));
        let mut until = look;
        for job in jobs {
            let pace = paces.entry(job.id).or_default();
            if let Some(next) = pace.next.filter(|next| *next > Instant::now()) {
                until = until.min(next);
                continue;
            }
            match self.step(&job).await {
                Ok(made) => {
                    pace.failures = 0;
                    pace.next = job
                        .per_second
                        .map(|rate| Instant::now() + Duration::from_secs(1) * made / rate.max(1));
                    until = until.min(pace.next.unwrap_or_else(Instant::now));
                }
                Err(error) => {
                    pace.failures += 1;
                    tracing::error!(%error, replay = %job.id, "a step of a replay failed");
                    if pace.failures >= FAILURES_MAX {
                        self.fail(&job, &*error).await;
                    }
                }
            }
        }
        until
    }

    /// Makes deliveries of the next stretch of the log; answers how many.
    async fn step(&self, job: &Replay) -> Result<u32, Box<dyn Error + Send + Sync>> {
        let query = DeliveryQuery {
            filter: job.filter.clone(),
            cursor: Cursor::After(job.cursor),
            size: size(job.per_second),
        };
        let slice = self.storage.deliveries(&query, &self.shared.overlay()).await?;
        let more = slice.newer.filter(|newer| *newer < job.last);
        // The log is given newest first.
        let rows = slice.items.iter().rev().filter(|row| row.seq <= job.last);
        let rows: Vec<&DeliveryRow> = rows.collect();
        let index = self.current.get().await?;
        let mut flows: HashMap<FlowId, Option<u32>> = HashMap::new();
        let (mut deliveries, mut jobs) = (Vec::new(), Vec::new());
        for row in &rows {
            let known = flows.get(&row.flow_id).copied();
            let version = match known {
                Some(version) => version,
                None => self.storage.flow(row.flow_id, None).await?.map(|flow| flow.current),
            };
            flows.insert(row.flow_id, version);
            let open = self.storage.open_delivery(row.id).await?;
            // What is under way still runs by itself; what has no flow any more cannot run; what
            // another that is replayed has begun, that one begins again; and of a delivery and its
            // replay one is enough.
            if let (Some(open), Some(version)) = (open, version)
                && open.state.is_final()
                && !self.begins_again(job, row).await?
            {
                let (delivery, job) = again(&self.worker, open, version, &index);
                deliveries.push(delivery);
                jobs.push(job);
            }
        }
        let made = u32::try_from(deliveries.len()).unwrap_or(u32::MAX);
        let step = ReplayStep {
            replay: job.id,
            from: job.cursor,
            to: more.unwrap_or(job.last),
            found: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            deliveries,
            done: more.is_none(),
            at: clock::now(),
        };
        let (answer, answered) = oneshot::channel();
        self.writer.send(Write::Step { step: Box::new(step), jobs, answer }).await?;
        // Where the step was not taken, somebody paused or ended the job meanwhile.
        let taken = answered.await??;
        Ok(if taken { made } else { 0 })
    }

    /// Whether this delivery is the child of one that the job replays, however far above, or the
    /// replay of such a one and not chosen by itself.
    async fn begins_again(&self, job: &Replay, row: &DeliveryRow) -> storage::Result<bool> {
        if let Some(origin) = row.replay_of.filter(|_| job.filter.ids.is_empty())
            && let Some(open) = self.storage.open_delivery(origin).await?
            && self.is_replayed(job, &open).await?
        {
            return Ok(true);
        }
        let mut above = row.parent;
        while let Some(parent) = above {
            let open = self.storage.open_delivery(parent).await?;
            above = open.as_ref().and_then(|open| open.parent);
            if let Some(open) = open
                && self.is_replayed(job, &open).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the job replays this one as well.
    async fn is_replayed(&self, job: &Replay, open: &OpenDelivery) -> storage::Result<bool> {
        let ids = &job.filter.ids;
        let is_chosen = ids.is_empty() || ids.contains(&open.id);
        if !open.state.is_final() || open.seq > job.last || !is_chosen {
            return Ok(false);
        }
        let filter = DeliveryFilter { ids: vec![open.id], ..job.filter.clone() };
        let query = DeliveryQuery { filter, size: 1, ..DeliveryQuery::default() };
        let found = self.storage.deliveries(&query, &self.shared.overlay()).await?;
        Ok(!found.items.is_empty() && self.storage.flow(open.flow_id, None).await?.is_some())
    }

    async fn fail(&self, job: &Replay, error: &(dyn Error + Send + Sync)) {
        let note = error.to_string();
        let state = ReplayState::Failed;
        if let Err(error) = self.storage.set_replay_state(job.id, state, &note, clock::now()).await
        {
            tracing::error!(%error, replay = %job.id, "the replay is not given up yet");
            sleep(LOOK).await;
        }
    }
}

/// How many deliveries a step makes at most, so that a slow rate is kept to evenly.
fn size(per_second: Option<u32>) -> u32 {
    per_second.map_or(STEP_MAX, |rate| (rate / STEPS_PER_S).clamp(1, STEP_MAX))
}

/// A new delivery of an old one's event, for this version of the same flow, and the job that it
/// becomes.
pub fn again(
    worker: &Worker,
    open: OpenDelivery,
    flow_version: u32,
    index: &Index,
) -> (NewDelivery, Job) {
    let (id, created_at) = (DeliveryId(Uuid::now_v7()), clock::now());
    let shard = scheduler::shard(&open.event, open.flow_id, id);
    let new = NewDelivery {
        id,
        event_id: open.event.id,
        hook_id: open.hook_id,
        queue_id: open.event.queue_id,
        flow_id: open.flow_id,
        flow_version,
        state: DeliveryState::Pending,
        warning: None,
        replay_of: Some(open.id),
        parent: open.parent,
        test: open.test,
        created_at,
        shard,
    };
    let job = Job {
        id,
        flow_version,
        attempts: 0,
        due: None,
        hold_until: None,
        out_of_order: false,
        state: DeliveryState::Pending,
        rests: false,
        created_at,
        shard,
        timed: false,
        ..worker.job(open, index)
    };
    (new, job)
}
