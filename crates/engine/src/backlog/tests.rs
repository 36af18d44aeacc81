use super::*;
use model::ids::QueueId;
use proptest::prelude::*;
use std::collections::BTreeSet;

const FLOW: FlowId = FlowId(1);
const HOOK: HookId = HookId(1);
const OTHER: HookId = HookId(2);
/// Everything has arrived.
const SEEN: i64 = 1_000;

fn lot(hook: HookId) -> Lot {
    Lot { shard: Shard(0), flow: FLOW, hook }
}

/// A backlog that has taken everything up, of which so much of each hook was unfinished.
fn taken_up(left: &[(HookId, u64)], held: HashSet<HookId>) -> Backlog {
    let mut backlog = Backlog { each: NonZeroUsize::new(1), ..Backlog::new(held) };
    let lots = left.iter().map(|(hook, many)| (lot(*hook), *many)).collect();
    let newest = left.iter().map(|(_, many)| *many as i64).sum();
    take_up(&mut backlog, Shards::ALL, &Counted { lots, newest });
    backlog
}

fn reads(backlog: &mut Backlog, of_flow: usize) -> Vec<Read> {
    backlog.reads(|_| of_flow, load(of_flow), SEEN, Millis(0))
}

/// So many light deliveries in memory.
fn load(deliveries: usize) -> Load {
    Load { deliveries, bytes: 0 }
}

/// A delivery with this row number, made before anything is resumed.
fn old(seq: i64) -> Option<(i64, Millis)> {
    Some((seq, Millis(-1)))
}

fn take_up(backlog: &mut Backlog, shards: Shards, counted: &Counted) {
    backlog.take_up(shards, counted, |_| Vec::new(), Millis(0));
}

/// The rate that was chosen when the hook was resumed, at no time at all.
fn rate(hook: HookId, per_s: u32) -> Rate {
    Rate { of: Resumed::Hook(hook), per_s, before: Millis(0) }
}

#[test]
fn what_was_left_is_read_in_order_until_nothing_is() {
    let mut backlog = taken_up(&[(HOOK, 300)], HashSet::new());
    assert_eq!(backlog.total(), 300);
    let first = reads(&mut backlog, 0).remove(0);
    assert_eq!((first.unit, first.stretch.after, first.stretch.limit), (Unit::Flow(FLOW), 0, READ));
    assert!(reads(&mut backlog, 0).is_empty(), "one read at a time");
    assert!(backlog.read(&first, READ as usize, old(256)));
    let second = reads(&mut backlog, 256).remove(0);
    assert_eq!(second.stretch.after, 256);
    assert!(backlog.read(&second, 44, old(300)));
    assert!(reads(&mut backlog, 300).is_empty());
    assert!(backlog.admit(FLOW, HOOK, 301, 300, load(300)), "caught up");
}

#[test]
fn what_comes_while_there_is_more_waits_its_turn() {
    let mut backlog = taken_up(&[(HOOK, 1)], HashSet::new());
    let read = reads(&mut backlog, 0).remove(0);
    assert!(!backlog.admit(FLOW, HOOK, 2, 0, load(0)));
    backlog.read(&read, 1, old(1));
    let again = reads(&mut backlog, 1).remove(0);
    assert_eq!(again.stretch.after, 1, "it came while the read was under way");
    backlog.unread(&again);
    let again = reads(&mut backlog, 1).remove(0);
    backlog.read(&again, 1, old(2));
    assert!(backlog.admit(FLOW, HOOK, 3, 2, load(2)));
}

#[test]
fn a_flow_keeps_to_its_window_and_to_a_small_one_where_there_is_very_much() {
    let mut backlog = Backlog::default();
    assert!(backlog.admit(FLOW, HOOK, 1, WINDOW - 1, load(WINDOW - 1)));
    assert!(!backlog.admit(FLOW, HOOK, 2, WINDOW, load(WINDOW)));
    assert!(!backlog.admit(FLOW, HOOK, 3, 0, load(0)), "not before the one that waits");
    assert!(reads(&mut backlog, WINDOW).is_empty());
    assert_eq!(reads(&mut backlog, WINDOW / 2)[0].stretch.after, 1);
    let mut backlog = Backlog::default();
    assert!(!backlog.admit(FLOW, HOOK, 1, WINDOW_SMALL, load(MANY)));
}

