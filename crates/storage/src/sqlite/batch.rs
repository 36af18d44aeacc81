//! Writing a batch: duplicates are found, rows numbered, everything inserted and updated in few
//! statements.

use super::{children, effects, latencies, log::Trace, replays, rows, runs, tail};
use crate::{
    Result,
    counts::Counts,
    journal::{Batch, Committed, Completion, EventReceipt, NewDelivery, NewEvent},
    known::Known,
};
use model::ids::EventId;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};
use std::collections::HashMap;

/// The most rows of one statement: below SQLite's 32,766 parameters, and few enough sizes that
/// each statement is prepared once.
const ROWS_MAX: usize = 256;

/// Writes the batch in the transaction, which the caller commits.
pub(super) async fn write(
    tx: &mut Transaction<'static, Sqlite>,
    batch: &Batch,
) -> Result<Committed> {
    let mut counts = Counts::default();
    let mut numbers = Numbers::read(tx).await?;
    let before = numbers.last_delivery;
    let mut new_events = Vec::new();
    let mut new_deliveries = Vec::new();
    let mut committed = Committed::default();

    let mut known = known_senders(tx, &batch.events).await?;
    for new in &batch.events {
        let event = &*new.event;
        if let Some(sender_id) = &event.sender_id {
            let key = (event.queue_id.0, sender_id.clone());
            if let Some(known) = known.get(&key) {
                committed.events.push(known.receipt(new));
                continue;
            }
            known.insert(key, Known::of(new));
        }
        let event_seq = numbers.event();
        let mut seqs = Vec::with_capacity(new.deliveries.len());
        for delivery in &new.deliveries {
            let seq = numbers.delivery();
            seqs.push(seq);
            counts.accepted(delivery);
            new_deliveries.push(DeliveryInsert {
                seq,
                event_seq,
                event: event.kind.as_str(),
                call_attempt: event.call_attempt,
                delivery,
            });
        }
        counts.event(event);
        new_events.push((event_seq, new));
        committed.events.push(EventReceipt::Accepted { deliveries: seqs });
    }
    let old = replays::origins(tx, &batch.replays).await?;
    for (delivery, (event_seq, event, call_attempt)) in batch.replays.iter().zip(&old) {
        let seq = numbers.delivery();
        committed.replays.push(seq);
        new_deliveries.push(DeliveryInsert {
            seq,
            event_seq: *event_seq,
            event,
            call_attempt: *call_attempt,
            delivery,
        });
    }

    let steps = replays::take(tx, &batch.replay_steps).await?;
    for step in &steps {
        let mut seqs = Vec::with_capacity(step.made.len());
        for (delivery, (event_seq, event, call_attempt)) in step.made.iter().zip(&step.origins) {
            let (event_seq, call_attempt) = (*event_seq, *call_attempt);
            let seq = numbers.delivery();
            seqs.push(seq);
            new_deliveries.push(DeliveryInsert { seq, event_seq, event, call_attempt, delivery });
        }
        committed.replay_steps.push(step.taken.then_some(seqs));
    }

    children::begin_again(tx, batch.replays.iter().chain(steps.iter().flat_map(|one| one.made)))
        .await?;
    let children = children::begin(tx, &batch.children).await?;
    let mut made = children.made.iter().zip(&children.origins);
    for is_new in children.is_new {
        let child = is_new.then(|| made.next()).flatten();
        committed.children.push(child.map(|(delivery, (event_seq, event, call_attempt))| {
            let (event_seq, call_attempt) = (*event_seq, *call_attempt);
            let seq = numbers.delivery();
            new_deliveries.push(DeliveryInsert { seq, event_seq, event, call_attempt, delivery });
            seq
        }));
    }

    insert_events(tx, &new_events).await?;
    insert_deliveries(tx, &new_deliveries).await?;
    insert_attempts(tx, &batch.completions).await?;
    update_deliveries(tx, &batch.completions).await?;
    for completion in &batch.completions {
        counts.completed(completion);
    }
    add_counts(tx, counts).await?;
    latencies::write(tx, &batch.completions).await?;
    runs::write(tx, batch).await?;
    effects::write(tx, &batch.effects).await?;
    let made = new_deliveries.iter().map(|new| new.seq);
    tail::write(tx, made.chain(batch.completions.iter().map(|done| done.seq))).await?;
    committed.numbers = before + 1..numbers.last_delivery + 1;
    Ok(committed)
}

/// The next row numbers. The one writer holds the lock, so nobody else takes them.
struct Numbers {
    last_event: i64,
    last_delivery: i64,
}

impl Numbers {
    async fn read(tx: &mut Transaction<'static, Sqlite>) -> Result<Self> {
        let row = sqlx::query(
            "SELECT COALESCE((SELECT MAX(seq) FROM events), 0) AS event,
                    COALESCE((SELECT MAX(seq) FROM deliveries), 0) AS delivery",
        )
        .fetch_one(&mut **tx)
        .await?;
        Ok(Self { last_event: row.try_get("event")?, last_delivery: row.try_get("delivery")? })
    }

