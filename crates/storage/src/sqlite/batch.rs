//! Writing a batch: duplicates are found, rows numbered, everything inserted and updated in few
//! statements.

use super::{
    children, effects,
    journal::Journal,
    log::Trace,
    replays, rows,
    runs::{self, Kept},
    script::Script,
    tail,
};
use crate::{
    Result,
    counts::{Counts, latencies},
    journal::{Batch, Committed, Completion, EventReceipt, NewDelivery, NewEvent},
    known::Known,
};
use model::ids::EventId;
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use std::collections::{BTreeSet, HashMap};

/// The most senders' ids that are looked for in one statement.
const KEYS_MAX: usize = 256;

/// Commits the batch.
pub(super) async fn write(journal: &Journal, batch: &Batch) -> Result<Committed> {
    let mut counts = Counts::default();
    let made: usize = batch.events.iter().map(|new| new.deliveries.len()).sum();
    let most = made.max(batch.events.len()).max(batch.completions.len()).max(batch.runs.len());
    let (mut script, rows) = journal.begin(most, |sql| read(sql, &batch.events)).await?;
    let (last, known) = rows.split_first().ok_or(sqlx::Error::RowNotFound)?;
    let mut numbers = Numbers::behind(last)?;
    let mut known = known_senders(known)?;
    let tx = script.connection();
    let before = numbers.last_delivery;
    let mut new_events = Vec::new();
    let mut new_deliveries = Vec::new();
    let mut committed = Committed::default();

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

    effects::write(tx, &batch.effects).await?;
    runs::begin(tx, batch, &committed.replays).await?;
    insert_events(&mut script, &new_events).await?;
    insert_deliveries(&mut script, &new_deliveries).await?;
    insert_attempts(&mut script, &batch.completions).await?;
    update_deliveries(&mut script, &batch.completions).await?;
    for completion in &batch.completions {
        counts.completed(completion);
    }
    add_counts(&mut script, counts).await?;
    add_latencies(&mut script, &batch.completions).await?;
    keep_runs(&mut script, &runs::kept(batch)?).await?;
    for ended in script.chunks(&runs::ended(batch)) {
        runs::forget(script.sql(), ended);
        script.next(ended.len()).await?;
    }
    let made = new_deliveries.iter().map(|new| new.seq);
    let changed = made.chain(batch.completions.iter().map(|done| done.seq)).collect();
    note_change(&mut script, numbers.last_change + 1, &changed).await?;
    script.commit().await?;
    committed.numbers = before + 1..numbers.last_delivery + 1;
    Ok(committed)
}

/// The next row numbers. The one writer holds the lock, so nobody else takes them.
struct Numbers {
    last_event: i64,
    last_delivery: i64,
    last_change: i64,
}

impl Numbers {
    const LAST: &str = "SELECT COALESCE((SELECT MAX(seq) FROM events), 0) AS event,
                               COALESCE((SELECT MAX(seq) FROM deliveries), 0) AS delivery,
                               COALESCE((SELECT MAX(number) FROM changes), 0) AS change";

