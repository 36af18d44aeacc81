//! Forgetting the log's oldest rows, a few at a time.

use super::{
    Conn, Db, DbRow, Store, days,
    dialect::{
        BESIDE, CLOCK, NEWEST, NEWEST_EVENT, STAY_SO, forget_senders, go_by_index, numbered_before,
    },
    log::among,
    rows,
};
use crate::{
    Result,
    retention::{RetentionStore, Times, Walk, Walked},
};
use async_trait::async_trait;
use model::time::Millis;
use sqlx::{AssertSqlSafe, QueryBuilder, Row};
use std::collections::HashSet;
use uuid::Uuid;

/// How far it is looked behind rows of which none is old.
const AHEAD: i64 = 100_000;
/// Of how many minutes one step forgets the figures.
const MINUTES: i64 = 60;

/// What lies beside a delivery by its id; and by which column.
const BESIDE_BY_ID: [(&str, &str); 3] =
    [("attempts", "delivery_id"), ("children", "id"), ("begun_at", "id")];

/// Rows of the log that grow old.
struct Rows {
    table: &'static str,
    /// The column that says when each was made.
    made: &'static str,
    /// Which of them may go.
    goes: &'static str,
    /// The number of the last, which stays.
    newest: &'static str,
}

const DELIVERIES: Rows =
    Rows { table: "deliveries", made: "created_at", goes: "finished_at < $1", newest: NEWEST };
const EVENTS: Rows = Rows {
    table: "events",
    made: "accepted_at",
    goes: "accepted_at < $1
           AND (SELECT d.seq FROM deliveries d WHERE d.event_seq = events.seq LIMIT 1) IS NULL",
    newest: NEWEST_EVENT,
};

#[async_trait]
impl RetentionStore for Store {
    async fn times(&self) -> Result<Times> {
        let row = sqlx::query(AssertSqlSafe(format!(
            "SELECT {CLOCK} AS clock,
                    (SELECT accepted_at FROM events ORDER BY seq DESC LIMIT 1) AS newest"
        )))
        .fetch_one(&self.readers)
        .await?;
        let time =
            |column| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(Millis));
        Ok(Times { clock: time("clock")?, newest: time("newest")? })
    }

    async fn forget_days(&self, before: Millis) -> Result<u64> {
        days::forget(self, before).await
    }

    async fn forget(&self, before: Millis, walk: Walk, limit: u32) -> Result<Walked> {
        let (rows, after, then) = match walk {
            Walk::Deliveries(after) => (DELIVERIES, after, Walk::Events(0)),
            Walk::Events(after) => (EVENTS, after, Walk::Minutes),
            Walk::Minutes => return self.forget_minutes(before).await,
        };
        let Some(Stretch { last, goes }) = self.stretch(&rows, before, after, limit).await? else {
            return Ok(Walked { rows: 0, next: Some(then) });
        };
        let next = match walk {
            Walk::Events(_) => Walk::Events(last),
            _ => Walk::Deliveries(last),
        };
        if goes.is_empty() {
            return Ok(Walked { rows: 0, next: Some(next) });
        }
        let mut tx = self.begin().await?;
        go_by_index(&mut tx).await?;
        let forgotten = match walk {
            Walk::Events(_) => forget_events(&mut tx, &goes).await?,
            _ => forget_deliveries(&mut tx, before, &goes).await?,
        };
        tx.commit().await?;
        self.has_written();
        Ok(Walked { rows: forgotten, next: Some(next) })
    }
}

impl Store {
    async fn forget_minutes(&self, before: Millis) -> Result<Walked> {
        let gone = sqlx::query(
            "DELETE FROM counters
             WHERE minute < $1 AND minute < (SELECT MIN(minute) FROM counters) + $2",
        )
        .bind(before.minute())
        .bind(MINUTES)
        .execute(&self.writer)
        .await?;
        let next = (gone.rows_affected() > 0).then_some(Walk::Minutes);
        Ok(Walked { rows: 0, next })
    }

