use super::{target::UNKNOWN_AT_ONCE, *};
use model::{
    JsonMap,
    catalog::EventKind,
    delivery::DeliveryState,
    event::Event,
    ids::{DeliveryId, EventId, HookId, QueueId},
    trace::{Failure, FailureClass},
};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::Arc};
use storage::journal::Shard;

pub(crate) fn job(seq: i64, call: i64) -> Job {
    let event = Event {
        id: EventId(uuid::Uuid::nil()),
        queue_id: QueueId(1),
        kind: EventKind::Joined,
        sender_id: None,
        call_attempt: Some(call),
        occurred_at: Millis(0),
        accepted_at: Millis(0),
        data: JsonMap::new(),
        variables: JsonMap::new(),
        test: false,
    };
    Job {
        seq,
        id: DeliveryId(uuid::Uuid::from_u128(seq as u128)),
        event: Arc::new(event),
        hook_id: HookId(call % 3),
        flow_id: FlowId(1),
        flow_version: 1,
        lane: Lane::Call { flow: FlowId(1), queue: QueueId(1), call_attempt: call },
        attempts: 0,
        due: None,
        hold_until: None,
        max_hold_ms: 30_000,
        out_of_order: false,
        state: DeliveryState::Pending,
        rests: false,
        test: false,
        parent: None,
        created_at: Millis(0),
        priority: Priority::Normal,
        target: None,
        shard: Shard(0),
        timed: true,
    }
}

pub(super) fn to(host: &str) -> Target {
    Target::Destination(DestinationKey::new("https", host, 443))
}

/// A delivery of its own call that is known to call this host.
pub(super) fn to_host(seq: i64, host: &str) -> Job {
    Job { target: Some(to(host)), ..job(seq, 1_000 + seq) }
}

fn run(scheduler: &mut Scheduler, now: i64) -> Option<Job> {
    loop {
        match scheduler.next(Millis(now))? {
            Step::Run(job, target) => {
                let nobody = Some(Target::Nobody);
                scheduler.left(&target, &job, nobody, &[], Millis(now), 0.0);
                return Some(job);
            }
            Step::Overtaken(_) => {}
        }
    }
}

#[test]
fn one_call_runs_in_order_and_calls_do_not_wait_for_each_other() {
    let mut scheduler = Scheduler::default();
    [job(1, 7), job(2, 7), job(3, 8)].into_iter().for_each(|one| assert!(scheduler.add(one)));
    let first = run(&mut scheduler, 0).unwrap();
    let other = run(&mut scheduler, 0).unwrap();
    assert_eq!((first.seq, other.seq), (1, 3));
    assert!(run(&mut scheduler, 0).is_none());
    scheduler.done(first.lane, FlowId(1));
    assert_eq!(run(&mut scheduler, 0).unwrap().seq, 2);
}

#[test]
fn a_retry_holds_its_lane_until_its_hold_ends_and_is_then_out_of_order() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    scheduler.add(job(2, 7));
    let mut late = run(&mut scheduler, 0).unwrap();
    late.due = Some(Millis(120_000));
    late.hold_until = Some(Millis(30_000));
    scheduler.again(late);
    assert!(run(&mut scheduler, 29_999).is_none());
    assert_eq!(scheduler.wake_at(), Some(Millis(30_000)));

    let Some(Step::Overtaken(overtaken)) = scheduler.next(Millis(30_000)).and_then(|step| {
        assert!(matches!(&step, Step::Run(job, _) if job.seq == 2));
        scheduler.next(Millis(30_000))
    }) else {
        panic!("the late one is reported as overtaken");
    };
    assert_eq!((overtaken.seq, overtaken.out_of_order), (1, true));
    scheduler.done(overtaken.lane, FlowId(1));
    let late = run(&mut scheduler, 120_000).unwrap();
    assert_eq!((late.seq, late.out_of_order), (1, true));
}

