//! What is unfinished but not in memory. Pure: the dispatcher asks it what to read next.
//!
//! Only a window of each flow's unfinished deliveries is kept in memory, one for each priority; the
//! rest is in the database, and is read in order of acceptance when there is room. A flow is the
//! unit, since lanes never span two of them. What has a higher priority than others of its flow is
//! read ahead of them as well, but for what stands behind one of them in its lane. Hooks whose
//! backlog is being released are a unit of their own: their deliveries wait for each other, and
//! nobody else waits for them.

mod counts;
mod late;
mod memory;
mod rate;
mod release;
mod unit;

use counts::Counts;
use late::Late;
pub use late::LateRead;
use memory::{HEAVY, WINDOW, WINDOW_LEAST};
pub use memory::{InMemory, Load};
use model::{
    ids::{FlowId, HookId},
    policy::Priority,
    time::Millis,
};
use rate::Budgets;
pub use rate::{Rate, Resumed};
use std::{
    collections::{HashMap, HashSet},
    num::NonZeroUsize,
};
use storage::{
    journal::{Counted, Lot, Shard, Stretch},
    nodes::Shards,
};
use unit::Rest;
pub use unit::Unit;

/// What is due later than in so many milliseconds need not be in memory.
pub const AWAKE_MS: i64 = 60_000;
/// How many are read at once, and how many reads go on at a time.
const READ: u32 = 256;
const READS: usize = 8;
/// What one is taken to weigh while none has been seen, in bytes.
const UNSEEN: usize = 128 << 10;

/// A read to make.
#[derive(Debug)]
pub struct Read {
    pub unit: Unit,
    /// Tells reads of the same unit apart.
    pub number: u64,
    pub stretch: Stretch,
    /// Of which rates it has taken as much as it may find.
    pub rates: Vec<Rate>,
}

impl Read {
    /// Whether it is of what is being released.
    pub fn is_released(&self) -> bool {
        matches!(self.unit, Unit::Released(_))
    }
}

/// A delivery that falls due and is not in memory.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    pub flow: FlowId,
    pub hook: HookId,
    pub seq: i64,
    /// When it was made.
    pub made: Millis,
    /// At which rates goes out what of its hook was parked.
    pub rates: &'a [Rate],
}

/// What is unfinished, and how much of it waits in the database.
#[derive(Debug, Default)]
pub struct Backlog {
    /// The units of which something may not be in memory and that may go on.
    rests: HashMap<Unit, Rest>,
    budgets: Budgets,
    /// What is due, and has to wait for its rate.
    late: Late,
    /// How many nodes share the rates.
    nodes: u32,
    held: HashSet<HookId>,
    /// The hooks whose deliveries keep no order.
    unordered: HashSet<HookId>,
    /// The shards whose deliveries are this node's.
    shards: Shards,
    /// Up to which row number those of each shard were counted when it was taken up.
    counted: HashMap<Shard, i64>,
    counts: Counts,
    reads: u64,
    /// What one weighs, as far as has been seen, in bytes.
    each: Option<NonZeroUsize>,
}

impl Backlog {
    /// Of a node that holds no shard yet.
    pub fn new(held: HashSet<HookId>) -> Self {
        Self { held, shards: Shards::NONE, ..Self::default() }
    }

    /// The shards whose deliveries are this node's.
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// Releases at this node's share of each rate, where so many nodes share the work.
    pub fn share_with(&mut self, nodes: u32) {
        self.nodes = nodes;
    }

    /// Takes up shards, of which so much is unfinished; all of it is in the database. What is being
    /// read is read again from the beginning, with what they hold. `rates` are those at which a
    /// hook's deliveries were being released, maybe by another node or before a restart.
    pub fn take_up(
        &mut self,
        shards: Shards,
        counted: &Counted,
        rates: impl Fn(HookId) -> Vec<Rate>,
        now: Millis,
    ) {
        self.shards = self.shards.and(shards);
        self.counted.extend(shards.iter().map(|shard| (shard, counted.newest)));
        for rest in self.rests.values_mut() {
            (rest.after, rest.reading) = (0, None);
        }
        for (lot, many) in &counted.lots {
            self.counts.add(*lot, *many);
        }
        for (lot, _) in &counted.lots {
            if self.held.contains(&lot.hook) {
                continue;
            }
            match rates(lot.hook) {
                rates if rates.is_empty() => {
                    let rest = self.rests.entry(Unit::Flow(lot.flow)).or_default();
                    (rest.after, rest.reading) = (0, None);
                }
                rates => self.release_of(lot.flow, lot.hook, &rates, now),
            }
        }
        self.read_ahead();
    }

