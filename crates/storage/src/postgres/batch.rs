//! Writing a batch in as few statements as it takes: rows go in and come out as arrays, one for
//! each column.

use super::{
    insert::{New, Place},
    latencies, listen,
    log::Trace,
    nodes, replays, rows, runs, tail,
    undo::Undo,
};
use crate::{
    Result,
    counts::Counts,
    journal::{Batch, Committed, Completion, EventReceipt, NewEvent},
    known::Known,
};
use model::{ids::EventId, queue::Figures};
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// Writes the batch in the transaction, which the caller commits; and what it takes to undo it.
///
/// Rows that other processes may write as well are locked in their order: senders' ids, counters,
/// and the row of numbers last, which all wait for.
pub(super) async fn write(
    tx: &mut PgConnection,
    batch: &Batch,
) -> Result<(Committed, Option<Undo>)> {
    if let Some(under) = batch.under.filter(|_| batch.is_fenced()) {
        nodes::hold(tx, under).await?;
    }
    let mut known = HashMap::new();
    insert_senders(tx, &batch.events, &mut known).await?;
    let mut counts = Counts::default();
    let mut new = New::default();
    let mut receipts = Vec::with_capacity(batch.events.len());
    for event in &batch.events {
        let sender_id = event.event.sender_id.as_ref();
        let key = sender_id.map(|sender_id| (event.event.queue_id.0, sender_id.clone()));
        match key.as_ref().and_then(|key| known.get(key)) {
            Some(known) => receipts.push(Err(known.receipt(event))),
            None => {
                receipts.push(Ok(event.deliveries.len()));
                new.accept(event, &mut counts)?;
                known.extend(key.map(|key| (key, Known::of(event))));
            }
        }
    }
    let origins = replays::origins(tx, &batch.replays).await?;
    for (delivery, (seq, kind, call_attempt)) in batch.replays.iter().zip(&origins) {
        new.deliveries.push(delivery, Place::Old(*seq), kind, *call_attempt)?;
    }
    let steps = replays::take(tx, &batch.replay_steps).await?;
    for step in &steps {
        for (delivery, (seq, kind, call_attempt)) in step.made.iter().zip(&step.origins) {
            new.deliveries.push(delivery, Place::Old(*seq), kind, *call_attempt)?;
        }
    }
    let mut completed = Counts::default();
    for done in &batch.completions {
        counts.completed(done);
        completed.completed(done);
    }
    let transaction = complete(tx, &batch.completions).await?;
    add_counts(tx, &counts, 1).await?;
    latencies::write(tx, &batch.completions).await?;
    runs::write(tx, batch).await?;
    let before = if new.is_empty() { 0 } else { new.insert(tx).await? };
    let first = before + 1;
    let deliveries = first..first + new.deliveries.id.len() as i64;
    if let Some(under) = batch.under.filter(|_| batch.tells && !deliveries.is_empty()) {
        listen::tell_deliveries(tx, under, deliveries.end - 1).await?;
    }
    let mut seqs = deliveries.clone();
    let receipt = |receipt| match receipt {
        Ok(size) => EventReceipt::Accepted { deliveries: seqs.by_ref().take(size).collect() },
        Err(receipt) => receipt,
    };
    let events_committed = receipts.into_iter().map(receipt).collect();
    let replayed = seqs.by_ref().take(batch.replays.len()).collect();
    let made =
        |step: &replays::Step| step.taken.then(|| seqs.by_ref().take(step.made.len()).collect());
    let replay_steps = steps.iter().map(made).collect();
    let changed = batch.completions.iter().map(|done| done.seq);
    tail::write(tx, deliveries.clone().chain(changed)).await?;
    let (events, replays, numbers) = (events_committed, replayed, deliveries);
    let committed = Committed { events, replays, replay_steps, numbers };
    let undo = |transaction| Undo { transaction, counts: completed };
    Ok((committed, transaction.map(undo)))
}

