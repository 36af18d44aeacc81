//! An attempt as a task of its own.

use super::{Notice, stop};
use crate::{
    current::Current,
    scheduler::Job,
    worker::{Place, Worker, broken_off},
    writer::Write,
};
use futures::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use storage::nodes::Incarnation;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

/// How long to wait before an attempt is begun again that the database kept from beginning.
const BEGIN_AGAIN: Duration = Duration::from_secs(1);

/// What an attempt needs.
pub struct Attempt {
    pub worker: Arc<Worker>,
    pub current: Arc<Current>,
    pub writer: mpsc::Sender<Write>,
    pub stopping: watch::Receiver<bool>,
    pub under: Incarnation,
    /// Whether it is to be the last of its delivery.
    pub is_last: Arc<AtomicBool>,
}

impl Attempt {
    /// Runs one attempt that begins at this place to its end and has it written down. While the
    /// database does not answer, the attempt waits to begin.
    pub async fn run(mut self, job: Job, place: Place) {
        let under = self.under;
        loop {
            let ran = match self.current.get().await {
                Ok(index) => {
                    // On the heap: a task is moved several times before it runs.
                    let run = self.worker.run(job.clone(), &place, &self.is_last, under, &index);
                    let run = Box::pin(run);
                    // A fault of ours must not hold the lane for ever.
                    let ran = AssertUnwindSafe(run).catch_unwind().await;
                    ran.unwrap_or_else(|_| {
                        let is_last = self.is_last.load(Ordering::Relaxed);
                        Ok(broken_off(job.clone(), is_last, under, (&index, &self.worker.vault)))
                    })
                }
                Err(error) => Err(error),
            };
            match ran {
                Ok((left, None)) => {
                    self.worker.tell.send(Notice::Elsewhere { job: Box::new(job), left }).ok();
                    return;
                }
                Ok((left, Some(outcome))) => {
                    self.worker.tell.send(Notice::Left(left)).ok();
                    self.writer.send(Write::Ended(outcome)).await.ok();
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, delivery = %job.id, "an attempt cannot begin");
                }
            }
            tokio::select! {
                () = stop(&mut self.stopping) => return,
                () = sleep(BEGIN_AGAIN) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F>(_: impl FnOnce(Attempt, Job, Place) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_attempt_is_small_enough_to_be_moved_into_its_task() {
        let size = size(Attempt::run);
        assert!(size <= 2_048, "{size} bytes");
    }
}
