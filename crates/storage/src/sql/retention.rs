//! Forgetting the log's oldest rows, a few at a time.

use super::{
    Conn, Db, DbRow, Store, days,
    dialect::{
        BESIDE, NEWEST, NEWEST_EVENT, STAY_SO, forget_senders, go_by_index, numbered_before,
    },
    log::among,
    rows,
};
use crate::{
    Result,
    retention::{RetentionStore, Walk, Walked},
};
use async_trait::async_trait;
use model::time::Millis;
use sqlx::{QueryBuilder, Row};
use std::collections::HashSet;
use uuid::Uuid;

/// How many rows one step looks at: about 20 ms of SQLite's one writer where all of them go.
const ROWS: i64 = 200;
/// Of how many minutes one step forgets the figures.
const MINUTES: i64 = 60;

/// What lies beside a delivery by its id; and by which column.
const BESIDE_BY_ID: [(&str, &str); 3] =
    [("attempts", "delivery_id"), ("children", "id"), ("begun_at", "id")];

#[async_trait]
impl RetentionStore for Store {
    async fn forget_days(&self, before: Millis) -> Result<u64> {
        days::forget(self, before).await
    }

    async fn forget(&self, before: Millis, walk: Walk) -> Result<Walked> {
        match walk {
            Walk::Deliveries(after) => self.forget_deliveries(before, after).await,
            Walk::Events(after) => self.forget_events(before, after).await,
            Walk::Minutes => self.forget_minutes(before).await,
        }
    }
}

impl Store {
    async fn forget_deliveries(&self, before: Millis, after: i64) -> Result<Walked> {
        let sql = format!(
            "SELECT seq, created_at AS at, finished_at < $1 AND seq < {NEWEST} AS goes
             FROM deliveries WHERE seq > $2 AND seq < $3 ORDER BY seq LIMIT $4"
        );
        let Some(stretch) = self.stretch(&sql, before, after).await? else {
            return Ok(Walked { rows: 0, next: Some(Walk::Events(0)) });
        };
        let mut forgotten = 0;
        if !stretch.goes.is_empty() {
            let mut tx = self.begin().await?;
            go_by_index(&mut tx).await?;
            forgotten = forget_deliveries(&mut tx, before, &stretch.goes).await?;
            tx.commit().await?;
        }
        Ok(Walked { rows: forgotten, next: Some(Walk::Deliveries(stretch.last)) })
    }

    async fn forget_events(&self, before: Millis, after: i64) -> Result<Walked> {
        let sql = format!(
            "SELECT seq, accepted_at AS at, accepted_at < $1 AND seq < {NEWEST_EVENT} AS goes
             FROM events WHERE seq > $2 AND seq < $3 ORDER BY seq LIMIT $4"
        );
        let Some(stretch) = self.stretch(&sql, before, after).await? else {
            return Ok(Walked { rows: 0, next: Some(Walk::Minutes) });
        };
        let mut forgotten = 0;
        if !stretch.goes.is_empty() {
            let mut tx = self.begin().await?;
            go_by_index(&mut tx).await?;
            forgotten = forget_events(&mut tx, &stretch.goes).await?;
            tx.commit().await?;
        }
        Ok(Walked { rows: forgotten, next: Some(Walk::Events(stretch.last)) })
    }

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

    /// The next rows in their order; nothing where none of them is old. One is not enough to end with: the
    /// clock may have been ahead when it was written.
    async fn stretch(&self, sql: &str, before: Millis, after: i64) -> Result<Option<Stretch>> {
        let found = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(before.0)
            .bind(after)
            .bind(numbered_before(before))
            .bind(ROWS)
            .fetch_all(&self.readers)
            .await?;
        let mut stretch = Stretch { last: after, goes: Vec::new() };
        let mut is_old = false;
        for row in &found {
            stretch.last = row.try_get("seq")?;
            is_old |= row.try_get::<i64, _>("at")? < before.0;
            if row.try_get::<Option<bool>, _>("goes")? == Some(true) {
                stretch.goes.push(stretch.last);
            }
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
    sql.push(STAY_SO);
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
