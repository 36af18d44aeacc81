//! What is unfinished but not in memory. Pure: the dispatcher asks it what to read next.
//!
//! Only a window of each flow's unfinished deliveries is kept in memory; the rest is in the
//! database, and is read in order of acceptance when there is room. A flow is the unit, since lanes
//! never span two of them. Hooks whose backlog is being released are a unit of their own: their
//! deliveries wait for each other, and nobody else waits for them.

use model::{
    ids::{FlowId, HookId},
    time::Millis,
};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    hash::Hash,
};
use storage::{
    journal::{Counted, Lot, Shard, Stretch},
    nodes::Shards,
};

/// How many deliveries of one flow are in memory at most; and when there are very many in all.
const WINDOW: usize = 4_000;
const WINDOW_SMALL: usize = 64;
/// How many deliveries in memory are very many.
const MANY: usize = 20_000;
/// How many are read at once.
const READ: u32 = 256;

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
    /// Of what is being released, whose it is and at which rate.
    hooks: Vec<HookId>,
    release: Option<Release>,
}

/// A read to make.
#[derive(Debug)]
pub struct Read {
    pub unit: Unit,
    /// Tells reads of the same unit apart.
    pub number: u64,
    pub stretch: Stretch,
}

/// At which rate a hook's backlog is released.
#[derive(Debug, Clone, Copy)]
struct Release {
    per_s: f64,
    budget: f64,
    at: Millis,
}

/// What is unfinished, and how much of it waits in the database.
#[derive(Debug, Default)]
pub struct Backlog {
    /// The units of which something may not be in memory and that may go on.
    rests: HashMap<Unit, Rest>,
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

    /// Takes up shards, of which so much is unfinished; all of it is in the database. What is being
    /// read is read again from the beginning, with what they hold.
    pub fn take_up(&mut self, shards: Shards, counted: &Counted) {
        self.shards = self.shards.and(shards);
        self.counted.extend(shards.iter().map(|shard| (shard, counted.newest)));
        for rest in self.rests.values_mut() {
            (rest.after, rest.reading) = (0, None);
        }
        for (lot, many) in &counted.lots {
            self.count(*lot, *many);
            if !self.held.contains(&lot.hook) {
                let rest = self.rests.entry(Unit::Flow(lot.flow)).or_default();
                (rest.after, rest.reading) = (0, None);
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
    /// and so many in all are; else it stays in the database for now.
    pub fn admit(
        &mut self,
        flow: FlowId,
        hook: HookId,
        seq: i64,
        of_flow: usize,
        all: usize,
    ) -> bool {
        let Some(unit) = self.unit(flow, hook) else { return false };
        if let Some(rest) = self.rests.get_mut(&unit) {
            rest.came = true;
            return false;
        }
        let room = of_flow < window(all);
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
            if rest.hooks.len() < before {
                // What is being read is out of date.
                rest.reading = None;
            }
            before == 0 || !rest.hooks.is_empty()
        });
    }

    /// Lets a hook's deliveries go on, so many a second where that is said. Those of a flow's hooks
    /// that are released at once go out together, in order, at the slowest of their rates.
    pub fn release(&mut self, hook: HookId, per_s: Option<u32>, now: Millis) {
        if !self.held.remove(&hook) {
            return;
        }
        let release = per_s.map(|per_s| Release { per_s: per_s.into(), budget: 1.0, at: now });
        for (flow, _) in self.counts.keys().filter(|(_, one)| *one == hook) {
            let rest = self.rests.entry(Unit::Released(*flow)).or_default();
            rest.hooks.push(hook);
            // From the beginning: what has been read before is in memory, or done.
            (rest.after, rest.reading) = (0, None);
            let slower =
                |other: &Release| rest.release.is_none_or(|release| other.per_s < release.per_s);
            if let Some(release) = release.filter(slower) {
                rest.release = Some(release);
            }
        }
    }

    /// What to read now, of what has arrived, up to the row number `seen`; `of_flow` says how many
    /// of a flow are in memory, `all` how many there are.
    pub fn reads(
        &mut self,
        of_flow: impl Fn(FlowId) -> usize,
        all: usize,
        seen: i64,
        now: Millis,
    ) -> Vec<Read> {
        if self.rests.is_empty() || self.shards.is_empty() {
            return Vec::new();
        }
        let released = self
            .rests
            .iter()
            .flat_map(|(unit, rest)| rest.hooks.iter().map(|hook| (unit.flow(), *hook)));
        let held = self.counts.keys().filter(|(_, hook)| self.held.contains(hook)).copied();
        let apart: Vec<_> = released.chain(held).collect();
        let mut reads = Vec::new();
        for (unit, rest) in &mut self.rests {
            if rest.reading.is_some() || of_flow(unit.flow()) > window(all) / 2 {
                continue;
            }
            let limit = match &mut rest.release {
                Some(release) => release.take(now),
                None => READ.min(window(all) as u32),
            };
            if limit == 0 {
                continue;
            }
            self.reads += 1;
            (rest.reading, rest.came) = (Some(self.reads), false);
            let (flow, after) = (Some(unit.flow()), rest.after);
            let (shards, until) = (self.shards, Some(seen));
            let mut stretch = Stretch { flow, shards, after, until, limit, ..Stretch::default() };
            match unit {
                Unit::Released(_) => stretch.only.clone_from(&rest.hooks),
                Unit::Flow(flow) => {
                    let of_it = apart.iter().filter(|(one, _)| one == flow);
                    stretch.without = of_it.map(|(_, hook)| *hook).collect();
                }
            }
            reads.push(Read { unit: *unit, number: self.reads, stretch });
        }
        reads
    }

    /// A read has come to its end: so many, the last with this row number. Whether they may be
    /// taken into memory; where the hook was held back meanwhile, they may not.
    pub fn read(&mut self, read: &Read, found: usize, last: Option<i64>) -> bool {
        let Some(rest) = self.rests.get_mut(&read.unit) else { return false };
        if rest.reading != Some(read.number) {
            return false;
        }
        rest.reading = None;
        rest.after = rest.after.max(last.unwrap_or_default());
        // Where all is read, new ones go into memory at once, and a hook's go with its flow again.
        if found < read.stretch.limit as usize && !rest.came {
            self.rests.remove(&read.unit);
        }
        true
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
        waits.filter_map(|rest| rest.release.map(Release::next)).min()
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

impl Release {
    /// How many may be released now; they count as released.
    fn take(&mut self, now: Millis) -> u32 {
        let passed = (now.0 - self.at.0).max(0) as f64 / 1_000.0;
        self.budget = (self.budget + passed * self.per_s).min(self.per_s.max(1.0));
        self.at = now;
        let whole = self.budget.floor().min(f64::from(READ));
        self.budget -= whole;
        whole as u32
    }

    fn next(self) -> Millis {
        let missing = (1.0 - self.budget).max(0.0);
        self.at.plus((missing / self.per_s * 1_000.0).ceil() as i64)
    }
}

fn window(all: usize) -> usize {
    if all < MANY { WINDOW } else { WINDOW_SMALL }
}

#[cfg(test)]
mod tests;
