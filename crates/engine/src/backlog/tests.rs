use super::{memory::*, *};
use model::ids::QueueId;

const FLOW: FlowId = FlowId(1);
const HOOK: HookId = HookId(1);
const OTHER: HookId = HookId(2);
/// Everything has arrived.
const SEEN: i64 = 1_000;
/// When the hooks of these tests are resumed, and that everything was parked until then.
const RESUMED: Option<Millis> = Some(Millis(0));
const PARKED: (Option<Millis>, i64) = (RESUMED, i64::MAX);

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

fn wake_at(backlog: &Backlog, of_flow: usize) -> Option<Millis> {
    backlog.wake_at(|_| normal(of_flow), load(of_flow))
}

fn reads(backlog: &mut Backlog, of_flow: usize) -> Vec<Read> {
    backlog.reads(|_| normal(of_flow), load(of_flow), SEEN, Millis(0))
}

/// So many of normal priority.
fn normal(many: usize) -> InMemory {
    [0, many, 0]
}

fn empty(_: FlowId) -> InMemory {
    InMemory::default()
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

    backlog.release(HOOK, &[rate(HOOK, 10)], PARKED, Millis(0));
    let first = reads(&mut backlog, 0).remove(0);
    let stretch = &first.stretch;
    assert_eq!(
        (first.unit, stretch.only.clone(), stretch.limit),
        (Unit::Released(FLOW), vec![HOOK], 1)
    );
    backlog.read(&first, 1, old(1));
    assert!(reads(&mut backlog, 0).is_empty());
    assert_eq!(wake_at(&backlog, 0), Some(Millis(100)));
    assert_eq!(wake_at(&backlog, WINDOW), None, "there is no room for more");
    assert!(!backlog.admit(FLOW, HOOK, 54, 0, load(0)), "it waits for the older ones");
    let next = backlog.reads(empty, load(0), SEEN, Millis(500)).remove(0);
    assert_eq!((next.stretch.after, next.stretch.limit), (1, 5));
    backlog.read(&next, 0, None);
    assert!(backlog.admit(FLOW, HOOK, 55, 0, load(0)), "it goes with its flow again");
}

#[test]
fn what_a_read_found_while_its_hook_was_paused_is_read_again() {
    let mut backlog = taken_up(&[(HOOK, 2)], HashSet::from([HOOK]));
    backlog.release(HOOK, &[], PARKED, Millis(0));
    let stale = reads(&mut backlog, 0).remove(0);
    backlog.hold(HOOK);
    backlog.release(HOOK, &[], PARKED, Millis(0));
    assert!(!backlog.read(&stale, 2, old(2)));
    assert_eq!(reads(&mut backlog, 0)[0].stretch.after, 0);
}

#[test]
fn hooks_of_one_flow_are_released_together_and_the_slowest_decides() {
    let held = HashSet::from([HOOK, OTHER]);
    let mut backlog = taken_up(&[(HOOK, 9), (OTHER, 9)], held);
    backlog.release(HOOK, &[], PARKED, Millis(0));
    backlog.release(OTHER, &[rate(OTHER, 2)], PARKED, Millis(0));
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
    assert_eq!(wake_at(&backlog, 0), Some(Millis(200)), "two nodes share the rate");
    let next = released(backlog.reads(empty, load(0), SEEN, Millis(200))).unwrap();
    backlog.read(&next, 1, Some((2, Millis(0))));
    let rest = released(backlog.reads(empty, load(0), SEEN, Millis(200))).unwrap();
    assert_eq!(
        (rest.stretch.limit, wake_at(&backlog, 0)),
        (READ, None),
        "made after it was resumed"
    );
}

