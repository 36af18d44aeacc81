//! The protocol by which several nodes share the lanes, as a model that a checker explores whole:
//! every order of steps of two nodes, with a crash or a freeze, and requests that land late. Each
//! rule of the protocol can be left out; then the checker must find what goes wrong.

use stateright::{Checker, HasDiscoveries, Model, Property};
use std::collections::BTreeSet;

const SHARDS: usize = 2;
/// Deliveries of the one lane of each shard.
const DELIVERIES: [u8; SHARDS] = [2, 1];
/// Ticks after which a row without a beat has expired.
const TTL: u8 = 2;
/// How many incarnations there may be in all.
const INCARNATIONS: u8 = 3;

/// A rule of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// A commit of completions fails when its incarnation has been fenced.
    CommitsAreFenced,
    /// A node without a recent beat, by its own clock, begins no request.
    SendsNeedABeat,
    /// That clock goes on while the process is frozen.
    TheClockGoesOn,
    /// A shard is handed on only when nothing of it runs any more.
    SurplusIsDrained,
    /// What is unfinished is read after a shard has been taken, not before.
    LoadedAfterTaken,
    /// A node that learns that it is fenced forgets everything.
    FencedForgets,
}

#[derive(Debug, Clone)]
struct Protocol {
    nodes: usize,
    crashes: u8,
    freezes: u8,
    /// The rule that is left out, if any.
    without: Option<Rule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Life {
    Down,
    Runs,
    Frozen,
}

/// What a process knows of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Held {
    /// The delivery to be sent next.
    next: u8,
    /// Whether a request for it is under way, and whether it has been answered.
    sent: bool,
    answered: bool,
    /// Whether it is to be handed on.
    drains: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    life: Life,
    incarnation: Option<u8>,
    /// Ticks since its last beat, by its own clock.
    age: u8,
    shards: [Option<Held>; SHARDS],
}

/// A node's row in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    /// Ticks since its last beat, by the database's clock.
    age: u8,
    fenced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Request {
    shard: usize,
    delivery: u8,
    /// Whose answer it would be.
    incarnation: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    nodes: Vec<Node>,
    /// By incarnation.
    rows: Vec<Row>,
    /// Which incarnation holds each shard.
    holders: [Option<u8>; SHARDS],
    /// How many deliveries of each shard are written down as done.
    done: [u8; SHARDS],
    network: BTreeSet<Request>,
    /// Which delivery of each shard the receiver saw last for the first time, counted from 1.
    newest: [u8; SHARDS],
    crashes: u8,
    freezes: u8,
    /// What must never happen, and did.
    repeated: bool,
    overtaken: bool,
    wrong_commit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Tick,
    Register(usize),
    Beat(usize),
    /// Fences this incarnation and takes its shards.
    TakeOver(usize, u8),
    TakeFree(usize, usize),
    Load(usize, usize),
    Send(usize, usize),
    Land(Request),
    Commit(usize, usize),
    Drain(usize, usize),
    Free(usize, usize),
    Crash(usize),
    Start(usize),
    Freeze(usize),
    Wake(usize),
}

impl Protocol {
    fn has(&self, rule: Rule) -> bool {
        self.without != Some(rule)
    }

    /// Whether the node may begin a request of a shard that it holds.
    fn may_send(&self, node: &Node) -> bool {
        node.incarnation.is_some() && (node.age < TTL || !self.has(Rule::SendsNeedABeat))
    }
}

impl State {
    /// The incarnation under which a running node may change the database, unless it is fenced.
    fn valid(&self, node: usize) -> Option<u8> {
        let incarnation = self.nodes[node].incarnation?;
        let runs = self.nodes[node].life == Life::Runs;
        (runs && !self.rows[usize::from(incarnation)].fenced).then_some(incarnation)
    }

    fn held_by(&self, incarnation: u8) -> usize {
        self.holders.iter().filter(|holder| **holder == Some(incarnation)).count()
    }

    /// How many shards a node should hold at most.
    fn share(&self) -> usize {
        let alive = self.rows.iter().filter(|row| !row.fenced && row.age < TTL).count();
        SHARDS.div_ceil(alive.max(1))
    }

