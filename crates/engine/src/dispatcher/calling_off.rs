//! Calling off what is unfinished: what is in memory at once, the rest in the database.

use super::{Dispatcher, Notice, Plan, plan::Running};
use crate::{
    clock,
    scheduler::{Job, Whose},
};
use model::ids::DeliveryId;
use storage::{Storage, journal::Unfinished, nodes::Shards};
use tokio::sync::{mpsc, oneshot};

/// How much is called off in one transaction.
const CANCEL: u32 = 2_000;

/// What is being called off, a part at a time.
#[derive(Clone, Copy)]
pub(super) struct Cancelling {
    of: Unfinished,
    shards: Shards,
    /// Whether more of it has arrived since, which the database may have been asked too early for.
    came: bool,
}

impl Cancelling {
    pub(super) fn has(&self, job: &Job) -> bool {
        is_of(&job.whose(), self.of)
    }
}

impl Dispatcher {
    pub(super) fn cancel(
        &mut self,
        of: Unfinished,
        shards: Shards,
        answer: oneshot::Sender<storage::Result<u64>>,
    ) {
        self.plan.cancelling.push(Cancelling { of, shards, came: false });
        let taken = self.plan.scheduler.take(|one| is_of(one, of));
        tracing::debug!(taken = taken.len(), ?of, "called off what was in memory");
        self.call_off(of, shards, Some(answer));
    }

    /// A part by part, calls off what is in the database.
    fn call_off(
        &mut self,
        of: Unfinished,
        shards: Shards,
        answer: Option<oneshot::Sender<storage::Result<u64>>>,
    ) {
        let mut running = Vec::new();
        let running_there = |running: &&mut Running| is_of(&running.job.whose(), of);
        for attempt in self.plan.running.values_mut().filter(running_there) {
            attempt.last = true;
            running.push(attempt.job.id);
        }
        let (storage, tell) = (self.storage.clone(), self.worker.tell.clone());
        tokio::spawn(async move {
            let cancelled = in_database(&*storage, of, shards, &running, &tell).await;
            tell.send(Notice::CancelEnded { of, failed: cancelled.is_err() }).ok();
            match (answer, cancelled) {
                (Some(answer), cancelled) => drop(answer.send(cancelled)),
                (None, Err(error)) => tracing::error!(%error, ?of, "not all is called off"),
                (None, Ok(_)) => {}
            }
        });
    }

    /// What was to be called off is, or could not be: then it runs, and is read again.
    pub(super) fn cancel_ended(&mut self, of: Unfinished, failed: bool) {
        let plan = &mut self.plan;
        let Some(place) = plan.cancelling.iter().position(|one| one.of == of) else { return };
        let Cancelling { shards, came, .. } = plan.cancelling[place];
        if came && !failed {
            plan.cancelling[place].came = false;
            return self.call_off(of, shards, None);
        }
        plan.cancelling.swap_remove(place);
        if failed {
            plan.backlog.look_again();
        }
    }
}

impl Plan {
    /// Whether a delivery that has just arrived is being called off. The database may have been
    /// asked too early for it, and is asked again.
    pub(super) fn is_called_off(&mut self, job: &Job) -> bool {
        let one = self.cancelling.iter_mut().find(|one| one.has(job));
        one.map(|one| one.came = true).is_some()
    }
}

fn is_of(one: &Whose, of: Unfinished) -> bool {
    match of {
        Unfinished::Queue(queue) => one.queue == queue,
        Unfinished::Hook(hook) => one.lot.hook == hook,
        Unfinished::Delivery(id) => one.id == id,
    }
}

/// Calls off what is unfinished there, a part at a time; how many they were.
async fn in_database(
    storage: &dyn Storage,
    of: Unfinished,
    shards: Shards,
    running: &[DeliveryId],
    tell: &mpsc::UnboundedSender<Notice>,
) -> storage::Result<u64> {
    let mut cancelled = 0;
    loop {
        let went = storage.cancel(of, shards, running, CANCEL, clock::now()).await?;
        let many = went.len();
        cancelled += many as u64;
        tell.send(Notice::Cancelled(went)).ok();
        if many < CANCEL as usize {
            return Ok(cancelled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backlog::Backlog, scheduler::tests::job};
    use model::ids::HookId;
    use std::collections::HashSet;
    use storage::journal::Counted;

    #[test]
    fn what_arrives_while_it_is_called_off_does_not_begin() {
        let mut plan = Plan::new(Backlog::new(HashSet::new()));
        let counted = Counted { lots: Vec::new(), newest: 0 };
        plan.backlog.take_up(Shards::ALL, &counted, |_| Vec::new(), clock::now());
        let of = Unfinished::Hook(HookId(1));
        plan.cancelling.push(Cancelling { of, shards: Shards::ALL, came: false });
        // The hook of a test's job is its call by three.
        plan.admit(job(1, 1));
        plan.admit(job(2, 2));
        assert!(!plan.scheduler.has(1) && plan.scheduler.has(2));
        assert!(plan.cancelling[0].came, "the database is asked once more");
        assert_eq!(plan.backlog.total(), 2, "it is unfinished until then");
    }
}
