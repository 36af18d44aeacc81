//! A lane that is set aside: what stands in it, and what it waits for.

use crate::scheduler::{Job, Target, job::Whose};
use model::{
    ids::{DeliveryId, FlowId, HookId, QueueId},
    policy::Priority,
};
use std::collections::VecDeque;
use storage::journal::{Lot, Shard};

/// A lane that is set aside.
#[derive(Debug)]
pub struct Aside {
    pub flow: FlowId,
    queue: QueueId,
    shard: Shard,
    /// Of what stands first.
    pub priority: Priority,
    pub waits: Waits,
    /// What stands in it, by row number; never nothing.
    pub stands: VecDeque<Stands>,
}

/// What a lane waits for that is set aside.
#[derive(Debug)]
pub enum Waits {
    /// For a destination, as what stands first in it does.
    For(Target),
    /// For what the lane has in memory.
    Behind,
    /// For nothing but room.
    Loose,
    /// For a read that is to bring it back, since it is its turn at the destination, if it was at one.
    Read(u64, Option<Target>),
}

impl Waits {
    pub fn target(self) -> Option<Target> {
        match self {
            Self::For(target) => Some(target),
            Self::Read(_, target) => target,
            Self::Behind | Self::Loose => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Stands {
    seq: i64,
    id: DeliveryId,
    hook: HookId,
}

impl Aside {
    /// That of a delivery's lane, in which nothing stands yet.
    pub fn of(job: &Job) -> Self {
        let Lot { shard, flow, .. } = job.lot();
        let (queue, priority, stands) =
            (job.event.queue_id, job.priority, VecDeque::with_capacity(1));
        Self { flow, queue, shard, priority, waits: Waits::Behind, stands }
    }

    /// Has a delivery stand in it; how many more do so now.
    pub fn note(&mut self, job: &Job) -> usize {
        let Job { seq, id, hook_id: hook, .. } = *job;
        let place = self.stands.binary_search_by_key(&seq, |one| one.seq);
        if let Err(place) = place {
            self.stands.insert(place, Stands { seq, id, hook });
        }
        usize::from(place.is_err())
    }

    /// Removes what has this row number; whether it was there.
    pub fn remove(&mut self, seq: i64) -> bool {
        let place = self.stands.binary_search_by_key(&seq, |one| one.seq);
        place.is_ok_and(|place| self.stands.remove(place).is_some())
    }

    pub fn first(&self) -> Option<i64> {
        self.stands.front().map(|one| one.seq)
    }

    /// Takes out what leaves; whether the first of it did.
    pub fn take(&mut self, leaves: impl Fn(&Whose) -> bool) -> bool {
        let (first, queue) = (self.first(), self.queue);
        let (shard, flow) = (self.shard, self.flow);
        self.stands.retain(|one| {
            let lot = Lot { shard, flow, hook: one.hook };
            !leaves(&Whose { id: one.id, queue, lot, test: false })
        });
        self.first() != first
    }

    /// Has it read, as far as there is room.
    pub fn ask(&mut self, read: u64, left: &mut usize) -> Vec<i64> {
        let target = std::mem::replace(&mut self.waits, Waits::Loose).target();
        self.waits = Waits::Read(read, target);
        let seqs: Vec<_> = self.stands.iter().take(*left).map(|one| one.seq).collect();
        *left -= seqs.len();
        seqs
    }

    /// Ends the wait for this read, if it is that: the destination at which it was its turn.
    pub fn was_read(&mut self, read: u64, waits: Waits) -> Option<Option<Target>> {
        match &mut self.waits {
            Waits::Read(number, target) if *number == read => {
                let target = target.take();
                self.waits = waits;
                Some(target)
            }
            _ => None,
        }
    }

    /// Whether it stands in the queue of this destination.
    pub fn waits_at(&self, target: &Target) -> bool {
        matches!(&self.waits, Waits::For(other) if other == target)
    }
}
