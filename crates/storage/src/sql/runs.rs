//! Runs at rest: where an unfinished or dead delivery goes on.

use super::{Db, Pool, dialect::REOPENED, log::among, rows, tail};
use crate::{
    Result,
    journal::{Batch, KeptRun, RunChange},
};
use model::{ids::DeliveryId, time::Millis};
use sqlx::{QueryBuilder, Row};
use std::collections::BTreeMap;

/// Says in `sql` what the batch keeps of runs that go on; whether there is any.
pub(super) fn keep(sql: &mut QueryBuilder<Db>, batch: &Batch) -> Result<bool> {
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
    if kept.is_empty() {
        return Ok(false);
    }
    let called =
        |run: &KeptRun| (!run.called.is_empty()).then(|| rows::to_json(&run.called)).transpose();
    let called = kept.values().map(|run| called(run)).collect::<Result<Vec<_>>>()?;
    sql.push("INSERT INTO runs (seq, uncounted, checkpoint, called) ");
    sql.push_values(kept.into_iter().zip(called), |mut row, ((seq, run), called)| {
        row.push_bind(seq)
            .push_bind(i64::from(run.uncounted))
            .push_bind(run.checkpoint.as_deref())
            .push_bind(called);
    });
    sql.push(
        " ON CONFLICT (seq) DO UPDATE SET
              uncounted = excluded.uncounted, checkpoint = excluded.checkpoint,
              called = excluded.called",
    );
    Ok(true)
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
pub(super) async fn resume(writer: &Pool, id: DeliveryId, now: Millis) -> Result<bool> {
    let mut tx = writer.begin().await?;
    let mut sql = QueryBuilder::<Db>::new(REOPENED.0);
    sql.push("UPDATE deliveries SET state = 'retrying', finished_at = NULL, hold_until = NULL, ");
    sql.push("next_at = ").push_bind(now.0).push(" WHERE state = 'dead' AND id = ");
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
    tail::write(&mut tx, [seq].into_iter()).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn of(readers: &Pool, seq: i64) -> Result<Option<KeptRun>> {
    let found = sqlx::query("SELECT uncounted, checkpoint, called FROM runs WHERE seq = $1")
        .bind(seq)
        .fetch_optional(readers)
        .await?;
    found
        .map(|row| {
            let uncounted = rows::small(&row, "uncounted")?;
            let called = rows::maybe_json(&row, "called")?.unwrap_or_default();
            Ok(KeptRun { uncounted, checkpoint: row.try_get("checkpoint")?, called })
        })
        .transpose()
}
