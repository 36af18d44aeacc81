//! Group commit: one task takes whatever has gathered since its last commit and writes it in one
//! transaction; another waits until the disk has what was written, and only then answers for it. So
//! the next commit is written while the disk keeps this one. No timer: a lone event is committed at
//! once. Where the storage can keep runs beside its other commits, a second such pair does that.

mod given;
mod keeping;
mod refusing;
mod work;

pub use self::work::change;
use self::{
    given::Given,
    keeping::{UNKEPT_MAX, Written, keep},
    refusing::refuse_new,
    work::Work,
};
use crate::{
    dispatcher::Notice,
    lease::Lease,
    live::Shared,
    scheduler::Job,
    worker::{NewRun, Outcome},
};
use model::{effect::Effect, policy::Priority};
use std::{sync::Arc, time::Duration};
use storage::{
    Storage, StorageError,
    journal::{
        Beginning, Committed, Completion, EventReceipt, KeptRun, NewDelivery, NewEvent, ReplayStep,
    },
    nodes::Incarnation,
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
    task::yield_now,
    time::{sleep, timeout},
};

/// The most messages of one commit.
const GATHERED_MAX: usize = 512;
/// How long to wait before what has been done is written again after the database failed.
const AGAIN: Duration = Duration::from_secs(1);

/// The answer to a post: its receipts, or why nothing was accepted.
pub type Accepted = Result<Vec<EventReceipt>, String>;

/// Whether a step of a replay was taken, or why that is not known.
pub type Taken = Result<bool, String>;

/// How a hook wants its deliveries run.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    pub ordered: bool,
    pub max_hold_ms: i64,
    pub priority: Priority,
}

/// Something to write.
pub enum Write {
    /// Events of one post, with the order that each of their deliveries asks for.
    Accept {
        events: Vec<NewEvent>,
        orders: Vec<Vec<Order>>,
        /// The room that they take until they are written.
        room: OwnedSemaphorePermit,
        answer: oneshot::Sender<Accepted>,
    },
    /// A new delivery of an old event, as the job that it becomes.
    Replay {
        delivery: NewDelivery,
        /// Where it begins, if not with its flow.
        beginning: Option<Box<Beginning>>,
        job: Box<Job>,
        answer: oneshot::Sender<Result<(), String>>,
    },
    /// A step of a job that replays, with the jobs that its deliveries become. The answer says
    /// whether the step was taken.
    Step { step: Box<ReplayStep>, jobs: Vec<Job>, answer: oneshot::Sender<Taken> },
    /// An attempt has ended.
    Ended(Box<Outcome>),
    /// A run, by its delivery's row number, that goes on when it is kept as it stands.
    Keep {
        seq: i64,
        run: KeptRun,
        /// What the run has changed since it was kept last.
        effects: Vec<Effect>,
        /// What it has begun beside itself since it was kept last.
        children: Vec<NewRun>,
        under: Incarnation,
        answer: oneshot::Sender<()>,
    },
    /// A delivery's state changes without an attempt, as this incarnation has decided.
    Change(Box<Completion>, Incarnation),
    /// Answers when everything before it has been written.
    Flush(oneshot::Sender<()>),
}

/// Writes until every sender is gone, and all that was written is answered.
pub async fn run(
    storage: Arc<dyn Storage>,
    mut inbox: mpsc::Receiver<Write>,
    notices: mpsc::UnboundedSender<Notice>,
    shared: Shared,
    lease: Arc<Lease>,
) {
    let (written, unkept) = mpsc::channel(UNKEPT_MAX);
    let disk = storage.clone();
    let sync = async move || disk.sync().await;
    let keeping = tokio::spawn(keep(sync, unkept, notices, shared.clone()));
    let mut gathered = Vec::with_capacity(GATHERED_MAX);
    let mut given = Given::default();
    while gather(&mut inbox, &mut gathered).await {
        let mut work = Work::sort(&mut gathered, &lease);
        let mut stalled = None;
        let committed = loop {
            let error = match storage.commit(&work.batch).await {
                Ok(committed) => break Some(committed),
                Err(error) => error,
            };
            if let (StorageError::Fenced, Some(under)) = (&error, work.batch.under) {
                lease.lose(under);
                work.drop_completions();
                continue;
            }
            report(&error);
            // What has been done outside must be written down, however long it takes; nobody is
            // to wait for that.
            let must_be_written = work.batch.is_fenced();
            if must_be_written {
                stalled.get_or_insert_with(|| shared.stall());
            }
            work.refuse(&error.to_string());
            // Nor for each part of what has come while it was tried: that may have taken long.
            refuse_new(&mut inbox, &mut gathered, &error.to_string());
            if !must_be_written {
                break None;
            }
            sleep(AGAIN).await;
            refuse_new(&mut inbox, &mut gathered, &error.to_string());
        };
        drop(stalled);
        if let Some(Committed { numbers, .. }) = &committed {
            shared.knows(numbers.end - 1);
            // What was given while nothing was held as well.
            let is_news = given.is_news(numbers);
            if let Some(under) = work.batch.under.filter(|_| !is_news) {
                tracing::error!("the database has lost what was written last; all is read again");
                shared.begin_anew(numbers.end - 1);
                lease.lose(under);
            }
        }
        // What is left of a refused one is of nobody but those who flush: before them all is written.
        let committed = committed.unwrap_or_default();
        let room = loop {
            match timeout(AGAIN, written.reserve()).await {
                Ok(room) => break room,
                // Or while the disk does not keep what has been written.
                Err(_) if shared.is_stalled() => {
                    refuse_new(&mut inbox, &mut gathered, "the disk keeps nothing at the moment");
                }
                Err(_) => {}
            }
        };
        match room {
            Ok(room) => room.send(Written { work, committed }),
            Err(_) => break,
        }
    }
    drop(written);
    keeping.await.ok();
}

/// Waits for something to write, and lets those who are ready come to it as well: few commits of much
/// cost less than many of little. Whether there will be more.
async fn gather(inbox: &mut mpsc::Receiver<Write>, gathered: &mut Vec<Write>) -> bool {
    if gathered.is_empty() {
        let Some(first) = inbox.recv().await else { return false };
        gathered.push(first);
    }
    yield_now().await;
    while gathered.len() < GATHERED_MAX
        && let Ok(next) = inbox.try_recv()
    {
        gathered.push(next);
    }
    true
}

fn report(error: &storage::StorageError) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, "a commit failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_ready_to_write_is_in_the_same_commit() {
        let (write, mut inbox) = mpsc::channel(4);
        let flush = || Write::Flush(oneshot::channel().0);
        write.send(flush()).await.ok().unwrap();
        tokio::spawn(async move { write.send(flush()).await });
        let mut gathered = Vec::new();
        assert!(gather(&mut inbox, &mut gathered).await);
        assert_eq!(gathered.len(), 2);
        assert!(gather(&mut inbox, &mut gathered).await, "what is left is written first");
        gathered.clear();
        assert!(!gather(&mut inbox, &mut gathered).await, "nobody writes any more");
    }
}