    fn event(&mut self) -> i64 {
        self.last_event += 1;
        self.last_event
    }

    fn delivery(&mut self) -> i64 {
        self.last_delivery += 1;
        self.last_delivery
    }
}

/// Which of the batch's senders' ids are in the log already, by queue and id.
async fn known_senders(
    tx: &mut Transaction<'static, Sqlite>,
    events: &[NewEvent],
) -> Result<HashMap<(i64, String), Known>> {
    let keys: Vec<_> = events
        .iter()
        .filter_map(|new| Some((new.event.sender_id.as_deref()?, new.event.queue_id.0)))
        .collect();
    let mut known = HashMap::new();
    for chunk in chunks(&keys) {
        // CROSS JOIN keeps the keys outside: each is one search of the index, however long the log.
        let mut sql = QueryBuilder::new("WITH k (sender_id, queue_id) AS (");
        sql.push_values(chunk, |mut row, (sender_id, queue_id)| {
            row.push_bind(*sender_id).push_bind(*queue_id);
        });
        sql.push(
            ") SELECT e.queue_id, e.sender_id, e.id, e.fingerprint, e.deliveries, e.skipped
               FROM k CROSS JOIN events e
                 ON e.sender_id = k.sender_id AND e.queue_id = k.queue_id",
        );
        for row in sql.build().fetch_all(&mut **tx).await? {
            let fingerprint = row.try_get::<&[u8], _>("fingerprint")?;
            known.insert(
                (row.try_get("queue_id")?, row.try_get("sender_id")?),
                Known {
                    id: EventId(rows::uuid(&row, "id")?),
                    fingerprint: fingerprint.try_into().unwrap_or_default(),
                    deliveries: rows::small(&row, "deliveries")?,
                    skipped: rows::small(&row, "skipped")?,
                },
            );
        }
    }
    Ok(known)
}

struct DeliveryInsert<'a> {
    seq: i64,
    event_seq: i64,
    event: &'a str,
    call_attempt: Option<i64>,
    delivery: &'a NewDelivery,
}

async fn insert_events(
    tx: &mut Transaction<'static, Sqlite>,
    events: &[(i64, &NewEvent)],
) -> Result<()> {
    for chunk in chunks(events) {
        let mut texts = Vec::with_capacity(chunk.len());
        for (_, new) in chunk {
            texts.push((rows::to_json(&new.event.data)?, rows::to_json(&new.event.variables)?));
        }
        let mut sql = QueryBuilder::new(
            "INSERT INTO events (seq, id, queue_id, kind, sender_id, fingerprint, call_attempt,
                                 occurred_at, accepted_at, data, variables, deliveries, skipped,
                                 test) ",
        );
        sql.push_values(chunk.iter().zip(texts), |mut row, ((seq, new), (data, variables))| {
            let event = &*new.event;
            let counted = Known::of(new);
            row.push_bind(*seq)
                .push_bind(event.id.0)
                .push_bind(event.queue_id.0)
                .push_bind(event.kind.as_str())
                .push_bind(event.sender_id.as_deref())
                .push_bind(&new.fingerprint[..])
                .push_bind(event.call_attempt)
                .push_bind(event.occurred_at.0)
                .push_bind(event.accepted_at.0)
                .push_bind(data)
                .push_bind(variables)
                .push_bind(counted.deliveries)
                .push_bind(counted.skipped)
                .push_bind(event.test);
        });
        sql.build().execute(&mut **tx).await?;
    }
    Ok(())
}

async fn insert_deliveries(
    tx: &mut Transaction<'static, Sqlite>,
    deliveries: &[DeliveryInsert<'_>],
) -> Result<()> {
    for chunk in chunks(deliveries) {
        let mut warnings = Vec::with_capacity(chunk.len());
        for new in chunk {
            warnings.push(new.delivery.warning.as_ref().map(rows::to_json).transpose()?);
        }
        let mut sql = QueryBuilder::new(
            "INSERT INTO deliveries (seq, id, event_seq, event, queue_id, hook_id, flow_id,
                                     flow_version, call_attempt, state, attempts, warning,
                                     created_at, finished_at, out_of_order, replay_of, test,
                                     shard, parent) ",
        );
        sql.push_values(chunk.iter().zip(warnings), |mut row, (new, warning)| {
            let delivery = new.delivery;
            row.push_bind(new.seq)
                .push_bind(delivery.id.0)
                .push_bind(new.event_seq)
                .push_bind(new.event)
                .push_bind(delivery.queue_id.0)
                .push_bind(delivery.hook_id.0)
                .push_bind(delivery.flow_id.0)
                .push_bind(delivery.flow_version)
                .push_bind(new.call_attempt)
                .push_bind(delivery.state.as_str())
                .push_bind(0)
                .push_bind(warning)
                .push_bind(delivery.created_at.0)
                .push_bind(delivery.state.is_final().then_some(delivery.created_at.0))
                .push_bind(false)
                .push_bind(delivery.replay_of.map(|id| id.0))
                .push_bind(delivery.test)
                .push_bind(delivery.shard.0)
                .push_bind(delivery.parent.map(|id| id.0));
        });
        sql.build().execute(&mut **tx).await?;
    }
    Ok(())
}