    /// Gives shards up. What of them was in memory has been taken out.
    pub fn give_up(&mut self, shards: Shards) {
        self.shards = self.shards.without(shards);
        self.counted.retain(|shard, _| !shards.contains(*shard));
        if self.shards.is_empty() {
            self.late = Late::default();
        }
        self.counts.forget(shards);
    }

    /// Takes the priorities of those hooks that have not the normal one, and which keep no order.
    pub fn set(&mut self, priorities: HashMap<HookId, Priority>, unordered: HashSet<HookId>) {
        self.unordered = unordered;
        if self.counts.prioritize(priorities) {
            self.rests.retain(|unit, _| !matches!(unit, Unit::Ahead(..)));
            self.read_ahead();
        }
    }

    /// How many deliveries are unfinished.
    pub fn total(&self) -> u64 {
        self.counts.total()
    }

    /// How many deliveries of a flow are unfinished and not held back with their hook.
    pub fn of_flow(&self, flow: FlowId) -> u64 {
        self.counts.of_flow(flow, |hook| !self.held.contains(&hook))
    }

    /// The hooks whose deliveries are held back.
    pub fn held(&self) -> &HashSet<HookId> {
        &self.held
    }

    /// A delivery has been accepted under this row number.
    pub fn came(&mut self, lot: Lot, seq: i64) {
        if !self.has_counted(lot.shard, seq) {
            self.counts.add(lot, 1);
        }
    }

    /// Whether the delivery of this row number was counted when its shard was taken up, if it was
    /// unfinished then.
    pub fn has_counted(&self, shard: Shard, seq: i64) -> bool {
        self.counted.get(&shard).is_some_and(|counted| seq <= *counted)
    }

    /// Whether nothing beyond this row number was counted when a shard was taken up: others have run
    /// none of that.
    pub fn is_beyond_counted(&self, seq: i64) -> bool {
        self.counted.values().all(|counted| *counted <= seq)
    }

    /// A delivery that had come to its end is unfinished again.
    pub fn came_back(&mut self, lot: Lot) {
        self.counts.add(lot, 1);
    }

    /// A delivery has come to its end.
    pub fn went(&mut self, lot: Lot) {
        self.counts.take_one(lot);
    }

    /// Whether a delivery that has just been accepted goes into memory, where so many of its flow
    /// and priority and so much in all is; else it stays in the database for now.
    pub fn admit(
        &mut self,
        flow: FlowId,
        hook: HookId,
        seq: i64,
        beside: usize,
        all: Load,
    ) -> bool {
        let Some(unit) = self.unit(flow, hook) else { return false };
        if let Some(rest) = self.rests.get_mut(&unit) {
            rest.came = true;
            if unit == Unit::Flow(flow) {
                self.go_ahead(flow, hook, seq);
            }
            return false;
        }
        let room = beside < all.window();
        if !room {
            // Everything before it is in memory.
            self.rests.insert(unit, Rest { after: seq - 1, ..Rest::default() });
        }
        room
    }

