//! Hooks.

use super::{FIRST, SqliteStorage, queues::figures, rows};
use crate::{HookStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    hook::{Hook, HookDraft, HookFilter, HookRow, LastDelivery, PauseReason},
    ids::{DeliveryId, FlowId, HookId, QueueId},
    page::{Page, Paging},
    queue::Figures,
    time::Millis,
};
use sqlx::{QueryBuilder, Row, sqlite::SqliteRow};
use std::collections::HashMap;

/// The hours that a row of the Hooks tab looks back.
const HOURS: i64 = 24;

#[async_trait]
impl HookStore for SqliteStorage {
    async fn hooks(
        &self,
        filter: &HookFilter,
        paging: Paging,
        now: Millis,
    ) -> Result<Page<HookRow>> {
        let found = sqlx::query(
            "SELECT h.*, f.name AS flow_name, q.name AS queue_name, COUNT(*) OVER () AS total,
                    d.id AS last_id, d.state AS last_state,
                    COALESCE(d.finished_at, d.created_at) AS last_at
             FROM hooks h
             JOIN flows f ON f.id = h.flow_id
             JOIN queues q ON q.id = h.queue_id
             LEFT JOIN deliveries d
                    ON d.seq = (SELECT MAX(l.seq) FROM deliveries l
                                WHERE l.hook_id = h.id AND NOT l.test)
             WHERE ($1 IS NULL OR h.queue_id = $1)
               AND ($2 IS NULL OR h.flow_id = $2)
               AND ($3 = '' OR instr(f.folded, $3) > 0 OR instr(h.event, $3) > 0
                    OR h.id IN (SELECT value FROM json_each($10)) OR CAST(h.id AS TEXT) = $3)
               AND ($4 IS NULL OR h.event = $4)
               AND ($5 IS NULL OR h.enabled = $5)
             ORDER BY CASE WHEN $6 = 'flow' AND NOT $7 THEN f.folded END,
                      CASE WHEN $6 = 'flow' AND $7 THEN f.folded END DESC,
                      CASE WHEN $6 = 'event' AND NOT $7 THEN h.event END,
                      CASE WHEN $6 = 'event' AND $7 THEN h.event END DESC,
                      CASE WHEN $6 = 'id' AND $7 THEN h.id END DESC,
                      h.id
             LIMIT $8 OFFSET $9",
        )
        .bind(filter.queue.map(|id| id.0))
        .bind(filter.flow.map(|id| id.0))
        .bind(filter.search.trim().to_lowercase())
        .bind(filter.event.map(|event| event.as_str()))
        .bind(filter.enabled)
        .bind(&filter.sort.column)
        .bind(filter.sort.descending)
        .bind(i64::from(paging.size))
        .bind(paging.offset())
        .bind(self.with_condition(&filter.search).await?)
        .fetch_all(&self.readers)
        .await?;
        let total = match found.first() {
            Some(row) => rows::count(row, "total")?,
            None if paging.page > 1 => self.hooks(filter, FIRST, now).await?.total,
            None => 0,
        };
        let mut items = found.iter().map(hook_row).collect::<Result<Vec<_>>>()?;
        self.add_figures(&mut items, now).await?;
        Ok(Page { items, total })
    }

    async fn hook(&self, id: HookId) -> Result<Option<Hook>> {
        let found = sqlx::query("SELECT * FROM hooks WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(hook).transpose()
    }

    async fn create_hook(&self, queue: QueueId, draft: &HookDraft, now: Millis) -> Result<Hook> {
        let mut tx = self.begin().await?;
        // The table's own rule would not say which of queue and flow is missing.
        if !sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM queues WHERE id = $1)")
            .bind(queue.0)
            .fetch_one(&mut *tx)
            .await?
        {
            return Err(StorageError::Missing { field: "queue_id" });
        }
        let made = sqlx::query(
            "INSERT INTO hooks (queue_id, event, flow_id, condition, enabled, ordered,
                                max_hold_ms, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING *",
        )
        .bind(queue.0)
        .bind(draft.event.as_str())
        .bind(draft.flow_id.0)
        .bind(&draft.condition)
        .bind(draft.enabled)
        .bind(draft.ordered)
        .bind(draft.max_hold_ms)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(refused)?;
        self.commit_change(tx).await?;
        hook(&made)
    }

    async fn update_hook(
        &self,
        id: HookId,
        draft: &HookDraft,
        now: Millis,
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE hooks SET event = $2, flow_id = $3, condition = $4, enabled = $5, ordered = $6,
                              max_hold_ms = $7, updated_at = $8
             WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(draft.event.as_str())
        .bind(draft.flow_id.0)
        .bind(&draft.condition)
        .bind(draft.enabled)
        .bind(draft.ordered)
        .bind(draft.max_hold_ms)
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(refused)?;
        self.commit_change(tx).await?;
        changed.as_ref().map(hook).transpose()
    }

