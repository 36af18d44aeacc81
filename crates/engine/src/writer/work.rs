//! One commit: what of that which has gathered is written, and who is told of it.

use super::{Accepted, GATHERED_MAX, Order, Taken, Write};
use crate::{
    clock,
    dispatcher::{Ended, Notice},
    lease::Lease,
    scheduler::{Job, Lane, lane},
    worker::{NewRun, Outcome},
};
use model::{
    delivery::{DeliveryState, keeps_order},
    policy::Priority,
    time::Millis,
};
use storage::journal::{
    Batch, Committed, Completion, EventReceipt, KeptSteps, NewDelivery, NewEvent, RunChange,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// One commit, and who is told of it.
#[derive(Default)]
pub(super) struct Work {
    pub batch: Batch,
    pub posts: Vec<Post>,
    pub replays: Vec<(Job, oneshot::Sender<Result<(), String>>)>,
    pub steps: Vec<(Vec<Job>, oneshot::Sender<Taken>)>,
    /// The jobs that the batch's children become.
    pub children: Vec<Job>,
    pub notices: Vec<Notice>,
    /// Runs that go on, and those that asked for a flush.
    pub kept: Vec<oneshot::Sender<()>>,
    pub flushes: Vec<oneshot::Sender<()>>,
    /// Whether the batch holds changes without an attempt, which alone may meet another change of
    /// the same delivery.
    pub has_changes: bool,
}

pub(super) struct Post {
    pub events: usize,
    pub orders: Vec<Vec<Order>>,
    pub _room: OwnedSemaphorePermit,
    pub answer: oneshot::Sender<Accepted>,
}

impl Work {
    /// Sorts what has gathered. What was begun under another incarnation is none of this node's any
    /// more: whoever holds the delivery now runs it again.
    pub fn sort(gathered: &mut Vec<Write>, lease: &Lease) -> Self {
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
    pub fn drop_completions(&mut self) {
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
    pub fn jobs(&self, committed: &Committed) -> Vec<Job> {
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
    pub fn refuse(&mut self, why: &str) {
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
