//! Which shards this node runs: what is taken up, given up, lost.

use super::{AGAIN, Dispatcher, Plan, calling_off::catch_up};
use crate::{arrivals::Arrivals, clock, index::Index, writer::Write};
use storage::{
    journal::{Counted, Shard},
    nodes::{Incarnation, Shards, Sharing},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

/// How many parts of what was called off are ended at a time, before shards are taken up.
const PARTS: usize = 8;

impl Dispatcher {
    /// Brings what it runs in line with how the shards lie.
    pub(super) async fn share(&mut self, under: Incarnation, sharing: Sharing) {
        if self.lease.under() != Some(under) {
            return;
        }
        self.plan.under = under;
        self.plan.nodes = sharing.nodes.max(1);
        self.plan.backlog.share_with(self.plan.nodes);
        // Before anything is handed on: what runs here is to have its seat before who takes that up.
        let drained = self.plan.take_settings(&self.current.last());
        drained.into_iter().for_each(|destination| self.hurry_all(destination));
        // What is handed on is not taken up again before it has been freed.
        let new = sharing.mine.without(self.plan.backlog.shards()).without(self.plan.leaving);
        if !new.is_empty() {
            // Nothing is heard meanwhile, so that nothing is counted twice.
            match self.count(new).await {
                Ok(None) => {}
                Ok(Some(counted)) => {
                    tracing::info!(shards = new.len(), "taken up");
                    self.plan.take_up(new, &counted, &self.current.last());
                }
                Err(error) => {
                    tracing::error!(%error, "what is unfinished cannot be counted yet");
                }
            }
        }
        let surplus = self.plan.surplus(Sharing::share(sharing.nodes));
        if !surplus.is_empty() {
            tracing::info!(shards = surplus.len(), "handed on to other nodes");
            self.plan.give_up(surplus);
        }
        self.lease.hold(self.plan.backlog.shards());
        self.free_what_has_ended();
    }

    /// Counts what is unfinished there, without what was called off meanwhile, which is ended
    /// first. Nothing where that is much: then the rest is ended at the next beat.
    async fn count(&self, new: Shards) -> storage::Result<Option<Counted>> {
        if !catch_up(&*self.storage, new, self.plan.under, PARTS).await? {
            return Ok(None);
        }
        self.storage.backlog(new).await.map(Some)
    }

    /// Forgets everything: others run it now.
    pub(super) fn lose(&mut self, under: Incarnation) {
        if self.plan.under != under {
            return;
        }
        tracing::warn!(
            running = self.plan.running.len(),
            "this node was silent for too long; others have taken over what it held"
        );
        for (_, running) in self.plan.running.drain() {
            running.abort.abort();
            self.shared.stops(running.job.id);
        }
        self.plan.scheduler.clear();
        self.plan.backlog.give_up(Shards::ALL);
        self.plan.arrivals = Arrivals::default();
        self.plan.early.clear();
        (self.plan.leaving, self.plan.freeing) = (Shards::NONE, Shards::NONE);
        self.lease.hold(Shards::NONE);
        self.worker.programs.forget();
        let (current, worker) = (self.current.clone(), self.worker.clone());
        tokio::spawn(async move {
            let read = async || {
                current.read_again().await?;
                worker.programs.forget();
                worker.vault.read_again().await
            };
            while let Err(error) = read().await {
                tracing::error!(%error, "what is set up cannot be read again yet");
                sleep(AGAIN).await;
            }
        });
    }

    /// Lets go of shards that are handed on, once nothing of them runs and all is written down.
    pub(super) fn free_what_has_ended(&mut self) {
        let plan = &mut self.plan;
        if plan.leaving.is_empty() {
            return;
        }
        let runs: Shards = plan.running.values().map(|running| running.job.shard).collect();
        // What is being called off of them is not to run elsewhere meanwhile.
        let called_off = plan.cancelling.iter().fold(Shards::NONE, |all, one| all.and(one.shards));
        let ended = plan.leaving.without(plan.freeing).without(runs).without(called_off);
        if ended.is_empty() {
            return;
        }
        plan.freeing = plan.freeing.and(ended);
        let (writer, freed, under) = (self.writer.clone(), self.freed.clone(), plan.under);
        tokio::spawn(async move {
            if flushed(&writer).await {
                freed.send((under, ended)).ok();
            }
        });
    }

    /// Shards that were handed on are this node's no more, or could not be freed: how they lie is
    /// told next.
    pub(super) fn freed(&mut self, under: Incarnation, shards: Shards) {
        if self.plan.under == under {
            self.plan.leaving = self.plan.leaving.without(shards);
            self.plan.freeing = self.plan.freeing.without(shards);
        }
    }
}

/// Waits until everything before has been written down, however long the database is away; false
/// where the writer has stopped.
async fn flushed(writer: &mpsc::Sender<Write>) -> bool {
    loop {
        let (answer, flushed) = oneshot::channel();
        if writer.send(Write::Flush(answer)).await.is_err() {
            return false;
        }
        if flushed.await.is_ok() {
            return true;
        }
        sleep(AGAIN).await;
    }
}

impl Plan {
    /// Takes up shards of which so much is unfinished.
    pub fn take_up(&mut self, shards: Shards, counted: &Counted, index: &Index) {
        if self.backlog.shards().is_empty() {
            self.arrivals.begin(counted.newest);
        } else {
            self.arrivals.again();
        }
        self.backlog.take_up(shards, counted, |hook| index.rates(hook), clock::now());
        self.reading.look_again();
    }

    fn give_up(&mut self, shards: Shards) {
        self.scheduler.take(|one| shards.contains(one.lot.shard));
        self.backlog.give_up(shards);
        self.leaving = self.leaving.and(shards);
    }

    /// What it holds beyond its share.
    fn surplus(&self, share: u32) -> Shards {
        let held = self.backlog.shards();
        let many = held.len().saturating_sub(share) as usize;
        let highest: Vec<Shard> = held.iter().rev().take(many).collect();
        highest.into_iter().collect()
    }
}
