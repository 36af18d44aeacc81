//! What a few typed letters lead to. Names are looked through once, without counting anything;
//! the log is asked by its indexes alone.

use super::{
    Db, DbRow, Store,
    dialect::{PLACE, SENT_AS},
    log::uuid_range,
    rows,
};
use crate::{JumpStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    jump::{Fit, Found, Target},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};

/// More words than this narrow nothing further.
const WORDS_MAX: usize = 8;

#[async_trait]
impl JumpStore for Store {
    async fn find_queues(&self, search: &str, limit: u32) -> Result<Vec<Found>> {
        let target = |row: &DbRow| {
            Ok(Target::Queue {
                id: QueueId(row.try_get("id")?),
                name: row.try_get("name")?,
                kind: rows::word(row, "kind")?,
                enabled: row.try_get("enabled")?,
            })
        };
        let mut sql = QueryBuilder::new("SELECT id, name, kind, enabled, folded, ");
        by_name(&mut sql, "queues", search, limit);
        self.found(sql, target).await
    }

    async fn find_flows(&self, search: &str, limit: u32) -> Result<Vec<Found>> {
        let target = |row: &DbRow| {
            Ok(Target::Flow {
                id: FlowId(row.try_get("id")?),
                name: row.try_get("name")?,
                kind: rows::word(row, "kind")?,
            })
        };
        let mut sql = QueryBuilder::new("SELECT id, name, kind, folded, ");
        by_name(&mut sql, "flows", search, limit);
        self.found(sql, target).await
    }

    async fn find_hooks(&self, search: &str, limit: u32) -> Result<Vec<Found>> {
        let mut sql = QueryBuilder::new(
            "SELECT h.id, h.queue_id, h.event, q.name AS queue_name, f.name AS flow_name,
                    CASE WHEN h.id = ",
        );
        sql.push_bind(number(search));
        sql.push(
            " THEN CAST(0 AS BIGINT) ELSE 3 END AS fit
             FROM hooks h
             JOIN queues q ON q.id = h.queue_id
             JOIN flows f ON f.id = h.flow_id
             WHERE h.id = ",
        );
        sql.push_bind(number(search)).push(" OR (TRUE");
        for word in words(search) {
            sql.push(format!(" AND {PLACE}(q.folded || ' ' || h.event || ' ' || f.folded, "));
            sql.push_bind(word).push(") > 0");
        }
        sql.push(") ORDER BY fit, q.folded, h.event, f.folded LIMIT ").push_bind(i64::from(limit));
        let target = |row: &DbRow| {
            Ok(Target::Hook {
                id: HookId(row.try_get("id")?),
                queue_id: QueueId(row.try_get("queue_id")?),
                queue_name: row.try_get("queue_name")?,
                event: rows::word(row, "event")?,
                flow_name: row.try_get("flow_name")?,
            })
        };
        self.found(sql, target).await
    }

    async fn find_logged(&self, search: &str, limit: u32) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        if let Ok(call) = search.parse::<i64>() {
            found.extend(self.call(call).await?);
        }
        if let Some((low, high)) = uuid_range(search) {
            let fit = i64::from(low != high);
            let mut sql = QueryBuilder::new(
                "SELECT d.id, d.event, d.state, d.created_at, COALESCE(f.name, '') AS flow_name, ",
            );
            sql.push_bind(fit).push(
                " AS fit FROM deliveries d LEFT JOIN flows f ON f.id = d.flow_id
                 WHERE d.id BETWEEN ",
            );
            sql.push_bind(low).push(" AND ").push_bind(high);
            sql.push(" ORDER BY d.id LIMIT ").push_bind(i64::from(limit));
            let target = |row: &DbRow| {
                Ok(Target::Delivery {
                    id: DeliveryId(rows::uuid(row, "id")?),
                    event: rows::word(row, "event")?,
                    flow_name: row.try_get("flow_name")?,
                    state: rows::word(row, "state")?,
                    at: Millis(row.try_get("created_at")?),
                })
            };
            found.extend(self.found(sql, target).await?);
            let mut sql = events(fit);
            sql.push("e.id BETWEEN ").push_bind(low).push(" AND ").push_bind(high);
            sql.push(" ORDER BY e.id LIMIT ").push_bind(i64::from(limit));
            found.extend(self.found(sql, event).await?);
        }
        let mut sql = events(0);
        sql.push(format!("e.seq IN ({SENT_AS} ")).push_bind(search.to_owned());
        sql.push(") LIMIT ").push_bind(i64::from(limit));
        for sent in self.found(sql, event).await? {
            // A sender may take our own kind of id.
            if !found.contains(&sent) {
                found.push(sent);
            }
        }
        Ok(found)
    }
}

