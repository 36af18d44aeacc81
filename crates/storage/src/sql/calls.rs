//! A call's events and deliveries, read by the call's number.

use super::{DbRow, Pool, dialect::SNAPSHOT, log, rows};
use crate::Result;
use model::{
    call::{CallDelivery, CallEvent, CallRecord, Run},
    delivery::Overlay,
    hook::DEFAULT_MAX_HOLD_MS,
    ids::{DeliveryId, EventId, QueueId},
    time::Millis,
};
use sqlx::Row;
use std::collections::HashMap;

/// An event of a call, with its row number.
const EVENTS: &str = "SELECT e.seq, e.id, e.kind, e.queue_id, e.sender_id, e.occurred_at,
            e.accepted_at, e.test, COALESCE(q.name, '') AS queue_name
     FROM events e LEFT JOIN queues q ON q.id = e.queue_id
     WHERE e.call_attempt = $1 ORDER BY e.seq DESC LIMIT $2";

/// A delivery of a call with what decides its order.
const DELIVERIES: &str = "SELECT d.*, e.id AS event_id,
            COALESCE(q.name, '') AS queue_name, COALESCE(f.name, '') AS flow_name,
            COALESCE(h.ordered, TRUE) AS ordered, h.max_hold_ms
     FROM deliveries d
     JOIN events e ON e.seq = d.event_seq
     LEFT JOIN queues q ON q.id = d.queue_id
     LEFT JOIN flows f ON f.id = d.flow_id
     LEFT JOIN hooks h ON h.id = d.hook_id
     WHERE d.call_attempt = $1 AND d.event_seq >= $2 ORDER BY d.seq DESC LIMIT $3";

/// When the attempts of those deliveries ran; what they did is not read.
const RUNS: &str = "SELECT a.delivery_id, a.number, a.started_at, a.duration_us, a.outcome
     FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
     WHERE d.call_attempt = $1 AND d.seq >= $2 ORDER BY a.delivery_id, a.number";

/// The newest events of the call, newest first, at most `size` of them, and at most `size` of
/// their deliveries.
pub(super) async fn read(
    readers: &Pool,
    number: i64,
    size: u32,
    overlay: &Overlay,
) -> Result<CallRecord> {
    // One read transaction, so that the parts belong together.
    let mut tx = readers.begin_with(SNAPSHOT).await?;
    let found =
        sqlx::query(EVENTS).bind(number).bind(i64::from(size) + 1).fetch_all(&mut *tx).await?;
    let mut cut = found.len() > size as usize;
    let mut events = Vec::with_capacity(found.len());
    for row in found.iter().take(size as usize) {
        events.push((row.try_get::<i64, _>("seq")?, event(row)?));
    }
    let Some((oldest, _)) = events.last() else { return Ok(CallRecord::default()) };
    let found = sqlx::query(DELIVERIES)
        .bind(number)
        .bind(*oldest)
        .bind(i64::from(size) + 1)
        .fetch_all(&mut *tx)
        .await?;
    cut |= found.len() > size as usize;
    let found = &found[..found.len().min(size as usize)];
    let first = found.last().map(|row| row.try_get::<i64, _>("seq")).transpose()?;
    let mut runs: HashMap<DeliveryId, Vec<Run>> = HashMap::new();
    for row in
        sqlx::query(RUNS).bind(number).bind(first.unwrap_or(i64::MAX)).fetch_all(&mut *tx).await?
    {
        let id = DeliveryId(rows::uuid(&row, "delivery_id")?);
        runs.entry(id).or_default().push(run(&row)?);
    }
    let mut deliveries: HashMap<i64, Vec<CallDelivery>> = HashMap::new();
    // They come newest first, and stand oldest first.
    for row in found.iter().rev() {
        let shown = log::delivery_row(row, overlay)?;
        let runs = runs.remove(&shown.id).unwrap_or_default();
        let hold = row.try_get::<Option<i64>, _>("max_hold_ms")?.unwrap_or(DEFAULT_MAX_HOLD_MS);
        let one = CallDelivery::new(shown, row.try_get("ordered")?, hold, runs);
        deliveries.entry(row.try_get("event_seq")?).or_default().push(one);
    }
    let events = events
        .into_iter()
        .map(|(seq, event)| CallEvent {
            deliveries: deliveries.remove(&seq).unwrap_or_default(),
            ..event
        })
        .collect();
    Ok(CallRecord { events, cut })
}

fn event(row: &DbRow) -> Result<CallEvent> {
    Ok(CallEvent {
        id: EventId(rows::uuid(row, "id")?),
        kind: rows::word(row, "kind")?,
        queue_id: QueueId(row.try_get("queue_id")?),
        queue_name: row.try_get("queue_name")?,
        sender_id: row.try_get("sender_id")?,
        occurred_at: Millis(row.try_get("occurred_at")?),
        accepted_at: Millis(row.try_get("accepted_at")?),
        test: row.try_get("test")?,
        deliveries: Vec::new(),
    })
}

fn run(row: &DbRow) -> Result<Run> {
    Ok(Run {
        number: rows::small(row, "number")?,
        started_at: Millis(row.try_get("started_at")?),
        duration_us: rows::count(row, "duration_us")?,
        outcome: rows::word(row, "outcome")?,
    })
}
