//! Whatever happens in whatever order: nothing is forgotten, nothing runs twice, and nothing passes by
//! what its call has before it.

mod house;

use super::{memory::*, *};
use house::House;
use proptest::prelude::*;

const FLOW: FlowId = FlowId(1);
const HOOKS: [HookId; 3] = [HookId(1), HookId(2), UNORDERED];
/// Its deliveries keep no order.
const UNORDERED: HookId = HookId(3);
const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];
const CALLS: u8 = 12;
const NOW: Millis = Millis(0);

/// What happens to a small database of unfinished deliveries of one flow, two hooks, some calls and two
/// shards, which go to three destinations that take one or two at once.
#[derive(Debug, Clone)]
enum Act {
    Accept(HookId, u8, usize),
    Read,
    /// Of what is set aside, no more than so many.
    Recall(usize),
    Answer(usize),
    /// The database fails one of the reads.
    Fail(usize),
    /// All that may begin does, and comes to its first request.
    Begin,
    /// One of those that run ends, or is to be retried much later.
    End(usize),
    Retry(usize),
    /// All that is to be retried falls due.
    FallDue,
    /// The first of a call that does not run is called off.
    CallOff(u8),
    Hold(HookId),
    Release(HookId),
    Prioritize(HookId, Priority),
    /// A destination takes nothing, or goes on.
    Open(usize),
    Close(usize),
    TakeUp(u8),
    GiveUp(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let hook = || proptest::sample::select(&HOOKS[..]);
    let priority = proptest::sample::select(&Priority::ALL[..]);
    prop_oneof![
        20 => (hook(), 0..CALLS, 0..3_usize).prop_map(|(hook, call, host)| Act::Accept(hook, call, host)),
        4 => Just(Act::Read),
        4 => (1..5_usize).prop_map(Act::Recall),
        8 => (0..9_usize).prop_map(Act::Answer),
        1 => (0..9_usize).prop_map(Act::Fail),
        8 => Just(Act::Begin),
        3 => (0..9_usize).prop_map(Act::End),
        1 => (0..9_usize).prop_map(Act::Retry),
        1 => Just(Act::FallDue),
        2 => (0..CALLS).prop_map(Act::CallOff),
        1 => hook().prop_map(Act::Hold),
        1 => hook().prop_map(Act::Release),
        1 => (hook(), priority).prop_map(|(hook, priority)| Act::Prioritize(hook, priority)),
        1 => (0..3_usize).prop_map(Act::Open),
        1 => (0..3_usize).prop_map(Act::Close),
        1 => (0..2_u8).prop_map(Act::TakeUp),
        1 => (0..2_u8).prop_map(Act::GiveUp),
    ]
}

impl House {
    fn act(&mut self, act: Act) {
        match act {
            Act::Accept(hook, call, host) => self.accept(hook, call, host),
            Act::Read => self.read(),
            Act::Recall(most) => self.recall(most),
            Act::Answer(which) => {
                if let Some(place) = which.checked_rem(self.under_way.len()) {
                    let one = self.under_way.remove(place);
                    self.answer(one);
                }
            }
            Act::Fail(which) => {
                if let Some(place) = which.checked_rem(self.under_way.len()) {
                    let one = self.under_way.remove(place);
                    self.fail(one);
                }
            }
            Act::Begin => self.begin(),
            Act::End(which) => assert_eq!(self.end(which), Vec::<i64>::new(), "passed by"),
            Act::Retry(which) => self.retry(which),
            Act::FallDue => self.fall_due(),
            Act::CallOff(call) => self.call_off(call),
            Act::Hold(hook) => self.hold(hook),
            Act::Release(hook) => self.backlog.release(hook, &[], (None, 0), NOW),
            Act::Prioritize(hook, priority) => {
                self.priorities.insert(hook, priority);
                self.backlog.set(self.priorities.clone(), HashSet::from([UNORDERED]));
            }
            Act::Open(host) | Act::Close(host) => {
                self.open[host] = matches!(act, Act::Open(_));
                self.steer();
            }
            Act::TakeUp(shard) => self.take_up(Shard(shard)),
            Act::GiveUp(shard) => self.give_up(Shard(shard)),
        }
    }
}

impl House {
    /// Lets everything run that may.
    fn run_on(&mut self) {
        for _ in 0..400 {
            self.act(Act::Read);
            self.act(Act::Recall(9));
            while !self.under_way.is_empty() {
                self.act(Act::Answer(0));
            }
            self.act(Act::Begin);
            while !self.running.is_empty() {
                self.act(Act::End(0));
            }
        }
    }
}

proptest! {
    /// In the end everything has run once and has ended, and of a call nothing before what stands
    /// before it, but for what has been set apart from that.
    #[test]
    fn property_nothing_is_forgotten_or_passed_by(
        acts in proptest::collection::vec(act(), 1..300),
    ) {
        let mut house = House::new();
        for act in acts {
            house.act(act);
            let shards = house.backlog.shards();
            let mine = house.database.values().filter(|row| shards.contains(row.lot.shard));
            prop_assert_eq!(house.backlog.total(), mine.count() as u64);
        }
        let all = [Act::TakeUp(0), Act::TakeUp(1), Act::FallDue];
        all.into_iter().chain(HOOKS.map(Act::Release)).for_each(|act| house.act(act));
        house.run_on();
        // What waits stands behind something for a destination that takes nothing.
        prop_assert_eq!(house.left_behind(), Vec::<i64>::new());
        (0..3).map(Act::Close).for_each(|act| house.act(act));
        house.run_on();
        prop_assert!(house.database.is_empty(), "left: {:?}", house.database);
        prop_assert_eq!(house.scheduler.load(), Load::default());
    }
}
