//! What is unfinished but not in memory. Pure: the dispatcher asks it what to read next.
//!
//! Only a window of each flow's unfinished deliveries is kept in memory; the rest is in the
//! database, and is read in order of acceptance when there is room. A flow is the unit, since lanes
//! never span two of them. Hooks whose backlog is being released are a unit of their own: their
//! deliveries wait for each other, and nobody else waits for them.

mod rate;

use model::{
    ids::{FlowId, HookId},
    time::Millis,
};
use rate::Budgets;
pub use rate::{Rate, Resumed};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    hash::Hash,
    num::NonZeroUsize,
};
use storage::{
    journal::{Counted, Lot, Shard, Stretch},
    nodes::Shards,
};

/// How many deliveries of one flow are in memory at most; when there are very many in all, or they
/// are heavy; and when they are very heavy.
const WINDOW: usize = 4_000;
const WINDOW_SMALL: usize = 64;
const WINDOW_LEAST: usize = 4;
/// How many deliveries in memory are very many.
const MANY: usize = 20_000;
/// How many bytes their events weigh where they are heavy, and very heavy.
const HEAVY: usize = 32 << 20;
const VERY_HEAVY: usize = 64 << 20;
/// How many are read at once, and how many reads go on at a time.
const READ: u32 = 256;
const READS: usize = 8;
/// What one is taken to weigh while none has been seen, in bytes.
const UNSEEN: usize = 128 << 10;

/// What is in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub deliveries: usize,
    /// What their events weigh, in bytes.
    pub bytes: usize,
}

impl Load {
    /// How many deliveries of one flow may be in memory beside it.
    pub fn window(self) -> usize {
        match self {
            Self { bytes: VERY_HEAVY.., .. } => WINDOW_LEAST,
            Self { bytes: HEAVY.., .. } | Self { deliveries: MANY.., .. } => WINDOW_SMALL,
            Self { .. } => WINDOW,
        }
    }
}

/// What is read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A flow's deliveries, but those that are held or released.
    Flow(FlowId),
    /// Those of a flow that were held and are being released.
    Released(FlowId),
}

impl Unit {
    pub fn flow(self) -> FlowId {
        match self {
            Self::Flow(flow) | Self::Released(flow) => flow,
        }
    }
}

/// What a unit has in the database.
#[derive(Debug, Clone, Default)]
struct Rest {
    /// Up to this row number everything has been read.
    after: i64,
    /// The read that is under way, and whether something came meanwhile.
    reading: Option<u64>,
    came: bool,
    /// Of what is being released, whose it is and at which rates.
    hooks: Vec<HookId>,
    rates: Vec<(HookId, Rate)>,
}

impl Rest {
    /// The rates within which it goes out, that of a queue once, however many hooks of it are here.
    fn rates(&self) -> Vec<Rate> {
        let mut rates: Vec<Rate> = Vec::new();
        for (_, rate) in &self.rates {
            if rates.iter().all(|known| known.of != rate.of) {
                rates.push(*rate);
            }
        }
        rates
    }
}

/// A read to make.
#[derive(Debug)]
pub struct Read {
    pub unit: Unit,
    /// Tells reads of the same unit apart.
    pub number: u64,
    pub stretch: Stretch,
}

