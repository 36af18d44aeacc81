//! What the dispatcher reads of the database while it goes on: stretches of the backlog, and what
//! falls due. What has ended while a read was under way is not taken in again.

use super::{
    Dispatcher, Hurried, Notice, Plan, hurry,
    plan::is_asleep,
    under_way::{Begun, UnderWay},
};
use crate::{
    arrivals,
    backlog::{AWAKE_MS, LateRead, Read},
    clock,
    scheduler::Lane,
};
use model::time::Millis;
use std::collections::HashSet;
use storage::journal::{OpenDelivery, Stretch};

/// How far ahead what falls due is read, in milliseconds.
pub const AHEAD_MS: i64 = 2_000;
/// How much of what falls due is read at once, at most.
const DUE: u32 = 512;

/// Which reads are under way.
#[derive(Debug)]
pub(super) struct Reading {
    under_way: UnderWay,
    /// Up to where what falls due has been read.
    due: (Millis, i64),
    reads_due: bool,
    /// Whether what falls due is read from the beginning after that.
    again: bool,
    /// The revision of what is set for destinations, and for how many nodes.
    set: (i64, u32),
}

/// What a read found.
#[derive(Debug)]
pub struct Answer {
    begun: Begun,
    what: What,
    found: Found,
}

type Found = storage::Result<Vec<OpenDelivery>>;

#[derive(Debug)]
enum What {
    Stretch(Read),
    /// What was late.
    Late(LateRead),
    /// What was set aside.
    Aside(u64),
    Due {
        until: Millis,
        limit: u32,
    },
    Arrivals(arrivals::Stretch),
    /// One that is to run now, whenever it is due.
    One(hurry::Answer),
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            under_way: UnderWay::default(),
            due: (Millis(0), 0),
            reads_due: false,
            again: false,
            set: (0, 0),
        }
    }
}

impl Reading {
    /// A delivery has ended, or left memory.
    pub fn ended(&mut self, seq: i64) {
        self.under_way.ended(seq);
    }

    /// Whether this revision has not been seen before, or not for so many nodes.
    pub fn is_new(&mut self, revision: i64, nodes: u32) -> bool {
        std::mem::replace(&mut self.set, (revision, nodes)) != (revision, nodes)
    }

    /// What falls due is read from the beginning.
    pub fn look_again(&mut self) {
        self.due = (Millis(0), 0);
        self.again = self.reads_due;
    }
}

impl Dispatcher {
    /// Reads what there is room for.
    pub(super) fn read_on(&mut self) {
        let plan = &mut self.plan;
        if plan.backlog.shards().is_empty() {
            return;
        }
        let most = plan.backlog.most(plan.scheduler.load());
        if let Some(read) = plan.arrivals.read(most) {
            let stretch = Stretch {
                fresh: plan.backlog.is_beyond_counted(read.after),
                shards: plan.backlog.shards(),
                after: read.after,
                until: Some(read.until),
                limit: read.limit,
                ..Stretch::default()
            };
            let storage = self.storage.clone();
            self.read(async move { (storage.unfinished(&stretch).await, What::Arrivals(read)) });
        }
        let plan = &mut self.plan;
        if let Some(read) = plan.scheduler.recall(most as usize) {
            let storage = self.storage.clone();
            self.read(async move {
                (storage.unfinished_among(&read.seqs).await, What::Aside(read.number))
            });
        }
        let plan = &mut self.plan;
        let scheduler = &plan.scheduler;
        let (all, now) = (scheduler.load(), clock::now());
        if let Some(read) = plan.backlog.late(|flow| scheduler.beside(flow), all, most, now) {
            let storage = self.storage.clone();
            self.read(
                async move { (storage.unfinished_among(&read.seqs()).await, What::Late(read)) },
            );
        }
        let plan = &mut self.plan;
        if plan.backlog.has_missed() {
            plan.reading.look_again();
        }
        let (scheduler, all, seen) = (&plan.scheduler, plan.scheduler.load(), plan.arrivals.seen());
        for read in plan.backlog.reads(|flow| scheduler.beside(flow), all, seen, clock::now()) {
            let storage = self.storage.clone();
            self.read(
                async move { (storage.unfinished(&read.stretch).await, What::Stretch(read)) },
            );
        }
    }

    /// Reads one delivery, which is to run now if it is unfinished.
    pub(super) fn read_one(&mut self, seq: i64, answer: hurry::Answer) {
        let storage = self.storage.clone();
        self.read(async move { (storage.unfinished_among(&[seq]).await, What::One(answer)) });
    }

    /// Reads what falls due in a moment and is not in memory.
    pub(super) fn look_at_what_is_due(&mut self) {
        let reading = &mut self.plan.reading;
        let shards = self.plan.backlog.shards();
        if reading.reads_due || shards.is_empty() {
            return;
        }
        let until = clock::now().plus(AHEAD_MS);
        if until < reading.due.0 {
            // The clock has been set back.
            reading.due = (Millis(0), 0);
        }
        reading.reads_due = true;
        let after = reading.due;
        let limit = self.plan.backlog.most(self.plan.scheduler.load()).min(DUE);
        let storage = self.storage.clone();
        self.read(async move {
            (storage.due(after, until, shards, limit).await, What::Due { until, limit })
        });
    }

    /// Reads while the dispatcher goes on, and tells it what was found. What ends from now on is not
    /// taken in from that.
    fn read(&mut self, finding: impl Future<Output = (Found, What)> + Send + 'static) {
        let begun = self.plan.reading.under_way.begin();
        let tell = self.worker.tell.clone();
        tokio::spawn(async move {
            let (found, what) = finding.await;
            tell.send(Notice::Read(Answer { begun, what, found })).ok();
        });
    }

