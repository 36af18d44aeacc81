//! What each delivery of a call waited for, told from when its lane's earlier ones ran.
//!
//! A lane is what the engine keeps in order: same flow, queue and call. One delivery of it runs at
//! a time. One that failed holds it until it has ended, at most as long as its hook allows; one
//! that is parked with its hook does not hold it, one that waits for its destination does.

use model::{
    call::{CallDelivery, CallEvent, Run, Wait, WaitReason},
    delivery::{DeliveryRow, DeliveryState, keeps_order},
    ids::{FlowId, HookId, QueueId},
    time::Millis,
    trace::AttemptOutcome,
};
use std::collections::HashMap;

/// Waits shorter than this are the engine's own work, not a wait for something: milliseconds.
const WORTH_TELLING_MS: i64 = 1;
/// Whoever begins within this time did not wait for one that was parked: milliseconds.
const PARKED_AT_ONCE_MS: i64 = 1_000;

/// Fills in when each delivery could start and what it waited for, where these hooks are paused. Events
/// come oldest first.
pub(super) fn tell(events: &mut [CallEvent], paused: &[HookId], now: Millis) {
    let mut lanes: HashMap<(QueueId, FlowId), Vec<Place>> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        for (at, delivery) in event.deliveries.iter().enumerate() {
            let row = &delivery.row;
            // A child waits for nobody, and nobody for it.
            let in_lane = keeps_order(delivery.ordered, row.test, row.parent);
            if in_lane && row.state != DeliveryState::Skipped {
                let place = Place { seq: row.seq, event: index, delivery: at };
                lanes.entry((row.queue_id, row.flow_id)).or_default().push(place);
            }
        }
    }
    for event in events.iter_mut() {
        for delivery in &mut event.deliveries {
            alone(delivery, paused);
        }
    }
    for mut lane in lanes.into_values() {
        // A replay of an earlier event stands behind what was accepted before it.
        lane.sort_by_key(|place| place.seq);
        for (index, place) in lane.iter().enumerate() {
            let earlier: Vec<_> = lane[..index].iter().map(|one| one.of(events).clone()).collect();
            if let Some(delivery) = events
                .get_mut(place.event)
                .and_then(|event| event.deliveries.get_mut(place.delivery))
            {
                behind(delivery, &earlier, paused, now);
            }
        }
    }
}

/// Where in the list of events a delivery stands.
struct Place {
    seq: i64,
    event: usize,
    delivery: usize,
}

impl Place {
    fn of<'e>(&self, events: &'e [CallEvent]) -> &'e CallDelivery {
        &events[self.event].deliveries[self.delivery]
    }
}

/// A delivery that waits for no other one.
fn alone(delivery: &mut CallDelivery, paused: &[HookId]) {
    let row = &delivery.row;
    if row.state == DeliveryState::Skipped {
        return;
    }
    if is_parked(row, paused) {
        delivery.wait =
            Some(Wait { why: WaitReason::HookPaused, on: None, others: 0, until: None });
        return;
    }
    delivery.could_start = Some(row.created_at);
}

/// Whether it is parked with its hook.
fn is_parked(row: &DeliveryRow, paused: &[HookId]) -> bool {
    row.state == DeliveryState::Parked && paused.contains(&row.hook_id)
}

/// How an earlier delivery let a later one go.
struct Release {
    why: WaitReason,
    /// Nothing while it still holds it, and it is not known until when.
    until: Option<Millis>,
    /// Whether it holds it at this moment.
    holds: bool,
}

/// A delivery behind others of its lane.
fn behind(delivery: &mut CallDelivery, earlier: &[CallDelivery], paused: &[HookId], now: Millis) {
    let row = &delivery.row;
    if is_parked(row, paused) {
        return;
    }
    let began = delivery.runs.first().map(|run| run.started_at);
    let mut waited: Vec<(&CallDelivery, Release)> = Vec::new();
    for one in earlier {
        let is_parked = is_parked(&one.row, paused);
        let release = release(one, is_parked, row.created_at, began, now);
        let late = release.until.is_none_or(|at| at.0 >= row.created_at.0 + WORTH_TELLING_MS);
        if late {
            waited.push((one, release));
        }
    }
    // The one that let it go last is what it waited for; of those that still hold it, the first in
    // the lane, for which the others wait themselves.
    let held = waited.iter().position(|(_, release)| release.holds);
    let last = || {
        let ended = waited.iter().enumerate();
        ended.max_by_key(|(_, (_, release))| release.until).map(|(index, _)| index)
    };
    let Some(index) = held.or_else(last) else { return };
    let (one, release) = &waited[index];
    let others = u32::try_from(waited.len() - 1).unwrap_or(u32::MAX);
    delivery.could_start = release.until.filter(|_| !release.holds);
    delivery.wait =
        Some(Wait { why: release.why, on: Some(one.row.id), others, until: release.until });
}

/// When and how this delivery let one behind it go that was accepted at `later` and began at
/// `began`, or has not begun.
fn release(
    one: &CallDelivery,
    is_parked: bool,
    later: Millis,
    began: Option<Millis>,
    now: Millis,
) -> Release {
    let row = &one.row;
    let failed = |run: &&Run| run.outcome == AttemptOutcome::Failed;
    let waited = |run: &&Run| run.outcome == AttemptOutcome::Waiting;
    let first_held = one.runs.iter().find(|run| failed(run) || waited(run));
    let held_until =
        row.hold_until.or_else(|| first_held.map(|run| run.ended_at().plus(one.max_hold_ms)));
    let again = match one.runs.iter().rfind(|run| failed(run) || waited(run)) {
        Some(run) if waited(&run) => WaitReason::Waited,
        Some(_) => WaitReason::Retried,
        // Its requests waited for room.
        None => WaitReason::Ran,
    };
    let ended = row.finished_at.filter(|_| row.state.is_final());
    // Whoever has begun was let go before, at the latest then.
    let by_then = |at: Millis| began.map_or(at, |began| at.min(began));
    if let Some(ended) = ended
        && began.is_none_or(|began| ended <= began)
    {
        let why = if one.runs.len() > 1 { again } else { WaitReason::Ran };
        return Release { why, until: Some(ended), holds: false };
    }
    match (began, held_until) {
        // It was overtaken: it failed and went on failing.
        (Some(_), Some(until)) => {
            Release { why: WaitReason::Held, until: Some(by_then(until)), holds: false }
        }
        // It had not run when the later one began: its hook was paused. When that was is not
        // written down; where the later one began at once, it was so from the start.
        (Some(began), None) => {
            let waited = began.0 - later.0 > PARKED_AT_ONCE_MS;
            let until = if waited { began } else { row.created_at };
            Release { why: WaitReason::Parked, until: Some(until), holds: false }
        }
        (None, _) if is_parked => {
            Release { why: WaitReason::Parked, until: Some(row.created_at), holds: false }
        }
        (None, Some(until))
            if matches!(
                row.state,
                DeliveryState::Retrying | DeliveryState::Waiting | DeliveryState::Parked
            ) =>
        {
            let why = if until > now { again } else { WaitReason::Held };
            Release { why, until: Some(until), holds: until > now }
        }
        (None, _) if row.state == DeliveryState::Running => {
            Release { why: WaitReason::Ran, until: None, holds: true }
        }
        (None, _) => Release { why: WaitReason::Queued, until: None, holds: true },
    }
}

#[cfg(test)]
#[path = "call_waits_tests.rs"]
mod tests;