#[test]
fn what_comes_after_the_clock_was_set_back_is_not_of_what_was_parked() {
    let released = |seen| {
        let mut backlog = taken_up(&[(HOOK, 9)], HashSet::from([HOOK]));
        backlog.release(HOOK, &[rate(HOOK, 10)], (RESUMED, seen), Millis(0));
        backlog
    };
    let (before, mut after) = (released(9), taken_up(&[], HashSet::new()));
    let counted = Counted { lots: vec![(lot(HOOK), 9)], newest: 9 };
    after.take_up(Shards::ALL, &counted, |_| vec![rate(HOOK, 10)], Millis(0));
    after.set_back(9);
    for mut backlog in [before, after] {
        let read = reads(&mut backlog, 0).remove(0);
        backlog.read(&read, 1, Some((9, Millis(5))));
        assert_eq!(wake_at(&backlog, 0), Some(Millis(100)), "it was parked");
        let read = backlog.reads(empty, load(0), SEEN, Millis(100)).remove(0);
        backlog.read(&read, 1, old(10));
        let rest = reads(&mut backlog, 0).remove(0);
        assert_eq!((rest.stretch.limit, wake_at(&backlog, 0)), (READ, None));
    }
}

#[test]
fn what_is_resumed_once_more_begins_with_nothing_saved_of_its_rate() {
    let mut backlog = taken_up(&[(HOOK, 99)], HashSet::from([HOOK]));
    let again = |at| Rate { before: Millis(at), ..rate(HOOK, 100) };
    backlog.release(HOOK, &[again(1)], PARKED, Millis(1));
    assert_eq!(backlog.reads(empty, load(0), SEEN, Millis(1))[0].stretch.limit, 1);
    backlog.hold(HOOK);
    backlog.release(HOOK, &[again(90_000)], PARKED, Millis(90_000));
    assert_eq!(backlog.reads(empty, load(0), SEEN, Millis(90_000))[0].stretch.limit, 1);
}

#[test]
fn a_rate_of_an_earlier_time_is_not_that_of_what_was_parked_since() {
    let mut backlog = taken_up(&[(HOOK, 9)], HashSet::from([HOOK]));
    backlog.release(HOOK, &[rate(HOOK, 1)], (Some(Millis(500)), 9), Millis(500));
    let read = backlog.reads(empty, load(0), SEEN, Millis(500)).remove(0);
    backlog.read(&read, 1, Some((1, Millis(400))));
    let rest = backlog.reads(empty, load(0), SEEN, Millis(500)).remove(0);
    assert_eq!((rest.stretch.after, rest.stretch.limit), (1, READ));
}

#[test]
fn what_is_not_due_yet_takes_nothing_of_a_rate_and_keeps_to_it_when_it_is() {
    let mut backlog = taken_up(&[(HOOK, 9)], HashSet::from([HOOK]));
    let rates = [rate(HOOK, 1)];
    backlog.release(HOOK, &rates, (RESUMED, 9), Millis(0));
    let read = reads(&mut backlog, 0).remove(0);
    backlog.read(&read, 1, old(1));
    backlog.spare(&read, 1);
    let next = reads(&mut backlog, 0).remove(0);
    assert_eq!((next.stretch.after, next.stretch.limit), (1, 1));
    backlog.read(&next, 0, None);
    backlog.spare(&next, 0);

    let rates = [Rate { before: Millis(5), ..rates[0] }];
    let due = |seq, made| Due { flow: FLOW, hook: HOOK, seq, made: Millis(made), rates: &rates };
    assert!(backlog.admit_due(&due(7, 9), 0, load(0), Millis(1_000)), "made since");
    assert!(backlog.admit_due(&due(3, 0), 0, load(0), Millis(1_000)));
    assert!(!backlog.admit_due(&due(4, 0), 0, load(0), Millis(1_000)));
    assert!(!backlog.admit_due(&due(2, 0), 0, load(0), Millis(1_000)));
    assert_eq!(wake_at(&backlog, 0), Some(Millis(2_000)));
    assert!(backlog.admit(FLOW, HOOK, 55, 0, load(0)), "nobody waits for what is late");
    let late = |backlog: &mut Backlog, at| backlog.late(empty, load(0), READ, Millis(at));
    assert!(late(&mut backlog, 1_999).is_none());
    let read = late(&mut backlog, 2_000).unwrap();
    assert_eq!((read.seqs(), wake_at(&backlog, 0)), (vec![2], None), "one read at a time");
    // One that fails takes nothing, nor what goes out otherwise.
    backlog.late_unread(read, Millis(2_000));
    let read = late(&mut backlog, 2_000).unwrap();
    backlog.late_went(&read, &HashSet::new());
    let read = late(&mut backlog, 2_000).unwrap();
    assert_eq!(read.seqs(), [4]);
    backlog.late_went(&read, &HashSet::from([4]));
    assert_eq!(wake_at(&backlog, 0), None);
    assert!(!backlog.admit_due(&due(1, 0), 0, load(0), Millis(2_000)));
    backlog.hold(HOOK);
    assert!(late(&mut backlog, 9_000).is_none(), "it is parked again");
}