#[test]
fn a_held_hook_is_left_alone_and_released_by_itself_at_its_rate() {
    let mut backlog = taken_up(&[(HOOK, 50), (OTHER, 1)], HashSet::from([HOOK]));
    let read = reads(&mut backlog, 0).remove(0);
    assert_eq!((read.unit, &read.stretch.without), (Unit::Flow(FLOW), &vec![HOOK]));
    backlog.read(&read, 1, old(51));
    assert!(!backlog.admit(FLOW, HOOK, 52, 0, load(0)));
    assert!(backlog.admit(FLOW, OTHER, 53, 0, load(0)), "nobody else waits");
    assert!(reads(&mut backlog, 0).is_empty());

    backlog.release(HOOK, &[rate(HOOK, 10)], Millis(0));
    let first = reads(&mut backlog, 0).remove(0);
    let stretch = &first.stretch;
    assert_eq!(
        (first.unit, stretch.only.clone(), stretch.limit),
        (Unit::Released(FLOW), vec![HOOK], 1)
    );
    backlog.read(&first, 1, old(1));
    assert!(reads(&mut backlog, 0).is_empty());
    assert_eq!(backlog.wake_at(), Some(Millis(100)));
    assert!(!backlog.admit(FLOW, HOOK, 54, 0, load(0)), "it waits for the older ones");
    let next = backlog.reads(|_| 0, load(0), SEEN, Millis(500)).remove(0);
    assert_eq!((next.stretch.after, next.stretch.limit), (1, 5));
    backlog.read(&next, 0, None);
    assert!(backlog.admit(FLOW, HOOK, 55, 0, load(0)), "it goes with its flow again");
}

#[test]
fn what_a_read_found_while_its_hook_was_paused_is_read_again() {
    let mut backlog = taken_up(&[(HOOK, 2)], HashSet::from([HOOK]));
    backlog.release(HOOK, &[], Millis(0));
    let stale = reads(&mut backlog, 0).remove(0);
    backlog.hold(HOOK);
    backlog.release(HOOK, &[], Millis(0));
    assert!(!backlog.read(&stale, 2, old(2)));
    assert_eq!(reads(&mut backlog, 0)[0].stretch.after, 0);
}

#[test]
fn hooks_of_one_flow_are_released_together_and_the_slowest_decides() {
    let held = HashSet::from([HOOK, OTHER]);
    let mut backlog = taken_up(&[(HOOK, 9), (OTHER, 9)], held);
    backlog.release(HOOK, &[], Millis(0));
    backlog.release(OTHER, &[rate(OTHER, 2)], Millis(0));
    let read = reads(&mut backlog, 0);
    assert_eq!((read.len(), read[0].unit), (1, Unit::Released(FLOW)));
    assert_eq!((&read[0].stretch.only, read[0].stretch.limit), (&vec![HOOK, OTHER], 1));
}

#[test]
fn a_rate_goes_on_with_what_is_left_of_its_backlog_and_ends_with_it() {
    // Another node had it, or this one was started again.
    let mut backlog = Backlog { each: NonZeroUsize::new(1), ..Backlog::new(HashSet::new()) };
    backlog.share_with(2);
    let counted = Counted { lots: vec![(lot(HOOK), 9), (lot(OTHER), 1)], newest: 10 };
    let rates = |hook| if hook == HOOK { vec![rate(HOOK, 10)] } else { Vec::new() };
    backlog.take_up(Shards::ALL, &counted, rates, Millis(0));
    let released = |reads: Vec<Read>| reads.into_iter().find(|read| !read.stretch.only.is_empty());
    let first = released(reads(&mut backlog, 0)).unwrap();
    assert_eq!((&first.stretch.only, first.stretch.limit), (&vec![HOOK], 1));
    backlog.read(&first, 1, old(1));
    assert_eq!(backlog.wake_at(), Some(Millis(200)), "two nodes share the rate");
    let next = released(backlog.reads(|_| 0, load(0), SEEN, Millis(200))).unwrap();
    backlog.read(&next, 1, Some((2, Millis(0))));
    let rest = released(backlog.reads(|_| 0, load(0), SEEN, Millis(200))).unwrap();
    assert_eq!((rest.stretch.limit, backlog.wake_at()), (READ, None), "made after it was resumed");
}

