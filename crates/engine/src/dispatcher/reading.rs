//! What the dispatcher reads of the database while it goes on: stretches of the backlog, and what
//! falls due. What has ended while a read was under way is not taken in again.

use super::{Dispatcher, Notice, is_asleep, is_of};
use crate::{backlog::Read, clock};
use model::{
    ids::{DeliveryId, FlowId, HookId},
    time::Millis,
};
use std::collections::HashSet;
use storage::{
    Storage,
    journal::{OpenDelivery, Unfinished},
};
use tokio::sync::mpsc;

/// What is due later than in so many milliseconds need not be in memory.
pub(super) const AWAKE_MS: i64 = 60_000;
/// How far ahead what falls due is read, in milliseconds.
const AHEAD_MS: i64 = 2_000;
/// How much of what falls due is read at once.
const DUE: u32 = 512;
/// How much is called off in one transaction.
const CANCEL: u32 = 2_000;

/// Which reads are under way.
#[derive(Debug)]
pub(super) struct Reading {
    under_way: usize,
    /// What has ended meanwhile.
    ended: HashSet<i64>,
    /// Up to where what falls due has been read.
    due: (Millis, i64),
    reads_due: bool,
    /// The revision of what is set for destinations.
    revision: i64,
}

/// What a read found.
#[derive(Debug)]
pub struct Answer {
    what: What,
    found: storage::Result<Vec<OpenDelivery>>,
}

#[derive(Debug)]
enum What {
    Stretch(Read),
    Due { until: Millis },
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            under_way: 0,
            ended: HashSet::new(),
            due: (Millis(0), 0),
            reads_due: false,
            revision: 0,
        }
    }
}

impl Reading {
    /// A delivery has ended.
    pub fn ended(&mut self, seq: i64) {
        if self.under_way > 0 {
            self.ended.insert(seq);
        }
    }

    /// Whether this revision has not been seen before.
    pub fn is_new(&mut self, revision: i64) -> bool {
        std::mem::replace(&mut self.revision, revision) != revision
    }

    fn answered(&mut self) -> HashSet<i64> {
        self.under_way -= 1;
        if self.under_way == 0 { std::mem::take(&mut self.ended) } else { self.ended.clone() }
    }
}

impl Dispatcher {
    /// Reads what there is room for.
    pub(super) fn read_on(&mut self) {
        let plan = &mut self.plan;
        let (scheduler, all) = (&plan.scheduler, plan.scheduler.len());
        for read in plan.backlog.reads(|flow| scheduler.len_of(flow), all, clock::now()) {
            plan.reading.under_way += 1;
            let (storage, tell) = (self.storage.clone(), self.tell.clone());
            tokio::spawn(async move {
                let found = storage.unfinished(&read.stretch).await;
                tell.send(Notice::Read(Answer { what: What::Stretch(read), found })).ok();
            });
        }
    }

    /// Reads what falls due in a moment and is not in memory.
    pub(super) fn look_at_what_is_due(&mut self) {
        let reading = &mut self.plan.reading;
        if reading.reads_due {
            return;
        }
        let until = clock::now().plus(AHEAD_MS);
        if until < reading.due.0 {
            // The clock has been set back.
            reading.due = (Millis(0), 0);
        }
        reading.reads_due = true;
        reading.under_way += 1;
        let after = reading.due;
        let (storage, tell) = (self.storage.clone(), self.tell.clone());
        tokio::spawn(async move {
            let found = storage.due(after, until, DUE).await;
            tell.send(Notice::Read(Answer { what: What::Due { until }, found })).ok();
        });
    }

    /// Takes in what a read found.
    pub(super) async fn take_in(&mut self, answer: Answer) {
        let ended = self.plan.reading.answered();
        let Answer { what, found } = answer;
        if let What::Due { .. } = what {
            self.plan.reading.reads_due = false;
        }
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "what is unfinished cannot be read yet");
                if let What::Stretch(read) = what {
                    self.plan.backlog.unread(&read);
                }
                return;
            }
        };
        let (many, last) = (found.len(), found.last().map(|one| (one.next_at, one.seq)));
        match &what {
            What::Stretch(read) => {
                if !self.plan.backlog.read(read, many, last.map(|(_, seq)| seq)) {
                    return;
                }
            }
            What::Due { until } => {
                self.plan.reading.due = match last {
                    Some((Some(at), seq)) if many >= DUE as usize => (at, seq),
                    _ => (*until, i64::MAX),
                };
            }
        }
        let (index, now) = (self.current.last(), clock::now());
        for open in found {
            let job = self.worker.job(open, &index);
            let plan = &mut self.plan;
            let elsewhere = match &what {
                What::Stretch(read) => !plan.backlog.belongs(read.unit, job.flow_id, job.hook_id),
                What::Due { .. } => plan.backlog.held().contains(&job.hook_id),
            };
            let cancelled = plan.cancelling.iter().any(|of| is_of(&job, *of));
            if elsewhere || cancelled || ended.contains(&job.seq) || is_asleep(&job, now) {
                continue;
            }
            plan.scheduler.add(job);
        }
    }
}

/// Calls off what is unfinished there, a part at a time; how many they were.
pub(super) async fn cancel(
    storage: &dyn Storage,
    of: Unfinished,
    running: &[DeliveryId],
    tell: &mpsc::UnboundedSender<Notice>,
) -> storage::Result<u64> {
    let mut cancelled = 0;
    loop {
        let went: Vec<(FlowId, HookId)> = storage.cancel(of, running, CANCEL, clock::now()).await?;
        let many = went.len();
        cancelled += many as u64;
        tell.send(Notice::Cancelled { of, went, done: false }).ok();
        if many < CANCEL as usize {
            return Ok(cancelled);
        }
    }
}
