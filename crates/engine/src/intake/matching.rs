//! Which deliveries an event makes.

use super::Posted;
use crate::{
    index::{IndexedHook, IndexedQueue},
    scheduler::shard,
};
use model::{
    JsonMap,
    delivery::DeliveryState,
    event::Event,
    ids::{DeliveryId, EventId},
    time::Millis,
    warning::{Warning, WarningKind},
};
use serde_json::Value;
use std::sync::Arc;
use storage::journal::{NewDelivery, NewEvent};
use uuid::Uuid;

/// An accepted event with a delivery for each hook that it fires, those included whose condition
/// is false.
pub fn match_hooks(posted: Posted, queue: &IndexedQueue, now: Millis) -> NewEvent {
    let fingerprint = posted.fingerprint;
    let event = event(posted, queue, now, false);
    let hooks = queue.hooks(event.kind);
    let conditional = hooks.iter().any(|hook| hook.condition.is_some());
    let variables = conditional.then(|| event.flow_variables(&queue.queue.name, queue.queue.kind));
    let deliveries =
        hooks.iter().map(|hook| delivery(&event, hook, variables.as_ref(), now)).collect();
    NewEvent { event: Arc::new(event), fingerprint, deliveries }
}

/// A test event for one hook, whether or not it is enabled.
pub fn test_delivery(
    posted: Posted,
    queue: &IndexedQueue,
    hook: &IndexedHook,
    now: Millis,
) -> NewEvent {
    let fingerprint = posted.fingerprint;
    let event = event(posted, queue, now, true);
    let variables = event.flow_variables(&queue.queue.name, queue.queue.kind);
    let delivery = NewDelivery { test: true, ..delivery(&event, hook, Some(&variables), now) };
    NewEvent { event: Arc::new(event), fingerprint, deliveries: vec![delivery] }
}

fn event(posted: Posted, queue: &IndexedQueue, now: Millis, test: bool) -> Event {
    let mut variables: JsonMap = queue.queue.variables.clone();
    variables.extend(posted.variables);
    Event {
        id: EventId(Uuid::now_v7()),
        queue_id: posted.queue_id,
        kind: posted.kind,
        sender_id: posted.sender_id,
        call_attempt: posted.data.get("attempt_id").and_then(Value::as_i64),
        occurred_at: posted.occurred_at.unwrap_or(now),
        accepted_at: now,
        data: posted.data,
        variables,
        test,
    }
}

fn delivery(
    event: &Event,
    hook: &IndexedHook,
    variables: Option<&JsonMap>,
    now: Millis,
) -> NewDelivery {
    let open = DeliveryState::Pending;
    let (state, warning) = match (&hook.condition, variables) {
        (Some(condition), Some(variables)) => {
            let verdict = match condition {
                Ok(condition) => condition.holds(variables),
                Err(error) => Err(Warning::new(WarningKind::Unreadable, error.clone())),
            };
            match verdict {
                Ok(true) => (open, None),
                Ok(false) => (DeliveryState::Skipped, None),
                // Nothing is lost by a typo: the hook runs, and the log says why it might not
                // have.
                Err(why) => (open, Some(why)),
            }
        }
        _ => (open, None),
    };
    let id = DeliveryId(Uuid::now_v7());
    NewDelivery {
        id,
        event_id: event.id,
        hook_id: hook.hook.id,
        queue_id: event.queue_id,
        flow_id: hook.hook.flow_id,
        flow_version: hook.flow_version,
        state,
        warning,
        replay_of: None,
        parent: None,
        test: event.test,
        created_at: now,
        shard: shard(event, hook.hook.flow_id, id),
    }
}
