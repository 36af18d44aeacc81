//! What is known of the lanes that are set aside, and in which order they come back.

use super::lane::{Aside, Waits};
use crate::scheduler::{Job, Lane, Target, job::Whose};
use model::{ids::FlowId, policy::Priority};
use std::collections::{HashMap, VecDeque};

/// How many lanes may be set aside; what is beyond stays in memory.
const MOST: usize = 200_000;
/// How many deliveries may stand in them before no more of their flows are taken in.
const STAND_MOST: usize = 500_000;
/// How many of those that wait for nothing are looked at at once.
const LOOK: usize = 32;

/// A read to make of what is set aside.
#[derive(Debug, PartialEq, Eq)]
pub struct Recall {
    /// Tells reads apart.
    pub number: u64,
    /// The row numbers of what is to come back, each lane's in their order.
    pub seqs: Vec<i64>,
}

/// The lanes that are set aside.
#[derive(Debug, Default)]
pub struct Asides {
    lanes: HashMap<Lane, Aside>,
    /// How many deliveries stand in them, and how many lanes there are of each flow.
    many: usize,
    flows: HashMap<FlowId, usize>,
    /// Those that wait for a destination.
    queues: HashMap<Target, Queues>,
    /// Those that wait for nothing but room.
    loose: VecDeque<Lane>,
    /// Destinations for which few may wait in memory by now.
    listed: VecDeque<Target>,
    asked: Option<Asked>,
    reads: u64,
}

/// What is being read.
#[derive(Debug)]
struct Asked {
    number: u64,
    /// Of which lanes, and what of them.
    lanes: Vec<(Lane, Vec<i64>)>,
}

/// The lanes that wait for a destination.
#[derive(Debug, Default)]
struct Queues {
    flows: HashMap<FlowId, Queue>,
    /// Whether it stands among those that are to be looked at.
    is_listed: bool,
    /// How many have begun there for which none came back yet.
    begun: usize,
}

/// Those of one flow.
#[derive(Debug, Default)]
struct Queue {
    /// In their order, by priority. A lane that waits for something else by now may be among them.
    lanes: [VecDeque<Lane>; Priority::ALL.len()],
    /// How many there are, those among them that are being read.
    many: u64,
}

impl Asides {
    /// Keeps a delivery out of memory that stands in a lane that is set aside, behind the first of
    /// it; whether it does.
    pub fn keep_out(&mut self, job: &Job) -> bool {
        let aside = self.lanes.get_mut(&job.lane);
        let aside = aside.filter(|aside| aside.first().is_some_and(|first| first <= job.seq));
        aside.map(|aside| self.many += aside.note(job)).is_some()
    }

    /// Whether no more may be set aside.
    pub fn is_full(&self) -> bool {
        self.lanes.len() >= MOST || self.many >= STAND_MOST
    }

    /// Whether lanes of this flow and priority wait for this destination.
    pub fn wait_at(&self, target: &Target, flow: FlowId, priority: Priority) -> bool {
        let queue = self.queues.get(target).and_then(|queues| queues.flows.get(&flow));
        queue.is_some_and(|queue| !queue.lanes[priority as usize].is_empty())
    }

    /// Whether lanes of this flow are set aside.
    pub fn has_of(&self, flow: FlowId) -> bool {
        self.flows.contains_key(&flow)
    }

    /// The record of a delivery's lane, made where there was none.
    fn of(&mut self, job: &Job) -> &mut Aside {
        self.lanes.entry(job.lane).or_insert_with(|| {
            *self.flows.entry(job.flow_id).or_default() += 1;
            Aside::of(job)
        })
    }

    /// How many lanes wait for each destination, by their flow.
    pub fn waiting(&self) -> impl Iterator<Item = (&Target, FlowId, u64)> {
        let all = self.queues.iter();
        all.flat_map(|(target, of)| {
            of.flows.iter().map(move |(flow, one)| (target, *flow, one.many))
        })
    }

    /// Whether this lane is set aside.
    pub fn has(&self, lane: &Lane) -> bool {
        self.lanes.contains_key(lane)
    }