    /// What to read now, of what has arrived, up to the row number `seen`; `of_flow` says how many
    /// of a flow are in memory, `all` what is in all. What waits longest is read first.
    pub fn reads(
        &mut self,
        of_flow: impl Fn(FlowId) -> InMemory,
        all: Load,
        seen: i64,
        now: Millis,
    ) -> Vec<Read> {
        let room = self.reads_left();
        if room == 0 {
            return Vec::new();
        }
        let most = self.most(all).min(READ);
        let may =
            self.rests.iter().filter(|(unit, rest)| Self::may_read(**unit, rest, &of_flow, all));
        let mut may: Vec<_> = may.map(|(unit, rest)| (rest.after, *unit)).collect();
        may.sort_unstable_by_key(|(after, _)| *after);
        let mut reads = Vec::new();
        for (after, unit) in may {
            if reads.len() == room {
                break;
            }
            let (only, without) = self.of_whom(unit);
            let ahead = matches!(unit, Unit::Ahead(..));
            let mut beside = Vec::new();
            if ahead {
                beside.clone_from(&without);
                beside.extend(
                    self.unordered.iter().filter(|hook| self.counts.has(unit.flow(), **hook)),
                );
            }
            if ahead && only.is_empty() {
                self.rests.remove(&unit);
                continue;
            }
            let Some(rest) = self.rests.get_mut(&unit) else { continue };
            let rates = rest.rates();
            let limit = self.budgets.take(&rates, most, self.nodes, now);
            if limit == 0 {
                continue;
            }
            self.reads += 1;
            (rest.reading, rest.came) = (Some(self.reads), false);
            let (flow, shards, until) = (Some(unit.flow()), self.shards, Some(seen));
            let since = self.rests.get(&Unit::Flow(unit.flow())).map_or(0, |rest| rest.after);
            // What sleeps takes nothing of a rate.
            let awake = matches!(unit, Unit::Released(_)).then(|| (now, now.plus(AWAKE_MS)));
            let others = Stretch { only, without, ahead, beside, since, ..Stretch::default() };
            let stretch = Stretch { flow, shards, after, until, limit, awake, ..others };
            reads.push(Read { unit, number: self.reads, stretch, rates });
        }
        reads
    }

    /// How many may be read at once beside what is in memory: as many as will hardly weigh too much.
    pub fn most(&mut self, all: Load) -> u32 {
        let each = all.bytes.checked_div(all.deliveries).and_then(NonZeroUsize::new);
        self.each = each.or(self.each);
        let room = HEAVY.saturating_sub(all.bytes) / READS;
        let most = room / self.each.map_or(UNSEEN, NonZeroUsize::get);
        most.clamp(WINDOW_LEAST, WINDOW).min(all.window()) as u32
    }

    /// The hooks of which a unit is, if not of all of its flow, and those of which it is not.
    fn of_whom(&self, unit: Unit) -> (Vec<HookId>, Vec<HookId>) {
        match unit {
            Unit::Flow(flow) => (Vec::new(), self.apart(flow)),
            Unit::Ahead(flow, priority) => {
                let apart = self.apart(flow);
                let mut hooks = self.counts.hooks_of(flow, priority);
                hooks.retain(|hook| !apart.contains(hook));
                (hooks, apart)
            }
            Unit::Released(_) => {
                let hooks = self.rests.get(&unit).map(|rest| rest.hooks.clone());
                (hooks.unwrap_or_default(), Vec::new())
            }
        }
    }

    /// The hooks whose deliveries are not read with those of their flow.
    fn apart(&self, flow: FlowId) -> Vec<HookId> {
        let released = self.rests.get(&Unit::Released(flow));
        let released = released.into_iter().flat_map(|rest| rest.hooks.iter().copied());
        let held = self.held.iter().filter(|hook| self.counts.has(flow, **hook));
        released.chain(held.copied()).collect()
    }

    /// A read has come to its end: so many, the last with this row number, made at that time.
    /// Whether they may be taken into memory; where the hook was held back meanwhile, they may not.
    pub fn read(&mut self, read: &Read, found: usize, last: Option<(i64, Millis)>) -> bool {
        let limit = read.stretch.limit as usize;
        let reads = |rest: &&mut Rest| rest.reading == Some(read.number);
        let Some(rest) = self.rests.get_mut(&read.unit).filter(reads) else {
            self.spare(read, limit);
            return false;
        };
        if let Some((seq, made)) = last {
            rest.after = rest.after.max(seq);
            rest.rates.retain(|one| one.holds(seq, made));
        }
        rest.reading = None;
        // What was not found takes nothing.
        self.budgets.give_back(&read.rates, limit.saturating_sub(found));
        // Where all is read, new ones go into memory at once, and a hook's go with its flow again.
        if found < limit && !rest.came {
            self.rests.remove(&read.unit);
            if let Unit::Flow(flow) = read.unit {
                let ahead = |unit: &Unit| matches!(unit, Unit::Ahead(of, _) if *of == flow);
                self.rests.retain(|unit, _| !ahead(unit));
            }
        }
        true
    }

