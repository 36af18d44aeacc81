//! Flows and their versions.

use super::{
    Db, DbRow, Store, Tx,
    dialect::{self, IS_UNFINISHED, NARROW, PLACE, UNFINISHED_ALONE},
    hooks,
    lists::{self, Found, List},
    log::among,
    rows, taken,
};
use crate::{FlowStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    flow::{Flow, FlowDraft, FlowFilter, FlowKind, FlowRow, FlowVersion},
    ids::FlowId,
    page::{Page, Paging},
    time::Millis,
};
use sqlx::{AssertSqlSafe, QueryBuilder, Row};

/// A flow beside one of its versions; `$2` is the version, NULL for the newest.
const FLOW_WITH_VERSION: &str = "SELECT f.*, v.number, v.mode, v.source, v.saved_at, v.saved_by
     FROM flows f JOIN flow_versions v ON v.flow_id = f.id
     WHERE f.id = $1 AND v.number = COALESCE($2, f.current)";

#[async_trait]
impl FlowStore for Store {
    async fn flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Page<FlowRow>> {
        let found = self.find_flows(filter, paging).await?;
        let items = lists::read(
            &self.readers,
            &found.ids,
            "SELECT f.id, f.name, f.kind, f.current, f.updated_at, v.mode, v.saved_by,
                    (SELECT COUNT(*) FROM hooks h WHERE h.flow_id = f.id) AS hooks
             FROM flows f
             JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current
             WHERE f.id IN",
            |row| {
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
            },
        )
        .await?;
        Ok(Page { items, total: found.total })
    }

    async fn whole_flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Page<Flow>> {
        let found = self.find_flows(filter, paging).await?;
        let items = lists::read(
            &self.readers,
            &found.ids,
            "SELECT f.*, v.number, v.mode, v.source, v.saved_at, v.saved_by
             FROM flows f
             JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current
             WHERE f.id IN",
            flow,
        )
        .await?;
        Ok(Page { items, total: found.total })
    }

    async fn flow(&self, id: FlowId, number: Option<u32>) -> Result<Option<Flow>> {
        let found = sqlx::query(FLOW_WITH_VERSION)
            .bind(id.0)
            .bind(number.map(i64::from))
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
            "INSERT INTO flows (name, folded, kind, description, current, created_at, updated_at,
                                extras)
             VALUES ($1, $2, $3, $4, 1, $5, $5, COALESCE($6, '{}')) RETURNING id",
        )
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(draft.kind.as_str())
        .bind(&draft.description)
        .bind(now.0)
        .bind(rows::maybe_to_json(draft.extras.as_ref())?)
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
        let found = sqlx::query("SELECT current FROM flows WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match found.as_ref().map(|row| rows::small(row, "current")).transpose()? {
            None => return Ok(None),
            Some(newest) if newest != base => return Err(StorageError::Stale { newest }),
            Some(_) => {}
        }
        write(&mut tx, id, base + 1, draft, now).await?;
        let saved = add_version(&mut tx, id, base + 1, draft, by, now).await?;
        self.commit_change(tx).await?;
        Ok(Some(saved))
    }

    async fn change_flow(
        &self,
        was: &Flow,
        draft: &FlowDraft,
        by: &str,
        now: Millis,
    ) -> Result<Option<Flow>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query(FLOW_WITH_VERSION)
            .bind(was.id.0)
            .bind(None::<i64>)
            .fetch_optional(&mut *tx)
            .await?;
        match found.as_ref().map(flow).transpose()? {
            None => return Ok(None),
            Some(is) if is != *was => return Err(StorageError::Meanwhile),
            Some(_) => {}
        }
        let same = was.version.source == draft.source && was.version.mode == draft.mode;
        let number = if same { was.current } else { was.current + 1 };
        write(&mut tx, was.id, number, draft, now).await?;
        let changed = if same {
            let row = sqlx::query(FLOW_WITH_VERSION)
                .bind(was.id.0)
                .bind(None::<i64>)
                .fetch_one(&mut *tx)
                .await?;
            flow(&row)?
        } else {
            add_version(&mut tx, was.id, number, draft, by, now).await?
        };
        self.commit_change(tx).await?;
        Ok(Some(changed))
    }

    async fn failure_flow(&self, id: FlowId) -> Result<Option<FlowId>> {
        let found = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT n.id FROM flows f JOIN flows n ON n.id = f.failure_flow WHERE f.id = $1",
        )
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        Ok(found.flatten().map(FlowId))
    }

    async fn set_failure_flow(&self, id: FlowId, to: Option<FlowId>, now: Millis) -> Result<bool> {
        let mut tx = self.begin().await?;
        let set = sqlx::query("UPDATE flows SET failure_flow = $2, updated_at = $3 WHERE id = $1")
            .bind(id.0)
            .bind(to.map(|to| to.0))
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        Ok(set.rows_affected() == 1)
    }

    async fn delete_flow(&self, id: FlowId) -> Result<Option<Flow>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query(FLOW_WITH_VERSION)
            .bind(id.0)
            .bind(None::<i64>)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(found) = found else { return Ok(None) };
        let hooks = sqlx::query("SELECT * FROM hooks WHERE flow_id = $1 ORDER BY id")
            .bind(id.0)
            .fetch_all(&mut *tx)
            .await?;
        let hooks = hooks.iter().map(hooks::hook).collect::<Result<Vec<_>>>()?;
        let open = sqlx::query(AssertSqlSafe(format!(
            "SELECT COUNT(*) AS open FROM {UNFINISHED_ALONE}
             WHERE {IS_UNFINISHED} AND {NARROW}.flow_id = $1"
        )))
        .bind(id.0)
        .fetch_one(&mut *tx)
        .await?;
        // Runs at rest stay on the versions of the flows that they have called.
        let calling = sqlx::query(
            "SELECT COUNT(*) AS calling FROM runs r JOIN deliveries d ON d.seq = r.seq
             WHERE d.finished_at IS NULL AND d.flow_id <> $1 AND r.called LIKE $2",
        )
        .bind(id.0)
        .bind(format!("%\"{id}\":%"))
        .fetch_one(&mut *tx)
        .await?;
        let deliveries = rows::count(&open, "open")? + rows::count(&calling, "calling")?;
        let flows = sqlx::query_scalar(
            "SELECT name FROM flows WHERE failure_flow = $1 AND id <> $1 ORDER BY id",
        )
        .bind(id.0)
        .fetch_all(&mut *tx)
        .await?;
        if !hooks.is_empty() || !flows.is_empty() || deliveries > 0 {
            return Err(StorageError::InUse { hooks, flows, deliveries });
        }
        sqlx::query("DELETE FROM flows WHERE id = $1").bind(id.0).execute(&mut *tx).await?;
        self.commit_change(tx).await?;
        flow(&found).map(Some)
    }
}

