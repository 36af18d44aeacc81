//! Group commit: one task takes whatever has gathered since its last commit and writes it in one
//! transaction; another waits until the disk has what was written, and only then answers for it. So
//! the next commit is written while the disk keeps this one. No timer: a lone event is committed at
//! once. Where the storage can keep runs beside its other commits, a second such pair does that.

mod given;
mod keeping;
mod refusing;

use self::{
    given::Given,
    keeping::{UNKEPT_MAX, Written, keep},
    refusing::refuse_new,
};
use crate::{
    clock,
    dispatcher::{Ended, Notice},
    lease::Lease,
    live::Shared,
    scheduler::{Job, Lane, lane},
    worker::{NewRun, Outcome},
};
use model::{
    delivery::{DeliveryState, keeps_order},
    effect::Effect,
    policy::Priority,
    time::Millis,
};
use std::{sync::Arc, time::Duration};
use storage::{
    Storage, StorageError,
    journal::{
        Batch, Beginning, Committed, Completion, EventReceipt, KeptRun, KeptSteps, NewDelivery,
        NewEvent, ReplayStep, RunChange,
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
            if let Some(under) = work.batch.under.filter(|_| !given.is_news(numbers)) {
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

/// One commit, and who is told of it.
#[derive(Default)]
struct Work {
    batch: Batch,
    posts: Vec<Post>,
    replays: Vec<(Job, oneshot::Sender<Result<(), String>>)>,
    steps: Vec<(Vec<Job>, oneshot::Sender<Taken>)>,
    /// The jobs that the batch's children become.
    children: Vec<Job>,
    notices: Vec<Notice>,
    /// Runs that go on, and those that asked for a flush.
    kept: Vec<oneshot::Sender<()>>,
    flushes: Vec<oneshot::Sender<()>>,
    /// Whether the batch holds changes without an attempt, which alone may meet another change of
    /// the same delivery.
    has_changes: bool,
}

struct Post {
    events: usize,
    orders: Vec<Vec<Order>>,
    _room: OwnedSemaphorePermit,
    answer: oneshot::Sender<Accepted>,
}

impl Work {
    /// Sorts what has gathered. What was begun under another incarnation is none of this node's any
    /// more: whoever holds the delivery now runs it again.
    fn sort(gathered: &mut Vec<Write>, lease: &Lease) -> Self {
        let mut work = Self::default();
        let (under, now) = (lease.under(), clock::now());
        work.batch.under = under.filter(|_| !lease.is_alone());
        for write in gathered.drain(..gathered.len().min(GATHERED_MAX)) {
            match write {
                Write::Accept { events, orders, room, answer } => {
                    work.posts.push(Post { events: events.len(), orders, _room: room, answer });
                    work.batch.events.extend(events);
                }
                Write::Replay { delivery, beginning, job, answer } => {
                    let id = delivery.id;
                    work.batch.beginnings.extend(beginning.map(|beginning| (id, *beginning)));
                    work.batch.replays.push(delivery);
                    work.replays.push((*job, answer));
                }
                Write::Step { step, jobs, answer } => {
                    work.batch.replay_steps.push(*step);
                    work.steps.push((jobs, answer));
                }
                Write::Ended(outcome) if under != Some(outcome.under) => {}
                Write::Change(_, begun) if under != Some(begun) => {}
                Write::Ended(outcome) => {
                    let Outcome {
                        under,
                        mut completion,
                        effects,
                        children,
                        lane,
                        lot,
                        mut again,
                        gone,
                    } = *outcome;
                    if let Some(ms) = clock::set_back_since(completion.at, now) {
                        clock::set_back(&mut completion.next_at, ms);
                        clock::set_back(&mut completion.hold_until, ms);
                        again.iter_mut().for_each(|job| job.set_back(ms));
                    }
                    work.batch.effects.extend(effects);
                    work.begin(children);
                    work.notices.push(Notice::Ended(Box::new(Ended {
                        under,
                        id: completion.delivery_id,
                        seq: completion.seq,
                        lane,
                        lot,
                        at: now,
                        again,
                        gone,
                    })));
                    work.complete(completion);
                }
                // It is broken off: nobody answers it.
                Write::Keep { under: begun, .. } if under != Some(begun) => {}
                Write::Keep { seq, run, effects, children, answer, .. } => {
                    work.batch.runs.push((seq, run));
                    work.batch.effects.extend(effects);
                    work.begin(children);
                    work.kept.push(answer);
                }
                Write::Change(completion, _) => {
                    work.has_changes = true;
                    work.complete(*completion);
                }
                Write::Flush(answer) => work.flushes.push(answer),
            }
        }
        let mine = lease.mine();
        let new = work.batch.events.iter().flat_map(|new| &new.deliveries);
        let children = work.batch.children.iter().map(|child| &child.delivery);
        let new = new.chain(&work.batch.replays).chain(children);
        let mut new = new.chain(work.batch.replay_steps.iter().flat_map(|step| &step.deliveries));
        work.batch.tells =
            new.any(|one| one.state == DeliveryState::Pending && !mine.contains(one.shard));
        work
    }

    /// Forgets what others have taken over.
    fn drop_completions(&mut self) {
        self.batch.completions.clear();
        self.batch.runs.clear();
        self.batch.effects.clear();
        self.batch.children.clear();
        self.children.clear();
        self.kept.clear();
        self.notices.clear();
    }

    fn begin(&mut self, children: Vec<NewRun>) {
        for (child, job) in children {
            self.batch.children.push(child);
            self.children.push(job);
        }
    }

    /// Adds a completion; of two for one delivery the later state counts.
    fn complete(&mut self, mut completion: Completion) {
        let earlier = self
            .has_changes
            .then(|| self.batch.completions.iter_mut().find(|one| one.seq == completion.seq));
        match earlier.flatten() {
            Some(earlier) => {
                if completion.attempt.is_none() {
                    completion.attempt = earlier.attempt.take();
                    completion.kept_steps = std::mem::take(&mut earlier.kept_steps);
                    completion.reached_after_ms = earlier.reached_after_ms;
                }
                if completion.run == RunChange::Leave {
                    completion.run = std::mem::take(&mut earlier.run);
                }
                *earlier = completion;
            }
            None => self.batch.completions.push(completion),
        }
    }

    /// The jobs that the committed deliveries become.
    fn jobs(&self, committed: &Committed) -> Vec<Job> {
        let mut jobs = Vec::new();
        let orders = self.posts.iter().flat_map(|post| &post.orders);
        for ((new, orders), receipt) in self.batch.events.iter().zip(orders).zip(&committed.events)
        {
            let EventReceipt::Accepted { deliveries } = receipt else { continue };
            for ((one, order), seq) in new.deliveries.iter().zip(orders).zip(deliveries) {
                if one.state == DeliveryState::Pending {
                    jobs.push(job(new, one, *order, *seq));
                }
            }
        }
        let replays = self.replays.iter().map(|(job, _)| job).zip(&committed.replays);
        let steps = self.steps.iter().zip(&committed.replay_steps);
        let steps = steps.flat_map(|((jobs, _), seqs)| jobs.iter().zip(seqs.iter().flatten()));
        let children = self.children.iter().zip(&committed.children);
        let children = children.filter_map(|(job, seq)| Some((job, seq.as_ref()?)));
        for (job, seq) in replays.chain(steps).chain(children) {
            let lane = if let Lane::Alone(_) = job.lane { Lane::Alone(*seq) } else { job.lane };
            jobs.push(Job { seq: *seq, lane, ..job.clone() });
        }
        jobs
    }

    /// Nothing was accepted: forgets what is new, and says so to those who wait for an answer.
    fn refuse(&mut self, why: &str) {
        self.batch.events.clear();
        self.batch.replays.clear();
        self.batch.beginnings.clear();
        self.batch.replay_steps.clear();
        for post in self.posts.drain(..) {
            post.answer.send(Err(why.to_owned())).ok();
        }
        for (_, answer) in self.replays.drain(..) {
            answer.send(Err(why.to_owned())).ok();
        }
        for (_, answer) in self.steps.drain(..) {
            answer.send(Err(why.to_owned())).ok();
        }
    }
}

/// The job that a new delivery becomes.
fn job(new: &NewEvent, delivery: &NewDelivery, order: Order, seq: i64) -> Job {
    let ordered = keeps_order(order.ordered, delivery.test, delivery.parent);
    Job {
        seq,
        id: delivery.id,
        event: new.event.clone(),
        hook_id: delivery.hook_id,
        flow_id: delivery.flow_id,
        flow_version: delivery.flow_version,
        lane: lane(&new.event, delivery.flow_id, ordered, seq),
        attempts: 0,
        due: None,
        hold_until: None,
        max_hold_ms: order.max_hold_ms,
        out_of_order: false,
        state: delivery.state,
        rests: false,
        test: delivery.test,
        parent: delivery.parent,
        created_at: delivery.created_at,
        priority: if delivery.test { Priority::High } else { order.priority },
        target: None,
        shard: delivery.shard,
        timed: true,
    }
}

/// A change of state without an attempt, for the log.
pub fn change(job: &Job, state: DeliveryState, at: Millis) -> Completion {
    Completion {
        seq: job.seq,
        delivery_id: job.id,
        queue_id: job.event.queue_id,
        hook_id: job.hook_id,
        state,
        attempt: None,
        kept_steps: KeptSteps::default(),
        failure: None,
        next_at: job.due,
        hold_until: job.hold_until,
        out_of_order: job.out_of_order,
        run: match state {
            DeliveryState::Cancelled if job.rests => RunChange::Forget,
            _ => RunChange::Leave,
        },
        test: job.test,
        reached_after_ms: None,
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::tests::job;

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

    #[test]
    fn of_two_changes_of_a_delivery_the_later_state_counts_and_what_the_attempt_told() {
        let job = job(1, 7);
        let told = Completion {
            reached_after_ms: Some(5),
            ..change(&job, DeliveryState::Retrying, Millis(20))
        };
        let mut work = Work { has_changes: true, ..Work::default() };
        work.complete(told);
        work.complete(change(&job, DeliveryState::Cancelled, Millis(30)));
        let [is] = &work.batch.completions[..] else { panic!("{:?}", work.batch) };
        assert_eq!((is.state, is.reached_after_ms), (DeliveryState::Cancelled, Some(5)));
    }
}