    /// The node forgets everything, as when it learns that it is fenced.
    fn forget(&mut self, node: usize) {
        self.nodes[node].incarnation = None;
        self.nodes[node].shards = [None; SHARDS];
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let down = Node { life: Life::Runs, incarnation: None, age: 0, shards: [None; SHARDS] };
        vec![State {
            nodes: vec![down; self.nodes],
            rows: Vec::new(),
            holders: [None; SHARDS],
            done: [0; SHARDS],
            network: BTreeSet::new(),
            newest: [0; SHARDS],
            crashes: 0,
            freezes: 0,
            repeated: false,
            overtaken: false,
            wrong_commit: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        // A node that runs beats in time: only what is down or frozen expires.
        let in_time = (0..self.nodes).filter_map(|node| state.valid(node));
        if in_time.into_iter().all(|row| state.rows[usize::from(row)].age + 1 < TTL) {
            actions.push(Action::Tick);
        }
        actions.extend(state.network.iter().map(|request| Action::Land(*request)));
        for (number, node) in state.nodes.iter().enumerate() {
            match node.life {
                Life::Down => actions.push(Action::Start(number)),
                Life::Frozen => actions.push(Action::Wake(number)),
                Life::Runs => {
                    let (crashes, freezes) = (self.crashes, self.freezes);
                    actions.extend((state.crashes < crashes).then_some(Action::Crash(number)));
                    actions.extend((state.freezes < freezes).then_some(Action::Freeze(number)));
                    self.steps(state, number, actions);
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        self.apply(&mut state, action);
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::sometimes("everything is done", |_: &Self, state: &State| {
                state.done == DELIVERIES
            }),
            Property::always(
                "one node at most may send for a shard",
                |protocol: &Self, state: &State| {
                    (0..SHARDS).all(|shard| {
                        let may = |node: &&Node| {
                            node.life == Life::Runs
                                && node.shards[shard].is_some_and(|held| !held.drains)
                                && protocol.may_send(node)
                        };
                        state.nodes.iter().filter(may).count() <= 1
                    })
                },
            ),
            Property::always("only the holder completes, in order", |_: &Self, state: &State| {
                !state.wrong_commit
            }),
            Property::always("nothing is skipped", |_: &Self, state: &State| {
                let holds = |shard: usize, node: &Node| {
                    let held = node.shards[shard]?;
                    let row = state.holders[shard]?;
                    (node.incarnation == Some(row)).then_some(held)
                };
                (0..SHARDS).all(|shard| {
                    let mut held = state.nodes.iter().filter_map(|node| holds(shard, node));
                    held.all(|held| held.next == state.done[shard])
                })
            }),
            Property::always("nothing overtakes", |_: &Self, state: &State| !state.overtaken),
            Property::always("a repeat has a cause", |_: &Self, state: &State| {
                !state.repeated || state.crashes + state.freezes > 0
            }),
        ]
    }
}

impl Protocol {
    /// What a running node may do.
    fn steps(&self, state: &State, number: usize, actions: &mut Vec<Action>) {
        let node = &state.nodes[number];
        let Some(incarnation) = node.incarnation else {
            if state.rows.len() < usize::from(INCARNATIONS) {
                actions.push(Action::Register(number));
            }
            return;
        };
        actions.push(Action::Beat(number));
        let is_valid = state.valid(number).is_some();
        for (row, other) in (0..).zip(&state.rows) {
            if is_valid && row != incarnation && !other.fenced && other.age >= TTL {
                actions.push(Action::TakeOver(number, row));
            }
        }
        for (shard, deliveries) in DELIVERIES.into_iter().enumerate() {
            let holds = state.holders[shard] == Some(incarnation);
            match node.shards[shard] {
                None if holds && is_valid => actions.push(Action::Load(number, shard)),
                None => {
                    let room = state.held_by(incarnation) < state.share();
                    let takes = is_valid && room && state.holders[shard].is_none();
                    actions.extend(takes.then_some(Action::TakeFree(number, shard)));
                }
                Some(held) => {
                    actions.extend(held.answered.then_some(Action::Commit(number, shard)));
                    let idle = !held.sent && !held.drains;
                    if idle && held.next < deliveries && self.may_send(node) {
                        actions.push(Action::Send(number, shard));
                    }
                    let surplus = is_valid && state.held_by(incarnation) > state.share();
                    actions
                        .extend((surplus && !held.drains).then_some(Action::Drain(number, shard)));
                    let is_empty = !held.sent || !self.has(Rule::SurplusIsDrained);
                    let frees = held.drains && is_empty && is_valid;
                    actions.extend(frees.then_some(Action::Free(number, shard)));
                }
            }
        }
    }

    fn apply(&self, state: &mut State, action: Action) {
        match action {
            Action::Tick => {
                for row in &mut state.rows {
                    row.age = (row.age + 1).min(TTL);
                }
                for node in &mut state.nodes {
                    if node.life == Life::Runs || self.has(Rule::TheClockGoesOn) {
                        node.age = (node.age + 1).min(TTL);
                    }
                }
            }
            Action::Register(node) => {
                let incarnation = u8::try_from(state.rows.len()).unwrap_or(u8::MAX);
                state.rows.push(Row { age: 0, fenced: false });
                state.nodes[node].incarnation = Some(incarnation);
                state.nodes[node].age = 0;
            }
            Action::Beat(node) => match state.valid(node) {
                Some(incarnation) => {
                    state.rows[usize::from(incarnation)].age = 0;
                    state.nodes[node].age = 0;
                }
                None => self.learns(state, node),
            },
            Action::TakeOver(node, fenced) => {
                state.rows[usize::from(fenced)].fenced = true;
                let incarnation = state.nodes[node].incarnation;
                for (shard, holder) in state.holders.iter_mut().enumerate() {
                    if *holder == Some(fenced) {
                        *holder = incarnation;
                        if !self.has(Rule::LoadedAfterTaken) {
                            let next = state.done[shard].saturating_sub(1);
                            state.nodes[node].shards[shard] =
                                Some(Held { next, ..Held::default() });
                        }
                    }
                }
            }
            Action::TakeFree(node, shard) => state.holders[shard] = state.nodes[node].incarnation,
            Action::Load(node, shard) => {
                let next = state.done[shard];
                state.nodes[node].shards[shard] = Some(Held { next, ..Held::default() });
            }
            Action::Send(node, shard) => {
                let Some(incarnation) = state.nodes[node].incarnation else { return };
                let Some(held) = &mut state.nodes[node].shards[shard] else { return };
                held.sent = true;
                state.network.insert(Request { shard, delivery: held.next, incarnation });
            }
            Action::Land(request) => land(state, request),
            Action::Commit(node, shard) => self.commit(state, node, shard),
            Action::Drain(node, shard) => {
                let Some(held) = &mut state.nodes[node].shards[shard] else { return };
                held.drains = true;
            }
            Action::Free(node, shard) => {
                state.holders[shard] = None;
                if self.has(Rule::SurplusIsDrained) {
                    state.nodes[node].shards[shard] = None;
                }
            }
            Action::Crash(node) => {
                state.crashes += 1;
                state.forget(node);
                state.nodes[node].life = Life::Down;
            }
            Action::Freeze(node) => {
                state.freezes += 1;
                state.nodes[node].life = Life::Frozen;
            }
            Action::Start(node) | Action::Wake(node) => state.nodes[node].life = Life::Runs,
        }
    }

    /// A node learns that it is fenced; it forgets everything, and registers again.
    fn learns(&self, state: &mut State, node: usize) {
        let shards = state.nodes[node].shards;
        state.forget(node);
        if !self.has(Rule::FencedForgets) {
            state.nodes[node].shards = shards;
        }
    }

    /// Writes a completion down, if the incarnation may.
    fn commit(&self, state: &mut State, node: usize, shard: usize) {
        let Some(incarnation) = state.nodes[node].incarnation else { return };
        if state.valid(node).is_none() && self.has(Rule::CommitsAreFenced) {
            return self.learns(state, node);
        }
        let Some(held) = &mut state.nodes[node].shards[shard] else { return };
        state.wrong_commit |=
            state.holders[shard] != Some(incarnation) || held.next != state.done[shard];
        state.done[shard] = state.done[shard].max(held.next + 1);
        *held = Held { next: held.next + 1, drains: held.drains, ..Held::default() };
    }
}

/// The receiver gets a request and answers it, if anybody is there to hear.
fn land(state: &mut State, request: Request) {
    let Request { shard, delivery, incarnation } = request;
    state.network.remove(&request);
    state.repeated |= delivery < state.newest[shard];
    state.overtaken |= delivery > state.newest[shard];
    state.newest[shard] = state.newest[shard].max(delivery + 1);
    for node in &mut state.nodes {
        if node.incarnation == Some(incarnation)
            && let Some(held) = &mut node.shards[shard]
            && held.sent
            && held.next == delivery
        {
            held.answered = true;
        }
    }
}

const PROGRESS: &str = "everything is done";

/// What was found of two nodes with so many crashes and freezes: the progress, and whatever does not
/// hold. It is looked for until what is wanted has been found, or everything has been seen.
fn broken(
    crashes: u8,
    freezes: u8,
    without: Option<Rule>,
    wanted: HasDiscoveries,
) -> BTreeSet<&'static str> {
    let protocol = Protocol { nodes: 2, crashes, freezes, without };
    let checker = protocol.checker().threads(2).finish_when(wanted).spawn_bfs().join();
    checker.discoveries().into_keys().collect()
}

#[test]
fn the_protocol_holds_whatever_crashes_freezes_or_comes_late() {
    for (crashes, freezes) in [(0, 0), (1, 0), (0, 1)] {
        let found = broken(crashes, freezes, None, HasDiscoveries::AnyFailures);
        // Nothing fails, and the model gets somewhere.
        assert_eq!(found, BTreeSet::from([PROGRESS]), "{crashes} crashes, {freezes} freezes");
    }
}

#[test]
fn each_rule_keeps_something_from_going_wrong() {
    let needed = [
        (Rule::CommitsAreFenced, (0, 1), "only the holder completes, in order"),
        (Rule::SendsNeedABeat, (0, 1), "one node at most may send for a shard"),
        (Rule::TheClockGoesOn, (0, 1), "one node at most may send for a shard"),
        (Rule::SurplusIsDrained, (0, 0), "only the holder completes, in order"),
        (Rule::LoadedAfterTaken, (1, 0), "nothing is skipped"),
        (Rule::FencedForgets, (0, 1), "one node at most may send for a shard"),
    ];
    for (rule, (crashes, freezes), property) in needed {
        let wanted = HasDiscoveries::AllOf(BTreeSet::from([property]));
        let broken = broken(crashes, freezes, Some(rule), wanted);
        assert!(broken.contains(property), "without {rule:?}: {broken:?}");
    }
}