    /// Sets the lane aside of a delivery that waits for this destination, with what stands behind it.
    pub fn insert<'a>(&mut self, job: &Job, target: Target, behind: impl Iterator<Item = &'a Job>) {
        let (flow, priority) = (job.flow_id, job.priority);
        // More of it may be out of memory already, which is behind this.
        let aside = self.of(job);
        aside.priority = priority;
        let many = aside.note(job) + behind.map(|job| aside.note(job)).sum::<usize>();
        let before = std::mem::replace(&mut aside.waits, Waits::For(target.clone())).target();
        self.many += many;
        let queue = self.queues.entry(target).or_default().flows.entry(flow).or_default();
        queue.lanes[priority as usize].push_back(job.lane);
        queue.many += 1;
        uncount(&mut self.queues, before, flow);
    }

    /// Keeps a delivery out of memory that stands behind others of its lane which are there.
    pub fn keep_behind(&mut self, job: &Job) {
        self.many += self.of(job).note(job);
    }

    /// Nothing in memory holds this lane any more: what of it follows is to be read.
    pub fn follow(&mut self, lane: Lane) {
        if let Some(aside) = self.lanes.get_mut(&lane)
            && matches!(aside.waits, Waits::Behind)
        {
            aside.waits = Waits::Loose;
            self.loose.push_back(lane);
        }
    }

    /// Of what waits in memory for this destination one begins, or queues elsewhere.
    pub fn look_at(&mut self, target: &Target) {
        if let Some(queues) = self.queues.get_mut(target) {
            queues.begun += 1;
            if !std::mem::replace(&mut queues.is_listed, true) {
                self.listed.push_back(target.clone());
            }
        }
    }

    /// What is to be read now, no more than so many deliveries: of lanes that wait for nothing, where
    /// their flow and priority has room, and of a flow's and priority's that wait for a destination as
    /// many lanes as are `wanted` there, where so many have begun for which none came back yet.
    pub fn recall(
        &mut self,
        most: usize,
        has_room: impl Fn(FlowId, Priority) -> bool,
        wanted: impl Fn(&Target, FlowId, Priority, usize) -> usize,
    ) -> Option<Recall> {
        if self.asked.is_some() {
            return None;
        }
        let number = self.reads + 1;
        let mut asked = Vec::new();
        // Half of it is for destinations that have little to do.
        let spared = if self.listed.is_empty() { 0 } else { most / 2 };
        let mut left = most - spared;
        for _ in 0..self.loose.len().min(LOOK) {
            let Some(lane) = self.loose.pop_front() else { break };
            let aside = self.lanes.get_mut(&lane);
            let Some(aside) = aside.filter(|one| matches!(one.waits, Waits::Loose)) else {
                continue;
            };
            if left > 0 && has_room(aside.flow, aside.priority) {
                asked.push((lane, aside.ask(number, &mut left)));
            } else {
                self.loose.push_back(lane);
            }
        }
        left += spared;
        for _ in 0..self.listed.len() {
            let Some(target) = self.listed.pop_front() else { break };
            let (before, begun) = (left, self.queues.get(&target).map_or(0, |one| one.begun));
            for (flow, priority) in self.waiting_at(&target) {
                for _ in 0..wanted(&target, flow, priority, begun) {
                    if left == 0 {
                        break;
                    }
                    let Some((lane, aside)) = self.next_of(&target, flow, priority) else { break };
                    asked.push((lane, aside.ask(number, &mut left)));
                }
            }
            let Some(queues) = self.queues.get_mut(&target) else { continue };
            queues.begun = begun.saturating_sub(before - left);
            // Whether it has enough now shows when these have come.
            queues.is_listed = left < before || left == 0;
            if queues.is_listed {
                self.listed.push_back(target);
            }
        }
        if asked.is_empty() {
            return None;
        }
        let seqs = asked.iter().flat_map(|(_, seqs)| seqs).copied().collect();
        (self.reads, self.asked) = (number, Some(Asked { number, lanes: asked }));
        Some(Recall { number, seqs })
    }

    /// A read has found what is left of these: they are kept out no more. The one that stood first in
    /// its lane waits for that target. Beside them, the lanes of which more is out of memory, that
    /// follows them.
    pub fn come_back(&mut self, read: u64) -> (HashMap<i64, Option<Target>>, Vec<Lane>) {
        let (mut back, mut rest) = (HashMap::new(), Vec::new());
        for (lane, seqs) in self.answered(read) {
            let Some(aside) = self.lanes.get_mut(&lane) else { continue };
            let Some(target) = aside.was_read(read, Waits::Behind) else { continue };
            let first = aside.first();
            for seq in seqs {
                if aside.remove(seq) {
                    self.many -= 1;
                    back.insert(seq, target.clone().filter(|_| first == Some(seq)));
                }
            }
            uncount(&mut self.queues, target, aside.flow);
            if aside.stands.is_empty() {
                let flow = aside.flow;
                self.lanes.remove(&lane);
                forget(&mut self.flows, flow);
            } else {
                rest.push(lane);
            }
        }
        (back, rest)
    }

    /// A read failed: what it was to bring back is read again.
    pub fn unread(&mut self, read: u64) {
        for (lane, _) in self.answered(read).into_iter().rev() {
            let Some(aside) = self.lanes.get_mut(&lane) else { continue };
            let Some(target) = aside.was_read(read, Waits::Loose) else { continue };
            let Some(target) = target else {
                self.loose.push_front(lane);
                continue;
            };
            let queues = self.queues.get_mut(&target);
            if let Some(queue) = queues.and_then(|queues| queues.flows.get_mut(&aside.flow)) {
                queue.lanes[aside.priority as usize].push_front(lane);
            }
            aside.waits = Waits::For(target.clone());
            self.look_at(&target);
        }
    }

    /// Takes out what leaves. A lane of which the first does waits for no destination any more.
    pub fn take(&mut self, leaves: impl Fn(&Whose) -> bool) {
        let Self { lanes, queues, loose, many, flows, .. } = self;
        let before = (lanes.len(), loose.len());
        lanes.retain(|lane, aside| {
            if aside.take(&leaves) {
                let waits = std::mem::replace(&mut aside.waits, Waits::Behind);
                aside.waits = match &waits {
                    Waits::Read(read, _) => Waits::Read(*read, None),
                    Waits::Behind => Waits::Behind,
                    Waits::For(_) | Waits::Loose => Waits::Loose,
                };
                if matches!(waits, Waits::For(_)) {
                    loose.push_back(*lane);
                }
                uncount(queues, waits.target(), aside.flow);
            }
            let stays = !aside.stands.is_empty();
            if !stays {
                forget(flows, aside.flow);
            }
            stays
        });
        *many = lanes.values().map(|aside| aside.stands.len()).sum();
        if (lanes.len(), loose.len()) == before {
            return;
        }
        loose.retain(|lane| lanes.contains_key(lane));
        for (target, queues) in queues {
            let waits = |lane: &Lane| lanes.get(lane).is_some_and(|one| one.waits_at(target));
            let all = queues.flows.values_mut().flat_map(|queue| &mut queue.lanes);
            all.for_each(|lanes| lanes.retain(waits));
        }
    }

    /// Forgets all; what is being read does not come back.
    pub fn clear(&mut self) {
        *self = Self { reads: self.reads, ..Self::default() };
    }

    /// What this read was to bring back.
    fn answered(&mut self, read: u64) -> Vec<(Lane, Vec<i64>)> {
        let asked = self.asked.take_if(|asked| asked.number == read);
        asked.map(|asked| asked.lanes).unwrap_or_default()
    }

    /// The flows and priorities of which something may wait for this destination.
    fn waiting_at(&self, target: &Target) -> Vec<(FlowId, Priority)> {
        let flows = self.queues.get(target).into_iter().flat_map(|queues| queues.flows.keys());
        flows.flat_map(|flow| Priority::ALL.map(|priority| (*flow, priority))).collect()
    }

    /// Takes the lane out that comes back next of those that wait for this destination.
    fn next_of(
        &mut self,
        target: &Target,
        flow: FlowId,
        priority: Priority,
    ) -> Option<(Lane, &mut Aside)> {
        let queue = self.queues.get_mut(target)?.flows.get_mut(&flow)?;
        let lanes = std::iter::from_fn(|| queue.lanes[priority as usize].pop_front());
        let waits = |lane: &Lane| self.lanes.get(lane).is_some_and(|one| one.waits_at(target));
        let lane = { lanes }.find(waits)?;
        self.lanes.get_mut(&lane).map(|aside| (lane, aside))
    }
}

/// One lane less of this flow.
fn forget(flows: &mut HashMap<FlowId, usize>, flow: FlowId) {
    if let Some(many) = flows.get_mut(&flow) {
        *many -= 1;
        if *many == 0 {
            flows.remove(&flow);
        }
    }
}

/// A lane of this flow does not wait for this target any more, if it did for one.
fn uncount(queues: &mut HashMap<Target, Queues>, target: Option<Target>, flow: FlowId) {
    let Some(target) = target else { return };
    let Some(of_all) = queues.get_mut(&target) else { return };
    if let Some(queue) = of_all.flows.get_mut(&flow) {
        queue.many -= 1;
        if queue.many == 0 {
            of_all.flows.remove(&flow);
        }
    }
    if of_all.flows.is_empty() {
        queues.remove(&target);
    }
}
