//! A small database of unfinished deliveries, what of it is in memory, and what runs.

use super::*;
use crate::{
    destination::Heard,
    scheduler::{Job, Lane, Scheduler, Step, Target, tests::job},
};
use model::{
    destination::{DestinationKey, DestinationLimits, DestinationSettings, Forced},
    event::Event,
    ids::DeliveryId,
};
use std::{collections::BTreeMap, sync::Arc};

/// What each weighs: five of them fill the memory.
const WEIGHT: usize = VERY_HEAVY / 5;

/// A delivery in the database.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub lot: Lot,
    call: u8,
    /// Whom it calls.
    host: usize,
    /// Whether it keeps no order with others any more: its hook was held or released, or it was to be
    /// retried.
    apart: bool,
    /// Whether it is due much later.
    sleeps: bool,
    /// How often it has left memory; what was read of it before is out of date.
    left: u32,
}

/// A row that was read, and the last one before it in its lane.
pub type Found = (i64, Row, Option<i64>);

/// A read under way, with what it found.
#[derive(Debug)]
pub enum UnderWay {
    Stretch(Read, Vec<Found>),
    Aside(u64, Vec<Found>),
}

fn key(host: usize) -> DestinationKey {
    DestinationKey::new("https", HOSTS[host], 443)
}

/// The database, what of it is in memory, and what runs.
pub struct House {
    pub backlog: Backlog,
    pub scheduler: Scheduler,
    pub database: BTreeMap<i64, Row>,
    pub running: Vec<(Job, Target)>,
    pub under_way: Vec<UnderWay>,
    pub priorities: HashMap<HookId, Priority>,
    pub open: [bool; HOSTS.len()],
    called_off: HashSet<i64>,
    heavy: Arc<Event>,
    seq: i64,
}

impl House {
    pub fn new() -> Self {
        let mut event = (*job(0, 0).event).clone();
        event.variables.insert("heavy".into(), " ".repeat(WEIGHT).into());
        let mut house = Self {
            backlog: Backlog::default(),
            scheduler: Scheduler::default(),
            database: BTreeMap::new(),
            running: Vec::new(),
            under_way: Vec::new(),
            priorities: HashMap::new(),
            open: [false; HOSTS.len()],
            called_off: HashSet::new(),
            heavy: Arc::new(event),
            seq: 0,
        };
        house.steer();
        house.backlog.set(HashMap::new(), HashSet::from([UNORDERED]));
        (0..2).for_each(|shard| house.take_up(Shard(shard)));
        house
    }

    pub fn steer(&mut self) {
        let set = (0..HOSTS.len()).map(|host| {
            let concurrency = Some(1 + host as u32 % 2);
            let limits = DestinationLimits { concurrency, ..DestinationLimits::default() };
            let forced = Some(if self.open[host] { Forced::Open } else { Forced::Closed });
            let (key, drained_at, updated_at) = (key(host), None, NOW);
            (key.clone(), DestinationSettings { key, limits, forced, drained_at, updated_at })
        });
        self.scheduler.set(set.collect(), 1);
    }

    pub fn priority(&self, hook: HookId) -> Priority {
        self.priorities.get(&hook).copied().unwrap_or_default()
    }

    pub fn job(&self, seq: i64, row: &Row) -> Job {
        let one = job(seq, row.call.into());
        Job {
            event: self.heavy.clone(),
            hook_id: row.lot.hook,
            priority: self.priority(row.lot.hook),
            shard: row.lot.shard,
            lane: if row.lot.hook == UNORDERED { Lane::Alone(seq) } else { one.lane },
            ..one
        }
    }

    pub fn runs(&self, seq: i64) -> bool {
        self.running.iter().any(|(job, _)| job.seq == seq)
    }

    pub fn read(&mut self) {
        let (many, load) = (self.scheduler.len_of(FLOW), self.scheduler.load());
        for read in self.backlog.reads(|_| many, load, self.seq, NOW) {
            let rows = self.find(&read.stretch);
            self.under_way.push(UnderWay::Stretch(read, rows));
        }
    }

    pub fn recall(&mut self, most: usize) {
        if let Some(read) = self.scheduler.recall(most) {
            assert!(!read.seqs.is_empty() && read.seqs.len() <= most);
            let row = |seq: &i64| self.database.get(seq).map(|row| (*seq, *row, None));
            let mut rows: Vec<Found> = read.seqs.iter().filter_map(row).collect();
            rows.sort_by_key(|(seq, ..)| *seq);
            self.under_way.push(UnderWay::Aside(read.number, rows));
        }
    }