#[test]
fn what_is_released_of_a_queue_keeps_to_its_rate_whichever_flows_it_runs() {
    let queue = Resumed::Queue(QueueId(1));
    for flow in [FLOW, FlowId(2)] {
        keeps_to_four_a_second(queue, Lot { flow, ..lot(OTHER) });
    }
}

/// Releases two hooks of a queue at once, the second of which runs that flow.
fn keeps_to_four_a_second(queue: Resumed, other: Lot) {
    let mut backlog = Backlog::new(HashSet::from([HOOK, OTHER]));
    let lots = vec![(lot(HOOK), 5), (other, 5)];
    backlog.take_up(Shards::ALL, &Counted { lots, newest: 10 }, |_| Vec::new(), Millis(0));
    let rate = Rate { of: queue, per_s: 4, before: Millis(0) };
    backlog.release(HOOK, &[rate], Millis(0));
    backlog.release(OTHER, &[rate], Millis(0));
    let mut limits = 0;
    for step in 0..9 {
        for read in backlog.reads(|_| 0, load(0), SEEN, Millis(step * 125)) {
            limits += read.stretch.limit;
            backlog.read(&read, read.stretch.limit as usize, old(step));
        }
    }
    assert_eq!(limits, 5, "one at once, and four in a second");
}

#[test]
fn little_that_is_heavy_is_kept_in_memory_and_what_waits_longest_is_read_first() {
    let heavy = |bytes| Load { deliveries: WINDOW_SMALL, bytes };
    let mut backlog = Backlog::default();
    assert!(backlog.admit(FLOW, HOOK, 1, WINDOW_SMALL, heavy(HEAVY - 1)));
    assert!(!backlog.admit(FLOW, HOOK, 2, WINDOW_SMALL, heavy(HEAVY)));
    let mut backlog = Backlog::default();
    assert!(backlog.admit(FLOW, HOOK, 1, WINDOW_LEAST - 1, heavy(VERY_HEAVY)));
    assert!(!backlog.admit(FLOW, HOOK, 2, WINDOW_LEAST, heavy(VERY_HEAVY)));

    let mut backlog = Backlog::new(HashSet::new());
    let flows = (1..=READS as i64 + 2).map(FlowId);
    let lots: Vec<_> = flows.map(|flow| (Lot { flow, ..lot(HOOK) }, 1)).collect();
    take_up(&mut backlog, Shards::ALL, &Counted { lots, newest: 99 });
    let first = reads(&mut backlog, 0);
    assert_eq!((first.len(), reads(&mut backlog, 0).len()), (READS, 0), "so many at a time");
    for (place, read) in first.iter().enumerate() {
        backlog.read(read, READ as usize, old(50 + place as i64));
    }
    let next = reads(&mut backlog, 0);
    let after: Vec<_> = next.iter().map(|read| read.stretch.after).collect();
    assert_eq!(after[..4], [0, 0, 50, 51]);
}

#[test]
fn so_many_are_read_at_once_as_will_hardly_weigh_too_much() {
    let mut backlog = Backlog::default();
    assert_eq!(backlog.most(Load::default()), 32, "nothing is known of them");
    assert_eq!(backlog.most(Load { deliveries: 40, bytes: 10 << 20 }), 11);
    assert_eq!(backlog.most(Load::default()), 16, "they are taken to be like those before");
    assert_eq!(backlog.most(Load { deliveries: 1, bytes: HEAVY }), WINDOW_LEAST as u32);
    assert!(backlog.most(Load { deliveries: 10, bytes: 10 << 10 }) > READ);
}

#[test]
fn what_falls_due_where_there_is_no_room_is_read_when_there_is() {
    let mut backlog = taken_up(&[(HOOK, 9)], HashSet::new());
    let read = reads(&mut backlog, 0).remove(0);
    backlog.read(&read, 9, old(9));
    assert!(backlog.admit_due(FLOW, HOOK, 7, WINDOW - 1, load(WINDOW - 1)));
    assert!(reads(&mut backlog, 0).is_empty());
    assert!(!backlog.admit_due(FLOW, HOOK, 8, WINDOW, load(WINDOW)));
    assert!(!backlog.admit_due(FLOW, HOOK, 5, WINDOW, load(WINDOW)));
    assert!(!backlog.admit_due(FLOW, HOOK, 6, WINDOW, load(WINDOW)));
    assert!(reads(&mut backlog, WINDOW).is_empty());
    assert_eq!(reads(&mut backlog, WINDOW / 2)[0].stretch.after, 4);
}

