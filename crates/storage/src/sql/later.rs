//! What falls due later, and is to do so at another time.

use super::{
    Conn, Db, Pool,
    dialect::{AMONG, IS_UNFINISHED, NARROW, NUMBERS, REOPENED, UNFINISHED, UNFINISHED_ALONE},
    hold, rows, tail,
    unfinished::within,
};
use crate::{
    Result,
    journal::Hurried,
    nodes::{Incarnation, Shards},
};
use model::{delivery::DeliveryState, ids::FlowId, time::Millis, trace::Failure};
use sqlx::{QueryBuilder, Row};

/// How many of what falls due later are looked at in one transaction.
const LATER: i64 = 1_000;

/// The next of what falls due after that moment and row number, with what else is asked of it.
fn later(asked: &str, tables: &str, after: (Millis, i64), shards: Shards) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new(format!(
        "SELECT {NARROW}.next_at, {NARROW}.seq{asked} FROM {tables}
         WHERE {NARROW}.next_at IS NOT NULL AND {IS_UNFINISHED}
           AND ({NARROW}.next_at, {NARROW}.seq) > ("
    ));
    sql.push_bind(after.0.0).push(", ").push_bind(after.1).push(")");
    within(&mut sql, shards);
    sql.push(format!(" ORDER BY {NARROW}.next_at, {NARROW}.seq LIMIT ")).push_bind(LATER);
    sql
}

/// Changes when these fall due, as the query begins to say.
async fn fall_due(tx: &mut Conn, mut sql: QueryBuilder<Db>, seqs: &[i64]) -> Result<()> {
    sql.push(format!(" WHERE finished_at IS NULL AND seq {}{}", AMONG.0, NUMBERS.0));
    sql.push_bind(rows::to_json(&seqs)?);
    sql.push(format!("{}{}{}", NUMBERS.1, AMONG.1, REOPENED.1));
    sql.build().execute(tx).await?;
    Ok(())
}

pub(super) async fn set_back(
    writer: &Pool,
    after: (Millis, i64),
    ms: i64,
    shards: Shards,
    under: Option<Incarnation>,
) -> Result<Option<(Millis, i64)>> {
    let mut tx = writer.begin().await?;
    hold(&mut tx, under).await?;
    let mut sql = later("", UNFINISHED_ALONE, after, shards);
    let found = sql.build().fetch_all(&mut *tx).await?;
    let Some(last) = found.last() else { return Ok(None) };
    let last = (Millis(last.try_get("next_at")?), last.try_get("seq")?);
    let seqs = found.iter().map(|row| row.try_get("seq")).collect::<sqlx::Result<Vec<i64>>>()?;
    let mut sql = QueryBuilder::<Db>::new(REOPENED.0);
    sql.push("UPDATE deliveries SET next_at = next_at - ").push_bind(ms);
    sql.push(", hold_until = hold_until - ").push_bind(ms);
    fall_due(&mut tx, sql, &seqs).await?;
    tx.commit().await?;
    Ok(Some(last))
}

pub(super) async fn hurry_one(writer: &Pool, seq: i64, due: Millis, earlier: Millis) -> Result<()> {
    let mut tx = writer.begin().await?;
    let mut sql = QueryBuilder::<Db>::new(REOPENED.0);
    sql.push("UPDATE deliveries SET next_at = CASE WHEN next_at = ").push_bind(due.0);
    sql.push(" THEN ").push_bind(earlier.0.min(due.0)).push(" ELSE next_at END");
    fall_due(&mut tx, sql, &[seq]).await?;
    tail::write(&mut tx, [seq].into_iter()).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn hurry(
    writer: &Pool,
    host: &str,
    but: &[FlowId],
    after: (Millis, i64),
    now: Millis,
    shards: Shards,
    under: Option<Incarnation>,
) -> Result<Option<Hurried>> {
    let asked = format!(", {NARROW}.flow_id, d.state, d.failure");
    let mut tx = writer.begin().await?;
    hold(&mut tx, under).await?;
    let mut sql = later(&asked, UNFINISHED, after, shards);
    let found = sql.build().fetch_all(&mut *tx).await?;
    let Some(last) = found.last() else { return Ok(None) };
    let last = (Millis(last.try_get("next_at")?), last.try_get("seq")?);
    let mut seqs = Vec::new();
    for row in &found {
        // Read here: PostgreSQL takes no member of JSON in which a text holds U+0000.
        let failed_at = rows::maybe_json::<Failure>(row, "failure")?.and_then(|of| of.host);
        let at_host = failed_at.is_some_and(|at| at.trim_matches(['[', ']']) == host);
        let is_tried_again = rows::word::<DeliveryState>(row, "state")? == DeliveryState::Retrying;
        if at_host && is_tried_again && !but.contains(&FlowId(row.try_get("flow_id")?)) {
            seqs.push(row.try_get("seq")?);
        }
    }
    if !seqs.is_empty() {
        let mut sql = QueryBuilder::<Db>::new(REOPENED.0);
        sql.push("UPDATE deliveries SET next_at = ").push_bind(now.0);
        fall_due(&mut tx, sql, &seqs).await?;
        tail::write(&mut tx, seqs.iter().copied()).await?;
        tx.commit().await?;
    }
    Ok(Some(Hurried { last, seqs }))
}