#[test]
fn a_retry_within_its_hold_stays_in_order() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    scheduler.add(job(2, 7));
    let mut retried = run(&mut scheduler, 0).unwrap();
    retried.due = Some(Millis(5_000));
    retried.hold_until = Some(Millis(30_000));
    scheduler.again(retried);
    let retried = run(&mut scheduler, 5_000).unwrap();
    assert_eq!((retried.seq, retried.out_of_order), (1, false));
    scheduler.done(retried.lane, FlowId(1));
    let next = run(&mut scheduler, 5_000).unwrap();
    assert_eq!((next.seq, next.out_of_order), (2, false));
    scheduler.done(next.lane, FlowId(1));
    assert!(run(&mut scheduler, 5_000).is_none());
    assert_eq!(scheduler.load().deliveries, 0);
}

#[test]
fn a_hurried_retry_runs_at_once() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    let mut retried = run(&mut scheduler, 0).unwrap();
    (retried.due, retried.state) = (Some(Millis(5_000)), DeliveryState::Retrying);
    scheduler.again(retried);
    assert!(run(&mut scheduler, 10).is_none());
    assert_eq!([scheduler.hurry(1), scheduler.hurry(1)], [Some(true); 2]);
    assert_eq!(run(&mut scheduler, 10).unwrap().seq, 1);
    assert_eq!(scheduler.hurry(1), None, "it runs");
}

#[test]
fn the_deliveries_of_a_paused_hook_are_taken_out_in_order() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=9 {
        scheduler.add(job(seq, seq));
    }
    let taken = scheduler.take(|one| one.lot.hook == HookId(0));
    assert_eq!(taken.iter().map(|job| job.seq).collect::<Vec<_>>(), [3, 6, 9]);
    assert_eq!(scheduler.load().deliveries, 6);
}

#[test]
fn a_delivery_that_is_here_already_is_not_taken_in_again() {
    let mut scheduler = Scheduler::default();
    assert!(scheduler.add(job(1, 7)));
    assert!(!scheduler.add(job(1, 7)));
    let running = run(&mut scheduler, 0).unwrap();
    assert!(!scheduler.add(job(1, 7)));
    scheduler.done(running.lane, FlowId(1));
    assert!(scheduler.add(job(1, 7)));
}

#[test]
fn a_mark_that_was_not_told_yet_does_not_outlive_a_pause() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    scheduler.add(job(2, 7));
    let mut late = run(&mut scheduler, 0).unwrap();
    late.due = Some(Millis(120_000));
    scheduler.again(late);
    let later = run(&mut scheduler, 0).unwrap();
    assert_eq!(later.seq, 2);
    let taken = scheduler.take(|one| one.lot.hook == HookId(1));
    assert_eq!((taken.len(), taken[0].out_of_order), (1, true));
    assert!(scheduler.next(Millis(0)).is_none());
}

/// Begins all that may begin, and tells whom each was for.
pub(super) fn begin_all(scheduler: &mut Scheduler, now: i64) -> Vec<(Job, Target)> {
    let mut begun = Vec::new();
    while let Some(step) = scheduler.next(Millis(now)) {
        if let Step::Run(job, target) = step {
            begun.push((job, target));
        }
    }
    begun
}

pub(super) fn end(scheduler: &mut Scheduler, (job, target): (Job, Target), heard: Heard, now: i64) {
    let heard = match &target {
        Target::Destination(key) => vec![(key.clone(), heard)],
        _ => Vec::new(),
    };
    let called = if heard.is_empty() { Target::Nobody } else { target.clone() };
    scheduler.left(&target, &job, Some(called), &heard, Millis(now), 0.0);
    scheduler.done(job.lane, job.flow_id);
}

pub(super) fn refused() -> Heard {
    Heard::Failed(Box::new(Failure::new(FailureClass::Connect, "connection refused")))
}