    /// Something was taken out of memory that is to run all the same: all is read again.
    pub fn look_again(&mut self) {
        for flow in self.counts.flows() {
            self.rests.entry(Unit::Flow(flow)).or_default();
        }
        for rest in self.rests.values_mut() {
            (rest.after, rest.reading) = (0, None);
        }
        self.read_ahead();
    }

    /// A read failed: it is made again.
    pub fn unread(&mut self, read: &Read) {
        self.spare(read, read.stretch.limit as usize);
        if let Some(rest) = self.rests.get_mut(&read.unit)
            && rest.reading == Some(read.number)
        {
            rest.reading = None;
        }
    }

    /// When the next part of a backlog may be released that has a rate, or of what is late, and for which
    /// there is room.
    pub fn wake_at(&self, of_flow: impl Fn(FlowId) -> InMemory, all: Load) -> Option<Millis> {
        let left = self.reads_left() > 0;
        let rests = self.rests.iter().filter(|_| left);
        let may = rests.filter(|(unit, rest)| Self::may_read(**unit, rest, &of_flow, all));
        let next = may.filter_map(|(_, rest)| self.budgets.next(&rest.rates(), self.nodes)).min();
        next.into_iter().chain(self.late_at(&of_flow, all)).min()
    }

    /// How many reads may be made beside those that are under way.
    fn reads_left(&self) -> usize {
        if self.rests.is_empty() || self.shards.is_empty() {
            return 0;
        }
        let under_way = self.rests.values().filter(|rest| rest.reading.is_some()).count();
        READS.saturating_sub(under_way)
    }

    /// Whether a unit may be read, where so many of a flow are in memory, and so much is in all.
    fn may_read(unit: Unit, rest: &Rest, of_flow: impl Fn(FlowId) -> InMemory, all: Load) -> bool {
        let has_room = || unit.beside(of_flow(unit.flow())) <= all.window() / 2;
        rest.reading.is_none() && has_room()
    }

    /// Whether this hook's deliveries may be taken in by a read of that unit.
    pub fn belongs(&self, unit: Unit, flow: FlowId, hook: HookId) -> bool {
        // What is released is a unit no more when its last part has been read.
        matches!(unit, Unit::Released(_)) || self.unit(flow, hook) == Some(Unit::Flow(flow))
    }

    /// A delivery stays in the database, while something of its flow is to be read. Where some of that
    /// is of a lower priority, it does not wait for it.
    fn go_ahead(&mut self, flow: FlowId, hook: HookId, seq: i64) {
        let priority = self.counts.priority(hook);
        if self.counts.has_below(flow, priority) {
            let new = Rest { after: seq - 1, ..Rest::default() };
            self.rests.entry(Unit::Ahead(flow, priority)).or_insert(new).came = true;
        }
    }

    /// Reads ahead what has a higher priority than other deliveries of a flow that is to be read.
    fn read_ahead(&mut self) {
        let flows = self.rests.iter().filter_map(|(unit, rest)| match unit {
            Unit::Flow(flow) => Some((*flow, rest.after)),
            Unit::Ahead(..) | Unit::Released(_) => None,
        });
        for (flow, after) in flows.collect::<Vec<_>>() {
            for priority in Priority::ALL {
                if self.counts.has_below(flow, priority) {
                    let rest = self.rests.entry(Unit::Ahead(flow, priority)).or_default();
                    (rest.after, rest.reading) = (after, None);
                }
            }
        }
    }

    /// With what a hook's deliveries are read; with nothing while it is held.
    fn unit(&self, flow: FlowId, hook: HookId) -> Option<Unit> {
        if self.held.contains(&hook) {
            return None;
        }
        let released = self.rests.get(&Unit::Released(flow));
        Some(match released {
            Some(rest) if rest.hooks.contains(&hook) => Unit::Released(flow),
            _ => Unit::Flow(flow),
        })
    }
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