    pub fn find(&self, stretch: &Stretch) -> Vec<Found> {
        let fits = |(seq, row): &(&i64, &Row)| {
            **seq > stretch.after
                && stretch.until.is_none_or(|until| **seq <= until)
                && stretch.shards.contains(row.lot.shard)
                && (stretch.only.is_empty() || stretch.only.contains(&row.lot.hook))
                && !stretch.without.contains(&row.lot.hook)
                && !(row.sleeps && stretch.awake.is_some())
        };
        let rows = self.database.iter().filter(fits).take(stretch.limit as usize);
        let found = |(seq, row): (&i64, &Row)| {
            let before = self.database.range(..*seq).rev();
            let in_lane = |one: &Row| {
                one.call == row.call && !stretch.beside.contains(&one.lot.hook) && stretch.ahead
            };
            let behind = before.filter(|(_, one)| in_lane(one)).map(|(seq, _)| *seq).next();
            (*seq, *row, behind)
        };
        rows.map(found).collect()
    }

    pub fn answer(&mut self, one: UnderWay) {
        let (rows, read) = match one {
            UnderWay::Stretch(read, rows) => {
                let last = rows.last().map(|(seq, ..)| (*seq, Millis(-1)));
                if !self.backlog.read(&read, rows.len(), last) {
                    return;
                }
                (rows, Ok(read))
            }
            UnderWay::Aside(number, rows) => (rows, Err(number)),
        };
        let mut back = Vec::new();
        for (seq, row, behind) in rows {
            let belongs = match &read {
                Ok(read) => self.backlog.belongs(read.unit, FLOW, row.lot.hook),
                Err(_) => !self.backlog.held().contains(&row.lot.hook),
            };
            let mine = self.backlog.shards().contains(row.lot.shard);
            let waits = row.lot.hook != UNORDERED
                && behind.is_some_and(|before| {
                    !self.scheduler.has(before) && self.database.contains_key(&before)
                });
            let is_as_read = match self.database.get(&seq) {
                Some(now) => now.left == row.left && !now.sleeps,
                // The database was asked before; the dispatcher does not know.
                None => read.is_err() && self.called_off.contains(&seq),
            };
            if !belongs || !mine || waits || !is_as_read {
                continue;
            }
            match read {
                Ok(_) => drop(self.scheduler.add(self.job(seq, &row))),
                Err(_) => back.push(self.job(seq, &row)),
            }
        }
        if let Err(number) = read {
            self.scheduler.come_back(number, back);
        }
    }

    pub fn fail(&mut self, one: UnderWay) {
        match one {
            UnderWay::Stretch(read, _) => self.backlog.unread(&read),
            UnderWay::Aside(number, _) => self.scheduler.unread(number),
        }
    }

    /// Begins what may, and lets it come to its first request.
    pub fn begin(&mut self) {
        while let Some(step) = self.scheduler.next(NOW) {
            let Step::Run(mut job, at) = step else { continue };
            let row =
                self.database.get(&job.seq).expect("it has ended or was called off, and runs");
            let to = Target::Destination(key(row.host));
            if at == to || self.scheduler.go_on(&at, &to, &[], NOW, 0.0).is_some() {
                self.running.push((job, to));
                continue;
            }
            self.scheduler.left(&at, &job, Some(to.clone()), &[], NOW, 0.0);
            job.target = Some(to);
            if self.backlog.held().contains(&job.hook_id) {
                self.leave(job, false);
            } else if !self.scheduler.set_aside(&job) {
                self.scheduler.again(job);
            }
        }
    }

    /// One that runs leaves memory, and sleeps maybe.
    pub fn leave(&mut self, job: Job, sleeps: bool) {
        self.scheduler.done(job.lane, FLOW);
        if let Some(row) = self.database.get_mut(&job.seq) {
            (row.left, row.sleeps) = (row.left + 1, sleeps);
            row.apart = true;
        }
    }

    pub fn stop(&mut self, which: usize) -> Option<Job> {
        let place = which.checked_rem(self.running.len())?;
        let (job, at) = self.running.remove(place);
        let Target::Destination(key) = &at else { return None };
        let good = [(key.clone(), Heard::Good)];
        self.scheduler.left(&at, &job, Some(at.clone()), &good, NOW, 0.0);
        Some(job)
    }