    async fn set_hook_enabled(
        &self,
        id: HookId,
        enabled: bool,
        now: Millis,
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let changed =
            sqlx::query("UPDATE hooks SET enabled = $2, updated_at = $3 WHERE id = $1 RETURNING *")
                .bind(id.0)
                .bind(enabled)
                .bind(now.0)
                .fetch_optional(&mut *tx)
                .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(hook).transpose()
    }

    async fn set_hook_paused(
        &self,
        id: HookId,
        paused: Option<PauseReason>,
        now: Millis,
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let changed =
            sqlx::query("UPDATE hooks SET paused = $2, updated_at = $3 WHERE id = $1 RETURNING *")
                .bind(id.0)
                .bind(paused.map(|reason| reason.as_str()))
                .bind(now.0)
                .fetch_optional(&mut *tx)
                .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(hook).transpose()
    }

    async fn delete_hook(&self, id: HookId) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query("DELETE FROM hooks WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        deleted.as_ref().map(hook).transpose()
    }
}

impl SqliteStorage {
    /// The ids of the hooks whose condition holds the text, in any case of every alphabet, as a
    /// JSON array.
    async fn with_condition(&self, search: &str) -> Result<String> {
        let conditions = sqlx::query_as::<_, (i64, String)>(
            "SELECT id, condition FROM hooks WHERE condition <> '' AND $1 <> ''",
        )
        .bind(search.trim())
        .fetch_all(&self.readers)
        .await?;
        let found = conditions.iter().filter(|(_, condition)| rows::holds(condition, search));
        rows::to_json(&found.map(|(id, _)| id).collect::<Vec<_>>())
    }

    /// Fills in the day's figures of these hooks, from the counters.
    async fn add_figures(&self, items: &mut [HookRow], now: Millis) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let this_hour = now.minute().div_euclid(60);
        let first_hour = this_hour - HOURS + 1;
        let mut query = QueryBuilder::new(
            "SELECT hook_id, minute / 60 AS hour, SUM(events) AS events,
                    SUM(delivered) AS delivered, SUM(failed) AS failed, SUM(skipped) AS skipped
             FROM counters WHERE minute >= ",
        );
        query.push_bind(first_hour * 60).push(" AND hook_id IN (");
        let mut ids = query.separated(", ");
        for item in items.iter() {
            ids.push_bind(item.hook.id.0);
        }
        query.push(") GROUP BY hook_id, hour");
        let mut found: HashMap<i64, Vec<Figures>> = HashMap::new();
        for row in query.build().fetch_all(&self.readers).await? {
            let hours = found
                .entry(row.try_get("hook_id")?)
                .or_insert_with(|| vec![Figures::default(); HOURS as usize]);
            let place = row.try_get::<i64, _>("hour")? - first_hour;
            if let Some(hour) = usize::try_from(place).ok().and_then(|at| hours.get_mut(at)) {
                *hour = figures(&row)?;
            }
        }
        for item in items {
            if let Some(hours) = found.remove(&item.hook.id.0) {
                for hour in &hours {
                    item.last_day.delivered += hour.delivered;
                    item.last_day.failed += hour.failed;
                    item.last_day.skipped += hour.skipped;
                }
                item.hours = hours;
            }
        }
        Ok(())
    }
}

/// Says which rule of the table a statement broke.
fn refused(error: sqlx::Error) -> StorageError {
    match &error {
        sqlx::Error::Database(fault) if fault.is_unique_violation() => {
            StorageError::Taken { field: "flow_id" }
        }
        sqlx::Error::Database(fault) if fault.is_foreign_key_violation() => {
            StorageError::Missing { field: "flow_id" }
        }
        _ => error.into(),
    }
}

pub(super) fn hook(row: &SqliteRow) -> Result<Hook> {
    Ok(Hook {
        id: HookId(row.try_get("id")?),
        queue_id: QueueId(row.try_get("queue_id")?),
        event: rows::word(row, "event")?,
        flow_id: FlowId(row.try_get("flow_id")?),
        condition: row.try_get("condition")?,
        enabled: row.try_get("enabled")?,
        paused: rows::maybe_word(row, "paused")?,
        ordered: row.try_get("ordered")?,
        max_hold_ms: row.try_get("max_hold_ms")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}

fn hook_row(row: &SqliteRow) -> Result<HookRow> {
    let last = match row.try_get::<Option<uuid::Uuid>, _>("last_id")? {
        Some(id) => Some(LastDelivery {
            id: DeliveryId(id),
            state: rows::word(row, "last_state")?,
            at: Millis(row.try_get("last_at")?),
        }),
        None => None,
    };
    Ok(HookRow {
        hook: hook(row)?,
        flow_name: row.try_get("flow_name")?,
        queue_name: row.try_get("queue_name")?,
        last,
        last_day: Figures::default(),
        hours: vec![Figures::default(); HOURS as usize],
    })
}
