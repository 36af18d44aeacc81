use super::*;
use model::{
    call::Run,
    catalog::EventKind,
    delivery::DeliveryRow,
    ids::{DeliveryId, EventId, HookId},
};

const NOW: Millis = Millis(1_000_000);

/// The id of the delivery of this row number.
fn id(seq: i64) -> DeliveryId {
    format!("0193a7c2-5b1e-7d21-9f0a-{seq:012}").parse().unwrap()
}

/// An event at this time with one delivery, which ran at these times, each for 100 ms, and
/// succeeded in the last.
fn delivered(seq: i64, at: i64, runs: &[i64]) -> CallEvent {
    let runs: Vec<_> = runs
        .iter()
        .enumerate()
        .map(|(index, started)| Run {
            number: index as u32 + 1,
            started_at: Millis(*started),
            duration_us: 100_000,
            outcome: match index + 1 == runs.len() {
                true => AttemptOutcome::Completed,
                false => AttemptOutcome::Failed,
            },
        })
        .collect();
    let row = DeliveryRow {
        seq,
        id: id(seq),
        event_id: EventId(id(seq).0),
        event: EventKind::Joined,
        queue_id: QueueId(1),
        queue_name: String::new(),
        hook_id: HookId(1),
        flow_id: FlowId(1),
        flow_version: 1,
        flow_name: String::new(),
        call_attempt: Some(7),
        state: DeliveryState::Delivered,
        attempts: runs.len() as u32,
        duration_us: None,
        failure: None,
        warning: None,
        created_at: Millis(at),
        finished_at: runs.last().map(Run::ended_at),
        next_at: None,
        hold_until: None,
        out_of_order: false,
        replay_of: None,
        parent: None,
        test: false,
    };
    CallEvent {
        id: row.event_id,
        kind: row.event,
        queue_id: row.queue_id,
        queue_name: String::new(),
        sender_id: None,
        occurred_at: Millis(at),
        accepted_at: Millis(at),
        test: false,
        deliveries: vec![CallDelivery::new(row, true, 30_000, runs)],
    }
}

/// The same in a state in which it has not ended.
fn open(mut event: CallEvent, state: DeliveryState) -> CallEvent {
    let delivery = &mut event.deliveries[0];
    delivery.row.state = state;
    delivery.row.finished_at = None;
    for run in &mut delivery.runs {
        run.outcome = AttemptOutcome::Failed;
    }
    event
}

/// Why a delivery waited, on which and until when; and when it could start.
type Told = (Option<(WaitReason, i64, Option<i64>)>, Option<i64>);

/// What each delivery waited for: why, on which, until when; and when it could start.
fn told(events: Vec<CallEvent>) -> Vec<Told> {
    told_while(&[HookId(1)], events)
}

/// The same while these hooks are paused.
fn told_while(paused: &[HookId], mut events: Vec<CallEvent>) -> Vec<Told> {
    tell(&mut events, paused, NOW);
    let all = events.iter().flat_map(|event| &event.deliveries);
    all.map(|one| {
        let on = |wait: &Wait| (0..9).find(|seq| Some(id(*seq)) == wait.on).unwrap_or(0);
        let wait = one.wait.as_ref().map(|wait| (wait.why, on(wait), wait.until.map(|at| at.0)));
        (wait, one.could_start.map(|at| at.0))
    })
    .collect()
}

#[test]
fn one_that_comes_while_another_runs_waits_until_that_has_ended() {
    let all = told(vec![delivered(1, 0, &[10]), delivered(2, 50, &[112])]);
    assert_eq!(all, [(None, Some(0)), (Some((WaitReason::Ran, 1, Some(110))), Some(110))]);
}

#[test]
fn one_that_comes_when_all_is_done_waits_for_nothing() {
    let all = told(vec![delivered(1, 0, &[10]), delivered(2, 500, &[501])]);
    assert_eq!(all[1], (None, Some(500)));
}

#[test]
fn of_several_before_it_the_last_to_end_is_named() {
    let events = vec![delivered(1, 0, &[10]), delivered(2, 5, &[110]), delivered(3, 6, &[211])];
    let mut counted = events.clone();
    tell(&mut counted, &[], NOW);
    assert_eq!(counted[2].deliveries[0].wait.as_ref().map(|wait| wait.others), Some(1));
    assert_eq!(told(events)[2], (Some((WaitReason::Ran, 2, Some(210))), Some(210)));
}