#[test]
fn what_is_late_waits_for_room_and_beyond_what_is_known_is_found_again() {
    let mut backlog = taken_up(&[], HashSet::new());
    let rates = [rate(HOOK, 1)];
    let rates = [Rate { before: Millis(5), ..rates[0] }];
    let due = |seq| Due { flow: FLOW, hook: HOOK, seq, made: Millis(0), rates: &rates };
    assert!(!backlog.admit_due(&due(1), WINDOW, load(WINDOW), Millis(0)));
    assert!(backlog.late(|_| normal(WINDOW), load(WINDOW), READ, Millis(0)).is_none());
    assert!(backlog.late(empty, load(0), READ, Millis(0)).is_some() && !backlog.has_missed());

    let mut backlog = taken_up(&[], HashSet::new());
    let rates = [rate(HOOK, 9)].map(|rate| Rate { before: Millis(5), ..rate });
    let due = |seq| Due { flow: FLOW, hook: HOOK, seq, made: Millis(0), rates: &rates };
    (0..9).for_each(|seq| _ = backlog.admit_due(&due(seq), 0, load(0), Millis(0)));
    let late = |backlog: &mut Backlog, beside, most| {
        let read = backlog.late(|_| normal(beside), load(beside), most, Millis(900));
        read.map(|read| read.seqs().len())
    };
    assert_eq!(late(&mut backlog, WINDOW - 2, READ), Some(2), "for so many there is room");
    backlog.late_went(&LateRead::default(), &HashSet::new());
    assert_eq!(late(&mut backlog, 0, 3), Some(3), "so many may be read at once");
    backlog.give_up(Shards::ALL);
    assert_eq!(wake_at(&backlog, 0), None, "it is nobody's here");

    // Of what shares a rate the first goes first, whatever its flow.
    let mut backlog = taken_up(&[], HashSet::new());
    let rates = [rate(HOOK, 1)].map(|rate| Rate { before: Millis(5), ..rate });
    let due = |flow, seq| Due { flow, hook: HOOK, seq, made: Millis(0), rates: &rates };
    assert!(backlog.admit_due(&due(FLOW, 1), 0, load(0), Millis(0)));
    for (flow, seq) in [(FLOW, 7), (FLOW, 8), (FlowId(2), 3)] {
        assert!(!backlog.admit_due(&due(flow, seq), 0, load(0), Millis(0)));
    }
    let read = backlog.late(empty, load(0), READ, Millis(1_000)).unwrap();
    assert_eq!(read.seqs(), [3]);

    let mut backlog = taken_up(&[], HashSet::new());
    let rates = [rate(HOOK, 9)].map(|rate| Rate { before: Millis(5), ..rate });
    let due = |seq| Due { flow: FLOW, hook: HOOK, seq, made: Millis(0), rates: &rates };
    for seq in 0..=50_001 {
        backlog.admit_due(&due(seq), 0, load(0), Millis(0));
    }
    assert!(!backlog.has_missed(), "some of it is known");
    backlog.hold(HOOK);
    assert!(backlog.has_missed() && !backlog.has_missed());
}

