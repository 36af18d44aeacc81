//! Whatever attempts call, and in whatever order: no destination has more than its limit.

use super::{
    tests::{begin_all, end, job, refused, to, to_host},
    *,
};
use model::{
    delivery::DeliveryState,
    destination::{DestinationLimits, Rate},
};
use proptest::prelude::*;

const HOSTS: [&str; 3] = ["a.example", "b.example", "c.example"];

pub(super) fn limited(
    host: &str,
    limits: DestinationLimits,
) -> (DestinationKey, DestinationSettings) {
    let key = DestinationKey::new("https", host, 443);
    let (forced, drained_at, updated_at) = (None, None, Millis(0));
    (key.clone(), DestinationSettings { key, limits, forced, drained_at, updated_at })
}

pub(super) fn at_once(host: &str, concurrency: u32) -> (DestinationKey, DestinationSettings) {
    let concurrency = Some(concurrency);
    limited(host, DestinationLimits { concurrency, ..DestinationLimits::default() })
}

#[test]
fn a_further_request_takes_its_room_where_it_goes_and_leaves_that_where_it_was() {
    let mut scheduler = Scheduler::default();
    scheduler.set([at_once("a.example", 1), at_once("b.example", 1)].into(), 1);
    for seq in 1..=2 {
        scheduler.add(to_host(seq, "a.example"));
    }
    let first = begin_all(&mut scheduler, 0).remove(0);
    let gate = scheduler.gate(&first.1);
    assert!(gate.is_free(), "more of the same needs no asking");
    assert!(scheduler.go_on(&first.1, &to("b.example"), &[], Millis(0), 0.0).is_some());
    // The place that it left is another's now, who finds none at the other.
    let second = begin_all(&mut scheduler, 0).remove(0);
    assert!(scheduler.go_on(&second.1, &to("b.example"), &[], Millis(0), 0.0).is_none());
    let mut held = second.0;
    let nobody = Some(to("a.example"));
    scheduler.left(&to("a.example"), &held, nobody, &[], Millis(0), 0.0);
    held.target = Some(to("b.example"));
    scheduler.again(held);
    assert!(begin_all(&mut scheduler, 0).is_empty(), "it queues there");
    end(&mut scheduler, (first.0, to("b.example")), Heard::Good, 1);
    let again = begin_all(&mut scheduler, 1).remove(0);
    assert_eq!((again.0.seq, again.1), (2, to("b.example")));
}

#[test]
fn who_has_a_destination_drained_is_told_of_once() {
    let mut scheduler = Scheduler::default();
    let (key, plain) = limited("a.example", DestinationLimits::default());
    let drained = |at| DestinationSettings { drained_at: Some(Millis(at)), ..plain.clone() };
    let mut set = |one: DestinationSettings, nodes| {
        let set = [(key.clone(), one), limited("b.example", DestinationLimits::default())];
        scheduler.set(set.into(), nodes)
    };
    assert!(set(plain.clone(), 1).is_empty());
    // Whether or not anything has been sent there.
    let told = std::slice::from_ref(&key);
    assert_eq!(set(drained(5), 1), told);
    assert!(set(drained(5), 2).is_empty());
    assert_eq!(set(drained(6), 2), told);
}

#[test]
fn where_others_wait_already_a_further_request_queues_behind_them() {
    let mut scheduler = Scheduler::default();
    scheduler.set([at_once("b.example", 1)].into(), 1);
    scheduler.add(to_host(1, "b.example"));
    scheduler.add(to_host(2, "b.example"));
    scheduler.add(to_host(3, "a.example"));
    let mut begun = begin_all(&mut scheduler, 0);
    begun.sort_by_key(|(job, _)| job.seq);
    let (first, other) = (begun.remove(0), begun.remove(0));
    scheduler.left(&first.1, &first.0, Some(first.1.clone()), &[], Millis(0), 0.0);
    assert!(scheduler.go_on(&other.1, &to("b.example"), &[], Millis(0), 0.0).is_none());
    assert_eq!(begin_all(&mut scheduler, 0)[0].0.seq, 2);
}

#[test]
fn where_a_rate_is_set_each_request_counts_and_with_a_breaker_open_none_goes_out() {
    let mut scheduler = Scheduler::default();
    let rate_per_s = Rate::of_per_second(1.0);
    let limits = DestinationLimits { rate_per_s, ..DestinationLimits::default() };
    scheduler.set([limited("a.example", limits)].into(), 1);
    scheduler.add(to_host(1, "a.example"));
    let (_, target) = begin_all(&mut scheduler, 10_000).remove(0);
    assert!(!scheduler.gate(&target).is_free());
    assert!(scheduler.go_on(&target, &target, &[], Millis(10_001), 0.0).is_none());
    assert!(scheduler.go_on(&target, &target, &[], Millis(11_001), 0.0).is_some());
    assert!(scheduler.go_on(&target, &target, &[], Millis(11_002), 0.0).is_none());

    let key = DestinationKey::new("https", "b.example", 443);
    scheduler.add(to_host(2, "b.example"));
    let (_, target) = begin_all(&mut scheduler, 11_002).remove(0);
    let gate = scheduler.gate(&target);
    let down: Vec<_> = (0..20).map(|_| (key.clone(), refused())).collect();
    assert!(gate.is_free());
    assert!(scheduler.go_on(&target, &target, &down, Millis(11_002), 0.0).is_none());
    assert!(!gate.is_free(), "whoever is there is told to ask");
}

