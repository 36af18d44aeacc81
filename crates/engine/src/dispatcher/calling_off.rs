//! Calling off what is unfinished: what is in memory at once, the rest in the database.
//!
//! What cannot be ended at once is noted there first: what runs, since its attempt still ends, and
//! what other nodes hold, who are asked when all is noted. So it is called off whatever becomes of
//! the node that holds it: who takes it up ends it before anything of it is read ([`catch_up`]).

use super::{AGAIN, Dispatcher, Notice, Plan};
use crate::{
    clock,
    scheduler::{Job, Whose},
};
use model::ids::DeliveryId;
use std::sync::{Arc, atomic::Ordering};
use storage::{
    Storage, StorageError,
    journal::{Lot, Unfinished},
    nodes::{Ask, Incarnation, Shards},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

/// How much is called off in one transaction.
const CANCEL: u32 = 2_000;
/// How much is noted in one.
const NOTE: u32 = 10_000;

/// How often the database is asked again, at most, because more has arrived meanwhile. What comes after
/// that has come after it was to be called off.
const ROUNDS: u32 = 16;

/// Who hears how many were called off.
pub type Answer = oneshot::Sender<storage::Result<u64>>;

/// What is being called off, a part at a time.
pub(super) struct Cancelling {
    number: u64,
    of: Unfinished,
    /// What this node held when its turn began.
    pub(super) shards: Shards,
    /// Whether more of it has arrived since, which the database may have been asked too early for.
    came: bool,
    /// How often the database has been asked again for that.
    rounds: u32,
    /// How many were called off before.
    many: u64,
    /// Nothing where another node asks.
    answer: Option<Answer>,
}

impl Cancelling {
    pub(super) fn has(&self, job: &Job) -> bool {
        is_of(&job.whose(), self.of)
    }

    /// Whether the database is asked again: where this node holds other shards by now, and where more has
    /// come, unless that has no end.
    fn goes_on(&mut self, is_well: bool, shards: Shards) -> bool {
        let again = self.came && is_well && self.rounds < ROUNDS;
        self.rounds += u32::from(again);
        self.shards != shards || again
    }
}

impl Dispatcher {
    pub(super) fn cancel(&mut self, of: Unfinished, answer: Option<Answer>) {
        let plan = &mut self.plan;
        plan.cancelled += 1;
        let (number, shards) = (plan.cancelled, Shards::NONE);
        let (came, rounds, many) = (false, 0, 0);
        plan.cancelling.push(Cancelling { number, of, shards, came, rounds, many, answer });
        let taken = plan.scheduler.take(|one| is_of(one, of));
        tracing::debug!(taken = taken.len(), ?of, "called off what was in memory");
        self.call_off(self.plan.place_of(number));
    }

    /// Part by part, calls off what is in the database.
    fn call_off(&mut self, place: Option<usize>) {
        let plan = &mut self.plan;
        let Some(one) = place.and_then(|place| plan.cancelling.get_mut(place)) else { return };
        (one.came, one.shards) = (false, plan.backlog.shards());
        let mut running = Vec::new();
        for attempt in plan.running.values() {
            if one.has(&attempt.job) {
                attempt.is_last.store(true, Ordering::Relaxed);
                running.push((attempt.job.seq, attempt.job.id));
            }
        }
        let turn = Turn {
            of: one.of,
            mine: one.shards,
            running,
            under: plan.under,
            is_asked: one.answer.is_none(),
            is_alone: self.lease.is_alone(),
            storage: self.storage.clone(),
            tell: self.worker.tell.clone(),
        };
        let number = one.number;
        tokio::spawn(async move {
            let ended = turn.take().await;
            turn.tell.send(Notice::CancelEnded { number, ended }).ok();
        });
    }

    /// What was to be called off is, or could not be: then it runs, and is read again. Where this
    /// node holds other shards by now, it begins again: it has called off nothing of those that
    /// came, and noted nothing of those that went.
    pub(super) fn cancel_ended(&mut self, number: u64, ended: storage::Result<u64>) {
        let plan = &mut self.plan;
        let Some(place) = plan.place_of(number) else { return };
        let one = &mut plan.cancelling[place];
        one.many += ended.as_ref().copied().unwrap_or_default();
        if one.goes_on(ended.is_ok(), plan.backlog.shards()) {
            return self.call_off(Some(place));
        }
        let Cancelling { of, many, answer, came, .. } = plan.cancelling.swap_remove(place);
        if came || ended.is_err() {
            plan.backlog.look_again();
        }
        match (answer, ended) {
            (Some(answer), ended) => drop(answer.send(ended.map(|_| many))),
            (None, Err(error)) => tracing::error!(%error, ?of, "not all is called off"),
            (None, Ok(_)) => {}
        }
        self.free_what_has_ended();
    }
}

impl Plan {
    fn place_of(&self, number: u64) -> Option<usize> {
        self.cancelling.iter().position(|one| one.number == number)
    }

    /// Whether a delivery that has just arrived is being called off. The database may have been
    /// asked too early for it, and is asked again.
    pub(super) fn is_called_off(&mut self, job: &Job) -> bool {
        let one = self.cancelling.iter_mut().find(|one| one.has(job));
        one.map(|one| one.came = true).is_some()
    }

    /// Deliveries have been called off in the database. What a read finds of them that began before
    /// is out of date; and what has not arrived here yet is neither counted nor run when it does.
    pub(super) fn were_called_off(&mut self, went: Vec<(i64, Lot)>) {
        let seen = self.arrivals.seen();
        self.early = self.early.split_off(&(seen + 1));
        for (seq, lot) in went {
            self.reading.ended(seq);
            if seq > seen {
                self.early.insert(seq);
            }
            if seq <= seen || self.backlog.has_counted(lot.shard, seq) {
                self.backlog.went(lot);
            }
        }
    }
}

fn is_of(one: &Whose, of: Unfinished) -> bool {
    match of {
        Unfinished::Queue(queue) => one.queue == queue,
        Unfinished::Hook(hook) => one.lot.hook == hook,
        Unfinished::Delivery(id) => one.id == id,
        // What is in memory was none of it when it was read.
        Unfinished::CalledOff => false,
    }
}

/// What is called off beside the dispatcher.
struct Turn {
    of: Unfinished,
    mine: Shards,
    running: Vec<(i64, DeliveryId)>,
    under: Incarnation,
    /// Whether another node asks, and nobody waits for an answer.
    is_asked: bool,
    is_alone: bool,
    storage: Arc<dyn Storage>,
    tell: mpsc::UnboundedSender<Notice>,
}

impl Turn {
    /// Calls off what is unfinished there; how many they were.
    async fn take(&self) -> storage::Result<u64> {
        loop {
            match self.call_off().await {
                Err(StorageError::Fenced) if self.is_asked => return Ok(0),
                Err(error) if self.is_asked && !self.tell.is_closed() => {
                    tracing::warn!(%error, of = ?self.of, "what is to be called off waits");
                    sleep(AGAIN).await;
                }
                ended => return ended,
            }
        }
    }

    async fn call_off(&self) -> storage::Result<u64> {
        let running: Vec<_> = self.running.iter().map(|(seq, _)| *seq).collect();
        if !running.is_empty() {
            self.storage.note_called_off(&running).await?;
        }
        let elsewhere = if self.is_asked { 0 } else { self.note_elsewhere().await? };
        Ok(elsewhere + self.end().await?)
    }

    /// Notes what other nodes hold, and has them end it.
    async fn note_elsewhere(&self) -> storage::Result<u64> {
        let others = Shards::ALL.without(self.mine);
        let (mut many, mut after) = (0, 0);
        while !others.is_empty() {
            let seqs = self.storage.numbers_of(self.of, others, after, NOTE).await?;
            let Some(last) = seqs.last() else { break };
            after = *last;
            many += self.storage.note_called_off(&seqs).await?;
            if seqs.len() < NOTE as usize {
                break;
            }
        }
        // Who takes shards up from now on finds what was noted, and who holds them is asked.
        if !self.is_alone {
            self.storage.ask(self.under, Ask::Cancel(self.of)).await?;
        }
        Ok(many)
    }

    /// Ends what this node holds and does not run, a part at a time.
    async fn end(&self) -> storage::Result<u64> {
        let running: Vec<_> = self.running.iter().map(|(_, id)| *id).collect();
        let (under, mut many) = (self.under, 0);
        while !self.mine.is_empty() {
            let (of, mine, now) = (self.of, self.mine, clock::now());
            let went = self.storage.cancel(of, mine, &running, CANCEL, now, Some(under)).await?;
            let part = went.len();
            many += part as u64;
            self.tell.send(Notice::Cancelled { under, went }).ok();
            if part < CANCEL as usize {
                break;
            }
        }
        Ok(many)
    }
}

/// Ends what of these shards has been called off when it ran, or while another node held it: so
/// many parts of it at most; whether that is all. Nothing of them may have been taken up yet.
pub async fn catch_up(
    storage: &dyn Storage,
    shards: Shards,
    under: Incarnation,
    parts: usize,
) -> storage::Result<bool> {
    for _ in 0..parts {
        let (noted, now) = (Unfinished::CalledOff, clock::now());
        let went = storage.cancel(noted, shards, &[], CANCEL, now, Some(under)).await?;
        if went.len() < CANCEL as usize {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backlog::Backlog, scheduler::tests::job};
    use model::ids::HookId;
    use std::collections::HashSet;
    use storage::journal::Counted;

    /// Of a node that holds everything, of which nothing is unfinished.
    fn plan() -> Plan {
        let mut plan = Plan::new(Backlog::new(HashSet::new()));
        let counted = Counted { lots: Vec::new(), newest: 0 };
        plan.backlog.take_up(Shards::ALL, &counted, |_| Vec::new(), clock::now());
        plan
    }

    fn cancelling(of: Unfinished) -> Cancelling {
        let (number, shards, answer) = (1, Shards::ALL, None);
        Cancelling { number, of, shards, came: false, rounds: 0, many: 0, answer }
    }

    #[test]
    fn what_arrives_while_it_is_called_off_does_not_begin() {
        let mut plan = plan();
        plan.cancelling.push(cancelling(Unfinished::Hook(HookId(1))));
        // The hook of a test's job is its call by three.
        plan.admit(job(1, 1));
        plan.admit(job(2, 2));
        assert!(!plan.scheduler.has(1) && plan.scheduler.has(2));
        assert!(plan.cancelling[0].came, "the database is asked once more");
        assert_eq!(plan.backlog.total(), 2, "it is unfinished until then");
    }

    #[test]
    fn what_has_no_end_is_called_off_so_often_and_no_more() {
        let mut one = cancelling(Unfinished::Hook(HookId(1)));
        assert!(!one.goes_on(true, Shards::ALL), "nothing has come");
        one.came = true;
        assert!(!one.goes_on(false, Shards::ALL), "the database does not answer");
        assert_eq!((0..100).filter(|_| one.goes_on(true, Shards::ALL)).count(), ROUNDS as usize);
        assert!(one.goes_on(true, Shards::NONE), "others hold it by now");
    }

    #[test]
    fn what_was_called_off_before_it_arrived_is_neither_counted_nor_run() {
        let mut plan = plan();
        for job in plan.arrivals.add(1..2, vec![job(1, 1)]) {
            plan.admit(job);
        }
        let went = |seq| (seq, job(seq, 1).lot());
        // The database has the second one, and this node has not been told of it yet.
        plan.were_called_off(vec![went(2)]);
        assert_eq!(plan.backlog.total(), 1);
        for job in plan.arrivals.add(2..4, vec![job(2, 1), job(3, 1)]) {
            plan.admit(job);
        }
        assert!(plan.scheduler.has(1) && !plan.scheduler.has(2) && plan.scheduler.has(3));
        assert_eq!(plan.backlog.total(), 2);
        plan.were_called_off(vec![went(1), went(3)]);
        assert_eq!(plan.backlog.total(), 0);
        assert!(plan.early.is_empty());
    }
}
