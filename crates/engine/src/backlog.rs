//! What is unfinished but not in memory. Pure: the dispatcher asks it what to read next.
//!
//! Only a window of each flow's unfinished deliveries is kept in memory; the rest is in the
//! database, and is read in order of acceptance when there is room. A flow is the unit, since lanes
//! never span two of them. A hook that is paused, and one whose backlog is being released, is a
//! unit of its own: its deliveries wait for each other, and nobody else waits for them.

use model::{
    ids::{FlowId, HookId},
    time::Millis,
};
use std::collections::{HashMap, HashSet};
use storage::journal::{Backlog as Counted, Stretch};

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
    Flow(FlowId),
    /// A hook's deliveries for one flow.
    Hook(FlowId, HookId),
}

impl Unit {
    pub fn flow(self) -> FlowId {
        match self {
            Self::Flow(flow) | Self::Hook(flow, _) => flow,
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Rest {
    /// Up to this row number everything has been read.
    after: i64,
    /// Whether there may be something beyond it that is not in memory.
    more: bool,
    /// Whether a read is under way, and whether something came meanwhile.
    reading: bool,
    came: bool,
    /// Whether the hook was held back meanwhile, so that all of it is to be read again.
    stale: bool,
    release: Option<Release>,
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
    rests: HashMap<Unit, Rest>,
    counts: HashMap<(FlowId, HookId), u64>,
    total: u64,
    held: HashSet<HookId>,
}

impl Backlog {
    /// Everything that was unfinished at the start; all of it is in the database.
    pub fn new(counted: &[Counted], held: HashSet<HookId>) -> Self {
        let mut backlog = Self { held, ..Self::default() };
        for one in counted {
            *backlog.counts.entry((one.flow, one.hook)).or_default() += one.deliveries;
            backlog.total += one.deliveries;
            let unit = if backlog.held.contains(&one.hook) {
                Unit::Hook(one.flow, one.hook)
            } else {
                Unit::Flow(one.flow)
            };
            backlog.rests.entry(unit).or_default().more = true;
        }
        backlog
    }

    /// How many deliveries are unfinished.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many deliveries of a flow are unfinished.
    pub fn of_flow(&self, flow: FlowId) -> u64 {
        self.counts.iter().filter(|((one, _), _)| *one == flow).map(|(_, count)| *count).sum()
    }

    /// The hooks whose deliveries are held back.
    pub fn held(&self) -> &HashSet<HookId> {
        &self.held
    }

    /// A delivery has been accepted.
    pub fn came(&mut self, flow: FlowId, hook: HookId) {
        *self.counts.entry((flow, hook)).or_default() += 1;
        self.total += 1;
    }

    /// So many deliveries have come to their end.
    pub fn went(&mut self, flow: FlowId, hook: HookId, many: u64) {
        if let Some(count) = self.counts.get_mut(&(flow, hook)) {
            let went = many.min(*count);
            *count -= went;
            self.total -= went;
            if *count == 0 {
                self.counts.remove(&(flow, hook));
            }
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
        let unit = self.unit(flow, hook);
        let held = self.held.contains(&hook);
        let rest = self.rests.entry(unit).or_default();
        if held || rest.more || of_flow >= window(all) {
            rest.more = true;
            rest.came = true;
            return false;
        }
        rest.after = rest.after.max(seq);
        true
    }

    /// Holds a hook's deliveries back. Those in memory have been taken out.
    pub fn hold(&mut self, hook: HookId) {
        self.held.insert(hook);
        let flows = self.counts.keys().filter(|(_, one)| *one == hook).map(|(flow, _)| *flow);
        for flow in flows.collect::<Vec<_>>() {
            let rest = self.rests.entry(Unit::Hook(flow, hook)).or_default();
            *rest =
                Rest { more: true, reading: rest.reading, stale: rest.reading, ..Rest::default() };
        }
    }

    /// Lets a hook's deliveries go on, so many a second where that is said.
    pub fn release(&mut self, hook: HookId, per_s: Option<u32>, now: Millis) {
        self.held.remove(&hook);
        for (unit, rest) in &mut self.rests {
            if matches!(unit, Unit::Hook(_, one) if *one == hook) {
                rest.release =
                    per_s.map(|per_s| Release { per_s: per_s.into(), budget: 1.0, at: now });
            }
        }
    }

    /// What to read next, and for whom; `of_flow` says how many of a flow are in memory, `all`
    /// how many there are.
    pub fn reads(
        &mut self,
        of_flow: impl Fn(FlowId) -> usize,
        all: usize,
        now: Millis,
    ) -> Vec<(Unit, Stretch)> {
        let own = self.rests.keys().filter_map(|unit| match unit {
            Unit::Hook(flow, hook) => Some((*flow, *hook)),
            Unit::Flow(_) => None,
        });
        let own: Vec<_> = own.collect();
        let mut reads = Vec::new();
        for (unit, rest) in &mut self.rests {
            let held = matches!(unit, Unit::Hook(_, hook) if self.held.contains(hook));
            if !rest.more || rest.reading || held || of_flow(unit.flow()) > window(all) / 2 {
                continue;
            }
            let limit = match &mut rest.release {
                Some(release) => release.take(now),
                None => READ.min(window(all) as u32),
            };
            if limit == 0 {
                continue;
            }
            (rest.reading, rest.came) = (true, false);
            let mut stretch =
                Stretch { flow: Some(unit.flow()), after: rest.after, limit, ..Stretch::default() };
            match unit {
                Unit::Hook(_, hook) => stretch.only = Some(*hook),
                Unit::Flow(flow) => {
                    let without = own.iter().filter(|(one, _)| one == flow).map(|(_, hook)| *hook);
                    stretch.without = without.collect();
                }
            }
            reads.push((*unit, stretch));
        }
        reads
    }

    /// A read has come to its end: so many of at most `limit`, the last with this row number.
    /// Whether they may be taken into memory; else they are read again.
    pub fn read(&mut self, unit: Unit, found: usize, limit: u32, last: Option<i64>) -> bool {
        let held = matches!(unit, Unit::Hook(_, hook) if self.held.contains(&hook));
        let Some(rest) = self.rests.get_mut(&unit) else { return false };
        rest.reading = false;
        if std::mem::take(&mut rest.stale) || held {
            rest.more = true;
            return false;
        }
        rest.after = rest.after.max(last.unwrap_or_default());
        rest.more = found >= limit as usize || rest.came;
        // What a hook has left is read: it goes with its flow again.
        if !rest.more && matches!(unit, Unit::Hook(..)) {
            self.rests.remove(&unit);
        }
        true
    }

    /// A read failed: it is made again.
    pub fn unread(&mut self, unit: Unit) {
        if let Some(rest) = self.rests.get_mut(&unit) {
            (rest.reading, rest.stale, rest.more) = (false, false, true);
        }
    }

    /// When the next stretch of a backlog may be released that has a rate.
    pub fn wake_at(&self) -> Option<Millis> {
        let waits = |rest: &&Rest| rest.more && !rest.reading;
        self.rests.values().filter(waits).filter_map(|rest| rest.release.map(Release::next)).min()
    }

    /// Whether this hook's deliveries are read with that unit.
    pub fn belongs(&self, unit: Unit, flow: FlowId, hook: HookId) -> bool {
        // A hook's own unit is gone when its last part has been read.
        matches!(unit, Unit::Hook(..)) || self.unit(flow, hook) == unit
    }

    fn unit(&self, flow: FlowId, hook: HookId) -> Unit {
        let own = Unit::Hook(flow, hook);
        if self.held.contains(&hook) || self.rests.contains_key(&own) {
            own
        } else {
            Unit::Flow(flow)
        }
    }
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
