//! Nodes that share a destination which bears fewer requests at once than there are nodes.

use super::{
    further_tests::at_once,
    tests::{begin_all, end, job, to, to_host},
    *,
};
use crate::destination::Errand;
use proptest::prelude::*;
use std::collections::BTreeSet;

const HOST: &str = "narrow.example";

fn key() -> DestinationKey {
    DestinationKey::new("https", HOST, 443)
}

/// One of so many nodes, where the destination bears so much.
fn node(concurrency: u32, nodes: u32) -> Scheduler {
    let mut scheduler = Scheduler::default();
    scheduler.set([at_once(HOST, concurrency)].into(), nodes);
    scheduler
}

fn errand(scheduler: &mut Scheduler, now: i64) -> Option<Errand> {
    let mut errands = scheduler.errands(Millis(now));
    assert!(errands.len() <= 1 && errands.iter().all(|(told, _)| *told == key()));
    errands.pop().map(|(_, errand)| errand)
}

fn begins(scheduler: &mut Scheduler, now: i64) -> usize {
    begin_all(scheduler, now).len()
}

#[test]
fn with_a_seat_one_begins_at_a_time_and_it_is_left_when_nothing_does() {
    let mut one = node(2, 3);
    (1..=2).for_each(|seq| assert!(one.add(to_host(seq, HOST))));
    assert_eq!((begins(&mut one, 0), errand(&mut one, 0)), (0, Some(Errand::Take { of: 2 })));
    assert_eq!((begins(&mut one, 1), errand(&mut one, 1)), (0, None), "it has been asked for");
    one.seat_answered(key(), true, Millis(1), 0.0);
    for now in [1, 2] {
        let mut begun = begin_all(&mut one, now);
        assert_eq!((begun.len(), errand(&mut one, now)), (1, None));
        end(&mut one, begun.remove(0), Heard::Good, now);
    }
    assert_eq!(
        (begins(&mut one, 3), errand(&mut one, 3)),
        (0, Some(Errand::Leave { until: Millis(3) }))
    );
    assert!(one.add(to_host(3, HOST)));
    assert_eq!((begins(&mut one, 4), errand(&mut one, 4)), (0, Some(Errand::Take { of: 2 })));
    // Granted when it is not wanted any more.
    one.take(|_| true);
    one.seat_answered(key(), true, Millis(5), 0.0);
    assert_eq!(
        (begins(&mut one, 5), errand(&mut one, 5)),
        (0, Some(Errand::Leave { until: Millis(5) }))
    );
}

#[test]
fn one_that_is_refused_asks_again_and_one_that_has_had_its_turn_lets_others() {
    let mut one = node(1, 2);
    (1..=3).for_each(|seq| assert!(one.add(to_host(seq, HOST))));
    let asks = |one: &mut Scheduler, now| {
        let begun = begins(one, now);
        (begun, errand(one, now)) == (0, Some(Errand::Take { of: 1 }))
    };
    assert!(asks(&mut one, 0));
    one.seat_answered(key(), false, Millis(0), 0.5);
    assert!(!asks(&mut one, 99));
    assert_eq!(one.wake_at(), Some(Millis(100)));
    assert!(asks(&mut one, 100));
    one.seat_answered(key(), true, Millis(100), 0.0);
    let first = begin_all(&mut one, 100).remove(0);
    end(&mut one, first, Heard::Good, 1_099);
    let second = begin_all(&mut one, 1_099).remove(0);
    assert_eq!(errand(&mut one, 1_100), None, "something runs");
    // What runs may say more there than it began with.
    assert!(one.go_on(&second.1, &to(HOST), &[], Millis(1_200), 0.0).is_some());
    end(&mut one, second, Heard::Good, 1_200);
    assert_eq!(begins(&mut one, 1_200), 0);
    assert_eq!(errand(&mut one, 1_200), Some(Errand::Leave { until: Millis(1_400) }));
    assert!(!asks(&mut one, 1_399));
    assert_eq!(one.wake_at(), Some(Millis(1_400)));
    assert!(asks(&mut one, 1_400));
    one.clear();
    one.seat_answered(key(), true, Millis(1_400), 0.0);
    assert!(one.add(to_host(4, HOST)));
    assert!(asks(&mut one, 1_401), "what was granted before is not held");
}

#[test]
fn a_seat_is_not_kept_for_what_may_not_begin_and_none_is_needed_where_there_are_fewer_nodes() {
    let mut one = node(1, 2);
    (1..=2).for_each(|seq| assert!(one.add(to_host(seq, HOST))));
    assert_eq!((begins(&mut one, 0), errand(&mut one, 0)), (0, Some(Errand::Take { of: 1 })));
    one.seat_answered(key(), true, Millis(0), 0.0);
    let first = begin_all(&mut one, 0).remove(0);
    let failure = model::trace::Failure::new(model::trace::FailureClass::Status, "busy");
    let asks_for_patience = model::trace::Failure { status: Some(503), ..failure };
    end(&mut one, first, Heard::Failed(Box::new(asks_for_patience)), 10);
    assert_eq!(
        (begins(&mut one, 10), errand(&mut one, 10)),
        (0, Some(Errand::Leave { until: Millis(10) }))
    );
    assert_eq!(begins(&mut one, 11), 0);
    assert_eq!((one.wake_at(), errand(&mut one, 11)), (Some(Millis(260)), None));

    assert_eq!((begins(&mut one, 260), errand(&mut one, 260)), (0, Some(Errand::Take { of: 1 })));
    one.set([at_once(HOST, 1)].into(), 1);
    let second = begin_all(&mut one, 261);
    assert_eq!((second.len(), errand(&mut one, 261)), (1, None));
    one.seat_answered(key(), true, Millis(262), 0.0);
    assert!(matches!(errand(&mut one, 262), Some(Errand::Leave { .. })));
    // What runs already has a seat, if there is one, before others come.
    one.set([at_once(HOST, 1)].into(), 2);
    assert_eq!(errand(&mut one, 263), Some(Errand::Take { of: 1 }));
}