#[test]
fn a_destination_that_is_full_holds_up_nobody_else() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=200 {
        scheduler.add(to_host(seq, "slow.example"));
    }
    let slow = begin_all(&mut scheduler, 0);
    assert_eq!(slow.len(), 64);
    scheduler.add(to_host(201, "fast.example"));
    let fast = begin_all(&mut scheduler, 0);
    assert_eq!((fast.len(), &fast[0].1), (1, &to("fast.example")));
    for one in slow {
        end(&mut scheduler, one, Heard::Good, 10);
    }
    assert_eq!(begin_all(&mut scheduler, 10).len(), 64);
}

#[test]
fn destinations_take_turns() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=60 {
        scheduler.add(to_host(seq, if seq <= 50 { "much.example" } else { "little.example" }));
    }
    let first: Vec<_> = begin_all(&mut scheduler, 0).into_iter().take(20).collect();
    let little = first.iter().filter(|(_, target)| *target == to("little.example")).count();
    assert_eq!(little, 10);
}

#[test]
fn higher_priorities_go_first_and_stop_no_lower_one() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=300 {
        let priority = Priority::ALL[(seq % 3) as usize];
        scheduler.add(Job { priority, ..to_host(seq, "crm.example") });
    }
    let begun = begin_all(&mut scheduler, 0);
    let of = |priority| begun.iter().filter(|(job, _)| job.priority == priority).count();
    let counts = [of(Priority::High), of(Priority::Normal), of(Priority::Low)];
    assert_eq!(counts, [37, 18, 9], "four, two and one of seven");
}

#[test]
fn while_a_breaker_is_open_nothing_begins_and_afterwards_all_does_in_order() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=10 {
        scheduler.add(to_host(seq, "down.example"));
    }
    for one in begin_all(&mut scheduler, 0) {
        end(&mut scheduler, one, refused(), 0);
    }
    for seq in 11..=14 {
        scheduler.add(Job { target: Some(to("down.example")), ..job(seq, 7) });
    }
    scheduler.add(to_host(15, "up.example"));
    let begun = begin_all(&mut scheduler, 1);
    assert_eq!(begun.iter().map(|(job, _)| job.seq).collect::<Vec<_>>(), [15]);
    assert_eq!(scheduler.held_flows(), [FlowId(1)]);
    let at = scheduler.wake_at().unwrap().0;
    let mut order = Vec::new();
    for _ in 0..4 {
        let mut begun = begin_all(&mut scheduler, at);
        assert_eq!(begun.len(), 1, "a probe, and then a lane has one at a time");
        let (job, target) = begun.remove(0);
        order.push((job.seq, job.out_of_order));
        end(&mut scheduler, (job, target), Heard::Good, at);
    }
    assert_eq!(order, [(11, false), (12, false), (13, false), (14, false)]);
    assert!(scheduler.held_flows().is_empty());
}

#[test]
fn one_that_calls_somebody_else_than_was_thought_queues_there() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    scheduler.add(job(2, 7));
    let (mut first, target) = begin_all(&mut scheduler, 0).remove(0);
    assert_eq!(target, Target::Unknown(FlowId(1)));
    let called = Some(to("crm.example"));
    scheduler.left(&target, &first, called.clone(), &[], Millis(0), 0.0);
    first.target = called;
    scheduler.again(first);
    let (first, target) = begin_all(&mut scheduler, 0).remove(0);
    assert_eq!((first.seq, first.out_of_order, &target), (1, false, &to("crm.example")));
    end(&mut scheduler, (first, target), Heard::Good, 0);
    let (second, target) = begin_all(&mut scheduler, 0).remove(0);
    assert_eq!((second.seq, target), (2, to("crm.example")), "its flow is known now");
}

