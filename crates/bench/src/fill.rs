//! A large installation: queues, hooks, flows, and a day's deliveries.

use crate::Result;
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    event::Event,
    flow::{FlowDraft, FlowKind, FlowMode},
    hook::{DEFAULT_MAX_HOLD_MS, HookDraft},
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    many::AT_ONCE,
    policy::Policy,
    queue::QueueDraft,
    time::Millis,
    trace::{Attempt, AttemptOutcome, Failure, FailureClass},
};
use std::{sync::Arc, time::SystemTime};
use storage::{
    Storage,
    journal::{
        Batch, Completion, EventReceipt, KeptSteps, NewDelivery, NewEvent, RunChange, Shard,
    },
    many::NewCopy,
};
use uuid::Uuid;

/// How many there are of each.
pub const QUEUES: usize = 5_000;
/// Hooks of each queue; 20,000 in all.
pub const HOOKS: usize = EVENTS.len();
pub const FLOWS: usize = 50;
pub const DELIVERIES: usize = 200_000;

/// The events that each queue has a hook for.
const EVENTS: [EventKind; 4] =
    [EventKind::Joined, EventKind::Bridged, EventKind::Missed, EventKind::Leaving];
/// The types of the queues, in turn; each fires all of those.
const TYPES: [QueueType; 3] = [QueueType::Inbound, QueueType::Progressive, QueueType::Predictive];
/// Deliveries written in one transaction.
const BATCH: usize = 2_000;
const DAY_MS: i64 = 86_400_000;

/// What was filled in.
pub struct Filled {
    pub queues: Vec<QueueId>,
    pub flows: Vec<FlowId>,
    /// When the day ended.
    pub now: Millis,
}

/// A hook, and what its deliveries name.
#[derive(Clone, Copy)]
pub struct Wired {
    pub hook: HookId,
    pub queue: QueueId,
    pub flow: FlowId,
    pub event: EventKind,
}

/// Fills an empty database.
pub async fn fill(store: &dyn Storage) -> Result<Filled> {
    let now = now()?;
    let flows = flows(store, now).await?;
    let queues = queues(store, now).await?;
    let hooks = hooks(store, &queues, &flows, now).await?;
    deliveries(store, &hooks, DELIVERIES, now).await?;
    Ok(Filled { queues, flows, now })
}

/// The time.
pub fn now() -> Result<Millis> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Millis(i64::try_from(since.as_millis())?))
}

async fn flows(store: &dyn Storage, now: Millis) -> Result<Vec<FlowId>> {
    let mut made = Vec::with_capacity(FLOWS);
    for number in 0..FLOWS {
        let draft = FlowDraft {
            name: format!("Flow {number:02} of the CRM"),
            kind: FlowKind::Service,
            description: String::new(),
            mode: FlowMode::Strict,
            source: "[]".into(),
            extras: None,
        };
        made.push(store.create_flow(&draft, "bench", now).await?.id);
    }
    Ok(made)
}

async fn queues(store: &dyn Storage, now: Millis) -> Result<Vec<QueueId>> {
    let places = ["Support", "Sales", "Billing", "Повернення", "Delivery", "Night shift"];
    let mut made = Vec::with_capacity(QUEUES);
    for (number, (kind, place)) in
        TYPES.iter().cycle().zip(places.iter().cycle()).take(QUEUES).enumerate()
    {
        let draft = QueueDraft {
            name: format!("{place} {number:04}"),
            kind: *kind,
            description: String::new(),
            enabled: number % 9 != 0,
            variables: None,
            extras: None,
        };
        made.push(store.create_queue(&draft, now).await?.id);
    }
    Ok(made)
}