    /// Ends one, and answers what it has passed by.
    pub fn end(&mut self, which: usize) -> Vec<i64> {
        let Some(job) = self.stop(which) else { return Vec::new() };
        self.scheduler.done(job.lane, FLOW);
        let ended = self.database.remove(&job.seq).expect("it has ended twice");
        self.backlog.went(ended.lot);
        let before = self.database.range(..job.seq);
        let before = before.filter(|(_, row)| row.call == ended.call && !row.apart);
        if ended.apart { Vec::new() } else { before.map(|(seq, _)| *seq).collect() }
    }

    pub fn retry(&mut self, which: usize) {
        if let Some(job) = self.stop(which) {
            self.leave(job, true);
        }
    }

    pub fn fall_due(&mut self) {
        let asleep = self.database.iter().filter(|(_, row)| row.sleeps);
        for (seq, mut row) in asleep.map(|(seq, row)| (*seq, *row)).collect::<Vec<_>>() {
            row.sleeps = false;
            self.database.insert(seq, row);
            let mine = self.backlog.shards().contains(row.lot.shard);
            if !mine || self.backlog.held().contains(&row.lot.hook) {
                continue;
            }
            let job = self.job(seq, &row);
            let beside = self.scheduler.len_of(FLOW)[job.priority as usize];
            let load = self.scheduler.load();
            let due = Due { flow: FLOW, hook: job.hook_id, seq, made: NOW, rates: &[] };
            if self.backlog.admit_due(&due, beside, load, NOW) {
                self.scheduler.add(job);
            }
        }
    }

    pub fn call_off(&mut self, call: u8) {
        let mut of_call = self.database.iter().filter(|(_, row)| row.call == call);
        let first = of_call.find(|(seq, _)| !self.runs(**seq));
        let Some((seq, lot)) = first.map(|(seq, row)| (*seq, row.lot)) else { return };
        let id: DeliveryId = job(seq, 0).id;
        self.scheduler.take(|one| one.id == id);
        self.database.remove(&seq);
        self.called_off.insert(seq);
        if self.backlog.shards().contains(lot.shard) {
            self.backlog.went(lot);
        }
    }

    /// What has not run though all that is before it in its lane goes where something is taken, and
    /// is in memory.
    pub fn left_behind(&self) -> Vec<i64> {
        let goes = |row: &Row| !self.open[row.host];
        let in_lane = |one: &Row, row: &Row| one.call == row.call && one.lot.hook != UNORDERED;
        let is_first = |seq: i64, row: &Row| {
            row.lot.hook == UNORDERED
                || !self.database.range(..seq).any(|(_, one)| in_lane(one, row))
        };
        let rows = self.database.iter();
        let left = rows.filter(|(seq, row)| goes(row) && is_first(**seq, row));
        left.map(|(seq, _)| *seq).filter(|seq| self.scheduler.has(*seq)).collect()
    }

    pub fn hold(&mut self, hook: HookId) {
        self.backlog.hold(hook);
        self.scheduler.take(|one| one.lot.hook == hook);
        let held = self.database.values_mut().filter(|row| row.lot.hook == hook);
        held.for_each(|row| row.apart = true);
    }

    pub fn take_up(&mut self, shard: Shard) {
        if self.backlog.shards().contains(shard) {
            return;
        }
        let here = self.database.values().filter(|row| row.lot.shard == shard);
        let counted = Counted { lots: here.map(|row| (row.lot, 1)).collect(), newest: self.seq };
        self.backlog.take_up(Shards::NONE.with(shard), &counted, |_| Vec::new(), NOW);
    }

    pub fn give_up(&mut self, shard: Shard) {
        // What runs of it would have to end first.
        if self.running.iter().all(|(job, _)| job.shard != shard) {
            self.scheduler.take(|one| one.lot.shard == shard);
            self.backlog.give_up(Shards::NONE.with(shard));
        }
    }

    pub fn accept(&mut self, hook: HookId, call: u8, host: usize) {
        self.seq += 1;
        let (seq, lot) = (self.seq, Lot { shard: Shard(call % 2), flow: FLOW, hook });
        let is_read_apart = self.backlog.unit(FLOW, hook) != Some(Unit::Flow(FLOW));
        let apart = is_read_apart || hook == UNORDERED;
        let row = Row { lot, call, host, apart, sleeps: false, left: 0 };
        self.database.insert(seq, row);
        if !self.backlog.shards().contains(lot.shard) {
            return;
        }
        self.backlog.came(lot, seq);
        let job = self.job(seq, &row);
        let beside = self.scheduler.len_of(FLOW)[job.priority as usize];
        if self.backlog.admit(FLOW, hook, seq, beside, self.scheduler.load()) {
            self.scheduler.add(job);
        }
    }
}