#[test]
fn what_could_not_be_called_off_is_read_again() {
    let mut backlog = taken_up(&[(HOOK, 1)], HashSet::new());
    let read = reads(&mut backlog, 0).remove(0);
    backlog.read(&read, 1, old(1));
    assert!(reads(&mut backlog, 0).is_empty());
    backlog.look_again();
    assert_eq!(reads(&mut backlog, 0)[0].stretch.after, 0);
}

#[test]
fn what_went_is_not_counted_any_more() {
    let mut backlog = taken_up(&[(HOOK, 2)], HashSet::new());
    backlog.came(lot(OTHER), 3);
    backlog.came(lot(OTHER), 2);
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (3, 3), "one was counted before");
    for hook in [HOOK, OTHER, OTHER] {
        backlog.went(lot(hook));
    }
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (1, 1));
}

#[test]
fn what_a_shard_holds_comes_and_goes_with_it() {
    let (first, second) = (Shards::NONE.with(Shard(0)), Shards::NONE.with(Shard(1)));
    let mut backlog = Backlog::new(HashSet::new());
    assert!(reads(&mut backlog, 0).is_empty());
    take_up(&mut backlog, first, &Counted { lots: vec![(lot(HOOK), 2)], newest: 9 });
    let read = reads(&mut backlog, 0).remove(0);
    assert_eq!((read.stretch.shards, backlog.total()), (first, 2));
    let other = Lot { shard: Shard(1), ..lot(HOOK) };
    take_up(&mut backlog, second, &Counted { lots: vec![(other, 5)], newest: 12 });
    assert!(!backlog.read(&read, 2, old(9)), "it did not look for the second one's");
    let again = reads(&mut backlog, 2).remove(0);
    assert_eq!((again.stretch.after, again.stretch.shards), (0, first.and(second)));
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (7, 7));
    backlog.give_up(first);
    assert_eq!((backlog.total(), backlog.of_flow(FLOW), backlog.shards()), (5, 5, second));
    backlog.give_up(second);
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (0, 0));
    backlog.went(other);
    assert_eq!(backlog.total(), 0);
}

/// A delivery in the database: its row number and whose it is.
type Row = (i64, Lot);
/// A read under way, with what it found.
type UnderWay = (Read, Vec<Row>);

/// What happens to a small database of unfinished deliveries of one flow, two hooks and two shards.
#[derive(Debug, Clone)]
enum Act {
    Accept(bool, u8),
    Read,
    Answer,
    End,
    Hold(bool),
    Release(bool),
    TakeUp(u8),
    GiveUp(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<bool>(), 0..2_u8).prop_map(|(hook, shard)| Act::Accept(hook, shard)),
        3 => Just(Act::Read),
        3 => Just(Act::Answer),
        3 => Just(Act::End),
        1 => any::<bool>().prop_map(Act::Hold),
        1 => any::<bool>().prop_map(Act::Release),
        1 => (0..2_u8).prop_map(Act::TakeUp),
        1 => (0..2_u8).prop_map(Act::GiveUp),
    ]
}

fn hook(first: bool) -> HookId {
    if first { HOOK } else { OTHER }
}

/// The database, and what of it is in memory.
#[derive(Default)]
struct House {
    backlog: Backlog,
    database: Vec<Row>,
    memory: BTreeSet<i64>,
    seq: i64,
}

impl House {
    fn read(&mut self) -> Vec<UnderWay> {
        let many = self.memory.len();
        let reads = self.backlog.reads(|_| many, load(many), self.seq, Millis(0));
        let found = |read: Read| {
            let stretch = &read.stretch;
            let fits = |(seq, lot): &&Row| {
                *seq > stretch.after
                    && stretch.until.is_none_or(|until| *seq <= until)
                    && stretch.shards.contains(lot.shard)
                    && (stretch.only.is_empty() || stretch.only.contains(&lot.hook))
                    && !stretch.without.contains(&lot.hook)
            };
            let rows = self.database.iter().filter(fits).take(stretch.limit as usize);
            let rows = rows.copied().collect();
            (read, rows)
        };
        reads.into_iter().map(found).collect()
    }

