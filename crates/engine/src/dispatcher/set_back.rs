//! The clock has been set back: what is to be at some time is to be as much later as before, in memory
//! and in the database. A retry would wait, and hold its lane, for as much longer otherwise.

use super::{AGAIN, Dispatcher, Notice};
use crate::clock;
use storage::StorageError;
use tokio::time::sleep;

impl Dispatcher {
    /// The clock has been set back by so many milliseconds. What an attempt decides meanwhile that has
    /// seen the new time already may fall due too early by that.
    pub(super) fn set_back(&mut self, ms: i64) {
        tracing::warn!(ms, "the clock was set back: what waits for its time goes by the new one");
        let plan = &mut self.plan;
        plan.scheduler.set_back(ms);
        plan.backlog.set_back(plan.arrivals.seen());
        plan.reading.look_again();
        let (storage, tell) = (self.storage.clone(), self.worker.tell.clone());
        let (shards, under) = (plan.backlog.shards(), self.lease.under());
        let under = under.filter(|_| !self.lease.is_alone());
        tokio::spawn(async move {
            let mut after = (clock::now(), i64::MAX);
            while !tell.is_closed() {
                match storage.set_back(after, ms, shards, under).await {
                    Ok(Some(last)) => after = last,
                    // Whoever holds them now looks at a clock as well.
                    Ok(None) | Err(StorageError::Fenced) => break,
                    Err(error) => {
                        tracing::error!(%error, "what waits for its time goes by the old clock yet");
                        sleep(AGAIN).await;
                        continue;
                    }
                }
                tell.send(Notice::Due).ok();
            }
        });
    }
}