    /// The next rows of a table in their order, by the time when each was made; nothing where none of them
    /// is old, nor any behind them. Rows that only seem to be new were made while a clock was ahead.
    async fn stretch(
        &self,
        &Rows { table, made, goes, newest }: &Rows,
        before: Millis,
        after: i64,
        limit: u32,
    ) -> Result<Option<Stretch>> {
        let next = format!("FROM {table} WHERE seq > $2 AND seq < $3");
        let sql = format!(
            "SELECT seq, {made} < $1 AS is_old, seq < {newest} AND {goes} AS goes {next}
             ORDER BY seq LIMIT $4"
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(before.0)
            .bind(after)
            .bind(numbered_before(before))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let mut stretch = Stretch { last: after, goes: Vec::new() };
        let mut is_old = false;
        for row in &found {
            stretch.last = row.try_get("seq")?;
            is_old |= row.try_get::<bool, _>("is_old")?;
            if row.try_get::<Option<bool>, _>("goes")? == Some(true) {
                stretch.goes.push(stretch.last);
            }
        }
        if !is_old && !found.is_empty() {
            let sql = format!("SELECT MIN(seq) {next} AND {made} < $1");
            let further: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(before.0)
                .bind(stretch.last)
                .bind(numbered_before(before).min(stretch.last.saturating_add(AHEAD)))
                .fetch_one(&self.readers)
                .await?;
            is_old = further.is_some();
            stretch.last = further.map_or(stretch.last, |seq| seq - 1);
        }
        Ok(is_old.then_some(stretch))
    }
}

/// Rows beside each other.
struct Stretch {
    /// The last one's number.
    last: i64,
    /// The numbers of those that may be forgotten.
    goes: Vec<i64>,
}

async fn forget_deliveries(tx: &mut Conn, before: Millis, seqs: &[i64]) -> Result<u64> {
    // One that somebody has resumed meanwhile has not ended.
    let mut sql = QueryBuilder::<Db>::new("DELETE FROM deliveries WHERE finished_at < ");
    sql.push_bind(before.0);
    among(&mut sql, "seq", seqs.iter().copied());
    sql.push(" RETURNING seq, id");
    let gone = sql.build().fetch_all(&mut *tx).await?;
    if gone.is_empty() {
        return Ok(0);
    }
    let ids = gone.iter().map(|row| rows::uuid(row, "id")).collect::<Result<Vec<Uuid>>>()?;
    let seqs = numbers(&gone, "seq")?;
    for (table, column) in BESIDE_BY_ID {
        let mut sql = QueryBuilder::<Db>::new(format!("DELETE FROM {table} WHERE TRUE"));
        among(&mut sql, column, ids.iter().copied());
        sql.build().execute(&mut *tx).await?;
    }
    for table in BESIDE {
        let mut sql = QueryBuilder::<Db>::new(format!("DELETE FROM {table} WHERE TRUE"));
        among(&mut sql, "seq", seqs.iter().copied());
        sql.build().execute(&mut *tx).await?;
    }
    Ok(gone.len() as u64)
}

async fn forget_events(tx: &mut Conn, seqs: &[i64]) -> Result<u64> {
    // Whoever makes a delivery of one of them does so before this or finds none.
    let mut sql = QueryBuilder::<Db>::new("SELECT seq FROM events WHERE TRUE");
    among(&mut sql, "seq", seqs.iter().copied());
    sql.push(" ORDER BY seq").push(STAY_SO);
    let there = numbers(&sql.build().fetch_all(&mut *tx).await?, "seq")?;
    if there.is_empty() {
        return Ok(0);
    }
    let mut sql = QueryBuilder::<Db>::new("SELECT event_seq FROM deliveries WHERE TRUE");
    among(&mut sql, "event_seq", there.iter().copied());
    let kept = numbers(&sql.build().fetch_all(&mut *tx).await?, "event_seq")?;
    let kept: HashSet<i64> = kept.into_iter().collect();
    let going: Vec<i64> = there.into_iter().filter(|seq| !kept.contains(seq)).collect();
    if going.is_empty() {
        return Ok(0);
    }
    forget_senders(tx, &going).await?;
    let mut sql = QueryBuilder::<Db>::new("DELETE FROM events WHERE TRUE");
    among(&mut sql, "seq", going.into_iter());
    Ok(sql.build().execute(&mut *tx).await?.rows_affected())
}

fn numbers(found: &[DbRow], column: &str) -> Result<Vec<i64>> {
    Ok(found.iter().map(|row| row.try_get(column)).collect::<sqlx::Result<_>>()?)
}