/// As many queues as there are flows get hooks of their own, which are copied to the others.
async fn hooks(
    store: &dyn Storage,
    queues: &[QueueId],
    flows: &[FlowId],
    now: Millis,
) -> Result<Vec<Wired>> {
    let mut models = Vec::new();
    for (at, queue) in queues.iter().take(flows.len()).enumerate() {
        for (step, event) in EVENTS.into_iter().enumerate() {
            let flow = flows[(at + step * 7) % flows.len()];
            let condition = if step == 1 { format!("call_bill_sec > {at}") } else { String::new() };
            let draft = HookDraft {
                event,
                flow_id: flow,
                condition,
                enabled: (at + step) % 11 != 0,
                ordered: true,
                max_hold_ms: DEFAULT_MAX_HOLD_MS,
                policy: Policy::default(),
                extras: None,
            };
            let hook = store.create_hook(*queue, &draft, now).await?.id;
            models.push(Wired { hook, queue: *queue, flow, event });
        }
    }
    let mut copies = Vec::new();
    for (at, queue) in queues.iter().enumerate().skip(flows.len()) {
        let first = at % flows.len() * EVENTS.len();
        copies.extend(models[first..first + EVENTS.len()].iter().map(|of| (*of, *queue)));
    }
    let mut all = models;
    for copies in copies.chunks(AT_ONCE) {
        let asked: Vec<_> = copies
            .iter()
            .map(|(of, queue)| NewCopy { of: of.hook, queue: *queue, disabled: false })
            .collect();
        for ((of, queue), made) in copies.iter().zip(store.copy_hooks(&asked, now).await?) {
            let hook = made.map_err(|refusal| format!("a copy was refused: {refusal}"))?;
            all.push(Wired { hook, queue: *queue, ..*of });
        }
    }
    Ok(all)
}

/// A day's deliveries, so many, spread over the hooks; one in twenty failed.
pub async fn deliveries(
    store: &dyn Storage,
    hooks: &[Wired],
    count: usize,
    now: Millis,
) -> Result<()> {
    for first in (0..count).step_by(BATCH) {
        let numbers: Vec<_> = (first..(first + BATCH).min(count)).collect();
        // A prime, so that neighbours in the log are not neighbours in the list.
        let of = |number: usize| hooks[number * 7_919 % hooks.len()];
        let at = |number: usize| now.plus((number as i64 - count as i64) * DAY_MS / count as i64);
        let events = numbers.iter().map(|number| new_event(*number, of(*number), at(*number)));
        let batch = Batch { events: events.collect(), ..Batch::default() };
        let committed = store.commit(&batch).await?;
        let mut completions = Vec::with_capacity(numbers.len());
        for (number, receipt) in numbers.into_iter().zip(committed.events) {
            let EventReceipt::Accepted { deliveries } = receipt else {
                return Err("an event was not accepted".into());
            };
            let seq = *deliveries.first().ok_or("an event has no delivery")?;
            completions.push(completion(number, seq, of(number), at(number)));
        }
        store.commit(&Batch { completions, ..Batch::default() }).await?;
    }
    Ok(())
}

fn new_event(number: usize, of: Wired, at: Millis) -> NewEvent {
    let event = Event {
        id: EventId(uuid(at, number, 1)),
        queue_id: of.queue,
        kind: of.event,
        sender_id: None,
        call_attempt: Some(number as i64),
        occurred_at: at,
        accepted_at: at,
        data: JsonMap::new(),
        variables: JsonMap::new(),
        test: false,
    };
    let delivery = NewDelivery {
        id: DeliveryId(uuid(at, number, 2)),
        event_id: event.id,
        hook_id: of.hook,
        queue_id: of.queue,
        flow_id: of.flow,
        flow_version: 1,
        state: DeliveryState::Pending,
        warning: None,
        replay_of: None,
        parent: None,
        test: false,
        created_at: at,
        shard: Shard(0),
    };
    NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries: vec![delivery] }
}

fn completion(number: usize, seq: i64, of: Wired, at: Millis) -> Completion {
    let failed = number.is_multiple_of(20);
    let failure = failed.then(|| Failure::new(FailureClass::Timeout, "no answer within 10 s"));
    let attempt = failure.clone().map(|failure| Attempt {
        number: 1,
        started_at: at,
        duration_us: 20_000,
        outcome: AttemptOutcome::Failed,
        failure: Some(failure),
        steps: Vec::new(),
        steps_dropped: 0,
    });
    Completion {
        seq,
        delivery_id: DeliveryId(uuid(at, number, 2)),
        queue_id: of.queue,
        hook_id: of.hook,
        state: if failed { DeliveryState::Dead } else { DeliveryState::Delivered },
        attempt,
        kept_steps: KeptSteps::default(),
        failure,
        next_at: None,
        hold_until: None,
        out_of_order: false,
        run: RunChange::Leave,
        test: false,
        reached_after_ms: (!failed).then_some(20),
        at: at.plus(20),
    }
}

/// A UUIDv7 of this time.
fn uuid(at: Millis, number: usize, what: u128) -> Uuid {
    let at = u128::from(at.0.unsigned_abs());
    Uuid::from_u128((at << 80) | (7 << 76) | (2 << 62) | (what << 40) | number as u128)
}