#[test]
fn of_flows_that_have_not_run_only_some_begin_until_it_is_known_whom_they_call() {
    let mut scheduler = Scheduler::default();
    for seq in 1..=100 {
        scheduler.add(job(seq, 1_000 + seq));
    }
    let begun = begin_all(&mut scheduler, 0);
    assert_eq!(begun.len(), UNKNOWN_AT_ONCE as usize);
    for (job, target) in begun {
        let nobody = Some(Target::Nobody);
        scheduler.left(&target, &job, nobody, &[], Millis(0), 0.0);
        scheduler.done(job.lane, job.flow_id);
    }
    assert_eq!(begin_all(&mut scheduler, 0).len(), 68);
}

#[test]
fn what_goes_to_a_destination_is_counted() {
    let mut scheduler = Scheduler::default();
    scheduler.add(job(1, 7));
    let (job, target) = begin_all(&mut scheduler, 0).remove(0);
    let called = Some(to("crm.example"));
    scheduler.left(&target, &job, called, &[], Millis(0), 0.0);
    scheduler.add(self::job(2, 8));
    assert_eq!(begin_all(&mut scheduler, 0).len(), 1);
    let views = scheduler.views(|_| 4, Millis(0));
    assert_eq!(views.len(), 1);
    assert_eq!((views[0].running, views[0].waiting), (1, 4));
}

#[derive(Debug, Clone)]
enum Act {
    Add(i64),
    Start,
    Finish(usize),
    Fail(usize, i64, i64),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..4i64).prop_map(Act::Add),
        4 => Just(Act::Start),
        3 => (0..8usize).prop_map(Act::Finish),
        2 => (0..8usize, 1..200i64, 0..100i64).prop_map(|(at, due, hold)| Act::Fail(at, due, hold)),
        2 => (1..150i64).prop_map(Act::Pass),
    ]
}

proptest! {
    /// Whatever happens: no two of a lane run at once, every delivery comes to its end, and one
    /// that begins for the first time after a later one is marked so.
    #[test]
    fn property_order_holds_and_nothing_is_lost(acts in prop::collection::vec(act(), 1..200)) {
        let mut scheduler = Scheduler::default();
        let (mut now, mut seq) = (0, 0);
        let mut running: Vec<Job> = Vec::new();
        let mut ended = BTreeSet::new();
        let mut highest: HashMap<Lane, i64> = HashMap::new();
        let mut begin = |job: &Job, running: &[Job]| {
            assert!(running.iter().all(|other| other.lane != job.lane), "one at a time");
            let begun = highest.entry(job.lane).or_insert(0);
            assert_eq!(job.out_of_order, job.seq < *begun || job.out_of_order);
            assert!(job.seq >= *begun || job.out_of_order, "a late one is marked");
            *begun = (*begun).max(job.seq);
        };
        for act in acts {
            match act {
                Act::Add(call) => {
                    seq += 1;
                    let host = ["a.example", "b.example", "c.example"][(seq % 3) as usize];
                    scheduler.add(Job { target: Some(to(host)), ..job(seq, call) });
                }
                Act::Start => if let Some(job) = run(&mut scheduler, now) {
                    begin(&job, &running);
                    running.push(job);
                },
                Act::Finish(at) if !running.is_empty() => {
                    let job = running.remove(at % running.len());
                    ended.insert(job.seq);
                    scheduler.done(job.lane, FlowId(1));
                }
                Act::Fail(at, due, hold) if !running.is_empty() => {
                    let mut job = running.remove(at % running.len());
                    job.due = Some(Millis(now + due));
                    job.hold_until.get_or_insert(Millis(now + hold));
                    scheduler.again(job);
                }
                Act::Finish(_) | Act::Fail(..) => {}
                Act::Pass(time) => now += time,
            }
        }
        while ended.len() < seq as usize {
            while let Some(job) = run(&mut scheduler, now) {
                begin(&job, &running);
                running.push(job);
            }
            prop_assert!(!running.is_empty() || scheduler.wake_at().is_some(), "nothing is lost");
            for job in running.drain(..) {
                ended.insert(job.seq);
                scheduler.done(job.lane, FlowId(1));
            }
            now = scheduler.wake_at().map_or(now, |at| at.0.max(now));
        }
    }
}
