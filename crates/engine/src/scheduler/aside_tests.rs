//! Lanes that are set aside.

use super::{
    learned_tests::{reach_beside, take_down},
    tests::{begin_all, end, job, to},
    *,
};

const HOSTS: [&str; 2] = ["down.example", "up.example"];
/// How many of a flow may be in memory; a quarter of it stays before a destination that is down.
const WINDOW: usize = 16;

/// A flow that calls two, of which one is down; 50 deliveries have run as far as they may.
fn half_down() -> Scheduler {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, "down.example");
    for seq in 1..=50 {
        assert!(scheduler.add(job(seq, 1_000 + seq)));
        reach_beside(&mut scheduler, &HOSTS, WINDOW, 1);
    }
    scheduler
}

#[test]
fn before_one_that_is_down_a_quarter_of_what_has_room_stays_in_memory() {
    let mut scheduler = half_down();
    assert_eq!(scheduler.len_of(FlowId(1)), [0, WINDOW / 4, 0]);
    let waiting = |scheduler: &Scheduler| {
        let views = scheduler.views(|_| 0, Millis(1));
        views.iter().map(|view| view.waiting).sum::<u64>()
    };
    assert_eq!(waiting(&scheduler), 25, "wherever they are");
    assert!(scheduler.come_back().is_empty());

    // Of the four that stay the first shows how it is.
    let until = scheduler.wake_at().unwrap();
    let probe = begin_all(&mut scheduler, until.0).remove(0);
    assert_eq!(probe.1, to("down.example"));
    assert!(scheduler.come_back().is_empty(), "nothing is known yet");
    end(&mut scheduler, probe, Heard::Good, until.0);
    let first_aside = 10;
    assert_eq!(scheduler.come_back(), HashMap::from([(FlowId(1), first_aside)]));
    assert!(scheduler.come_back().is_empty());
    assert!(scheduler.add(job(first_aside, 1_000 + first_aside)));
}

#[test]
fn what_follows_in_a_lane_that_is_set_aside_is_not_taken_in_and_what_was_before_is() {
    let mut scheduler = half_down();
    let aside = 1_000 + 20;
    assert!(!scheduler.add(job(60, aside)), "it would run before the other");
    assert!(scheduler.add(job(7, aside)));
    assert!(scheduler.add(job(61, 1_000 + 21)), "the other way is open");
    scheduler.take(|_| false);
    let back = scheduler.come_back();
    assert_eq!(back, HashMap::from([(FlowId(1), 10)]), "whoever takes something out changes that");
    assert!(scheduler.add(job(60, aside)));
}

#[test]
fn what_waits_behind_one_that_is_set_aside_leaves_memory_with_it() {
    let mut scheduler = half_down();
    let before = scheduler.load().deliveries;
    assert!(scheduler.add(job(62, 7)) && scheduler.add(job(63, 7)));
    reach_beside(&mut scheduler, &HOSTS, WINDOW, 1);
    assert_eq!(scheduler.load().deliveries, before);
    assert!(!scheduler.has(62) && !scheduler.has(63));
    scheduler.clear();
    assert!(scheduler.add(job(63, 7)));
}

#[test]
fn a_flow_that_calls_one_alone_is_not_set_aside() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, "down.example");
    for seq in 1..=50 {
        assert!(scheduler.add(job(seq, 1_000 + seq)));
        reach_beside(&mut scheduler, &["down.example"], WINDOW, 1);
    }
    assert_eq!(scheduler.len_of(FlowId(1)), [0, 50, 0]);
}
