//! What falls due: whether it goes into memory, and what of it is late since its hook was resumed at
//! a rate that allows no more at the moment. That waits by itself; nobody waits for it.

use super::{Backlog, Due, InMemory, Load, READ, Rate, unit::Rest};
use model::{
    ids::{FlowId, HookId},
    time::Millis,
};
use std::collections::{BTreeMap, HashSet};

/// How much may be late; what is beyond is found again when all of that has gone out.
const MOST: usize = 50_000;

/// What is late.
#[derive(Debug, Default)]
pub(super) struct Late {
    groups: Vec<Group>,
    /// Whether more is than is known.
    missed: bool,
    reading: bool,
}

/// What waits of one flow for the same rates, by row number, and whose it is.
#[derive(Debug)]
struct Group {
    rates: Vec<Rate>,
    flow: FlowId,
    due: BTreeMap<i64, HookId>,
}

/// A read to make of what is late and may go out by now. One at a time.
#[derive(Debug, Default)]
pub struct LateRead(Vec<Group>);

impl LateRead {
    /// The row numbers to read.
    pub fn seqs(&self) -> Vec<i64> {
        self.0.iter().flat_map(|group| group.due.keys()).copied().collect()
    }
}

impl Late {
    fn note(&mut self, rates: &[Rate], due: &Due<'_>) {
        if self.groups.iter().map(|group| group.due.len()).sum::<usize>() >= MOST {
            self.missed = true;
            return;
        }
        let is_its = |group: &Group| group.flow == due.flow && group.rates == rates;
        let place = self.groups.iter().position(is_its).unwrap_or_else(|| {
            let (rates, flow) = (rates.to_vec(), due.flow);
            self.groups.push(Group { rates, flow, due: BTreeMap::new() });
            self.groups.len() - 1
        });
        self.groups[place].due.insert(due.seq, due.hook);
    }

    /// Forgets what is a hook's: it is held back.
    pub fn forget(&mut self, hook: HookId) {
        for group in &mut self.groups {
            group.due.retain(|_, of| *of != hook);
        }
        self.groups.retain(|group| !group.due.is_empty());
    }
}

impl Backlog {
    /// Whether a delivery that falls due may come into memory, where so many of its flow and priority
    /// and so much in all is; else it is read when there is room. What was parked goes out within the
    /// rates at which that is released, and is late beyond them.
    pub fn admit_due(&mut self, due: &Due<'_>, beside: usize, all: Load, now: Millis) -> bool {
        let Due { flow, hook, seq, .. } = *due;
        let Some(unit) = self.unit(flow, hook) else { return false };
        let room = beside < all.window();
        let rates: Vec<_> = due.rates.iter().filter(|rate| rate.holds(due.made)).copied().collect();
        if !rates.is_empty() {
            rates.iter().for_each(|rate| self.budgets.begin(*rate, now));
            let goes = room && self.budgets.take(&rates, 1, self.nodes, now) == 1;
            if !goes {
                self.late.note(&rates, due);
            }
            return goes;
        }
        if !room {
            let rest = self.rests.entry(unit).or_insert(Rest { after: seq, ..Rest::default() });
            // Not what is being read: that may lie behind it.
            (rest.after, rest.reading) = (rest.after.min(seq - 1), None);
        }
        room
    }

    /// What is late and may be read now, `most` at once; `of_flow` says how many of a flow are in memory,
    /// `all` what is in all.
    pub fn late(
        &mut self,
        of_flow: impl Fn(FlowId) -> InMemory,
        all: Load,
        most: u32,
        now: Millis,
    ) -> Option<LateRead> {
        if self.late.reading {
            return None;
        }
        let (mut read, mut left) = (LateRead::default(), most.min(READ) as usize);
        // Several flows may have one rate: what was accepted first goes first.
        self.late.groups.sort_by_key(|group| group.due.keys().next().copied());
        for group in &mut self.late.groups {
            let may = room(group, &of_flow, all).min(left).min(group.due.len());
            let many = self.budgets.take(&group.rates, may as u32, self.nodes, now) as usize;
            let due: BTreeMap<_, _> =
                std::iter::from_fn(|| group.due.pop_first()).take(many).collect();
            if !due.is_empty() {
                left -= due.len();
                read.0.push(Group { rates: group.rates.clone(), flow: group.flow, due });
            }
        }
        self.late.groups.retain(|group| !group.due.is_empty());
        self.late.reading = !read.0.is_empty();
        self.late.reading.then_some(read)
    }

    /// What was late has been read, and what of it went into memory; the rest takes nothing of the rates.
    pub fn late_went(&mut self, read: &LateRead, went: &HashSet<i64>) {
        self.late.reading = false;
        for Group { rates, due, .. } in &read.0 {
            let stays = due.keys().filter(|seq| !went.contains(seq)).count();
            self.budgets.give_back(rates, stays);
        }
    }

    /// The read failed: what it was to find is late yet, unless its hook is held back by now.
    pub fn late_unread(&mut self, read: LateRead, now: Millis) {
        self.late_went(&read, &HashSet::new());
        for Group { rates, flow, due } in read.0 {
            for (seq, hook) in due {
                if !self.held.contains(&hook) {
                    let due = Due { flow, hook, seq, made: now, rates: &rates };
                    self.late.note(&rates, &due);
                }
            }
        }
    }

    /// Whether what falls due is to be read from the beginning: more was late than is known, and that has
    /// gone out.
    pub fn has_missed(&mut self) -> bool {
        self.late.groups.is_empty() && !self.late.reading && std::mem::take(&mut self.late.missed)
    }

    /// When the next of what is late may go out, and for which there is room.
    pub(super) fn late_at(
        &self,
        of_flow: impl Fn(FlowId) -> InMemory,
        all: Load,
    ) -> Option<Millis> {
        let groups = self.late.groups.iter().filter(|_| !self.late.reading);
        let may = groups.filter(|group| room(group, &of_flow, all) > 0);
        may.filter_map(|group| self.budgets.next(&group.rates, self.nodes)).min()
    }
}

/// How many of a group there is room for.
fn room(group: &Group, of_flow: impl Fn(FlowId) -> InMemory, all: Load) -> usize {
    let beside = of_flow(group.flow).into_iter().max().unwrap_or_default();
    all.window().saturating_sub(beside)
}
