//! Flows and their versions.

use super::{FIRST, SqliteStorage, hooks, rows, taken};
use crate::{FlowStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    flow::{Flow, FlowDraft, FlowFilter, FlowRow, FlowVersion},
    ids::FlowId,
    page::{Page, Paging},
    time::Millis,
};
use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};

/// A flow beside one of its versions; `$2` is the version, NULL for the newest.
const FLOW_WITH_VERSION: &str = "SELECT f.*, v.number, v.mode, v.source, v.saved_at, v.saved_by
     FROM flows f JOIN flow_versions v ON v.flow_id = f.id
     WHERE f.id = $1 AND v.number = COALESCE($2, f.current)";

#[async_trait]
impl FlowStore for SqliteStorage {
    async fn flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Page<FlowRow>> {
        let found = sqlx::query(
            "SELECT f.id, f.name, f.kind, f.current, f.updated_at, v.mode, v.saved_by,
                    COUNT(*) OVER () AS total,
                    (SELECT COUNT(*) FROM hooks h WHERE h.flow_id = f.id) AS hooks
             FROM flows f
             JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current
             WHERE ($1 = '' OR instr(f.folded, $1) > 0 OR CAST(f.id AS TEXT) = $1)
               AND ($2 IS NULL OR f.kind = $2)
               AND ($3 IS NULL OR v.mode = $3)
               AND (NOT $4 OR f.kind IN ('default', 'service'))
             ORDER BY CASE WHEN $5 = 'updated' AND NOT $6 THEN f.updated_at END,
                      CASE WHEN $5 = 'updated' AND $6 THEN f.updated_at END DESC,
                      CASE WHEN $5 = 'id' AND NOT $6 THEN f.id END,
                      CASE WHEN $5 = 'id' AND $6 THEN f.id END DESC,
                      CASE WHEN $5 NOT IN ('updated', 'id') AND $6 THEN f.folded END DESC,
                      f.folded, f.id
             LIMIT $7 OFFSET $8",
        )
        .bind(filter.search.trim().to_lowercase())
        .bind(filter.kind.map(|kind| kind.as_str()))
        .bind(filter.mode.map(|mode| mode.as_str()))
        .bind(filter.for_hooks)
        .bind(&filter.sort.column)
        .bind(filter.sort.descending)
        .bind(i64::from(paging.size))
        .bind(paging.offset())
        .fetch_all(&self.readers)
        .await?;
        let total = match found.first() {
            Some(row) => rows::count(row, "total")?,
            None if paging.page > 1 => self.flows(filter, FIRST).await?.total,
            None => 0,
        };
        let items = found
            .iter()
            .map(|row| {
                Ok(FlowRow {
                    id: FlowId(row.try_get("id")?),
                    name: row.try_get("name")?,
                    kind: rows::word(row, "kind")?,
                    mode: rows::word(row, "mode")?,
                    current: rows::small(row, "current")?,
                    hooks: rows::small(row, "hooks")?,
                    updated_at: Millis(row.try_get("updated_at")?),
                    saved_by: row.try_get("saved_by")?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Page { items, total })
    }

    async fn flow(&self, id: FlowId, number: Option<u32>) -> Result<Option<Flow>> {
        let found = sqlx::query(FLOW_WITH_VERSION)
            .bind(id.0)
            .bind(number)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(flow).transpose()
    }

    async fn flow_versions(&self, id: FlowId) -> Result<Vec<FlowVersion>> {
        sqlx::query("SELECT * FROM flow_versions WHERE flow_id = $1 ORDER BY number DESC")
            .bind(id.0)
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(version)
            .collect()
    }

    async fn create_flow(&self, draft: &FlowDraft, by: &str, now: Millis) -> Result<Flow> {
        let mut tx = self.begin().await?;
        let id = sqlx::query_scalar::<_, i64>(
            "INSERT INTO flows (name, folded, kind, description, current, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 1, $5, $5) RETURNING id",
        )
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(draft.kind.as_str())
        .bind(&draft.description)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        let made = add_version(&mut tx, FlowId(id), 1, draft, by, now).await?;
        self.commit_change(tx).await?;
        Ok(made)
    }

    async fn save_flow(
        &self,
        id: FlowId,
        base: u32,
        draft: &FlowDraft,
        by: &str,
        now: Millis,
    ) -> Result<Option<Flow>> {
        let mut tx = self.begin().await?;
        let newest = sqlx::query_scalar::<_, u32>("SELECT current FROM flows WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match newest {
            None => return Ok(None),
            Some(newest) if newest != base => return Err(StorageError::Stale { newest }),
            Some(_) => {}
        }
        sqlx::query(
            "UPDATE flows SET name = $2, folded = $3, kind = $4, description = $5, current = $6,
                              updated_at = $7
             WHERE id = $1",
        )
        .bind(id.0)
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(draft.kind.as_str())
        .bind(&draft.description)
        .bind(base + 1)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(taken("name"))?;
        let saved = add_version(&mut tx, id, base + 1, draft, by, now).await?;
        self.commit_change(tx).await?;
        Ok(Some(saved))
    }

    async fn delete_flow(&self, id: FlowId) -> Result<Option<Flow>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query(FLOW_WITH_VERSION)
            .bind(id.0)
            .bind(None::<u32>)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(found) = found else { return Ok(None) };
        let hooks = sqlx::query("SELECT * FROM hooks WHERE flow_id = $1 ORDER BY id")
            .bind(id.0)
            .fetch_all(&mut *tx)
            .await?;
        let hooks = hooks.iter().map(hooks::hook).collect::<Result<Vec<_>>>()?;
        let open = sqlx::query(
            "SELECT COUNT(*) AS open FROM deliveries
             WHERE +flow_id = $1 AND state <> 'delivered'
               AND state IN ('pending', 'running', 'waiting', 'retrying', 'parked')",
        )
        .bind(id.0)
        .fetch_one(&mut *tx)
        .await?;
        let deliveries = rows::count(&open, "open")?;
        if !hooks.is_empty() || deliveries > 0 {
            return Err(StorageError::InUse { hooks, deliveries });
        }
        sqlx::query("DELETE FROM flows WHERE id = $1").bind(id.0).execute(&mut *tx).await?;
        self.commit_change(tx).await?;
        flow(&found).map(Some)
    }
}

async fn add_version(
    tx: &mut Transaction<'static, Sqlite>,
    id: FlowId,
    number: u32,
    draft: &FlowDraft,
    by: &str,
    now: Millis,
) -> Result<Flow> {
    sqlx::query(
        "INSERT INTO flow_versions (flow_id, number, mode, source, saved_at, saved_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.0)
    .bind(number)
    .bind(draft.mode.as_str())
    .bind(&draft.source)
    .bind(now.0)
    .bind(by)
    .execute(&mut **tx)
    .await?;
    let made = sqlx::query(FLOW_WITH_VERSION).bind(id.0).bind(number).fetch_one(&mut **tx).await?;
    flow(&made)
}

fn flow(row: &SqliteRow) -> Result<Flow> {
    Ok(Flow {
        id: FlowId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: rows::word(row, "kind")?,
        description: row.try_get("description")?,
        current: rows::small(row, "current")?,
        version: version(row)?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}

pub(super) fn version(row: &SqliteRow) -> Result<FlowVersion> {
    Ok(FlowVersion {
        number: rows::small(row, "number")?,
        mode: rows::word(row, "mode")?,
        source: row.try_get("source")?,
        saved_at: Millis(row.try_get("saved_at")?),
        saved_by: row.try_get("saved_by")?,
    })
}
