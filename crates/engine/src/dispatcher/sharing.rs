//! Which shards this node runs: what is taken up, given up, lost.

use super::{Dispatcher, Plan};
use crate::writer::Write;
use storage::{
    journal::{Counted, Shard},
    nodes::{Incarnation, Shards, Sharing},
};
use tokio::sync::oneshot;

impl Dispatcher {
    /// Brings what it runs in line with how the shards lie.
    pub(super) async fn share(&mut self, under: Incarnation, sharing: Sharing) {
        if self.lease.under() != Some(under) {
            return;
        }
        self.plan.under = under;
        self.plan.nodes = sharing.nodes.max(1);
        // One that is about to be freed still counts as held.
        let new = sharing.mine.without(self.plan.backlog.shards()).without(self.plan.leaving);
        if !new.is_empty() {
            // Nothing is heard meanwhile, so that nothing is counted twice.
            match self.storage.backlog(new).await {
                Ok(counted) => {
                    tracing::info!(shards = new.len(), "taken up");
                    self.plan.take_up(new, &counted);
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
        self.plan.leaving = Shards::NONE;
        self.plan.cancelling.clear();
    }

    /// Lets go of shards that are handed on, once nothing of them runs and all is written down.
    pub(super) fn free_what_has_ended(&mut self) {
        let plan = &mut self.plan;
        if plan.leaving.is_empty() {
            return;
        }
        let runs: Shards = plan.running.values().map(|running| running.job.shard).collect();
        let ended = plan.leaving.without(runs);
        if ended.is_empty() {
            return;
        }
        plan.leaving = plan.leaving.without(ended);
        let (writer, freed) = (self.writer.clone(), self.freed.clone());
        tokio::spawn(async move {
            let (answer, flushed) = oneshot::channel();
            writer.send(Write::Flush(answer)).await.ok();
            if flushed.await.is_ok() {
                freed.send(ended).ok();
            }
        });
    }
}

impl Plan {
    /// Takes up shards of which so much is unfinished.
    pub fn take_up(&mut self, shards: Shards, counted: &Counted) {
        if self.backlog.shards().is_empty() {
            self.arrivals.begin(counted.newest);
        } else {
            self.arrivals.again();
        }
        self.backlog.take_up(shards, counted);
        self.reading.look_again();
    }

    fn give_up(&mut self, shards: Shards) {
        self.scheduler.take(|job| shards.contains(job.shard));
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