impl Store {
    async fn find_flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Found> {
        let editor = dialect::json_true("f.extras", "editor");
        let by = match filter.sort.column.as_str() {
            "id" => "f.id",
            "type" => "f.kind",
            "description" => "f.description",
            "mode" => "v.mode",
            "editor" => &editor,
            "created_at" => "f.created_at",
            "updated" | "updated_at" => "f.updated_at",
            _ => "f.folded",
        };
        let mut from = "flows f".to_owned();
        if by.starts_with("v.") || filter.mode.is_some() {
            from.push_str(" JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current");
        }
        let order = lists::order(by, filter.sort.descending, "f.folded, f.id");
        let list = List { id: "f.id", from, order };
        lists::find(&self.readers, &list, paging, |sql| narrow(sql, filter)).await
    }
}

/// Adds the filter's terms.
fn narrow(sql: &mut QueryBuilder<Db>, filter: &FlowFilter) {
    among(sql, "f.id", filter.ids.iter().map(|id| id.0));
    among(sql, "f.kind", filter.kinds.iter().map(|kind| kind.as_str()));
    if filter.for_hooks {
        let fit = FlowKind::ALL.into_iter().filter(|kind| kind.fits_a_hook());
        among(sql, "f.kind", fit.map(FlowKind::as_str).collect::<Vec<_>>().into_iter());
    }
    if let Some(mode) = filter.mode {
        sql.push(" AND v.mode = ").push_bind(mode.as_str());
    }
    if let Some(editor) = filter.editor {
        sql.push(format!(" AND {} = ", dialect::json_true("f.extras", "editor"))).push_bind(editor);
    }
    lists::tagged(sql, "f.extras", &filter.tags);
    for pattern in &filter.patterns {
        lists::like(sql, "f.folded", pattern);
    }
    let search = filter.search.trim().to_lowercase();
    if !search.is_empty() {
        sql.push(format!(" AND ({PLACE}(f.folded, ")).push_bind(search.clone()).push(") > 0");
        sql.push(" OR CAST(f.id AS TEXT) = ").push_bind(search).push(")");
    }
}

/// Changes all that the draft has, but the version.
async fn write(
    tx: &mut Tx,
    id: FlowId,
    current: u32,
    draft: &FlowDraft,
    now: Millis,
) -> Result<()> {
    sqlx::query(
        "UPDATE flows SET name = $2, folded = $3, kind = $4, description = $5, current = $6,
                          updated_at = $7, extras = COALESCE($8, extras)
         WHERE id = $1",
    )
    .bind(id.0)
    .bind(&draft.name)
    .bind(draft.name.to_lowercase())
    .bind(draft.kind.as_str())
    .bind(&draft.description)
    .bind(i64::from(current))
    .bind(now.0)
    .bind(rows::maybe_to_json(draft.extras.as_ref())?)
    .execute(&mut **tx)
    .await
    .map_err(taken("name"))?;
    Ok(())
}

async fn add_version(
    tx: &mut Tx,
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
    .bind(i64::from(number))
    .bind(draft.mode.as_str())
    .bind(&draft.source)
    .bind(now.0)
    .bind(by)
    .execute(&mut **tx)
    .await?;
    let made = sqlx::query(FLOW_WITH_VERSION)
        .bind(id.0)
        .bind(i64::from(number))
        .fetch_one(&mut **tx)
        .await?;
    flow(&made)
}

fn flow(row: &DbRow) -> Result<Flow> {
    Ok(Flow {
        id: FlowId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: rows::word(row, "kind")?,
        description: row.try_get("description")?,
        current: rows::small(row, "current")?,
        version: version(row)?,
        extras: rows::json(row, "extras")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}

pub(super) fn version(row: &DbRow) -> Result<FlowVersion> {
    Ok(FlowVersion {
        number: rows::small(row, "number")?,
        mode: rows::word(row, "mode")?,
        source: row.try_get("source")?,
        saved_at: Millis(row.try_get("saved_at")?),
        saved_by: row.try_get("saved_by")?,
    })
}