    fn answer(&mut self, (read, rows): UnderWay) {
        if !self.backlog.read(&read, rows.len(), rows.last().and_then(|(seq, _)| old(*seq))) {
            return;
        }
        for (seq, lot) in rows {
            let belongs = self.backlog.belongs(read.unit, FLOW, lot.hook);
            let mine = self.backlog.shards().contains(lot.shard);
            if belongs && mine && self.database.contains(&(seq, lot)) {
                self.memory.insert(seq);
            }
        }
    }

    fn forget(&mut self, leaves: impl Fn(Lot) -> bool) {
        let left = self.database.iter().filter(|(_, lot)| leaves(*lot)).map(|(seq, _)| *seq);
        let left: BTreeSet<_> = left.collect();
        self.memory.retain(|seq| !left.contains(seq));
    }

    fn take_up(&mut self, shard: Shard) {
        if self.backlog.shards().contains(shard) {
            return;
        }
        let here = self.database.iter().filter(|(_, lot)| lot.shard == shard);
        let lots = here.map(|(_, lot)| (*lot, 1)).collect();
        let counted = Counted { lots, newest: self.seq };
        take_up(&mut self.backlog, Shards::NONE.with(shard), &counted);
    }

    fn accept(&mut self, lot: Lot) {
        self.seq += 1;
        let seq = self.seq;
        self.database.push((seq, lot));
        if !self.backlog.shards().contains(lot.shard) {
            return;
        }
        self.backlog.came(lot, seq);
        let many = self.memory.len();
        if self.backlog.admit(FLOW, lot.hook, seq, many, load(many)) {
            self.memory.insert(seq);
        }
    }

    fn end_first(&mut self) {
        let Some(first) = self.memory.pop_first() else { return };
        let place = self.database.iter().position(|(seq, _)| *seq == first);
        let (_, lot) = self.database.remove(place.unwrap());
        self.backlog.went(lot);
    }
}

proptest! {
    /// Whatever is accepted, held, released, taken up, given up and read in whatever order: in the
    /// end everything has been in memory, but for what a pause or another node has taken out.
    #[test]
    fn property_nothing_is_forgotten(acts in proptest::collection::vec(act(), 1..200)) {
        let mut house = House::default();
        let mut under_way: Vec<UnderWay> = Vec::new();
        for one in acts {
            match one {
                Act::Accept(first, shard) => {
                    house.accept(Lot { shard: Shard(shard), flow: FLOW, hook: hook(first) });
                }
                Act::Read => under_way.extend(house.read()),
                Act::Answer => if let Some(one) = under_way.pop() {
                    house.answer(one);
                }
                Act::End => house.end_first(),
                Act::Hold(first) => {
                    house.backlog.hold(hook(first));
                    house.forget(|lot| lot.hook == hook(first));
                }
                Act::Release(first) => house.backlog.release(hook(first), &[], Millis(0)),
                Act::TakeUp(shard) => house.take_up(Shard(shard)),
                Act::GiveUp(shard) => {
                    house.forget(|lot| lot.shard == Shard(shard));
                    house.backlog.give_up(Shards::NONE.with(Shard(shard)));
                }
            }
            let shards = house.backlog.shards();
            let mine = house.database.iter().filter(|(_, lot)| shards.contains(lot.shard));
            prop_assert_eq!(house.backlog.total(), mine.count() as u64);
        }
        (0..2).for_each(|shard| house.take_up(Shard(shard)));
        house.backlog.release(HOOK, &[], Millis(0));
        house.backlog.release(OTHER, &[], Millis(0));
        for _ in 0..20 {
            under_way.extend(house.read());
            for one in std::mem::take(&mut under_way) {
                house.answer(one);
            }
        }
        let left: BTreeSet<_> = house.database.iter().map(|(seq, _)| *seq).collect();
        prop_assert_eq!(house.memory, left);
    }
}
