//! Flows that call several destinations.

use super::{
    further_tests::at_once,
    tests::{begin_all, end, job, refused, to},
    *,
};
use model::delivery::DeliveryState;

/// Runs all that may begin up to its first request, which goes to what the place says, and answers
/// which of them may send it; the others queue there.
pub(super) fn reach(scheduler: &mut Scheduler, hosts: &[&str], now: i64) -> Vec<i64> {
    let mut sent = Vec::new();
    for (mut job, at) in begin_all(scheduler, now) {
        let called = to(hosts[job.seq as usize % hosts.len()]);
        let has_room =
            at == called || scheduler.go_on(&at, &called, &[], Millis(now), 0.0).is_some();
        if has_room {
            sent.push(job.seq);
            end(scheduler, (job, called), Heard::Good, now);
        } else {
            scheduler.left(&at, &job, Some(called.clone()), &[], Millis(now), 0.0);
            job.target = Some(called);
            if !scheduler.set_aside(&job) {
                scheduler.again(job);
            }
        }
    }
    sent
}

/// Lets the flow call this host, which is down: nothing is sent there from then on.
pub(super) fn take_down(scheduler: &mut Scheduler, host: &str) {
    assert!(scheduler.add(job(0, 7)));
    let (job, at) = begin_all(scheduler, 0).remove(0);
    let called = to(host);
    assert!(scheduler.go_on(&at, &called, &[], Millis(0), 0.0).is_some());
    let Target::Destination(key) = &called else { panic!("{called:?}") };
    let down: Vec<_> = (0..20).map(|_| (key.clone(), refused())).collect();
    scheduler.left(&called, &job, Some(called.clone()), &down, Millis(0), 0.0);
    scheduler.done(job.lane, job.flow_id);
    assert_eq!(scheduler.held_flows(), [FlowId(1)]);
}

/// A delivery of this call that waits for this host.
fn waiting_for(seq: i64, call: i64, host: &str) -> Job {
    Job { target: Some(to(host)), ..job(seq, call) }
}

#[test]
fn what_is_behind_one_that_is_called_off_waits_for_its_destination_no_more() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, "down.example");
    scheduler.add(waiting_for(1, 7, "down.example"));
    scheduler.add(waiting_for(2, 7, "up.example"));
    assert!(begin_all(&mut scheduler, 0).is_empty());
    assert_eq!(scheduler.take(|one| one.id.0.as_u128() == 1).len(), 1);
    let begun = begin_all(&mut scheduler, 0);
    assert_eq!(
        begun.iter().map(|(job, at)| (job.seq, at.clone())).collect::<Vec<_>>(),
        [(2, to("up.example"))]
    );
    assert_eq!(scheduler.held(9, Millis(0)), []);
}

#[test]
fn one_that_is_due_again_does_not_wait_for_whom_a_later_one_of_its_call_waits_for() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, "down.example");
    let state = DeliveryState::Retrying;
    let (due, hold_until) = (Some(Millis(5_000)), Some(Millis(1_000)));
    scheduler.add(Job { due, hold_until, state, ..waiting_for(1, 7, "up.example") });
    scheduler.add(waiting_for(2, 7, "down.example"));
    assert!(begin_all(&mut scheduler, 2_000).is_empty());
    assert_eq!(scheduler.wake_at(), Some(Millis(5_000)));
    let begun = begin_all(&mut scheduler, 5_000);
    assert_eq!(begun.iter().map(|(job, _)| job.seq).collect::<Vec<_>>(), [1]);
    end(&mut scheduler, begun.into_iter().next().unwrap(), Heard::Good, 5_001);
    assert!(begin_all(&mut scheduler, 5_001).is_empty());
    assert_eq!(scheduler.held(9, Millis(5_001)).len(), 1, "the later one waits yet");
}

#[test]
fn a_run_that_goes_on_does_not_wait_for_whom_its_flow_calls_first() {
    let mut scheduler = Scheduler::default();
    scheduler.set([at_once("first.example", 1)].into(), 1);
    scheduler.add(job(1, 1));
    let (first, at) = begin_all(&mut scheduler, 0).remove(0);
    scheduler.left(&at, &first, Some(to("first.example")), &[], Millis(0), 0.0);
    scheduler.done(first.lane, first.flow_id);
    for seq in 2..=4 {
        scheduler.add(job(seq, seq));
    }
    scheduler.add(Job { rests: true, ..job(5, 5) });
    let begun = begin_all(&mut scheduler, 0);
    let begun: Vec<_> = begun.iter().map(|(job, at)| (job.seq, at.clone())).collect();
    assert_eq!(begun, [(2, to("first.example")), (5, Target::Nobody)]);
}

#[test]
fn of_a_flow_that_calls_several_only_what_goes_to_the_one_that_is_down_waits_for_it() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, "down.example");
    for seq in 1..=10 {
        scheduler.add(job(seq, 1_000 + seq));
    }
    let sent = reach(&mut scheduler, &["down.example", "up.example"], 1);
    assert_eq!(sent, [1, 3, 5, 7, 9]);
    assert!(begin_all(&mut scheduler, 1).is_empty(), "the others are not tried");
    assert!(scheduler.held_flows().is_empty(), "not all of the flow waits");
    assert_eq!(scheduler.held(9, Millis(1)).len(), 5);
    let views = scheduler.views(|_| 5, Millis(1));
    let down = views.iter().find(|view| view.key.as_str().contains("down")).unwrap();
    assert_eq!((down.running, down.waiting), (0, 5));
}

#[test]
fn what_queues_at_one_that_goes_down_is_looked_at_again_and_a_new_version_begins_anew() {
    let mut scheduler = Scheduler::default();
    scheduler.set([at_once("down.example", 1)].into(), 1);
    for seq in 1..=4 {
        scheduler.add(job(seq, 1_000 + seq));
    }
    let hosts = ["up.example", "down.example", "down.example", "down.example"];
    let [(first, at), others @ ..] = &begin_all(&mut scheduler, 0)[..] else { panic!() };
    let called = to("down.example");
    assert!(scheduler.go_on(at, &called, &[], Millis(0), 0.0).is_some());
    for (job, at) in others {
        scheduler.left(at, job, Some(called.clone()), &[], Millis(0), 0.0);
        scheduler.again(job.clone());
    }
    assert!(begin_all(&mut scheduler, 0).is_empty(), "all queue where the first one is");
    let Target::Destination(key) = &called else { panic!() };
    let down: Vec<_> = (0..20).map(|_| (key.clone(), refused())).collect();
    scheduler.left(&called, first, Some(called.clone()), &down, Millis(1), 0.0);
    scheduler.done(first.lane, first.flow_id);
    assert_eq!(reach(&mut scheduler, &hosts, 1), [4]);

    scheduler.add(Job { flow_version: 2, ..job(5, 5) });
    let (fifth, at) = begin_all(&mut scheduler, 1).remove(0);
    assert_eq!(at, Target::Nobody, "it calls several");
    end(&mut scheduler, (fifth, to("new.example")), Heard::Good, 1);
    scheduler.add(Job { flow_version: 2, ..job(6, 6) });
    assert_eq!(begin_all(&mut scheduler, 1)[0].1, to("new.example"));
}