    /// Takes in what a read found. Where more falls due than that was to bring, it is read at once.
    pub(super) fn take_in(&mut self, answer: Answer) {
        let begun = answer.begun;
        let is_full = match (&answer.what, &answer.found) {
            (What::Due { limit, .. }, Ok(found)) => found.len() >= *limit as usize,
            _ => false,
        };
        self.take_in_what_was_found(answer);
        self.plan.reading.under_way.answered(begun);
        if is_full {
            self.look_at_what_is_due();
        }
    }

    fn take_in_what_was_found(&mut self, Answer { begun, what, found }: Answer) {
        if let What::Due { .. } = what {
            self.plan.reading.reads_due = false;
            if std::mem::take(&mut self.plan.reading.again) {
                return;
            }
        }
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "what is unfinished cannot be read yet");
                match what {
                    What::Stretch(read) => self.plan.backlog.unread(&read),
                    What::Aside(read) => self.plan.scheduler.unread(read),
                    What::Late(read) => self.plan.backlog.late_unread(read, clock::now()),
                    What::Arrivals(_) => self.plan.arrivals.again(),
                    What::Due { .. } | What::One(_) => {}
                }
                return;
            }
        };
        let (many, last) = (found.len(), found.last().map(|one| (one.next_at, one.seq)));
        let (index, now) = (self.current.last(), clock::now());
        match &what {
            What::Arrivals(read) => {
                let last = last.map(|(_, seq)| seq);
                let Some(before) = self.plan.arrivals.found(*read, many, last) else { return };
                let new = found.into_iter().filter(|open| open.seq > before);
                let jobs: Vec<_> = new.map(|open| self.worker.job(open, &index)).collect();
                let ready = self.plan.arrivals.go_on();
                jobs.into_iter().chain(ready).for_each(|job| self.plan.admit(job));
                return;
            }
            What::Stretch(read) => {
                let last = found.last().map(|one| (one.seq, one.created_at));
                if !self.plan.backlog.read(read, many, last) {
                    return;
                }
            }
            What::Aside(_) | What::Late(_) | What::One(_) => {}
            What::Due { until, limit } => {
                self.plan.reading.due = match last {
                    Some((Some(at), seq)) if many >= *limit as usize => (at, seq),
                    _ => (*until, i64::MAX),
                };
            }
        }
        let (mut back, mut hurried, mut spared) = (Vec::new(), Hurried::No, 0);
        let mut went = HashSet::new();
        let is_wanted = matches!(what, What::One(_));
        let has_ended = |plan: &Plan, seq| plan.reading.under_way.has_ended(begun, seq);
        for open in found {
            let behind = open.behind;
            let job = self.worker.job(open, &index);
            let plan = &mut self.plan;
            // What is read ahead waits for its flow where its lane does.
            let waits = matches!(job.lane, Lane::Call { .. })
                && behind.is_some_and(|seq| !plan.scheduler.has(seq) && !has_ended(plan, seq));
            let elsewhere = match &what {
                What::Stretch(read) => !plan.backlog.belongs(read.unit, job.flow_id, job.hook_id),
                _ => !job.test && plan.backlog.held().contains(&job.hook_id),
            };
            let elsewhere = elsewhere || !plan.backlog.shards().contains(job.shard);
            let cancelled = plan.cancelling.iter().any(|one| one.has(&job));
            let asleep = !is_wanted && is_asleep(&job, now, AWAKE_MS);
            let is_here = plan.scheduler.has(job.seq);
            if elsewhere || cancelled || waits || asleep || is_here || has_ended(plan, job.seq) {
                spared += 1;
                continue;
            }
            // What was tried while it was parked keeps to its rate whatever it is read with.
            let is_late = match &what {
                What::Stretch(read) => !read.is_released() && plan.has_rate(&job, &index),
                _ => false,
            };
            if (is_late || matches!(what, What::Due { .. })) && !plan.has_room(&job, &index, now) {
                spared += 1;
                continue;
            }
            match what {
                What::Aside(_) => back.push(job),
                What::Late(_) => {
                    let (seq, lane) = (job.seq, job.lane);
                    // What is set aside comes back without being asked for its rate.
                    if plan.scheduler.add(job) || plan.scheduler.is_aside(&lane) {
                        went.insert(seq);
                    }
                }
                What::One(_) => {
                    let (seq, lane) = (job.seq, job.lane);
                    hurried = match plan.scheduler.add(job) {
                        true if plan.scheduler.hurry(seq) == Some(false) => Hurried::Stopped,
                        true => Hurried::Yes,
                        false if plan.scheduler.is_aside(&lane) => Hurried::Stopped,
                        false => Hurried::No,
                    };
                }
                _ => drop(plan.scheduler.add(job)),
            }
        }
        match what {
            What::Aside(read) => self.plan.scheduler.come_back(read, back),
            What::Late(read) => self.plan.backlog.late_went(&read, &went),
            What::One(answer) => drop(answer.send(hurried)),
            What::Stretch(read) => self.plan.backlog.spare(&read, spared),
            What::Due { .. } | What::Arrivals(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backlog::Backlog, scheduler::tests::job};
    use std::collections::HashSet;

    #[test]
    fn what_is_called_off_while_a_read_is_under_way_is_not_taken_in_from_it() {
        let mut plan = Plan::new(Backlog::new(HashSet::new()));
        let before = plan.reading.under_way.begin();
        plan.were_called_off(vec![(7, job(7, 1).lot())]);
        let after = plan.reading.under_way.begin();
        let has_ended = |read| plan.reading.under_way.has_ended(read, 7);
        assert!(has_ended(before) && !has_ended(after));
    }
}
