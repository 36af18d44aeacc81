//! Writing a batch in as few statements as it takes: rows go in and come out as arrays, one for
//! each column.

use super::{
    Connection,
    children::{self, Children},
    effects,
    insert::{self, Changed, Last, New, Place},
    log::Trace,
    replays, rows,
    runs::{self, Kept},
    senders::Senders,
    undo::Undo,
};
use crate::{
    Result, StorageError,
    counts::Counts,
    journal::{Batch, Committed, Completion, EventReceipt},
    known::Known,
    nodes::Incarnation,
};
use std::{collections::HashMap, ops::Range};
use uuid::Uuid;

/// Of a run that is kept again the newest counts.
macro_rules! kept_anew {
    () => {
        " ON CONFLICT (seq) DO UPDATE SET
              uncounted = excluded.uncounted, checkpoint = excluded.checkpoint,
              called = excluded.called, logged_bytes = excluded.logged_bytes,
              logged_by = excluded.logged_by"
    };
}

/// Writes the batch in the transaction, which the caller commits; and what it takes to undo it.
///
/// Rows that other processes may write as well are locked in their order: senders' ids, then what
/// `take_numbers` locks, for which all wait.
pub(super) async fn write(tx: &mut Connection, batch: &Batch) -> Result<(Committed, Option<Undo>)> {
    let transaction = complete(tx, batch).await?;
    effects::write(tx, &batch.effects).await?;
    let origins = replays::origins(tx, &batch.replays).await?;
    let steps = replays::take(tx, &batch.replay_steps).await?;
    children::begin_again(tx, batch.replays.iter().chain(steps.iter().flat_map(|one| one.made)))
        .await?;
    let children = children::begin(tx, &batch.children).await?;
    let mut completed = Counts::default();
    for done in &batch.completions {
        completed.completed(done);
    }
    let tells = batch.under.filter(|_| batch.tells);
    let changed = Changed::of(&batch.completions);
    let old = Old { origins: &origins, steps: &steps, children: &children };
    let sorted = |known| Sorted::of(batch, &old, completed.clone(), known);
    // Nearly always no sender's id came before.
    let senders = Senders::of(&batch.events);
    let mut new = sorted(HashMap::new())?;
    let mut before = insert::write(tx, &new.last(&senders, &changed, tells)).await?;
    if before.is_none() {
        new = sorted(senders.known(tx).await?)?;
        before = insert::write(tx, &new.last(&Senders::default(), &changed, tells)).await?;
    }
    let numbers = new.numbers(before.unwrap_or_default());
    let mut seqs = numbers.clone();
    let events = new.receipts(&mut seqs);
    let replays: Vec<_> = seqs.by_ref().take(batch.replays.len()).collect();
    runs::begin(tx, batch, &replays).await?;
    let made =
        |step: &replays::Step| step.taken.then(|| seqs.by_ref().take(step.made.len()).collect());
    let replay_steps = steps.iter().map(made).collect();
    let children = children.is_new.iter();
    let children = children.map(|new| new.then(|| seqs.next()).flatten()).collect();
    let committed = Committed { events, replays, replay_steps, children, numbers };
    let latencies = changed.latencies;
    let undo = |transaction| Undo { transaction, counts: completed, latencies };
    Ok((committed, transaction.map(undo)))
}

/// A batch of one kind of thing, which one statement writes: all of it or nothing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Alone {
    /// New events of which nobody is told.
    Events,
    /// Runs that go on.
    Runs,
}

impl Alone {
    /// What the batch holds alone, if so.
    pub fn of(batch: &Batch) -> Option<Self> {
        // Each by its name, so that nothing that is added to a batch is forgotten here.
        let Batch {
            under: _,
            tells,
            events,
            replays,
            beginnings,
            completions,
            runs,
            effects,
            children,
            replay_steps,
        } = batch;
        let others = replays.len() + beginnings.len() + completions.len() + effects.len();
        if others + children.len() + replay_steps.len() > 0 {
            return None;
        }
        match (events.is_empty(), runs.is_empty()) {
            (_, true) => (!tells).then_some(Self::Events),
            (true, false) => Some(Self::Runs),
            (false, false) => None,
        }
    }

    /// Writes the batch by a statement that is a transaction of its own. There is no answer where
    /// nothing was written since a sender's id came before.
    pub async fn write(
        self,
        connection: &mut Connection,
        batch: &Batch,
    ) -> Result<Option<Committed>> {
        match self {
            Self::Events => accept(connection, batch).await,
            Self::Runs => keep(connection, batch).await.map(Some),
        }
    }
}

async fn accept(connection: &mut Connection, batch: &Batch) -> Result<Option<Committed>> {
    let (children, changed) = (Children::default(), Changed::of(&[]));
    let old = Old { origins: &[], steps: &[], children: &children };
    let new = Sorted::of(batch, &old, Counts::default(), HashMap::new())?;
    let senders = Senders::of(&batch.events);
    let last = Last { alone: true, ..new.last(&senders, &changed, None) };
    let before = match insert::write(connection, &last).await {
        Err(error) if insert::is_sent_meanwhile(&error) => None,
        written => written?,
    };
    let Some(before) = before else { return Ok(None) };
    let numbers = new.numbers(before);
    let events = new.receipts(&mut numbers.clone());
    Ok(Some(Committed { events, numbers, ..Committed::default() }))
}

