//! Answering for what has been written.

use super::{AGAIN, Work, report};
use crate::{dispatcher::Notice, live::Shared};
use storage::journal::Committed;
use tokio::{sync::mpsc, time::sleep};

/// The most commits that wait for the disk together.
pub(super) const UNKEPT_MAX: usize = 16;

/// A batch that has been written, and who is told of it once the disk has it.
pub(super) struct Written {
    pub work: Work,
    pub committed: Committed,
}

impl Written {
    /// Tells everybody.
    fn tell(self, notices: &mpsc::UnboundedSender<Notice>, shared: &Shared) {
        let Self { work, committed } = self;
        shared.count(&work.batch, &committed);
        // The dispatcher hears of new work first, and in the order of acceptance.
        let (jobs, numbers) = (work.jobs(&committed), committed.numbers.clone());
        if !numbers.is_empty() {
            notices.send(Notice::Add { numbers, jobs }).ok();
        }
        for notice in work.notices {
            notices.send(notice).ok();
        }
        for ((_, answer), taken) in work.steps.into_iter().zip(&committed.replay_steps) {
            answer.send(Ok(taken.is_some())).ok();
        }
        let mut receipts = committed.events.into_iter();
        for post in work.posts {
            post.answer.send(Ok(receipts.by_ref().take(post.events).collect())).ok();
        }
        for (_, answer) in work.replays {
            answer.send(Ok(())).ok();
        }
        for answer in work.kept.into_iter().chain(work.flushes) {
            answer.send(()).ok();
        }
    }
}

/// Answers for what has been written once the disk has it.
pub(super) async fn keep(
    sync: impl AsyncFn() -> storage::Result<()>,
    mut unkept: mpsc::Receiver<Written>,
    notices: mpsc::UnboundedSender<Notice>,
    shared: Shared,
) {
    let mut gathered = Vec::with_capacity(UNKEPT_MAX);
    while unkept.recv_many(&mut gathered, UNKEPT_MAX).await > 0 {
        let mut stalled = None;
        while let Err(error) = sync().await {
            report(&error);
            stalled.get_or_insert_with(|| shared.stall());
            sleep(AGAIN).await;
        }
        drop(stalled);
        for written in gathered.drain(..) {
            written.tell(&notices, &shared);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use storage::StorageError;
    use tokio::sync::{Mutex, oneshot};

    #[tokio::test]
    async fn nobody_is_told_before_the_disk_has_it() {
        let (written, unkept) = mpsc::channel(UNKEPT_MAX);
        let (notices, mut heard) = mpsc::unbounded_channel();
        let shared = Shared::default();
        let (disk, says) = mpsc::channel(1);
        let says = Arc::new(Mutex::new(says));
        let sync = async move || says.lock().await.recv().await.unwrap();
        let keeping = tokio::spawn(keep(sync, unkept, notices, shared.clone()));
        let (answer, mut answered) = oneshot::channel();
        let work = Work { flushes: vec![answer], ..Work::default() };
        let committed = Committed { numbers: 1..2, ..Committed::default() };
        written.send(Written { work, committed }).await.ok().unwrap();

        let broken = || StorageError::Database(std::io::Error::other("it is broken").into());
        for _ in 0..2 {
            disk.send(Err(broken())).await.unwrap();
            while shared.busy().is_none() {
                tokio::task::yield_now().await;
            }
            assert!(answered.try_recv().is_err() && heard.try_recv().is_err());
        }
        disk.send(Ok(())).await.unwrap();
        answered.await.unwrap();
        assert!(matches!(heard.try_recv(), Ok(Notice::Add { numbers, .. }) if numbers == (1..2)));
        assert!(shared.busy().is_none(), "events are taken again");
        drop(written);
        keeping.await.unwrap();
    }
}