#[test]
fn what_keeps_no_order_stands_before_nothing_that_is_read_ahead() {
    let mut backlog = taken_up(&[(HOOK, 9), (OTHER, 9)], HashSet::new());
    backlog.set(HashMap::from([(OTHER, Priority::High)]), HashSet::from([OTHER, HookId(77)]));
    let ahead = reads(&mut backlog, 0).into_iter().find(|read| read.stretch.ahead).unwrap();
    assert_eq!((&ahead.stretch.only, &ahead.stretch.beside), (&vec![OTHER], &vec![OTHER]));
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
    backlog.release(HOOK, &[rate], PARKED, Millis(0));
    backlog.release(OTHER, &[rate], PARKED, Millis(0));
    let mut limits = 0;
    for step in 0..9 {
        for read in backlog.reads(empty, load(0), SEEN, Millis(step * 125)) {
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
    let due = |seq| Due { flow: FLOW, hook: HOOK, seq, made: Millis(0), rates: &[] };
    assert!(backlog.admit_due(&due(7), WINDOW - 1, load(WINDOW - 1), Millis(0)));
    assert!(reads(&mut backlog, 0).is_empty());
    assert!(!backlog.admit_due(&due(8), WINDOW, load(WINDOW), Millis(0)));
    assert!(!backlog.admit_due(&due(5), WINDOW, load(WINDOW), Millis(0)));
    assert!(!backlog.admit_due(&due(6), WINDOW, load(WINDOW), Millis(0)));
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
fn what_is_held_with_its_hook_waits_for_nobody_else() {
    let mut backlog = taken_up(&[(HOOK, 2), (OTHER, 3)], HashSet::from([OTHER]));
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (5, 2));
    backlog.hold(HOOK);
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (5, 0));
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

/// The hooks of which each read is, and whether it passes others by.
fn of_whom(reads: &[Read]) -> Vec<(Unit, Vec<HookId>, bool)> {
    reads.iter().map(|read| (read.unit, read.stretch.only.clone(), read.stretch.ahead)).collect()
}

#[test]
fn what_is_of_a_higher_priority_is_read_ahead_of_its_flow() {
    let mut backlog = taken_up(&[(HOOK, 900), (OTHER, 1)], HashSet::new());
    backlog.set(HashMap::from([(OTHER, Priority::High)]), HashSet::new());
    let ahead = Unit::Ahead(FLOW, Priority::High);
    let mut both = reads(&mut backlog, 0);
    both.sort_by_key(|read| read.stretch.ahead);
    assert_eq!(
        of_whom(&both),
        [(Unit::Flow(FLOW), vec![], false), (ahead, vec![OTHER], true)],
        "the flow's reads pass nothing by"
    );
    let mut both = both.into_iter();
    let (all, first) = (both.next().unwrap(), both.next().unwrap());
    assert!(backlog.read(&all, READ as usize, old(256)) && backlog.read(&first, 1, old(901)));
    assert!(backlog.belongs(ahead, FLOW, OTHER));

    // Of what is low much is in memory, so it waits; what is high does not.
    backlog.came(lot(OTHER), 950);
    assert!(
        !backlog.admit(FLOW, OTHER, 950, 0, load(0)),
        "the database tells behind which it stands"
    );
    let next = backlog.reads(|_| normal(WINDOW), load(WINDOW), SEEN, Millis(0));
    assert_eq!(of_whom(&next), [(ahead, vec![OTHER], true)]);
    assert_eq!(next[0].stretch.after, 949);
    backlog.read(&next[0], 1, old(950));
    let full = |_| [WINDOW, 0, 0];
    assert!(backlog.reads(full, load(WINDOW), SEEN, Millis(0)).is_empty(), "it has a window, too");

    // Everything is in memory.
    backlog.reads(empty, load(0), SEEN, Millis(0)).into_iter().for_each(|read| {
        backlog.read(&read, 1, old(950));
    });
    assert!(backlog.admit(FLOW, OTHER, 951, 0, load(0)));
}

#[test]
fn a_flow_of_one_priority_is_read_once() {
    let mut backlog = taken_up(&[(HOOK, 900), (OTHER, 1)], HashSet::new());
    backlog.set(HashMap::from([(HOOK, Priority::High), (OTHER, Priority::High)]), HashSet::new());
    assert_eq!(of_whom(&reads(&mut backlog, 0)), [(Unit::Flow(FLOW), vec![], false)]);
    assert!(!backlog.admit(FLOW, OTHER, 950, 0, load(0)));
    assert!(reads(&mut backlog, 0).is_empty());
    backlog.set(HashMap::from([(OTHER, Priority::High)]), HashSet::new());
    let ahead = (Unit::Ahead(FLOW, Priority::High), vec![OTHER], true);
    assert_eq!(of_whom(&reads(&mut backlog, 0)), [ahead], "one has been made lower");
}