    fn behind(last: &SqliteRow) -> Result<Self> {
        Ok(Self {
            last_event: last.try_get("event")?,
            last_delivery: last.try_get("delivery")?,
            last_change: last.try_get("change")?,
        })
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

/// What must be known before anything is written: the last row numbers, and behind them which of the
/// batch's senders' ids are in the log already.
fn read(sql: &mut QueryBuilder<Sqlite>, events: &[NewEvent]) {
    sql.push(Numbers::LAST);
    let keys: Vec<_> = events
        .iter()
        .filter_map(|new| Some((new.event.sender_id.as_deref()?, new.event.queue_id.0)))
        .collect();
    for chunk in keys.chunks(KEYS_MAX) {
        // CROSS JOIN keeps the keys outside: each is one search of the index, however long the log.
        sql.push("; WITH k (sender_id, queue_id) AS (");
        sql.push_values(chunk, |mut row, (sender_id, queue_id)| {
            row.push_bind(*sender_id).push_bind(*queue_id);
        });
        sql.push(
            ") SELECT e.queue_id, e.sender_id, e.id, e.fingerprint, e.deliveries, e.skipped
               FROM k CROSS JOIN events e
                 ON e.sender_id = k.sender_id AND e.queue_id = k.queue_id",
        );
    }
}

/// The known senders' ids of these rows, by queue and id.
fn known_senders(rows: &[SqliteRow]) -> Result<HashMap<(i64, String), Known>> {
    let known = |row: &SqliteRow| {
        let fingerprint = row.try_get::<&[u8], _>("fingerprint")?;
        let known = Known {
            id: EventId(rows::uuid(row, "id")?),
            fingerprint: fingerprint.try_into().unwrap_or_default(),
            deliveries: rows::small(row, "deliveries")?,
            skipped: rows::small(row, "skipped")?,
        };
        Ok(((row.try_get("queue_id")?, row.try_get("sender_id")?), known))
    };
    rows.iter().map(known).collect()
}

struct DeliveryInsert<'a> {
    seq: i64,
    event_seq: i64,
    event: &'a str,
    call_attempt: Option<i64>,
    delivery: &'a NewDelivery,
}

async fn insert_events(script: &mut Script<'_>, events: &[(i64, &NewEvent)]) -> Result<()> {
    for chunk in script.chunks(events) {
        let mut texts = Vec::with_capacity(chunk.len());
        for (_, new) in chunk {
            texts.push((rows::to_json(&new.event.data)?, rows::to_json(&new.event.variables)?));
        }
        let sql = script.sql();
        sql.push(
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
        script.next(chunk.len()).await?;
    }
    Ok(())
}

async fn insert_deliveries(
    script: &mut Script<'_>,
    deliveries: &[DeliveryInsert<'_>],
) -> Result<()> {
    for chunk in script.chunks(deliveries) {
        let mut warnings = Vec::with_capacity(chunk.len());
        for new in chunk {
            warnings.push(new.delivery.warning.as_ref().map(rows::to_json).transpose()?);
        }
        let sql = script.sql();
        sql.push(
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
        script.next(chunk.len()).await?;
    }
    Ok(())
}

async fn insert_attempts(script: &mut Script<'_>, completions: &[Completion]) -> Result<()> {
    let attempts: Vec<_> =
        completions.iter().filter_map(|done| Some((done, done.attempt.as_ref()?))).collect();
    for chunk in script.chunks(&attempts) {
        let mut traces = Vec::with_capacity(chunk.len());
        for (done, attempt) in chunk {
            let trace = rows::to_json(&Trace {
                failure: attempt.failure.clone(),
                steps: &attempt.steps,
                steps_dropped: attempt.steps_dropped,
            })?;
            traces.push((trace, runs::logged(&done.kept_steps)?));
        }
        let sql = script.sql();
        sql.push(
            "INSERT INTO attempts (delivery_id, number, started_at, duration_us, outcome, trace,
                                   kept_steps) ",
        );
        sql.push_values(chunk.iter().zip(traces), |mut row, ((done, attempt), (trace, kept))| {
            row.push_bind(done.delivery_id.0)
                .push_bind(attempt.number)
                .push_bind(attempt.started_at.0)
                .push_bind(attempt.duration_us as i64)
                .push_bind(attempt.outcome.as_str())
                .push_bind(trace)
                .push_bind(kept);
        });
        // The number of an attempt is its own: written twice, the last word counts.
        sql.push(
            " ON CONFLICT (delivery_id, number) DO UPDATE SET
                  started_at = excluded.started_at, duration_us = excluded.duration_us,
                  outcome = excluded.outcome, trace = excluded.trace,
                  kept_steps = excluded.kept_steps",
        );
        script.next(chunk.len()).await?;
    }
    Ok(())
}

async fn update_deliveries(script: &mut Script<'_>, completions: &[Completion]) -> Result<()> {
    for chunk in script.chunks(completions) {
        let mut failures = Vec::with_capacity(chunk.len());
        for done in chunk {
            failures.push(done.failure.as_ref().map(rows::to_json).transpose()?);
        }
        let sql = script.sql();
        sql.push(
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
               FROM done WHERE deliveries.seq = done.seq
                   -- What was called off meanwhile is not made due again without an attempt.
                   AND (done.attempts IS NOT NULL OR deliveries.finished_at IS NULL)",
        );
        script.next(chunk.len()).await?;
    }
    Ok(())
}

async fn keep_runs(script: &mut Script<'_>, runs: &[Kept<'_>]) -> Result<()> {
    for chunk in script.chunks(runs) {
        let sql = script.sql();
        sql.push("INSERT INTO runs (seq, uncounted, checkpoint, called, logged_bytes, logged_by) ");
        sql.push_values(chunk, |mut row, Kept { seq, run, called }| {
            row.push_bind(*seq)
                .push_bind(i64::from(run.uncounted))
                .push_bind(run.checkpoint.as_deref())
                .push_bind(called.as_deref())
                .push_bind(i64::from(run.logged_bytes))
                .push_bind(run.logged_by.map(i64::from));
        });
        sql.push(
            " ON CONFLICT (seq) DO UPDATE SET
                  uncounted = excluded.uncounted, checkpoint = excluded.checkpoint,
                  called = excluded.called, logged_bytes = excluded.logged_bytes,
                  logged_by = excluded.logged_by",
        );
        script.next(chunk.len()).await?;
    }
    Ok(())
}

/// Adds to the counters.
async fn add_counts(script: &mut Script<'_>, counts: Counts) -> Result<()> {
    let counts: Vec<_> = counts.0.into_iter().collect();
    for chunk in script.chunks(&counts) {
        let sql = script.sql();
        sql.push(
            "INSERT INTO counters (minute, queue_id, hook_id, events, delivered, failed, skipped) ",
        );
        sql.push_values(chunk, |mut row, ((minute, queue, hook), figures)| {
            row.push_bind(*minute)
                .push_bind(*queue)
                .push_bind(*hook)
                .push_bind(figures.events as i64)
                .push_bind(figures.delivered as i64)
                .push_bind(figures.failed as i64)
                .push_bind(figures.skipped as i64);
        });
        sql.push(
            " ON CONFLICT (minute, queue_id, hook_id) DO UPDATE SET
                  events = events + excluded.events,
                  delivered = delivered + excluded.delivered,
                  failed = failed + excluded.failed,
                  skipped = skipped + excluded.skipped",
        );
        script.next(chunk.len()).await?;
    }
    Ok(())
}

/// Adds how long the events of these completions took to reach their receivers.
async fn add_latencies(script: &mut Script<'_>, completions: &[Completion]) -> Result<()> {
    let counts = latencies(completions);
    if counts.is_empty() {
        return Ok(());
    }
    // Few: a batch is of a moment, and there are less than 256 buckets.
    let (rows, sql) = (counts.len(), script.sql());
    sql.push("INSERT INTO latencies (minute, bucket, count) ");
    sql.push_values(counts, |mut row, ((minute, bucket), count)| {
        row.push_bind(minute).push_bind(bucket).push_bind(count);
    });
    sql.push(" ON CONFLICT (minute, bucket) DO UPDATE SET count = count + excluded.count");
    script.next(rows).await
}

/// Notes which deliveries the commit makes or changes, under the next number.
async fn note_change(script: &mut Script<'_>, number: i64, changed: &BTreeSet<i64>) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let sql = script.sql();
    sql.push("INSERT INTO changes (number, deliveries) VALUES (").push_bind(number).push(", ");
    sql.push_bind(tail::packed(changed)).push(")");
    script.next(1).await?;
    if tail::forget(script.sql(), number) {
        script.next(1).await?;
    }
    Ok(())
}
