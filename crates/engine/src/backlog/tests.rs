use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const FLOW: FlowId = FlowId(1);
const HOOK: HookId = HookId(1);
const OTHER: HookId = HookId(2);

fn counted(hook: HookId, deliveries: u64) -> Counted {
    Counted { flow: FLOW, hook, deliveries, oldest: Millis(0) }
}

fn reads(backlog: &mut Backlog, of_flow: usize) -> Vec<Read> {
    backlog.reads(|_| of_flow, of_flow, Millis(0))
}

#[test]
fn what_was_left_is_read_in_order_until_nothing_is() {
    let mut backlog = Backlog::new(&[counted(HOOK, 300)], HashSet::new());
    assert_eq!(backlog.total(), 300);
    let first = reads(&mut backlog, 0).remove(0);
    assert_eq!((first.unit, first.stretch.after, first.stretch.limit), (Unit::Flow(FLOW), 0, READ));
    assert!(reads(&mut backlog, 0).is_empty(), "one read at a time");
    assert!(backlog.read(&first, READ as usize, Some(256)));
    let second = reads(&mut backlog, 256).remove(0);
    assert_eq!(second.stretch.after, 256);
    assert!(backlog.read(&second, 44, Some(300)));
    assert!(reads(&mut backlog, 300).is_empty());
    assert!(backlog.admit(FLOW, HOOK, 301, 300, 300), "caught up");
}

#[test]
fn what_comes_while_there_is_more_waits_its_turn() {
    let mut backlog = Backlog::new(&[counted(HOOK, 1)], HashSet::new());
    let read = reads(&mut backlog, 0).remove(0);
    assert!(!backlog.admit(FLOW, HOOK, 2, 0, 0));
    backlog.read(&read, 1, Some(1));
    let again = reads(&mut backlog, 1).remove(0);
    assert_eq!(again.stretch.after, 1, "it came while the read was under way");
    backlog.unread(&again);
    let again = reads(&mut backlog, 1).remove(0);
    backlog.read(&again, 1, Some(2));
    assert!(backlog.admit(FLOW, HOOK, 3, 2, 2));
}

#[test]
fn a_flow_keeps_to_its_window_and_to_a_small_one_where_there_is_very_much() {
    let mut backlog = Backlog::default();
    assert!(backlog.admit(FLOW, HOOK, 1, WINDOW - 1, WINDOW - 1));
    assert!(!backlog.admit(FLOW, HOOK, 2, WINDOW, WINDOW));
    assert!(!backlog.admit(FLOW, HOOK, 3, 0, 0), "not before the one that waits");
    assert!(reads(&mut backlog, WINDOW).is_empty());
    assert_eq!(reads(&mut backlog, WINDOW / 2)[0].stretch.after, 1);
    let mut backlog = Backlog::default();
    assert!(!backlog.admit(FLOW, HOOK, 1, WINDOW_SMALL, MANY));
}

#[test]
fn a_held_hook_is_left_alone_and_released_by_itself_at_its_rate() {
    let mut backlog = Backlog::new(&[counted(HOOK, 50), counted(OTHER, 1)], HashSet::from([HOOK]));
    let read = reads(&mut backlog, 0).remove(0);
    assert_eq!((read.unit, &read.stretch.without), (Unit::Flow(FLOW), &vec![HOOK]));
    backlog.read(&read, 1, Some(51));
    assert!(!backlog.admit(FLOW, HOOK, 52, 0, 0));
    assert!(backlog.admit(FLOW, OTHER, 53, 0, 0), "nobody else waits");
    assert!(reads(&mut backlog, 0).is_empty());

    backlog.release(HOOK, Some(10), Millis(0));
    let first = reads(&mut backlog, 0).remove(0);
    let stretch = &first.stretch;
    assert_eq!(
        (first.unit, stretch.only.clone(), stretch.limit),
        (Unit::Released(FLOW), vec![HOOK], 1)
    );
    backlog.read(&first, 1, Some(1));
    assert!(reads(&mut backlog, 0).is_empty());
    assert_eq!(backlog.wake_at(), Some(Millis(100)));
    assert!(!backlog.admit(FLOW, HOOK, 54, 0, 0), "it waits for the older ones");
    let next = backlog.reads(|_| 0, 0, Millis(500)).remove(0);
    assert_eq!((next.stretch.after, next.stretch.limit), (1, 5));
    backlog.read(&next, 0, None);
    assert!(backlog.admit(FLOW, HOOK, 55, 0, 0), "it goes with its flow again");
}

#[test]
fn what_a_read_found_while_its_hook_was_paused_is_read_again() {
    let mut backlog = Backlog::new(&[counted(HOOK, 2)], HashSet::from([HOOK]));
    backlog.release(HOOK, None, Millis(0));
    let stale = reads(&mut backlog, 0).remove(0);
    backlog.hold(HOOK);
    backlog.release(HOOK, None, Millis(0));
    assert!(!backlog.read(&stale, 2, Some(2)));
    assert_eq!(reads(&mut backlog, 0)[0].stretch.after, 0);
}

