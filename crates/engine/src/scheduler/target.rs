//! Whom attempts call, what each of them bears, and which lanes wait there.

use super::Lane;
use crate::{
    backlog::InMemory,
    clock::set_back,
    destination::{Destination, May},
};
use model::{
    destination::{DestinationKey, DestinationSettings},
    ids::FlowId,
    live::DestinationView,
    policy::Priority,
    time::Millis,
};
use std::collections::{HashMap, VecDeque};

/// How many attempts of a flow run at once of which it is not known yet whom they call.
pub(super) const UNKNOWN_AT_ONCE: u32 = 32;
/// How many targets are kept before those are forgotten of which nothing needs to be known.
const KEPT: usize = 4_096;

/// Whom an attempt calls first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// It comes to that when it runs.
    Unknown(FlowId),
    /// Nobody; or its flow calls now this one and now that one, so that it counts nowhere until it
    /// asks at its first request.
    Nobody,
    Destination(DestinationKey),
}

/// Whose turn it is: of seven that begin, four are of high priority, two of normal, one of low,
/// as far as there are such. So none is stopped.
const TURNS: [usize; 7] = [0, 1, 0, 2, 0, 1, 0];

/// The lanes that may begin, in the order in which they became so.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// By priority, and of which flow each is.
    lanes: [VecDeque<(Lane, FlowId)>; Priority::ALL.len()],
    /// How many there are of each flow.
    flows: HashMap<FlowId, InMemory>,
    turn: usize,
}

impl Ready {
    pub(super) fn push(&mut self, flow: FlowId, priority: Priority, lane: Lane) {
        self.lanes[priority as usize].push_back((lane, flow));
        self.flows.entry(flow).or_default()[priority as usize] += 1;
    }

    pub(super) fn pop(&mut self) -> Option<Lane> {
        let first = TURNS[self.turn % TURNS.len()];
        self.turn = (self.turn + 1) % TURNS.len();
        let some = |place: &usize| !self.lanes[*place].is_empty();
        let place = Some(first).filter(some).or_else(|| (0..self.lanes.len()).find(some))?;
        let (lane, flow) = self.lanes[place].pop_front()?;
        if let Some(many) = self.flows.get_mut(&flow) {
            many[place] -= 1;
            if *many == InMemory::default() {
                self.flows.remove(&flow);
            }
        }
        Some(lane)
    }

    /// How many there are of this flow and priority.
    fn of(&self, flow: FlowId, priority: Priority) -> usize {
        self.flows.get(&flow).map_or(0, |many| many[priority as usize])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(VecDeque::is_empty)
    }

    fn iter(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().flatten().map(|(lane, _)| lane)
    }
}

/// A target as it stands.
#[derive(Debug)]
pub(super) struct TargetState {
    pub ready: Ready,
    pub called: Called,
    /// Whether it stands among the turns.
    pub has_turn: bool,
    /// Whether lanes waited here in vain when it was looked at last.
    pub held_back: bool,
    /// When it is looked at again by the mere passing of time.
    pub looked_at_again: Option<Millis>,
}

/// What is called there, and with it what runs.
#[derive(Debug)]
pub(super) enum Called {
    Destination(Box<Destination>),
    /// Nobody.
    Nobody {
        running: u32,
    },
    /// Whom, is known when one of them has run.
    Unknown {
        running: u32,
    },
}

impl Called {
    /// Whether an attempt may begin.
    pub fn may(&mut self, now: Millis) -> May {
        match self {
            Self::Destination(destination) => destination.may(now),
            Self::Unknown { running } if *running >= UNKNOWN_AT_ONCE => May::Wait,
            Self::Nobody { .. } | Self::Unknown { .. } => May::Begin,
        }
    }

    /// An attempt begins.
    fn began(&mut self, had_nothing_to_do: bool, now: Millis) {
        match self {
            Self::Destination(destination) => destination.began(had_nothing_to_do, now),
            Self::Nobody { running } | Self::Unknown { running } => *running += 1,
        }
    }

    /// An attempt has ended.
    fn ended(&mut self, now: Millis) {
        match self {
            Self::Destination(destination) => destination.ended(now),
            Self::Nobody { running } | Self::Unknown { running } => {
                *running = running.saturating_sub(1);
            }
        }
    }

    /// How many attempts count there.
    fn running(&self) -> u32 {
        match self {
            Self::Destination(destination) => destination.running(),
            Self::Nobody { running } | Self::Unknown { running } => *running,
        }
    }

    /// Nothing runs any more.
    fn clear(&mut self) {
        match self {
            Self::Destination(destination) => destination.clear(),
            Self::Nobody { running } | Self::Unknown { running } => *running = 0,
        }
    }

    /// Whether nothing would be lost by forgetting it.
    fn is_idle(&self, now: Millis) -> bool {
        match self {
            Self::Destination(destination) => destination.is_idle(now),
            Self::Nobody { running } | Self::Unknown { running } => *running == 0,
        }
    }
}

impl TargetState {
    fn new(called: Called) -> Self {
        let (has_turn, held_back) = (false, false);
        Self { ready: Ready::default(), called, has_turn, held_back, looked_at_again: None }
    }

    pub fn destination(&mut self) -> Option<&mut Destination> {
        match &mut self.called {
            Called::Destination(destination) => Some(&mut **destination),
            Called::Nobody { .. } | Called::Unknown { .. } => None,
        }
    }
}

/// All targets, and what is set for them.
#[derive(Debug, Default)]
pub(super) struct Targets {
    all: HashMap<Target, TargetState>,
    set: HashMap<DestinationKey, DestinationSettings>,
    /// How many nodes share what each of them bears.
    nodes: u32,
    /// How many attempts may run at once, how many do, and at how many targets.
    slots: u32,
    running: u32,
    busy: u32,
}