/// What is unfinished, and how much of it waits in the database.
#[derive(Debug, Default)]
pub struct Backlog {
    /// The units of which something may not be in memory and that may go on.
    rests: HashMap<Unit, Rest>,
    budgets: Budgets,
    /// How many nodes share the rates.
    nodes: u32,
    held: HashSet<HookId>,
    /// The shards whose deliveries are this node's.
    shards: Shards,
    /// Up to which row number those of each shard were counted when it was taken up.
    counted: HashMap<Shard, i64>,
    lots: HashMap<Lot, u64>,
    counts: HashMap<(FlowId, HookId), u64>,
    by_flow: HashMap<FlowId, u64>,
    total: u64,
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
            self.count(*lot, *many);
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
    }

    /// Gives shards up. What of them was in memory has been taken out.
    pub fn give_up(&mut self, shards: Shards) {
        self.shards = self.shards.without(shards);
        self.counted.retain(|shard, _| !shards.contains(*shard));
        for (lot, many) in self.lots.extract_if(|lot, _| shards.contains(lot.shard)) {
            take(&mut self.counts, (lot.flow, lot.hook), many);
            take(&mut self.by_flow, lot.flow, many);
            self.total -= many;
        }
    }

    /// How many deliveries are unfinished.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many deliveries of a flow are unfinished.
    pub fn of_flow(&self, flow: FlowId) -> u64 {
        self.by_flow.get(&flow).copied().unwrap_or_default()
    }

    /// The hooks whose deliveries are held back.
    pub fn held(&self) -> &HashSet<HookId> {
        &self.held
    }

    /// A delivery has been accepted under this row number.
    pub fn came(&mut self, lot: Lot, seq: i64) {
        if self.counted.get(&lot.shard).is_none_or(|counted| seq > *counted) {
            self.count(lot, 1);
        }
    }

    /// A delivery that had come to its end is unfinished again.
    pub fn came_back(&mut self, lot: Lot) {
        self.count(lot, 1);
    }

    /// A delivery has come to its end.
    pub fn went(&mut self, lot: Lot) {
        if take(&mut self.lots, lot, 1) {
            take(&mut self.counts, (lot.flow, lot.hook), 1);
            take(&mut self.by_flow, lot.flow, 1);
            self.total -= 1;
        }
    }

    /// Whether a delivery that has just been accepted goes into memory, where so many of its flow
    /// and so much in all is; else it stays in the database for now.
    pub fn admit(
        &mut self,
        flow: FlowId,
        hook: HookId,
        seq: i64,
        of_flow: usize,
        all: Load,
    ) -> bool {
        let Some(unit) = self.unit(flow, hook) else { return false };
        if let Some(rest) = self.rests.get_mut(&unit) {
            rest.came = true;
            return false;
        }
        let room = of_flow < all.window();
        if !room {
            // Everything before it is in memory.
            self.rests.insert(unit, Rest { after: seq - 1, ..Rest::default() });
        }
        room
    }

    /// Holds a hook's deliveries back. Those in memory have been taken out.
    pub fn hold(&mut self, hook: HookId) {
        self.held.insert(hook);
        self.rests.retain(|_, rest| {
            let before = rest.hooks.len();
            rest.hooks.retain(|one| *one != hook);
            rest.rates.retain(|(one, _)| *one != hook);
            if rest.hooks.len() < before {
                // What is being read is out of date.
                rest.reading = None;
            }
            before == 0 || !rest.hooks.is_empty()
        });
    }

    /// Lets a hook's deliveries go on, within these rates. Those of a flow's hooks that are released
    /// at once go out together, in order, within the rates of all of them.
    pub fn release(&mut self, hook: HookId, rates: &[Rate], now: Millis) {
        if !self.held.remove(&hook) {
            return;
        }
        let flows = self.counts.keys().filter(|(_, one)| *one == hook).map(|(flow, _)| *flow);
        for flow in flows.collect::<Vec<_>>() {
            self.release_of(flow, hook, rates, now);
        }
    }

    fn release_of(&mut self, flow: FlowId, hook: HookId, rates: &[Rate], now: Millis) {
        let rest = self.rests.entry(Unit::Released(flow)).or_default();
        if !rest.hooks.contains(&hook) {
            rest.hooks.push(hook);
        }
        // From the beginning: what has been read before is in memory, or done.
        (rest.after, rest.reading) = (0, None);
        rest.rates.retain(|(one, _)| *one != hook);
        rest.rates.extend(rates.iter().map(|rate| (hook, *rate)));
        rates.iter().for_each(|rate| self.budgets.begin(*rate, now));
    }

    /// What to read now, of what has arrived, up to the row number `seen`; `of_flow` says how many
    /// of a flow are in memory, `all` what is in all. What waits longest is read first.
    pub fn reads(
        &mut self,
        of_flow: impl Fn(FlowId) -> usize,
        all: Load,
        seen: i64,
        now: Millis,
    ) -> Vec<Read> {
        let under_way = self.rests.values().filter(|rest| rest.reading.is_some()).count();
        let room = READS.saturating_sub(under_way);
        if self.rests.is_empty() || self.shards.is_empty() || room == 0 {
            return Vec::new();
        }
        let window = all.window();
        let most = self.most(all).min(READ);
        let mut may: Vec<_> = self
            .rests
            .iter()
            .filter(|(unit, rest)| rest.reading.is_none() && of_flow(unit.flow()) <= window / 2)
            .map(|(unit, rest)| (rest.after, *unit))
            .collect();
        may.sort_unstable_by_key(|(after, _)| *after);
        let mut reads = Vec::new();
        for (after, unit) in may {
            if reads.len() == room {
                break;
            }
            let Some(rest) = self.rests.get_mut(&unit) else { continue };
            let limit = self.budgets.take(&rest.rates(), most, self.nodes, now);
            if limit == 0 {
                continue;
            }
            self.reads += 1;
            (rest.reading, rest.came) = (Some(self.reads), false);
            let only = rest.hooks.clone();
            let without = match unit {
                Unit::Released(_) => Vec::new(),
                Unit::Flow(flow) => self.apart(flow),
            };
            let (flow, shards, until) = (Some(unit.flow()), self.shards, Some(seen));
            let stretch = Stretch { flow, shards, after, until, limit, only, without };
            reads.push(Read { unit, number: self.reads, stretch });
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

    /// Whether a delivery that falls due may come into memory, where so many of its flow and so much
    /// in all is; else it is read with its unit when there is room.
    pub fn admit_due(
        &mut self,
        flow: FlowId,
        hook: HookId,
        seq: i64,
        of_flow: usize,
        all: Load,
    ) -> bool {
        let Some(unit) = self.unit(flow, hook) else { return false };
        let room = of_flow < all.window();
        if !room {
            let rest = self.rests.entry(unit).or_insert(Rest { after: seq, ..Rest::default() });
            // Not what is being read: that may lie behind it.
            (rest.after, rest.reading) = (rest.after.min(seq - 1), None);
        }
        room
    }

    /// The hooks whose deliveries are not read with those of their flow.
    fn apart(&self, flow: FlowId) -> Vec<HookId> {
        let released = self.rests.get(&Unit::Released(flow));
        let released = released.into_iter().flat_map(|rest| rest.hooks.iter().copied());
        let held = self.held.iter().filter(|hook| self.counts.contains_key(&(flow, **hook)));
        released.chain(held.copied()).collect()
    }

    /// A read has come to its end: so many, the last with this row number, made at that time.
    /// Whether they may be taken into memory; where the hook was held back meanwhile, they may not.
    pub fn read(&mut self, read: &Read, found: usize, last: Option<(i64, Millis)>) -> bool {
        let Some(rest) = self.rests.get_mut(&read.unit) else { return false };
        if rest.reading != Some(read.number) {
            return false;
        }
        rest.reading = None;
        if let Some((seq, made)) = last {
            rest.after = rest.after.max(seq);
            rest.rates.retain(|(_, rate)| made < rate.before);
        }
        // Where all is read, new ones go into memory at once, and a hook's go with its flow again.
        if found < read.stretch.limit as usize && !rest.came {
            self.rests.remove(&read.unit);
        }
        let rates = || self.rests.values().flat_map(|rest| &rest.rates);
        self.budgets.retain(|of| rates().any(|(_, rate)| rate.of == of));
        true
    }

    /// Something was taken out of memory that is to run all the same: all is read again.
    pub fn look_again(&mut self) {
        for flow in self.by_flow.keys() {
            self.rests.entry(Unit::Flow(*flow)).or_default();
        }
        for rest in self.rests.values_mut() {
            (rest.after, rest.reading) = (0, None);
        }
    }

    /// A read failed: it is made again.
    pub fn unread(&mut self, read: &Read) {
        if let Some(rest) = self.rests.get_mut(&read.unit)
            && rest.reading == Some(read.number)
        {
            rest.reading = None;
        }
    }

    /// When the next part of a backlog may be released that has a rate.
    pub fn wake_at(&self) -> Option<Millis> {
        let waits = self.rests.values().filter(|rest| rest.reading.is_none());
        waits.filter_map(|rest| self.budgets.next(&rest.rates(), self.nodes)).min()
    }

    /// Whether this hook's deliveries are read with that unit.
    pub fn belongs(&self, unit: Unit, flow: FlowId, hook: HookId) -> bool {
        // What is released is a unit no more when its last part has been read.
        matches!(unit, Unit::Released(_)) || self.unit(flow, hook) == Some(unit)
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

    fn count(&mut self, lot: Lot, many: u64) {
        *self.lots.entry(lot).or_default() += many;
        *self.counts.entry((lot.flow, lot.hook)).or_default() += many;
        *self.by_flow.entry(lot.flow).or_default() += many;
        self.total += many;
    }
}

/// Takes so many from a count; whether there was one.
fn take<K: Eq + Hash>(counts: &mut HashMap<K, u64>, key: K, many: u64) -> bool {
    let Entry::Occupied(mut count) = counts.entry(key) else { return false };
    *count.get_mut() = count.get().saturating_sub(many);
    if *count.get() == 0 {
        count.remove();
    }
    true
}

#[cfg(test)]
mod tests;