#[test]
fn a_further_request_finds_no_room_where_no_seat_is_held() {
    let mut one = node(1, 2);
    assert!(one.add(to_host(1, "wide.example")));
    let (mut held, at) = begin_all(&mut one, 0).remove(0);
    assert!(one.go_on(&at, &to(HOST), &[], Millis(0), 0.0).is_none());
    one.left(&at, &held, None, &[], Millis(0), 0.0);
    assert_eq!(errand(&mut one, 0), None, "nothing waits there yet");
    held.target = Some(to(HOST));
    one.again(held);
    assert_eq!((begins(&mut one, 0), errand(&mut one, 0)), (0, Some(Errand::Take { of: 1 })));
}

#[derive(Debug, Clone)]
enum Act {
    Add(i64),
    Begin,
    /// The next errand reaches the database, which answers.
    Tell,
    /// The next answer is heard.
    Hear,
    End,
    /// Others end the node's life, and it begins another.
    Lose,
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (0..6i64).prop_map(Act::Add),
        4 => Just(Act::Begin),
        4 => Just(Act::Tell),
        4 => Just(Act::Hear),
        3 => Just(Act::End),
        1 => Just(Act::Lose),
        2 => (1..400i64).prop_map(Act::Pass),
    ]
}

const NODES: usize = 3;

/// Three nodes and their database.
struct Nodes {
    seats: u32,
    now: i64,
    seq: i64,
    ended: BTreeSet<i64>,
    /// Who holds a seat, as the database has it.
    holders: BTreeSet<usize>,
    each: [One; NODES],
}

struct One {
    scheduler: Scheduler,
    errands: VecDeque<Errand>,
    answers: VecDeque<bool>,
    running: Vec<(Job, Target)>,
}

impl Nodes {
    fn new(seats: u32) -> Self {
        let each = std::array::from_fn(|_| One {
            scheduler: node(seats, NODES as u32),
            errands: VecDeque::new(),
            answers: VecDeque::new(),
            running: Vec::new(),
        });
        Self { seats, now: 0, seq: 0, ended: BTreeSet::new(), holders: BTreeSet::new(), each }
    }

    fn act(&mut self, number: usize, act: Act) {
        let Self { now, holders, .. } = self;
        let one = &mut self.each[number];
        match act {
            Act::Add(call) => {
                self.seq += 1;
                one.scheduler.add(Job { target: Some(to(HOST)), ..job(self.seq, call) });
            }
            Act::Begin => {
                one.running.extend(begin_all(&mut one.scheduler, *now));
                one.errands.extend(errand(&mut one.scheduler, *now));
            }
            Act::Tell => match one.errands.pop_front() {
                Some(Errand::Take { of }) => {
                    assert_eq!(of, self.seats);
                    let has = holders.contains(&number) || holders.len() < of as usize;
                    has.then(|| holders.insert(number));
                    one.answers.push_back(has);
                }
                Some(Errand::Leave { .. }) => assert!(holders.remove(&number)),
                None => {}
            },
            Act::Hear => {
                if let Some(granted) = one.answers.pop_front() {
                    one.scheduler.seat_answered(key(), granted, Millis(*now), 0.5);
                }
            }
            Act::End => {
                if let Some(running) = one.running.pop() {
                    self.ended.insert(running.0.seq);
                    end(&mut one.scheduler, running, Heard::Good, *now);
                }
            }
            Act::Lose => {
                holders.remove(&number);
                // What it held is told no more, and what it had asked is not answered.
                (one.errands, one.answers) = Default::default();
                let jobs = one.scheduler.take(|_| true);
                one.scheduler.clear();
                for job in jobs.into_iter().chain(one.running.drain(..).map(|(job, _)| job)) {
                    one.scheduler.add(job);
                }
            }
            Act::Pass(time) => *now += time,
        }
    }

    fn running(&self) -> usize {
        self.each.iter().map(|one| one.running.len()).sum()
    }
}

proptest! {
    /// Whatever is asked, answered and lost in whatever order: no more run at once on all nodes than
    /// the destination bears, and every delivery comes to its end.
    #[test]
    fn property_the_limit_holds_on_all_nodes_together(
        seats in 1..NODES as u32,
        acts in prop::collection::vec((0..NODES, act()), 1..300),
    ) {
        let mut nodes = Nodes::new(seats);
        for (number, act) in acts {
            nodes.act(number, act);
            prop_assert!(nodes.running() <= seats as usize);
        }
        let mut rounds = 0;
        while nodes.ended.len() < nodes.seq as usize {
            for number in 0..NODES {
                for act in [Act::Begin, Act::Tell, Act::Hear, Act::Begin] {
                    nodes.act(number, act);
                    prop_assert!(nodes.running() <= seats as usize);
                }
                nodes.act(number, Act::End);
            }
            nodes.act(0, Act::Pass(20));
            rounds += 1;
            prop_assert!(rounds < 10_000, "nothing is lost");
        }
    }
}