impl Targets {
    pub fn get_mut(&mut self, target: &Target) -> Option<&mut TargetState> {
        self.all.get_mut(target)
    }

    /// As many attempts may run at once.
    pub fn share(&mut self, slots: usize) {
        self.slots = u32::try_from(slots).unwrap_or(u32::MAX);
    }

    /// Whether a target has its share of the slots, of which few are left: those are for the targets
    /// at which less runs, so that many slow ones together do not hold up a fast one.
    pub fn is_crowded(&self, target: &Target) -> bool {
        let few = self.slots / 8;
        let share = (self.slots / (self.busy + 1)).max(1);
        let running = self.running(target);
        self.slots > 0 && self.slots.saturating_sub(self.running) <= few && running >= share
    }

    /// How many attempts count there.
    pub fn running(&self, target: &Target) -> u32 {
        self.all.get(target).map_or(0, |state| state.called.running())
    }

    /// An attempt begins there; whether nothing had waited for that.
    pub fn began(&mut self, target: &Target, had_nothing_to_do: bool, now: Millis) {
        let Some(state) = self.all.get_mut(target) else { return };
        self.busy += u32::from(state.called.running() == 0);
        self.running += 1;
        state.called.began(had_nothing_to_do, now);
    }

    /// An attempt has ended there.
    pub fn ended(&mut self, target: &Target, now: Millis) {
        let Some(state) = self.all.get_mut(target) else { return };
        let before = state.called.running();
        state.called.ended(now);
        self.busy -= u32::from(before == 1);
        self.running -= u32::from(before > 0);
    }

    /// Sees which breakers probe by now, and forgets targets of which nothing needs to be known, where
    /// there are many.
    pub fn tidy(&mut self, now: Millis) {
        let all = self.all.values_mut();
        all.filter_map(TargetState::destination).for_each(|one| one.look(now));
        if self.all.len() >= KEPT {
            self.all.retain(|_, state| {
                !state.ready.is_empty() || state.has_turn || !state.called.is_idle(now)
            });
        }
    }

    /// The target's state, made where nothing was known of it.
    pub fn state(&mut self, target: &Target) -> &mut TargetState {
        let (nodes, set) = (self.nodes, &self.set);
        self.all.entry(target.clone()).or_insert_with(|| {
            TargetState::new(match target {
                Target::Destination(key) => {
                    Called::Destination(Box::new(Destination::new(set.get(key), nodes)))
                }
                Target::Nobody => Called::Nobody { running: 0 },
                Target::Unknown(_) => Called::Unknown { running: 0 },
            })
        })
    }

    /// Which destinations a person has had drained by what is set now and was not before.
    pub fn drained(
        &self,
        set: &HashMap<DestinationKey, DestinationSettings>,
    ) -> Vec<DestinationKey> {
        let is_new = |one: &&DestinationSettings| {
            let before = self.set.get(&one.key).and_then(|one| one.drained_at);
            one.drained_at.is_some() && one.drained_at != before
        };
        set.values().filter(is_new).map(|one| one.key.clone()).collect()
    }

    /// Takes what is set now; the targets, which are all to be looked at.
    pub fn set(
        &mut self,
        set: HashMap<DestinationKey, DestinationSettings>,
        nodes: u32,
    ) -> Vec<Target> {
        (self.set, self.nodes) = (set, nodes);
        for (target, state) in &mut self.all {
            if let (Target::Destination(key), Some(one)) = (target, state.destination()) {
                one.set(self.set.get(key), nodes);
            }
            // A later look may come too late now.
            state.looked_at_again = None;
        }
        self.all.keys().cloned().collect()
    }

    /// The clock has been set back by so many milliseconds.
    pub fn set_back(&mut self, ms: i64) {
        for state in self.all.values_mut() {
            set_back(&mut state.looked_at_again, ms);
            if let Some(one) = state.destination() {
                one.set_back(ms);
            }
        }
    }

    /// Nothing waits or runs any more.
    pub fn clear(&mut self) {
        for state in self.all.values_mut() {
            (state.ready, state.has_turn, state.held_back) = (Ready::default(), false, false);
            state.looked_at_again = None;
            state.called.clear();
        }
        (self.running, self.busy) = (0, 0);
    }

    /// Whether nothing is sent there at the moment.
    pub fn is_open(&self, target: &Target) -> bool {
        let called = self.all.get(target).map(|state| &state.called);
        matches!(called, Some(Called::Destination(destination)) if destination.is_open())
    }

    /// How many lanes of this flow and priority wait there.
    pub fn ready(&self, target: &Target, flow: FlowId, priority: Priority) -> usize {
        self.all.get(target).map_or(0, |state| state.ready.of(flow, priority))
    }

    /// The lanes that wait for a destination to which nothing is sent at the moment.
    pub fn parked(&self) -> impl Iterator<Item = (&Target, &Lane)> {
        let open = self.all.iter().filter(|(target, _)| self.is_open(target));
        open.flat_map(|(target, state)| state.ready.iter().map(move |lane| (target, lane)))
    }

    /// The destinations as they stand; `waiting` says how many deliveries wait there.
    pub fn views(&self, waiting: impl Fn(&Target) -> u64, now: Millis) -> Vec<DestinationView> {
        let view = |(target, state): (&Target, &TargetState)| match (target, &state.called) {
            (Target::Destination(key), Called::Destination(one)) => {
                Some(one.view(key, waiting(target), now))
            }
            _ => None,
        };
        self.all.iter().filter_map(view).collect()
    }
}