#[test]
fn hooks_of_one_flow_are_released_together_and_the_slowest_decides() {
    let held = HashSet::from([HOOK, OTHER]);
    let mut backlog = Backlog::new(&[counted(HOOK, 9), counted(OTHER, 9)], held);
    backlog.release(HOOK, None, Millis(0));
    backlog.release(OTHER, Some(2), Millis(0));
    let read = reads(&mut backlog, 0);
    assert_eq!((read.len(), read[0].unit), (1, Unit::Released(FLOW)));
    assert_eq!((&read[0].stretch.only, read[0].stretch.limit), (&vec![HOOK, OTHER], 1));
}

#[test]
fn what_went_is_not_counted_any_more() {
    let mut backlog = Backlog::new(&[counted(HOOK, 2)], HashSet::new());
    backlog.came(FLOW, OTHER);
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (3, 3));
    for hook in [HOOK, OTHER, OTHER] {
        backlog.went(FLOW, hook);
    }
    assert_eq!((backlog.total(), backlog.of_flow(FLOW)), (1, 1));
}

/// A read under way, with what it found.
type UnderWay = (Read, Vec<(i64, HookId)>);

/// What happens to a small database of unfinished deliveries of one flow and two hooks.
#[derive(Debug, Clone)]
enum Act {
    Accept(bool),
    Read,
    Answer,
    End,
    Hold(bool),
    Release(bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<bool>().prop_map(Act::Accept),
        3 => Just(Act::Read),
        3 => Just(Act::Answer),
        3 => Just(Act::End),
        1 => any::<bool>().prop_map(Act::Hold),
        1 => any::<bool>().prop_map(Act::Release),
    ]
}

fn hook(first: bool) -> HookId {
    if first { HOOK } else { OTHER }
}

proptest! {
    /// Whatever is accepted, held, released and read in whatever order: in the end everything has
    /// been in memory, and of one hook nothing before what was accepted before it, but for what a
    /// pause has taken out.
    #[test]
    fn nothing_is_forgotten(acts in proptest::collection::vec(act(), 1..200)) {
        let mut backlog = Backlog::default();
        let mut database: Vec<(i64, HookId)> = Vec::new();
        let mut memory: BTreeSet<i64> = BTreeSet::new();
        let mut under_way: Vec<UnderWay> = Vec::new();
        let mut seq = 0;
        let read = |backlog: &mut Backlog, database: &[(i64, HookId)], many: usize| {
            let mut found = Vec::new();
            for read in backlog.reads(|_| many, many, Millis(0)) {
                let stretch = &read.stretch;
                let fits = |(seq, hook): &&(i64, HookId)| {
                    *seq > stretch.after
                        && (stretch.only.is_empty() || stretch.only.contains(hook))
                        && !stretch.without.contains(hook)
                };
                let rows = database.iter().filter(fits).take(stretch.limit as usize);
                let rows = rows.copied().collect();
                found.push((read, rows));
            }
            found
        };
        let answer = |backlog: &mut Backlog,
                      memory: &mut BTreeSet<i64>,
                      database: &[(i64, HookId)],
                      (read, rows): UnderWay| {
            if !backlog.read(&read, rows.len(), rows.last().map(|(seq, _)| *seq)) {
                return;
            }
            for (seq, hook) in rows {
                if backlog.belongs(read.unit, FLOW, hook) && database.contains(&(seq, hook)) {
                    memory.insert(seq);
                }
            }
        };
        for one in acts {
            match one {
                Act::Accept(first) => {
                    seq += 1;
                    database.push((seq, hook(first)));
                    backlog.came(FLOW, hook(first));
                    if backlog.admit(FLOW, hook(first), seq, memory.len(), memory.len()) {
                        memory.insert(seq);
                    }
                }
                Act::Read => under_way.extend(read(&mut backlog, &database, memory.len())),
                Act::Answer => {
                    if let Some(one) = under_way.pop() {
                        answer(&mut backlog, &mut memory, &database, one);
                    }
                }
                Act::End => {
                    if let Some(first) = memory.pop_first() {
                        let place = database.iter().position(|(seq, _)| *seq == first);
                        let (_, hook) = database.remove(place.unwrap());
                        backlog.went(FLOW, hook);
                    }
                }
                Act::Hold(first) => {
                    backlog.hold(hook(first));
                    memory.retain(|seq| !database.contains(&(*seq, hook(first))));
                }
                Act::Release(first) => backlog.release(hook(first), None, Millis(0)),
            }
            prop_assert_eq!(backlog.total(), database.len() as u64);
        }
        backlog.release(HOOK, None, Millis(0));
        backlog.release(OTHER, None, Millis(0));
        for _ in 0..20 {
            under_way.extend(read(&mut backlog, &database, 0));
            for one in std::mem::take(&mut under_way) {
                answer(&mut backlog, &mut memory, &database, one);
            }
        }
        let left: BTreeSet<_> = database.iter().map(|(seq, _)| *seq).collect();
        prop_assert_eq!(memory, left);
    }
}
