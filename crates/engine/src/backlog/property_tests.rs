//! Whatever happens in whatever order: nothing is forgotten, and nothing passes by what its call has
//! before it.

use super::{memory::*, *};
use proptest::prelude::*;
use std::collections::BTreeMap;

const FLOW: FlowId = FlowId(1);
const HOOKS: [HookId; 2] = [HookId(1), HookId(2)];
/// What each weighs: eight of them fill the memory.
const WEIGHT: usize = VERY_HEAVY / 8;

/// A delivery in the database.
#[derive(Debug, Clone, Copy)]
struct Row {
    lot: Lot,
    call: u8,
    /// Whether its hook was held or released at some time: then it keeps no order with others.
    apart: bool,
}

/// A row that was read, and the last one before it in its lane.
type Found = (i64, Row, Option<i64>);
/// A read under way, with what it found.
type UnderWay = (Read, Vec<Found>);

/// What happens to a small database of unfinished deliveries of one flow, two hooks, four calls and
/// two shards.
#[derive(Debug, Clone)]
enum Act {
    Accept(HookId, u8),
    Read,
    Answer,
    /// The first of that call that is in memory ends.
    End(u8),
    Hold(HookId),
    Release(HookId),
    Prioritize(HookId, Priority),
    /// The first of that call that is in memory leaves it with what is behind it.
    SetAside(u8),
    ComeBack,
    TakeUp(u8),
    GiveUp(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let hook = || proptest::sample::select(&HOOKS[..]);
    let priority = proptest::sample::select(&Priority::ALL[..]);
    prop_oneof![
        8 => (hook(), 0..4_u8).prop_map(|(hook, call)| Act::Accept(hook, call)),
        4 => Just(Act::Read),
        4 => Just(Act::Answer),
        4 => (0..4_u8).prop_map(Act::End),
        1 => hook().prop_map(Act::Hold),
        1 => hook().prop_map(Act::Release),
        1 => (hook(), priority).prop_map(|(hook, priority)| Act::Prioritize(hook, priority)),
        2 => (0..4_u8).prop_map(Act::SetAside),
        1 => Just(Act::ComeBack),
        1 => (0..2_u8).prop_map(Act::TakeUp),
        1 => (0..2_u8).prop_map(Act::GiveUp),
    ]
}

/// The database, and what of it is in memory, with the priority of each there.
#[derive(Default)]
struct House {
    backlog: Backlog,
    database: BTreeMap<i64, Row>,
    memory: BTreeMap<i64, Priority>,
    priorities: HashMap<HookId, Priority>,
    /// The calls that are set aside, and from which row number on.
    aside: HashMap<u8, i64>,
    seq: i64,
}

impl House {
    fn load(&self) -> Load {
        Load { deliveries: self.memory.len(), bytes: self.memory.len() * WEIGHT }
    }

    fn in_memory(&self) -> InMemory {
        let of = |one| self.memory.values().filter(|priority| **priority == one).count();
        Priority::ALL.map(of)
    }

    fn priority(&self, hook: HookId) -> Priority {
        self.priorities.get(&hook).copied().unwrap_or_default()
    }

    fn read(&mut self) -> Vec<UnderWay> {
        let (many, load) = (self.in_memory(), self.load());
        let reads = self.backlog.reads(|_| many, load, self.seq, Millis(0));
        let found = reads.into_iter().map(|read| {
            let rows = self.find(&read.stretch);
            (read, rows)
        });
        found.collect()
    }

    fn find(&self, stretch: &Stretch) -> Vec<Found> {
        let fits = |(seq, row): &(&i64, &Row)| {
            **seq > stretch.after
                && stretch.until.is_none_or(|until| **seq <= until)
                && stretch.shards.contains(row.lot.shard)
                && (stretch.only.is_empty() || stretch.only.contains(&row.lot.hook))
                && !stretch.without.contains(&row.lot.hook)
        };
        let rows = self.database.iter().filter(fits).take(stretch.limit as usize);
        let found = |(seq, row): (&i64, &Row)| {
            let before = self.database.range(..*seq).rev();
            let in_lane = |one: &Row| {
                one.call == row.call && !stretch.without.contains(&one.lot.hook) && stretch.ahead
            };
            let behind = before.filter(|(_, one)| in_lane(one)).map(|(seq, _)| *seq).next();
            (*seq, *row, behind)
        };
        rows.map(found).collect()
    }

    fn answer(&mut self, (read, rows): UnderWay) {
        let last = rows.last().map(|(seq, ..)| (*seq, Millis(-1)));
        if !self.backlog.read(&read, rows.len(), last) {
            return;
        }
        for (seq, row, behind) in rows {
            let belongs = self.backlog.belongs(read.unit, FLOW, row.lot.hook);
            let mine = self.backlog.shards().contains(row.lot.shard);
            let waits = behind.is_some_and(|before| {
                !self.memory.contains_key(&before) && self.database.contains_key(&before)
            });
            if belongs && mine && !waits && self.database.contains_key(&seq) {
                self.take_in(seq, row);
            }
        }
    }