async fn insert_attempts(
    tx: &mut Transaction<'static, Sqlite>,
    completions: &[Completion],
) -> Result<()> {
    let attempts: Vec<_> = completions
        .iter()
        .filter_map(|done| Some((done.delivery_id, done.attempt.as_ref()?)))
        .collect();
    for chunk in chunks(&attempts) {
        let mut traces = Vec::with_capacity(chunk.len());
        for (_, attempt) in chunk {
            traces.push(rows::to_json(&Trace {
                failure: attempt.failure.clone(),
                steps: &attempt.steps,
                steps_dropped: attempt.steps_dropped,
            })?);
        }
        let mut sql = QueryBuilder::new(
            "INSERT INTO attempts (delivery_id, number, started_at, duration_us, outcome, trace) ",
        );
        sql.push_values(chunk.iter().zip(traces), |mut row, ((delivery, attempt), trace)| {
            row.push_bind(delivery.0)
                .push_bind(attempt.number)
                .push_bind(attempt.started_at.0)
                .push_bind(attempt.duration_us as i64)
                .push_bind(attempt.outcome.as_str())
                .push_bind(trace);
        });
        // The number of an attempt is its own: written twice, the last word counts.
        sql.push(
            " ON CONFLICT (delivery_id, number) DO UPDATE SET
                  started_at = excluded.started_at, duration_us = excluded.duration_us,
                  outcome = excluded.outcome, trace = excluded.trace",
        );
        sql.build().execute(&mut **tx).await?;
    }
    Ok(())
}

async fn update_deliveries(
    tx: &mut Transaction<'static, Sqlite>,
    completions: &[Completion],
) -> Result<()> {
    for chunk in chunks(completions) {
        let mut failures = Vec::with_capacity(chunk.len());
        for done in chunk {
            failures.push(done.failure.as_ref().map(rows::to_json).transpose()?);
        }
        let mut sql = QueryBuilder::new(
            "WITH done (seq, state, attempts, duration_us, failure_class, failure, finished_at,
                        next_at, hold_until, out_of_order) AS (",
        );
        sql.push_values(chunk.iter().zip(failures), |mut row, (done, failure)| {
            let attempt = done.attempt.as_ref();
            row.push_bind(done.seq)
                .push_bind(done.state.as_str())
                .push_bind(attempt.map(|attempt| attempt.number))
                .push_bind(attempt.map(|attempt| attempt.duration_us as i64))
                .push_bind(done.failure.as_ref().map(|failure| failure.class.as_str()))
                .push_bind(failure)
                .push_bind(done.state.is_final().then_some(done.at.0))
                .push_bind(done.next_at.map(|at| at.0))
                .push_bind(done.hold_until.map(|at| at.0))
                .push_bind(done.out_of_order);
        });
        sql.push(
            ") UPDATE deliveries SET
                   state = done.state,
                   attempts = COALESCE(done.attempts, deliveries.attempts),
                   duration_us = COALESCE(done.duration_us, deliveries.duration_us),
                   -- A change without an attempt leaves standing why the last one failed.
                   failure_class = CASE WHEN done.attempts IS NULL
                                        THEN deliveries.failure_class ELSE done.failure_class END,
                   failure = CASE WHEN done.attempts IS NULL
                                  THEN deliveries.failure ELSE done.failure END,
                   finished_at = done.finished_at, next_at = done.next_at,
                   hold_until = done.hold_until, out_of_order = done.out_of_order
               FROM done WHERE deliveries.seq = done.seq",
        );
        sql.build().execute(&mut **tx).await?;
    }
    Ok(())
}

/// Splits rows into runs whose lengths are powers of two, so that few statements serve all sizes.
fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        if rows.is_empty() {
            return None;
        }
        let size = ROWS_MAX.min(1 << rows.len().ilog2());
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// Adds to the counters.
async fn add_counts(tx: &mut Transaction<'static, Sqlite>, counts: Counts) -> Result<()> {
    for ((minute, queue, hook), figures) in counts.0 {
        sqlx::query(
            "INSERT INTO counters
                 (minute, queue_id, hook_id, events, delivered, failed, skipped)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (minute, queue_id, hook_id) DO UPDATE SET
                 events = events + excluded.events,
                 delivered = delivered + excluded.delivered,
                 failed = failed + excluded.failed,
                 skipped = skipped + excluded.skipped",
        )
        .bind(minute)
        .bind(queue)
        .bind(hook)
        .bind(figures.events as i64)
        .bind(figures.delivered as i64)
        .bind(figures.failed as i64)
        .bind(figures.skipped as i64)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
