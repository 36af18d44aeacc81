use super::*;
use model::destination::{DestinationLimits, Rate};

fn key() -> DestinationKey {
    DestinationKey::new("https", "crm.example", 443)
}

fn settings(limits: DestinationLimits, forced: Option<Forced>) -> DestinationSettings {
    DestinationSettings { key: key(), limits, forced, drained_at: None, updated_at: Millis(0) }
}

fn failed(class: FailureClass) -> Heard {
    Heard::Failed(Box::new(Failure::new(class, "it failed")))
}

fn status(status: u16, retry_after_ms: Option<u64>) -> Heard {
    let failure = Failure::new(FailureClass::Status, "");
    Heard::Failed(Box::new(Failure { status: Some(status), retry_after_ms, ..failure }))
}

fn limited(concurrency: u32) -> DestinationSettings {
    let limits =
        DestinationLimits { concurrency: Some(concurrency), ..DestinationLimits::default() };
    settings(limits, None)
}

#[test]
fn no_more_than_its_limit_runs_at_once() {
    let mut one = Destination::new(Some(&limited(2)), 1);
    for _ in 0..2 {
        assert_eq!(one.may(Millis(0)), May::Begin);
        one.began(true, Millis(0));
    }
    assert_eq!(one.may(Millis(0)), May::Wait);
    one.ended(Millis(1));
    assert_eq!(one.may(Millis(1)), May::Begin);
}

#[test]
fn each_of_several_nodes_takes_its_part_of_what_is_allowed() {
    let limits = DestinationLimits {
        concurrency: Some(9),
        rate_per_s: Rate::of_per_second(30.0),
        ..DestinationLimits::default()
    };
    let set = settings(limits, None);
    let part = |nodes| Destination::new(Some(&set), nodes).view(&key(), 0, Millis(0));
    assert_eq!((part(3).limit, part(3).rate_per_s), (3, Some(10.0)));
    assert_eq!((part(20).limit, part(0).limit), (1, 9));
}

#[test]
fn a_rate_spreads_what_begins() {
    let limits =
        DestinationLimits { rate_per_s: Rate::of_per_second(10.0), ..DestinationLimits::default() };
    let mut one = Destination::new(Some(&settings(limits, None)), 1);
    let mut began = 0;
    for now in 0..2_000 {
        if one.may(Millis(now)) == May::Begin {
            one.began(true, Millis(0));
            began += 1;
        }
    }
    assert_eq!(began, 20);
    assert!(matches!(one.may(Millis(2_000)), May::At(Millis(2_001..=2_100)) | May::Begin));
}

#[test]
fn the_breaker_opens_probes_once_and_closes_when_that_succeeds() {
    let mut one = Destination::new(None, 1);
    for _ in 0..DEFAULT_MIN_CALLS - 1 {
        one.hear(&failed(FailureClass::Connect), Millis(0), 0.0);
    }
    assert_eq!(one.may(Millis(0)), May::Begin, "too few to judge by");
    one.hear(&failed(FailureClass::Timeout), Millis(0), 0.0);
    assert!(one.is_open());
    assert_eq!(one.may(Millis(1)), May::At(Millis(DEFAULT_OPEN_MS)));

    assert_eq!(one.may(Millis(DEFAULT_OPEN_MS)), May::Begin);
    one.began(true, Millis(0));
    assert_eq!(one.may(Millis(DEFAULT_OPEN_MS)), May::Wait, "one probe at a time");
    one.ended(Millis(DEFAULT_OPEN_MS));
    one.hear(&failed(FailureClass::Connect), Millis(DEFAULT_OPEN_MS), 0.0);
    assert_eq!(
        one.may(Millis(DEFAULT_OPEN_MS)),
        May::At(Millis(3 * DEFAULT_OPEN_MS)),
        "twice as long"
    );
    assert_eq!(one.may(Millis(3 * DEFAULT_OPEN_MS)), May::Begin);
    one.hear(&Heard::Good, Millis(3 * DEFAULT_OPEN_MS), 0.0);
    assert!(!one.is_open());
    for _ in 0..DEFAULT_CONCURRENCY {
        assert_eq!(one.may(Millis(3 * DEFAULT_OPEN_MS)), May::Begin);
        one.began(true, Millis(0));
    }
}

#[test]
fn what_the_receiver_did_not_like_opens_no_breaker_and_few_failures_do_not_either() {
    let mut one = Destination::new(None, 1);
    for _ in 0..200 {
        one.hear(&status(404, None), Millis(0), 0.0);
    }
    assert!(!one.is_open());
    for _ in 0..200 {
        one.hear(&Heard::Good, Millis(0), 0.0);
        one.hear(&Heard::Good, Millis(0), 0.0);
        one.hear(&status(500, None), Millis(0), 0.0);
    }
    assert!(!one.is_open());
}