/// Keeps the batch's runs. Fails where its incarnation has ended.
async fn keep(connection: &mut Connection, batch: &Batch) -> Result<Committed> {
    let kept = Runs::of(batch)?;
    let sql = concat!(
        "WITH held AS (
             SELECT incarnation FROM nodes WHERE incarnation = $7 AND NOT fenced FOR KEY SHARE
         )
         INSERT INTO runs (seq, uncounted, checkpoint, called, logged_bytes, logged_by)
         SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6)
         WHERE $7 IS NULL OR EXISTS (SELECT 1 FROM held)",
        kept_anew!()
    );
    let written = sqlx::query(sql)
        .bind(kept.seq)
        .bind(kept.uncounted)
        .bind(kept.checkpoint)
        .bind(kept.called)
        .bind(kept.logged_bytes)
        .bind(kept.logged_by)
        .bind(batch.under.map(|under| under.0))
        .execute(connection)
        .await?;
    match written.rows_affected() {
        0 => Err(StorageError::Fenced),
        _ => Ok(Committed::default()),
    }
}

/// What of a batch is new, and what its events are answered: how many deliveries, or that they came
/// before.
struct Sorted {
    new: New,
    counts: Counts,
    receipts: Vec<Result<usize, EventReceipt>>,
}

/// What of a batch goes back to events that are in the log.
struct Old<'a> {
    /// Of its replays.
    origins: &'a [replays::Origin],
    steps: &'a [replays::Step<'a>],
    children: &'a Children,
}

impl Sorted {
    /// Sorts the batch, of which these events came before; `counts` has what it completes.
    fn of(
        batch: &Batch,
        old: &Old<'_>,
        mut counts: Counts,
        mut known: HashMap<(i64, String), Known>,
    ) -> Result<Self> {
        let (mut new, mut receipts) = (New::default(), Vec::with_capacity(batch.events.len()));
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
        let steps = old.steps.iter().flat_map(|step| step.made.iter().zip(&step.origins));
        let children = old.children.made.iter().zip(&old.children.origins);
        let replays = batch.replays.iter().zip(old.origins);
        for (delivery, (seq, kind, call)) in replays.chain(steps).chain(children) {
            new.deliveries.push(delivery, Place::Old(*seq), kind, *call)?;
        }
        Ok(Self { new, counts, receipts })
    }

    /// What is written of it with the rest of its commit.
    fn last<'a>(
        &'a self,
        senders: &'a Senders<'a>,
        changed: &'a Changed,
        tells: Option<Incarnation>,
    ) -> Last<'a> {
        Last { new: &self.new, senders, counts: &self.counts, changed, tells, alone: false }
    }

    /// The row numbers of its deliveries, by the one before them.
    fn numbers(&self, before: i64) -> Range<i64> {
        before + 1..before + 1 + self.new.deliveries.id.len() as i64
    }

    /// The answers to its events, whose deliveries take the next of these row numbers.
    fn receipts(self, seqs: &mut Range<i64>) -> Vec<EventReceipt> {
        let receipt = |receipt| match receipt {
            Ok(size) => EventReceipt::Accepted { deliveries: seqs.take(size).collect() },
            Err(receipt) => receipt,
        };
        self.receipts.into_iter().map(receipt).collect()
    }
}