    fn take_in(&mut self, seq: i64, row: Row) {
        let is_aside = self.aside.get(&row.call).is_some_and(|from| seq >= *from);
        let priority = self.priority(row.lot.hook);
        if !is_aside {
            self.memory.entry(seq).or_insert(priority);
        }
    }

    fn set_aside(&mut self, call: u8) {
        let first = self.memory.keys().copied().find(|seq| self.database[seq].call == call);
        if let Some(first) = first {
            self.memory.retain(|seq, _| self.database[seq].call != call || *seq < first);
            self.aside.insert(call, first);
        }
    }

    fn come_back(&mut self) {
        let from = self.aside.drain().map(|(_, from)| from).min();
        if let Some(from) = from {
            self.backlog.read_again(FLOW, from);
        }
    }

    fn forget(&mut self, leaves: impl Fn(Lot) -> bool) {
        self.memory.retain(|seq, _| !leaves(self.database[seq].lot));
        self.come_back();
    }

    fn hold(&mut self, hook: HookId) {
        self.backlog.hold(hook);
        self.forget(|lot| lot.hook == hook);
        let held = self.database.values_mut().filter(|row| row.lot.hook == hook);
        held.for_each(|row| row.apart = true);
    }

    fn take_up(&mut self, shard: Shard) {
        if self.backlog.shards().contains(shard) {
            return;
        }
        let here = self.database.values().filter(|row| row.lot.shard == shard);
        let counted = Counted { lots: here.map(|row| (row.lot, 1)).collect(), newest: self.seq };
        self.backlog.take_up(Shards::NONE.with(shard), &counted, |_| Vec::new(), Millis(0));
    }

    fn accept(&mut self, hook: HookId, call: u8) {
        self.seq += 1;
        let (seq, lot) = (self.seq, Lot { shard: Shard(call % 2), flow: FLOW, hook });
        let apart = self.backlog.unit(FLOW, hook) != Some(Unit::Flow(FLOW));
        let row = Row { lot, call, apart };
        self.database.insert(seq, row);
        if !self.backlog.shards().contains(lot.shard) {
            return;
        }
        self.backlog.came(lot, seq);
        let (priority, load) = (self.priority(hook), self.load());
        let beside = self.in_memory()[priority as usize];
        if self.backlog.admit(FLOW, hook, seq, beside, load) {
            self.take_in(seq, row);
        }
    }

    /// Ends the first one of the call, and answers what it has passed by.
    fn end(&mut self, call: u8) -> Vec<i64> {
        let first = self.memory.keys().copied().find(|seq| self.database[seq].call == call);
        let Some(seq) = first else { return Vec::new() };
        self.memory.remove(&seq);
        let Some(ended) = self.database.remove(&seq) else { return Vec::new() };
        self.backlog.went(ended.lot);
        let before = self.database.range(..seq).filter(|(_, row)| row.call == call && !row.apart);
        if ended.apart { Vec::new() } else { before.map(|(seq, _)| *seq).collect() }
    }
}

proptest! {
    /// In the end everything has been in memory and has ended, and of a call nothing before what
    /// stands before it, but for what a pause has set apart.
    #[test]
    fn property_nothing_is_forgotten_or_passed_by(
        acts in proptest::collection::vec(act(), 1..200),
    ) {
        let mut house = House::default();
        (0..2).for_each(|shard| house.take_up(Shard(shard)));
        let mut under_way: Vec<UnderWay> = Vec::new();
        for one in acts {
            match one {
                Act::Accept(hook, call) => house.accept(hook, call),
                Act::Read => under_way.extend(house.read()),
                Act::Answer => if let Some(one) = under_way.pop() {
                    house.answer(one);
                }
                Act::End(call) => prop_assert_eq!(house.end(call), Vec::<i64>::new()),
                Act::Hold(hook) => house.hold(hook),
                Act::Release(hook) => house.backlog.release(hook, &[], Millis(0)),
                Act::Prioritize(hook, priority) => {
                    house.priorities.insert(hook, priority);
                    house.backlog.prioritize(house.priorities.clone());
                }
                Act::SetAside(call) => house.set_aside(call),
                Act::ComeBack => house.come_back(),
                Act::TakeUp(shard) => house.take_up(Shard(shard)),
                Act::GiveUp(shard) => {
                    house.forget(|lot| lot.shard == Shard(shard));
                    house.backlog.give_up(Shards::NONE.with(Shard(shard)));
                }
            }
            let shards = house.backlog.shards();
            let mine = house.database.values().filter(|row| shards.contains(row.lot.shard));
            prop_assert_eq!(house.backlog.total(), mine.count() as u64);
        }
        (0..2).for_each(|shard| house.take_up(Shard(shard)));
        HOOKS.into_iter().for_each(|hook| house.backlog.release(hook, &[], Millis(0)));
        house.come_back();
        for _ in 0..400 {
            under_way.extend(house.read());
            for one in std::mem::take(&mut under_way) {
                house.answer(one);
            }
            for call in 0..4 {
                prop_assert_eq!(house.end(call), Vec::<i64>::new());
            }
        }
        prop_assert!(house.database.is_empty(), "left: {:?}", house.database);
    }
}