#[test]
fn an_answer_that_asks_for_patience_narrows_and_success_widens_again() {
    let mut one = Destination::new(Some(&limited(8)), 1);
    one.hear(&status(429, Some(2_000)), Millis(0), 0.0);
    assert_eq!(one.may(Millis(1_999)), May::At(Millis(2_000)));
    let view = one.view(&key(), 0, Millis(1_000));
    assert_eq!((view.limit, view.slowed), (4, true));
    for _ in 0..4 {
        assert_eq!(one.may(Millis(2_000)), May::Begin);
        one.began(true, Millis(0));
    }
    assert_eq!(one.may(Millis(2_000)), May::Wait);
    for _ in 0..8 {
        one.hear(&Heard::Good, Millis(2_001), 0.0);
    }
    assert_eq!(one.view(&key(), 0, Millis(2_001)).limit, 8);
    assert!(!one.view(&key(), 0, Millis(2_001)).slowed);
}

#[test]
fn a_person_opens_it_closes_it_and_has_it_drained() {
    let mut one =
        Destination::new(Some(&settings(DestinationLimits::default(), Some(Forced::Open))), 1);
    assert_eq!((one.may(Millis(0)), one.is_open()), (May::Wait, true));
    one.set(Some(&settings(DestinationLimits::default(), Some(Forced::Closed))), 1);
    for _ in 0..100 {
        one.hear(&failed(FailureClass::Connect), Millis(0), 0.0);
    }
    assert_eq!(one.may(Millis(0)), May::Begin);
    one.set(Some(&settings(DestinationLimits::default(), None)), 1);
    for _ in 0..100 {
        one.hear(&failed(FailureClass::Connect), Millis(0), 0.0);
    }
    assert!(one.is_open());
    let drained = DestinationSettings {
        drained_at: Some(Millis(5)),
        ..settings(DestinationLimits::default(), None)
    };
    one.set(Some(&drained), 1);
    assert_eq!(one.may(Millis(5)), May::Begin);
}

#[test]
fn an_open_breaker_probes_by_time_alone_and_is_forgotten_when_nothing_has_come_for_long() {
    let mut one = Destination::new(None, 1);
    for _ in 0..100 {
        one.hear(&failed(FailureClass::Connect), Millis(0), 0.0);
    }
    one.look(Millis(DEFAULT_OPEN_MS - 1));
    assert!(one.is_open());
    let at = Millis(DEFAULT_OPEN_MS);
    one.look(at);
    let view = one.view(&key(), 0, at);
    assert_eq!((view.state, view.opens_until), (BreakerState::HalfOpen, None));
    assert!(!one.is_idle(at));
    assert!(one.is_idle(at.plus(FORGOTTEN_MS)));
    assert_eq!(one.may(at), May::Begin);
    one.began(true, at);
    assert_eq!(one.may(at), May::Wait, "one shows whether it closes");
}

#[test]
fn how_long_the_backlog_takes_is_told_from_the_pace() {
    let mut one = Destination::new(None, 1);
    assert_eq!(one.view(&key(), 100, Millis(0)).drain_seconds, None);
    for now in (0..60_000).step_by(100) {
        one.ended(Millis(now));
    }
    let seconds = one.view(&key(), 100, Millis(60_000)).drain_seconds.unwrap();
    assert!((9..=12).contains(&seconds), "{seconds}");
    let drains = |one: &Destination| one.view(&key(), 100, Millis(180_000)).drain_seconds.unwrap();
    // It had nothing to do for a minute, and has had a request for another.
    one.began(true, Millis(120_000));
    assert_eq!(drains(&one), 6_000);
    one.began(true, Millis(179_000));
    assert_eq!(drains(&one), 6_000);
}

#[test]
fn one_that_asked_for_patience_or_was_down_is_forgotten_when_nobody_wants_anything_of_it() {
    let mut asked = Destination::new(None, 1);
    assert!(asked.is_idle(Millis(0)));
    asked.hear(&status(503, Some(5_000)), Millis(0), 0.0);
    assert_eq!((asked.is_idle(Millis(4_999)), asked.is_idle(Millis(5_000))), (false, true));
    let mut down = Destination::new(None, 1);
    for _ in 0..100 {
        down.hear(&failed(FailureClass::Connect), Millis(0), 0.0);
    }
    assert!(down.is_open());
    let probed = down.view(&key(), 0, Millis(0)).opens_until.unwrap();
    let forgotten = probed.plus(FORGOTTEN_MS);
    assert_eq!((down.is_idle(probed), down.is_idle(forgotten)), (false, true));
}
