//! Running a delivery now that waits, or that was given up.

use crate::{
    Engine, EngineError, Result, clock,
    dispatcher::{AHEAD_MS, Hurried, Notice},
    scheduler::is_due_later,
    stopped,
};
use model::{
    delivery::DeliveryState,
    ids::DeliveryId,
    user::{Actor, Permission},
};
use storage::{journal::OpenDelivery, nodes::Ask};
use tokio::sync::oneshot;

/// When what is resumed, or is to run now, falls due, in milliseconds from now: beyond what has been
/// read ahead. It runs at once where its node is told.
const FOUND_MS: i64 = AHEAD_MS + 1_000;

impl Engine {
    /// Runs a delivery at once that waits for its next attempt or in its flow. One that is dead goes
    /// on at the step that failed, on the version of its flow that it began with, and gets the whole
    /// schedule of retries again.
    pub async fn run_now(&self, actor: &Actor, id: DeliveryId) -> Result<()> {
        actor.require(Permission::Edit)?;
        let open = self.open(id).await?;
        if open.state == DeliveryState::Dead {
            self.resume(id).await
        } else {
            self.hurry(open).await
        }
    }

    async fn hurry(&self, open: OpenDelivery) -> Result<()> {
        let (id, seq, waits) = (open.id, open.seq, is_due_later(open.state));
        // Written down first: where it waits out of memory again, or nobody holds it at the moment, it is
        // found to be due.
        if let Some(due) = open.next_at.filter(|_| waits) {
            self.storage.hurry_one(seq, due, clock::now().plus(FOUND_MS)).await?;
        }
        let (answer, answered) = oneshot::channel();
        self.tell(Notice::Hurry { open: Box::new(open), answer })?;
        match answered.await.map_err(|_| stopped())? {
            Hurried::Yes => Ok(()),
            Hurried::Elsewhere if waits => self.ask(Ask::Hurry(id)).await,
            Hurried::Held => Err(EngineError::Conflict(
                "its hook or its queue is paused; it runs when that is resumed".into(),
            )),
            Hurried::Stopped => Err(EngineError::Conflict(
                "nothing is sent to its destination at the moment; it runs as soon as that changes"
                    .into(),
            )),
            Hurried::No | Hurried::Elsewhere => Err(EngineError::Conflict(
                "this delivery does not wait, and was not given up; it can be replayed".into(),
            )),
        }
    }

    async fn resume(&self, id: DeliveryId) -> Result<()> {
        // Whatever fails from here on, it is found when it falls due.
        if !self.storage.resume(id, clock::now().plus(FOUND_MS)).await? {
            return Err(EngineError::Conflict("somebody has just resumed this delivery".into()));
        }
        let open = self.open(id).await?;
        if !self.lease.is_alone() && !self.lease.mine().contains(open.shard) {
            return self.ask(Ask::Resume(id)).await;
        }
        self.tell(Notice::Back(Box::new(open)))
    }
}
