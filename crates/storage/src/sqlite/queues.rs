//! Queues.

use super::{FIRST, SqliteStorage, rows, taken};
use crate::{QueueStore, Result};
use async_trait::async_trait;
use model::{
    JsonMap,
    ids::QueueId,
    page::{Page, Paging},
    queue::{Figures, Queue, QueueDraft, QueueFilter, QueueRow},
    time::Millis,
};
use sqlx::{Row, sqlite::SqliteRow};

#[async_trait]
impl QueueStore for SqliteStorage {
    async fn queues(
        &self,
        filter: &QueueFilter,
        paging: Paging,
        since: Millis,
    ) -> Result<Page<QueueRow>> {
        let found = sqlx::query(
            "SELECT q.id, q.name, q.kind, q.enabled, COUNT(*) OVER () AS total,
                    (SELECT COUNT(*) FROM hooks h WHERE h.queue_id = q.id) AS hooks,
                    COALESCE(c.events, 0) AS events, COALESCE(c.delivered, 0) AS delivered,
                    COALESCE(c.failed, 0) AS failed, COALESCE(c.skipped, 0) AS skipped
             FROM queues q
             LEFT JOIN (SELECT queue_id, SUM(events) AS events, SUM(delivered) AS delivered,
                               SUM(failed) AS failed, SUM(skipped) AS skipped
                        FROM counters WHERE minute >= $1 GROUP BY queue_id) c
                    ON c.queue_id = q.id
             WHERE ($2 = '' OR instr(q.folded, $2) > 0 OR CAST(q.id AS TEXT) = $2)
               AND ($3 IS NULL OR q.kind = $3)
               AND ($4 IS NULL OR q.enabled = $4)
             ORDER BY CASE WHEN $5 = 'type' AND NOT $6 THEN q.kind END,
                      CASE WHEN $5 = 'type' AND $6 THEN q.kind END DESC,
                      CASE WHEN $5 = 'id' AND NOT $6 THEN q.id END,
                      CASE WHEN $5 = 'id' AND $6 THEN q.id END DESC,
                      CASE WHEN $5 NOT IN ('type', 'id') AND $6 THEN q.folded END DESC,
                      q.folded, q.id
             LIMIT $7 OFFSET $8",
        )
        .bind(since.minute())
        .bind(filter.search.trim().to_lowercase())
        .bind(filter.kind.map(|kind| kind.as_str()))
        .bind(filter.enabled)
        .bind(&filter.sort.column)
        .bind(filter.sort.descending)
        .bind(i64::from(paging.size))
        .bind(paging.offset())
        .fetch_all(&self.readers)
        .await?;
        let total = match found.first() {
            Some(row) => rows::count(row, "total")?,
            None if paging.page > 1 => self.queues(filter, FIRST, since).await?.total,
            None => 0,
        };
        let items = found
            .iter()
            .map(|row| {
                Ok(QueueRow {
                    id: QueueId(row.try_get("id")?),
                    name: row.try_get("name")?,
                    kind: rows::word(row, "kind")?,
                    enabled: row.try_get("enabled")?,
                    hooks: rows::small(row, "hooks")?,
                    last_hour: figures(row)?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Page { items, total })
    }

    async fn queue(&self, id: QueueId) -> Result<Option<Queue>> {
        let found = sqlx::query("SELECT * FROM queues WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(queue).transpose()
    }

    async fn create_queue(&self, draft: &QueueDraft, now: Millis) -> Result<Queue> {
        let mut tx = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO queues
                 (name, folded, kind, description, enabled, variables, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, '{}', $6, $6) RETURNING *",
        )
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(draft.kind.as_str())
        .bind(&draft.description)
        .bind(draft.enabled)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        queue(&made)
    }

    async fn update_queue(
        &self,
        id: QueueId,
        draft: &QueueDraft,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE queues SET name = $2, folded = $3, description = $4, enabled = $5,
                               updated_at = $6
             WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(&draft.description)
        .bind(draft.enabled)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        changed.as_ref().map(queue).transpose()
    }

    async fn set_queue_enabled(
        &self,
        id: QueueId,
        enabled: bool,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE queues SET enabled = $2, updated_at = $3 WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(enabled)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(queue).transpose()
    }

    async fn set_queue_variables(
        &self,
        id: QueueId,
        variables: &JsonMap,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE queues SET variables = $2, updated_at = $3 WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(rows::to_json(variables)?)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(queue).transpose()
    }

    async fn delete_queue(&self, id: QueueId) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM queues WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        deleted.as_ref().map(queue).transpose()
    }

    async fn queue_figures(&self, id: QueueId, since: Millis) -> Result<Figures> {
        let sums = sqlx::query(
            "SELECT COALESCE(SUM(events), 0) AS events, COALESCE(SUM(delivered), 0) AS delivered,
                    COALESCE(SUM(failed), 0) AS failed, COALESCE(SUM(skipped), 0) AS skipped
             FROM counters WHERE queue_id = $1 AND minute >= $2",
        )
        .bind(id.0)
        .bind(since.minute())
        .fetch_one(&self.readers)
        .await?;
        figures(&sums)
    }
}

/// The four sums of a row of counters.
pub(super) fn figures(row: &SqliteRow) -> Result<Figures> {
    Ok(Figures {
        events: rows::count(row, "events")?,
        delivered: rows::count(row, "delivered")?,
        failed: rows::count(row, "failed")?,
        skipped: rows::count(row, "skipped")?,
    })
}

pub(super) fn queue(row: &SqliteRow) -> Result<Queue> {
    Ok(Queue {
        id: QueueId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: rows::word(row, "kind")?,
        description: row.try_get("description")?,
        enabled: row.try_get("enabled")?,
        variables: rows::json(row, "variables")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}