/// Writes the attempts that have ended, what their deliveries have become, and what is kept of runs;
/// the transaction's number, if any has ended. Fails where the batch's incarnation has ended; else
/// that does not end before the transaction does.
async fn complete(tx: &mut Connection, batch: &Batch) -> Result<Option<i64>> {
    if !batch.is_fenced() {
        return Ok(None);
    }
    let mut completions: Vec<_> = batch.completions.iter().collect();
    completions.sort_by_key(|done| done.seq);
    let (mut attempts, mut done) = (Attempts::default(), Ends::default());
    for one in completions {
        attempts.push(one)?;
        done.push(one)?;
    }
    let kept = Runs::of(batch)?;
    let (first, last) = (done.seq.first().copied(), done.seq.last().copied());
    // The number of an attempt is its own: written twice, the last word counts. The bounds spare
    // the days that have no part in it. Nothing is joined: this is planned once, maybe while the
    // tables are empty, and a join that is good then looks through all of them later.
    let (transaction, held): (i64, bool) = sqlx::query_as(concat!(
        "WITH held AS (
             SELECT incarnation FROM nodes WHERE incarnation = $19 AND NOT fenced FOR KEY SHARE
         ), a AS (
             INSERT INTO attempts (delivery_id, number, started_at, duration_us, outcome, trace,
                                   kept_steps)
             SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6, $20)
             ON CONFLICT (delivery_id, number) DO UPDATE SET
                 started_at = excluded.started_at, duration_us = excluded.duration_us,
                 outcome = excluded.outcome, trace = excluded.trace,
                 kept_steps = excluded.kept_steps
         ), d AS (
             UPDATE deliveries SET
                 (state, attempts, duration_us, failure_class, failure, finished_at, next_at,
                  hold_until, out_of_order)
                 = (SELECT (CAST($8 AS TEXT[]))[i],
                           COALESCE((CAST($9 AS BIGINT[]))[i], deliveries.attempts),
                           COALESCE((CAST($10 AS BIGINT[]))[i], deliveries.duration_us),
                           -- A change without an attempt leaves standing why the last one failed.
                           CASE WHEN (CAST($9 AS BIGINT[]))[i] IS NULL
                                THEN deliveries.failure_class ELSE (CAST($11 AS TEXT[]))[i] END,
                           CASE WHEN (CAST($9 AS BIGINT[]))[i] IS NULL
                                THEN deliveries.failure ELSE (CAST($12 AS TEXT[]))[i] END,
                           (CAST($13 AS BIGINT[]))[i], (CAST($14 AS BIGINT[]))[i],
                           (CAST($15 AS BIGINT[]))[i], (CAST($16 AS BOOLEAN[]))[i]
                    -- Ascending, so that each finds its place by halving.
                    FROM (SELECT width_bucket(deliveries.seq, CAST($7 AS BIGINT[])) AS i) AS place)
             WHERE deliveries.seq = ANY($7) AND deliveries.seq BETWEEN $17 AND $18
               -- A server that took over without the last commits gives their numbers again.
               AND deliveries.id
                   = (CAST($28 AS UUID[]))[width_bucket(deliveries.seq, CAST($7 AS BIGINT[]))]
               -- What was called off meanwhile is not made due again without an attempt.
               AND (deliveries.finished_at IS NULL
                    OR (CAST($9 AS BIGINT[]))[width_bucket(deliveries.seq, CAST($7 AS BIGINT[]))]
                       IS NOT NULL)
             RETURNING deliveries.seq, deliveries.finished_at, deliveries.state,
                       deliveries.shard, deliveries.flow_id, deliveries.hook_id,
                       deliveries.queue_id, deliveries.next_at, deliveries.failure_class
         ), gone AS (
             DELETE FROM undelivered
             WHERE seq = ANY(ARRAY(SELECT d.seq FROM d
                                   WHERE d.state = 'delivered' AND d.failure_class IS NULL))
         ), kept AS (
             INSERT INTO undelivered (seq, open, state, shard, flow_id, hook_id, queue_id, next_at,
                                      failure_class)
             SELECT seq, finished_at IS NULL, state, shard, flow_id, hook_id, queue_id, next_at,
                    failure_class
             FROM d WHERE NOT (state = 'delivered' AND failure_class IS NULL)
             ON CONFLICT (seq) DO UPDATE SET
                 open = excluded.open, state = excluded.state, next_at = excluded.next_at,
                 failure_class = excluded.failure_class
         ), rest AS (
             INSERT INTO runs (seq, uncounted, checkpoint, called, logged_bytes, logged_by)
             SELECT * FROM UNNEST($21, $22, $23, $24, $25, $26)",
        kept_anew!(),
        "), ended AS (
             DELETE FROM runs WHERE seq = ANY($27)
         )
         SELECT txid_current(), $19 IS NULL OR EXISTS (SELECT 1 FROM held)",
    ))
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
    .bind(batch.under.map(|under| under.0))
    .bind(attempts.kept_steps)
    .bind(kept.seq)
    .bind(kept.uncounted)
    .bind(kept.checkpoint)
    .bind(kept.called)
    .bind(kept.logged_bytes)
    .bind(kept.logged_by)
    .bind(runs::ended(batch))
    .bind(done.id)
    .fetch_one(tx)
    .await?;
    if !held {
        return Err(StorageError::Fenced);
    }
    Ok((!batch.completions.is_empty()).then_some(transaction))
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
    kept_steps: Vec<Option<String>>,
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
        self.kept_steps.push(runs::logged(&done.kept_steps)?);
        Ok(())
    }
}

/// Runs that are kept, a column at a time.
#[derive(Default)]
struct Runs<'a> {
    seq: Vec<i64>,
    uncounted: Vec<i64>,
    checkpoint: Vec<Option<&'a str>>,
    called: Vec<Option<String>>,
    logged_bytes: Vec<i64>,
    logged_by: Vec<Option<i64>>,
}

impl<'a> Runs<'a> {
    /// Those that the batch keeps.
    fn of(batch: &'a Batch) -> Result<Self> {
        let mut all = Self::default();
        for one in runs::kept(batch)? {
            all.push(one);
        }
        Ok(all)
    }

    fn push(&mut self, Kept { seq, run, called }: Kept<'a>) {
        self.seq.push(seq);
        self.uncounted.push(i64::from(run.uncounted));
        self.checkpoint.push(run.checkpoint.as_deref());
        self.called.push(called);
        self.logged_bytes.push(i64::from(run.logged_bytes));
        self.logged_by.push(run.logged_by.map(i64::from));
    }
}

/// What deliveries have become, a column at a time.
#[derive(Default)]
struct Ends {
    seq: Vec<i64>,
    id: Vec<Uuid>,
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
        self.id.push(done.delivery_id.0);
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