#[test]
fn what_stands_before_a_request_to_a_closed_destination_is_told_as_parked() {
    let mut scheduler = Scheduler::default();
    let key = DestinationKey::new("https", "b.example", 443);
    scheduler.add(to_host(1, "b.example"));
    let down: Vec<_> = (0..20).map(|_| (key.clone(), refused())).collect();
    let probe = begin_all(&mut scheduler, 0).remove(0);
    scheduler.left(&probe.1, &probe.0, Some(to("a.example")), &down, Millis(0), 0.0);
    scheduler.done(probe.0.lane, FlowId(1));
    scheduler.add(to_host(2, "b.example"));
    scheduler.add(job(3, 8));
    assert_eq!(begin_all(&mut scheduler, 1).len(), 1, "the other goes to where its flow begins");
    assert_eq!(scheduler.held(9, Millis(1)), [to_host(2, "b.example").id]);
    assert!(scheduler.held_flows().is_empty());
    // What is due again, or has been made so, is as well.
    let (due, state) = (Some(Millis(90_000)), DeliveryState::Retrying);
    scheduler.add(Job { due, state, ..to_host(4, "b.example") });
    assert!(begin_all(&mut scheduler, 1).is_empty());
    assert_eq!(scheduler.held(9, Millis(1)).len(), 1);
    assert_eq!(scheduler.hurry(4), Some(false));
    assert!(begin_all(&mut scheduler, 1).is_empty());
    assert_eq!(scheduler.held(9, Millis(1)), [2, 4].map(|seq| to_host(seq, "b.example").id));
}

#[derive(Debug, Clone)]
enum Act {
    Add(i64, usize),
    Begin,
    Call(usize, usize),
    End(usize),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..6i64, 0..3usize).prop_map(|(call, host)| Act::Add(call, host)),
        3 => Just(Act::Begin),
        5 => (0..9usize, 0..3usize).prop_map(|(which, host)| Act::Call(which, host)),
        2 => (0..9usize).prop_map(Act::End),
        1 => (1..50i64).prop_map(Act::Pass),
    ]
}

proptest! {
    /// No destination has more attempts than it may, one that is held back keeps its place in its
    /// lane, and every delivery comes to its end.
    #[test]
    fn property_limits_hold_for_every_request(acts in prop::collection::vec(act(), 1..200)) {
        let mut scheduler = Scheduler::default();
        let limits = [1, 2, 3];
        scheduler.set((0..3).map(|one| at_once(HOSTS[one], limits[one])).collect(), 1);
        let (mut now, mut seq, mut ended) = (0, 0, 0);
        let mut running: Vec<(Job, Target)> = Vec::new();
        let stop = |scheduler: &mut Scheduler, (mut job, at): (Job, Target), host, now| {
            scheduler.left(&at, &job, None, &[], Millis(now), 0.0);
            job.target = Some(to(HOSTS[host]));
            scheduler.again(job);
        };
        for act in acts {
            match act {
                Act::Add(call, host) => {
                    seq += 1;
                    scheduler.add(Job { target: Some(to(HOSTS[host])), ..job(seq, call) });
                }
                Act::Begin => for (job, target) in begin_all(&mut scheduler, now) {
                    prop_assert!(!job.out_of_order);
                    prop_assert!(running.iter().all(|(other, _)| other.lane != job.lane));
                    running.push((job, target));
                },
                Act::Call(which, host) if !running.is_empty() => {
                    let place = which % running.len();
                    let wanted = to(HOSTS[host]);
                    match scheduler.go_on(&running[place].1, &wanted, &[], Millis(now), 0.0) {
                        Some(_) => running[place].1 = wanted,
                        None => stop(&mut scheduler, running.remove(place), host, now),
                    }
                }
                Act::End(which) if !running.is_empty() => {
                    let one = running.remove(which % running.len());
                    end(&mut scheduler, one, Heard::Good, now);
                    ended += 1;
                }
                Act::Call(..) | Act::End(_) => {}
                Act::Pass(time) => now += time,
            }
            for (host, limit) in HOSTS.iter().zip(limits) {
                let there = running.iter().filter(|(_, at)| *at == to(host)).count();
                prop_assert!(there <= limit as usize, "{there} at {host}");
            }
        }
        while ended < seq {
            running.extend(begin_all(&mut scheduler, now));
            prop_assert!(!running.is_empty(), "nothing is lost");
            for one in running.drain(..) {
                end(&mut scheduler, one, Heard::Good, now);
                ended += 1;
            }
        }
    }
}
