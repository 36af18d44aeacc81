//! What waits for its time is to run now: one delivery, or all that is tried again at a destination.

use super::{AGAIN, Dispatcher, Notice};
use crate::{clock, scheduler::is_due_later};
use model::destination::DestinationKey;
use std::time::Instant;
use storage::{StorageError, journal::OpenDelivery};
use tokio::{sync::oneshot, time::sleep};

/// Who hears what became of it.
pub type Answer = oneshot::Sender<Hurried>;

/// What became of the wish to run a waiting delivery now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hurried {
    Yes,
    /// It waits, and its hook is paused.
    Held,
    /// It waits for its time no more, but for its destination, to which nothing is sent.
    Stopped,
    /// It does not wait.
    No,
    /// Another node holds it.
    Elsewhere,
}

impl Dispatcher {
    /// Has a delivery run now that waits for its time, and answers whether it does. It is as it was
    /// read a moment ago.
    pub(super) fn hurry(&mut self, open: &OpenDelivery, answer: Answer) {
        let plan = &mut self.plan;
        if !plan.backlog.shards().contains(open.shard) {
            answer.send(Hurried::Elsewhere).ok();
            return;
        }
        let waits = is_due_later(open.state) && !plan.scheduler.has(open.seq);
        let hurried = match plan.scheduler.hurry(open.seq) {
            Some(true) => Hurried::Yes,
            Some(false) => Hurried::Stopped,
            None if waits && !open.test && plan.backlog.held().contains(&open.hook_id) => {
                Hurried::Held
            }
            // Unless it has ended since, which shows when it is read again.
            None if waits => return self.read_one(open.seq, answer),
            None => Hurried::No,
        };
        answer.send(hurried).ok();
    }

    /// Has all run now that this node holds and that is tried again because this destination failed.
    pub(super) fn hurry_all(&self, destination: DestinationKey) {
        let (storage, tell) = (self.storage.clone(), self.worker.tell.clone());
        let (shards, under) = (self.plan.backlog.shards(), self.lease.under());
        let under = under.filter(|_| !self.lease.is_alone());
        // A failure names the host without a port.
        let but = self.plan.scheduler.at_its_host(&destination);
        tokio::spawn(async move {
            let now = clock::now();
            let (mut after, mut told) = ((now, i64::MAX), Instant::now());
            while !tell.is_closed() {
                match storage.hurry(destination.host(), &but, after, now, shards, under).await {
                    Ok(Some(hurried)) => {
                        after = hurried.last;
                        tell.send(Notice::DueNow(hurried.seqs)).ok();
                        // What is not in memory is read again from the beginning: now and then.
                        if told.elapsed() > AGAIN {
                            tell.send(Notice::Due).ok();
                            told = Instant::now();
                        }
                    }
                    // Whoever holds them now has been told of it as well.
                    Ok(None) | Err(StorageError::Fenced) => break,
                    Err(error) => {
                        tracing::error!(%error, %destination, "what is tried again keeps its time yet");
                        sleep(AGAIN).await;
                    }
                }
            }
            tell.send(Notice::Due).ok();
        });
    }
}