/// Writes down the senders' ids that are new, and finds those that are not.
async fn insert_senders(
    tx: &mut PgConnection,
    events: &[NewEvent],
    known: &mut HashMap<(i64, String), Known>,
) -> Result<()> {
    let mut firsts: HashMap<(&str, i64), &NewEvent> = HashMap::new();
    for new in events {
        if let Some(sender_id) = &new.event.sender_id {
            firsts.entry((sender_id, new.event.queue_id.0)).or_insert(new);
        }
    }
    if firsts.is_empty() {
        return Ok(());
    }
    let mut firsts: Vec<_> = firsts.into_iter().collect();
    firsts.sort_by_key(|(key, _)| *key);
    let counted: Vec<_> = firsts.iter().map(|(_, new)| Known::of(new)).collect();
    let sender_ids: Vec<_> = firsts.iter().map(|((sender_id, _), _)| *sender_id).collect();
    let queue_ids: Vec<_> = firsts.iter().map(|((_, queue_id), _)| *queue_id).collect();
    let written = sqlx::query(
        "INSERT INTO senders (sender_id, queue_id, event_id, fingerprint, deliveries, skipped)
         SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
    )
    .bind(&sender_ids)
    .bind(&queue_ids)
    .bind(counted.iter().map(|one| one.id.0).collect::<Vec<_>>())
    .bind(counted.iter().map(|one| one.fingerprint.to_vec()).collect::<Vec<_>>())
    .bind(counted.iter().map(|one| i64::from(one.deliveries)).collect::<Vec<_>>())
    .bind(counted.iter().map(|one| i64::from(one.skipped)).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() < firsts.len() as u64 {
        find_senders(tx, &sender_ids, &queue_ids, known).await?;
        for ((sender_id, queue_id), new) in &firsts {
            let key = (*queue_id, (*sender_id).to_owned());
            if known.get(&key).is_some_and(|found| found.id == new.event.id) {
                known.remove(&key);
            }
        }
    }
    Ok(())
}

async fn find_senders(
    tx: &mut PgConnection,
    sender_ids: &[&str],
    queue_ids: &[i64],
    known: &mut HashMap<(i64, String), Known>,
) -> Result<()> {
    let found = sqlx::query(
        "SELECT s.* FROM UNNEST($1, $2) AS k (sender_id, queue_id)
         JOIN senders s ON s.sender_id = k.sender_id AND s.queue_id = k.queue_id",
    )
    .bind(sender_ids)
    .bind(queue_ids)
    .fetch_all(tx)
    .await?;
    for row in found {
        let fingerprint = row.try_get::<&[u8], _>("fingerprint")?;
        known.insert(
            (row.try_get("queue_id")?, row.try_get("sender_id")?),
            Known {
                id: EventId(rows::uuid(&row, "event_id")?),
                fingerprint: fingerprint.try_into().unwrap_or_default(),
                deliveries: rows::small(&row, "deliveries")?,
                skipped: rows::small(&row, "skipped")?,
            },
        );
    }
    Ok(())
}

/// Writes the attempts that have ended and what their deliveries have become; the transaction's
/// number, if there was anything to write.
async fn complete(tx: &mut PgConnection, completions: &[Completion]) -> Result<Option<i64>> {
    if completions.is_empty() {
        return Ok(None);
    }
    let mut completions: Vec<_> = completions.iter().collect();
    completions.sort_by_key(|done| done.seq);
    let (mut attempts, mut done) = (Attempts::default(), Ends::default());
    for one in completions {
        attempts.push(one)?;
        done.push(one)?;
    }
    let (first, last) = (done.seq.first().copied(), done.seq.last().copied());
    // The number of an attempt is its own: written twice, the last word counts. The bounds spare
    // the days that have no part in it.
    let transaction = sqlx::query_scalar(
        "WITH a AS (
             INSERT INTO attempts (delivery_id, number, started_at, duration_us, outcome, trace)
             SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6)
             ON CONFLICT (delivery_id, number) DO UPDATE SET
                 started_at = excluded.started_at, duration_us = excluded.duration_us,
                 outcome = excluded.outcome, trace = excluded.trace
         ), d AS (
             UPDATE deliveries SET
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
             FROM UNNEST($7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                  AS done (seq, state, attempts, duration_us, failure_class, failure, finished_at,
                           next_at, hold_until, out_of_order)
             WHERE deliveries.seq = done.seq AND deliveries.seq BETWEEN $17 AND $18
             RETURNING deliveries.seq, deliveries.finished_at, deliveries.state,
                       deliveries.shard, deliveries.flow_id, deliveries.hook_id,
                       deliveries.queue_id, deliveries.next_at, deliveries.failure_class
         ), gone AS (
             DELETE FROM undelivered u USING d
             WHERE u.seq = d.seq AND d.state = 'delivered' AND d.failure_class IS NULL
         ), kept AS (
             INSERT INTO undelivered (seq, open, state, shard, flow_id, hook_id, queue_id, next_at,
                                      failure_class)
             SELECT seq, finished_at IS NULL, state, shard, flow_id, hook_id, queue_id, next_at,
                    failure_class
             FROM d WHERE NOT (state = 'delivered' AND failure_class IS NULL)
             ON CONFLICT (seq) DO UPDATE SET
                 open = excluded.open, state = excluded.state, next_at = excluded.next_at,
                 failure_class = excluded.failure_class
         )
         SELECT txid_current()",
    )
    .bind(attempts.delivery_id)
    .bind(attempts.number)
    .bind(attempts.started_at)
    .bind(attempts.duration_us)
    .bind(attempts.outcome)
    .bind(attempts.trace)
    .bind(done.seq)
    .bind(done.state)
    .bind(done.attempts)
    .bind(done.duration_us)
    .bind(done.failure_class)
    .bind(done.failure)
    .bind(done.finished_at)
    .bind(done.next_at)
    .bind(done.hold_until)
    .bind(done.out_of_order)
    .bind(first)
    .bind(last)
    .fetch_one(tx)
    .await?;
    Ok(Some(transaction))
}

