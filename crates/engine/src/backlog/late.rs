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

/// What waits for the same rates, by row number, and whose it is.
#[derive(Debug)]
struct Group {
    rates: Vec<Rate>,
    due: BTreeMap<i64, (FlowId, HookId)>,
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
        let place = self.groups.iter().position(|group| group.rates == rates);
        let place = place.unwrap_or_else(|| {
            self.groups.push(Group { rates: rates.to_vec(), due: BTreeMap::new() });
            self.groups.len() - 1
        });
        self.groups[place].due.insert(due.seq, (due.flow, due.hook));
    }

    /// Forgets what is a hook's: it is held back.
    pub fn forget(&mut self, hook: HookId) {
        for group in &mut self.groups {
            group.due.retain(|_, (_, of)| *of != hook);
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
        let rates: Vec<_> =
            due.rates.iter().filter(|rate| due.made < rate.before).copied().collect();
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

    /// What is late and may be read now; `of_flow` says how many of a flow are in memory, `all` what is
    /// in all.
    pub fn late(
        &mut self,
        of_flow: impl Fn(FlowId) -> InMemory,
        all: Load,
        now: Millis,
    ) -> Option<LateRead> {
        if self.late.reading {
            return None;
        }
        let mut read = LateRead::default();
        for group in &mut self.late.groups {
            let may: Vec<_> = ready(group, &of_flow, all).take(READ as usize).collect();
            let many = self.budgets.take(&group.rates, may.len() as u32, self.nodes, now);
            let goes: HashSet<_> = may.into_iter().take(many as usize).collect();
            let due: BTreeMap<_, _> =
                group.due.extract_if(.., |seq, _| goes.contains(seq)).collect();
            if !due.is_empty() {
                read.0.push(Group { rates: group.rates.clone(), due });
            }
        }
        self.late.groups.retain(|group| !group.due.is_empty());
        self.late.reading = !read.0.is_empty();
        self.late.reading.then_some(read)
    }

    /// What was late has been read, and what of it went into memory; the rest takes nothing of the rates.
    pub fn late_went(&mut self, read: &LateRead, went: &HashSet<i64>) {
        self.late.reading = false;
        for Group { rates, due } in &read.0 {
            let stays = due.keys().filter(|seq| !went.contains(seq)).count();
            self.budgets.give_back(rates, stays);
        }
    }

    /// The read failed: what it was to find is late yet, unless its hook is held back by now.
    pub fn late_unread(&mut self, read: LateRead, now: Millis) {
        self.late_went(&read, &HashSet::new());
        for Group { rates, due } in read.0 {
            for (seq, (flow, hook)) in due {
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
        let may = groups.filter(|group| ready(group, &of_flow, all).next().is_some());
        may.filter_map(|group| self.budgets.next(&group.rates, self.nodes)).min()
    }
}

/// What of a group there is room for.
fn ready(
    group: &Group,
    of_flow: &impl Fn(FlowId) -> InMemory,
    all: Load,
) -> impl Iterator<Item = i64> {
    let has_room = move |flow| of_flow(flow).into_iter().max().unwrap_or_default() < all.window();
    group.due.iter().filter(move |(_, (flow, _))| has_room(*flow)).map(|(seq, _)| *seq)
}