impl Store {
    async fn found(
        &self,
        mut sql: QueryBuilder<Db>,
        target: impl Fn(&DbRow) -> Result<Target>,
    ) -> Result<Vec<Found>> {
        let all = sql.build().fetch_all(&self.readers).await?;
        all.iter().map(|row| Ok(Found { fit: fit(row)?, target: target(row)? })).collect()
    }

    /// The call of this number, as its newest event tells it, whether that made a delivery or not.
    async fn call(&self, attempt: i64) -> Result<Option<Found>> {
        let newest = sqlx::query(
            "SELECT e.accepted_at, COALESCE(q.name, '') AS queue_name
             FROM events e LEFT JOIN queues q ON q.id = e.queue_id
             WHERE e.call_attempt = $1 ORDER BY e.call_attempt DESC, e.seq DESC LIMIT 1",
        )
        .bind(attempt)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = newest else { return Ok(None) };
        let target = Target::Call {
            attempt,
            queue_name: row.try_get("queue_name")?,
            at: Millis(row.try_get("accepted_at")?),
        };
        Ok(Some(Found { fit: Fit::Exact, target }))
    }
}

/// The rest of a statement that finds rows of this table by number or name, with how well each
/// fits as `fit`, in the numbers of [`Fit`].
fn by_name(sql: &mut QueryBuilder<Db>, table: &'static str, search: &str, limit: u32) {
    let text = search.to_lowercase();
    sql.push("CASE WHEN id = ").push_bind(number(search));
    sql.push(" OR folded = ").push_bind(text.clone());
    sql.push(format!(" THEN CAST(0 AS BIGINT) WHEN {PLACE}(folded, ")).push_bind(text.clone());
    sql.push(") = 1 THEN 1 WHEN FALSE");
    for before in [' ', '-', '_', '/', '.', '('] {
        sql.push(format!(" OR {PLACE}(folded, "))
            .push_bind(format!("{before}{text}"))
            .push(") > 0");
    }
    sql.push(" THEN 2 ELSE 3 END AS fit FROM ").push(table);
    sql.push(" WHERE id = ").push_bind(number(search)).push(" OR (TRUE");
    for word in words(search) {
        sql.push(format!(" AND {PLACE}(folded, ")).push_bind(word).push(") > 0");
    }
    sql.push(") ORDER BY fit, folded, id LIMIT ").push_bind(i64::from(limit));
}

fn events(fit: i64) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(
        "SELECT e.id, e.kind, e.sender_id, e.accepted_at, COALESCE(q.name, '') AS queue_name,
                CASE WHEN e.deliveries = 0 THEN e.call_attempt END AS call, ",
    );
    sql.push_bind(fit).push(" AS fit FROM events e LEFT JOIN queues q ON q.id = e.queue_id WHERE ");
    sql
}

fn event(row: &DbRow) -> Result<Target> {
    Ok(Target::Event {
        id: EventId(rows::uuid(row, "id")?),
        event: rows::word(row, "kind")?,
        queue_name: row.try_get("queue_name")?,
        sender_id: row.try_get("sender_id")?,
        at: Millis(row.try_get("accepted_at")?),
        call: row.try_get("call")?,
    })
}

fn fit(row: &DbRow) -> Result<Fit> {
    let place = row.try_get::<i64, _>("fit")?;
    let fit = usize::try_from(place).ok().and_then(|at| Fit::ALL.get(at).copied());
    fit.ok_or_else(|| StorageError::Corrupt { what: "fit", detail: place.to_string() })
}

/// The number that is searched; one that nothing has where it is none.
fn number(search: &str) -> i64 {
    search.parse().unwrap_or(-1)
}

fn words(search: &str) -> Vec<String> {
    search.to_lowercase().split_whitespace().take(WORDS_MAX).map(str::to_owned).collect()
}