/// Attempts, a column at a time.
#[derive(Default)]
struct Attempts {
    delivery_id: Vec<Uuid>,
    number: Vec<i64>,
    started_at: Vec<i64>,
    duration_us: Vec<i64>,
    outcome: Vec<&'static str>,
    trace: Vec<String>,
}

impl Attempts {
    /// Adds the completion's attempt, if it has one.
    fn push(&mut self, done: &Completion) -> Result<()> {
        let Some(attempt) = &done.attempt else { return Ok(()) };
        self.delivery_id.push(done.delivery_id.0);
        self.number.push(i64::from(attempt.number));
        self.started_at.push(attempt.started_at.0);
        self.duration_us.push(attempt.duration_us as i64);
        self.outcome.push(attempt.outcome.as_str());
        self.trace.push(rows::to_json(&Trace {
            failure: attempt.failure.clone(),
            steps: &attempt.steps,
            steps_dropped: attempt.steps_dropped,
        })?);
        Ok(())
    }
}

/// What deliveries have become, a column at a time.
#[derive(Default)]
struct Ends {
    seq: Vec<i64>,
    state: Vec<&'static str>,
    attempts: Vec<Option<i64>>,
    duration_us: Vec<Option<i64>>,
    failure_class: Vec<Option<&'static str>>,
    failure: Vec<Option<String>>,
    finished_at: Vec<Option<i64>>,
    next_at: Vec<Option<i64>>,
    hold_until: Vec<Option<i64>>,
    out_of_order: Vec<bool>,
}

impl Ends {
    fn push(&mut self, done: &Completion) -> Result<()> {
        let attempt = done.attempt.as_ref();
        self.seq.push(done.seq);
        self.state.push(done.state.as_str());
        self.attempts.push(attempt.map(|attempt| i64::from(attempt.number)));
        self.duration_us.push(attempt.map(|attempt| attempt.duration_us as i64));
        self.failure_class.push(done.failure.as_ref().map(|failure| failure.class.as_str()));
        self.failure.push(done.failure.as_ref().map(rows::to_json).transpose()?);
        self.finished_at.push(done.state.is_final().then_some(done.at.0));
        self.next_at.push(done.next_at.map(|at| at.0));
        self.hold_until.push(done.hold_until.map(|at| at.0));
        self.out_of_order.push(done.out_of_order);
        Ok(())
    }
}

/// Minute, queue and hook with what happened there.
type Counted<'a> = (&'a (i64, i64, i64), &'a Figures);

/// Adds to the counters, so many times: once, or -1 times to take it back.
pub(super) async fn add_counts(tx: &mut PgConnection, counts: &Counts, times: i64) -> Result<()> {
    if counts.0.is_empty() {
        return Ok(());
    }
    let column = |of: fn(Counted) -> i64| counts.0.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO counters (minute, queue_id, hook_id, events, delivered, failed, skipped)
         SELECT minute, queue_id, hook_id, $8 * events, $8 * delivered, $8 * failed, $8 * skipped
         FROM UNNEST($1, $2, $3, $4, $5, $6, $7)
              AS u (minute, queue_id, hook_id, events, delivered, failed, skipped)
         ON CONFLICT (minute, queue_id, hook_id) DO UPDATE SET
             events = counters.events + excluded.events,
             delivered = counters.delivered + excluded.delivered,
             failed = counters.failed + excluded.failed,
             skipped = counters.skipped + excluded.skipped",
    )
    .bind(column(|((minute, _, _), _)| *minute))
    .bind(column(|((_, queue, _), _)| *queue))
    .bind(column(|((_, _, hook), _)| *hook))
    .bind(column(|(_, figures)| figures.events as i64))
    .bind(column(|(_, figures)| figures.delivered as i64))
    .bind(column(|(_, figures)| figures.failed as i64))
    .bind(column(|(_, figures)| figures.skipped as i64))
    .bind(times)
    .execute(tx)
    .await?;
    Ok(())
}