#[test]
fn a_retry_that_succeeds_in_time_is_waited_for() {
    let all = told(vec![delivered(1, 0, &[10, 5_000]), delivered(2, 50, &[5_101])]);
    assert_eq!(all[1], (Some((WaitReason::Retried, 1, Some(5_100))), Some(5_100)));
}

#[test]
fn one_that_fails_for_long_holds_its_lane_only_as_long_as_its_hook_allows() {
    let all = told(vec![delivered(1, 0, &[10, 60_000]), delivered(2, 50, &[30_111])]);
    assert_eq!(all[1], (Some((WaitReason::Held, 1, Some(30_110))), Some(30_110)));
}

#[test]
fn one_that_has_not_begun_says_what_holds_it_and_until_when() {
    let waits = |state, hold: Option<i64>| {
        let runs: &[i64] = if hold.is_some() { &[10] } else { &[] };
        let mut first = open(delivered(1, 0, runs), state);
        first.deliveries[0].row.hold_until = hold.map(Millis);
        let second = open(delivered(2, 50, &[]), DeliveryState::Pending);
        told(vec![first, second]).remove(1)
    };
    let later = NOW.0 + 5_000;
    assert_eq!(
        waits(DeliveryState::Retrying, Some(later)),
        (Some((WaitReason::Retried, 1, Some(later))), None)
    );
    let over = NOW.0 - 5_000;
    assert_eq!(
        waits(DeliveryState::Retrying, Some(over)),
        (Some((WaitReason::Held, 1, Some(over))), Some(over))
    );
    assert_eq!(waits(DeliveryState::Running, None), (Some((WaitReason::Ran, 1, None)), None));
    assert_eq!(waits(DeliveryState::Pending, None), (Some((WaitReason::Queued, 1, None)), None));
    // One that is parked does not hold what comes behind it.
    assert_eq!(waits(DeliveryState::Parked, None), (None, Some(50)));
}

#[test]
fn one_that_was_parked_meanwhile_let_the_later_one_go() {
    let mut first = delivered(1, 0, &[90_000]);
    first.deliveries[0].row.out_of_order = true;
    let all = told(vec![first.clone(), delivered(2, 50, &[8_000])]);
    assert_eq!(all[1], (Some((WaitReason::Parked, 1, Some(8_000))), Some(8_000)));
    // It was parked from the start.
    assert_eq!(told(vec![first, delivered(2, 50, &[60])])[1], (None, Some(50)));
}

#[test]
fn a_parked_one_waits_for_its_hook() {
    let parked = open(delivered(2, 50, &[]), DeliveryState::Parked);
    let all = told(vec![delivered(1, 0, &[10]), parked]);
    assert_eq!(all[1], (Some((WaitReason::HookPaused, 0, None)), None));
}

#[test]
fn one_that_is_parked_at_its_destination_holds_what_comes_behind_it() {
    let parked = |one: CallEvent| open(one, DeliveryState::Parked);
    let mut again = parked(delivered(1, 0, &[10]));
    let until = NOW.0 + 5_000;
    again.deliveries[0].row.hold_until = Some(Millis(until));
    for (first, wait) in [
        (parked(delivered(1, 0, &[])), (WaitReason::Queued, 1, None)),
        (again, (WaitReason::Retried, 1, Some(until))),
    ] {
        let all = told_while(&[], vec![first, parked(delivered(2, 50, &[]))]);
        assert_eq!((&all[0], &all[1]), (&(None, Some(0)), &(Some(wait), None)));
    }
}

#[test]
fn other_flows_other_queues_tests_and_hooks_without_order_do_not_wait() {
    type Change = fn(&mut CallDelivery);
    let changes: [Change; 4] = [
        |one| one.row.flow_id = FlowId(2),
        |one| one.row.queue_id = QueueId(2),
        |one| one.row.test = true,
        |one| one.ordered = false,
    ];
    for change in changes {
        let mut second = delivered(2, 50, &[60]);
        change(&mut second.deliveries[0]);
        assert_eq!(told(vec![delivered(1, 0, &[10]), second])[1], (None, Some(50)));
    }
}
