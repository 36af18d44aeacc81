//! Runs at rest: where an unfinished or dead delivery goes on.

use super::{Conn, Db, Pool, dialect::REOPENED, log::among, rows, tail};
use crate::{
    Result,
    journal::{Batch, KeptRun, KeptSteps, RunChange},
};
use model::{ids::DeliveryId, replay::AtStep, time::Millis};
use sqlx::{QueryBuilder, Row};
use std::collections::BTreeMap;

/// A run that is kept, as a row.
pub(super) struct Kept<'a> {
    pub seq: i64,
    pub run: &'a KeptRun,
    /// The versions of the flows that it has called, where it has called any.
    pub called: Option<String>,
}

impl<'a> Kept<'a> {
    fn new(seq: i64, run: &'a KeptRun) -> Result<Self> {
        let is_any = !run.called.is_empty();
        let called = is_any.then(|| rows::to_json(&run.called)).transpose()?;
        Ok(Self { seq, run, called })
    }
}

/// The runs that the batch keeps, in the order of their deliveries' row numbers.
pub(super) fn kept(batch: &Batch) -> Result<Vec<Kept<'_>>> {
    let mut kept: BTreeMap<i64, &KeptRun> =
        batch.runs.iter().map(|(seq, run)| (*seq, run)).collect();
    for done in &batch.completions {
        match &done.run {
            RunChange::Leave => {}
            RunChange::Keep(run) => {
                kept.insert(done.seq, run);
            }
            RunChange::Forget => {
                kept.remove(&done.seq);
            }
        }
    }
    kept.into_iter().map(|(seq, run)| Kept::new(seq, run)).collect()
}

/// Has replays begin where the batch says: these are the row numbers of its replays.
pub(super) async fn begin(tx: &mut Conn, batch: &Batch, seqs: &[i64]) -> Result<()> {
    for (id, beginning) in &batch.beginnings {
        let made = batch.replays.iter().zip(seqs).find(|(replay, _)| replay.id == *id);
        let Some((_, seq)) = made else { continue };
        let Kept { seq, run, called } = Kept::new(*seq, &beginning.run)?;
        sqlx::query(
            "INSERT INTO runs (seq, uncounted, checkpoint, called, logged_bytes, logged_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(seq)
        .bind(i64::from(run.uncounted))
        .bind(run.checkpoint.as_deref())
        .bind(called)
        .bind(i64::from(run.logged_bytes))
        .bind(run.logged_by.map(i64::from))
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO begun_at (id, step, visit) VALUES ($1, $2, $3)")
            .bind(id.0)
            .bind(&beginning.at.step)
            .bind(i64::from(beginning.at.visit))
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// The deliveries whose runs have ended with the batch.
pub(super) fn ended(batch: &Batch) -> Vec<i64> {
    let ended = batch.completions.iter().filter(|done| done.run == RunChange::Forget);
    ended.map(|done| done.seq).collect()
}

/// Says in `sql` that the runs of these deliveries are forgotten; whether there are any.
pub(super) fn forget(sql: &mut QueryBuilder<Db>, seqs: &[i64]) -> bool {
    if !seqs.is_empty() {
        sql.push("DELETE FROM runs WHERE TRUE");
        among(sql, "seq", seqs.iter().copied());
    }
    !seqs.is_empty()
}

/// Makes a dead delivery due again; whether it was dead.
pub(super) async fn resume(writer: &Pool, id: DeliveryId, due: Millis) -> Result<bool> {
    let mut tx = writer.begin().await?;
    let mut sql = QueryBuilder::<Db>::new(REOPENED.0);
    sql.push("UPDATE deliveries SET state = 'retrying', finished_at = NULL, hold_until = NULL, ");
    sql.push("next_at = ").push_bind(due.0).push(" WHERE state = 'dead' AND id = ");
    sql.push_bind(id.0).push(REOPENED.1);
    let Some(row) = sql.build().fetch_optional(&mut *tx).await? else { return Ok(false) };
    let seq: i64 = row.try_get("seq")?;
    sqlx::query(
        "INSERT INTO runs (seq, uncounted) VALUES ($1, $2)
         ON CONFLICT (seq) DO UPDATE SET uncounted = excluded.uncounted",
    )
    .bind(seq)
    .bind(row.try_get::<i64, _>("attempts")?)
    .execute(&mut *tx)
    .await?;
    // Its last attempt had run when it was called off.
    sqlx::query("DELETE FROM called_off WHERE seq = $1").bind(seq).execute(&mut *tx).await?;
    tail::write(&mut tx, [seq].into_iter()).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn of(readers: &Pool, seq: i64) -> Result<Option<KeptRun>> {
    let found = sqlx::query(
        "SELECT uncounted, checkpoint, called, logged_bytes, logged_by FROM runs WHERE seq = $1",
    )
    .bind(seq)
    .fetch_optional(readers)
    .await?;
    found
        .map(|row| {
            Ok(KeptRun {
                uncounted: rows::small(&row, "uncounted")?,
                checkpoint: row.try_get("checkpoint")?,
                called: rows::maybe_json(&row, "called")?.unwrap_or_default(),
                logged_bytes: rows::small(&row, "logged_bytes")?,
                logged_by: rows::maybe_small(&row, "logged_by")?,
            })
        })
        .transpose()
}

/// What the attempts of this delivery have kept of its run; of the same step at the same visit what
/// was kept last.
pub(super) async fn kept_steps(readers: &Pool, id: DeliveryId) -> Result<KeptSteps> {
    let found = sqlx::query(
        "SELECT kept_steps FROM attempts
         WHERE delivery_id = $1 AND kept_steps IS NOT NULL ORDER BY number",
    )
    .bind(id.0)
    .fetch_all(readers)
    .await?;
    let mut all = KeptSteps::default();
    for row in &found {
        let of_attempt: KeptSteps = rows::json(row, "kept_steps")?;
        all.left_out += of_attempt.left_out;
        for step in of_attempt.steps {
            match all.steps.iter_mut().find(|known| known.at == step.at) {
                Some(known) => *known = step,
                None => all.steps.push(step),
            }
        }
    }
    Ok(all)
}

/// What the log has of where an attempt has kept its run.
pub(super) fn logged(steps: &KeptSteps) -> Result<Option<String>> {
    (*steps != KeptSteps::default()).then(|| rows::to_json(steps)).transpose()
}

/// The step at which this replay has begun, if not with its flow.
pub(super) async fn begun_at(readers: &Pool, id: DeliveryId) -> Result<Option<AtStep>> {
    let found = sqlx::query("SELECT step, visit FROM begun_at WHERE id = $1")
        .bind(id.0)
        .fetch_optional(readers)
        .await?;
    found
        .map(|row| Ok(AtStep { step: row.try_get("step")?, visit: rows::small(&row, "visit")? }))
        .transpose()
}
