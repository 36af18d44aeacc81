//! Hooks.

use super::{
    Db, DbRow, Store, Tx,
    dialect::PLACE,
    lists::{self, Found, List},
    log::{among, or_among},
    queues::figures,
    rows,
};
use crate::{HookStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    hook::{Hook, HookDraft, HookFilter, HookRow, LastDelivery, PauseReason},
    ids::{DeliveryId, FlowId, HookId, QueueId},
    page::{Page, Paging},
    queue::Figures,
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::collections::HashMap;

/// The hours that a row of the Hooks tab looks back.
const HOURS: i64 = 24;

#[async_trait]
impl HookStore for Store {
    async fn hooks(
        &self,
        filter: &HookFilter,
        paging: Paging,
        now: Millis,
    ) -> Result<Page<HookRow>> {
        let found = self.find_hooks(filter, paging).await?;
        let mut items = lists::read(
            &self.readers,
            &found.ids,
            "SELECT h.*, f.name AS flow_name, q.name AS queue_name,
                    d.id AS last_id, d.state AS last_state,
                    COALESCE(d.finished_at, d.created_at) AS last_at
             FROM hooks h
             JOIN flows f ON f.id = h.flow_id
             JOIN queues q ON q.id = h.queue_id
             LEFT JOIN deliveries d
                    ON d.seq = (SELECT l.seq FROM deliveries l
                                WHERE l.hook_id = h.id AND NOT l.test
                                ORDER BY l.seq DESC LIMIT 1)
             WHERE h.id IN",
            hook_row,
        )
        .await?;
        self.add_figures(&mut items, now).await?;
        Ok(Page { items, total: found.total })
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
                                max_hold_ms, created_at, updated_at, extras, policy)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, COALESCE($9, '{}'), $10) RETURNING *",
        )
        .bind(queue.0)
        .bind(draft.event.as_str())
        .bind(draft.flow_id.0)
        .bind(&draft.condition)
        .bind(draft.enabled)
        .bind(draft.ordered)
        .bind(draft.max_hold_ms)
        .bind(now.0)
        .bind(rows::maybe_to_json(draft.extras.as_ref())?)
        .bind(rows::to_json(&draft.policy)?)
        .fetch_one(&mut *tx)
        .await
        .map_err(refused)?;
        self.commit_change(tx).await?;
        hook(&made)
    }

    async fn change_hook(
        &self,
        was: &Hook,
        draft: &HookDraft,
        now: Millis,
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT * FROM hooks WHERE id = $1")
            .bind(was.id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match found.as_ref().map(hook).transpose()? {
            None => return Ok(None),
            Some(is) if is != *was => return Err(StorageError::Meanwhile),
            Some(_) => {}
        }
        let changed = write(&mut tx, was.id, draft, now).await?;
        self.commit_change(tx).await?;
        Ok(changed)
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
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE hooks SET paused = $2 WHERE id = $1 RETURNING *")
            .bind(id.0)
            .bind(paused.map(|reason| reason.as_str()))
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(hook).transpose()
    }

    async fn resume_hook(
        &self,
        id: HookId,
        release_per_s: Option<u32>,
        now: Millis,
    ) -> Result<Option<Hook>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE hooks SET paused = NULL, release_per_s = $2, resumed_at = $3
             WHERE id = $1 AND paused IS NOT NULL RETURNING *",
        )
        .bind(id.0)
        .bind(release_per_s.map(i64::from))
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(changed) = changed else { return self.hook(id).await };
        self.commit_change(tx).await?;
        hook(&changed).map(Some)
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

impl Store {
    async fn find_hooks(&self, filter: &HookFilter, paging: Paging) -> Result<Found> {
        let search = filter.search.trim().to_lowercase();
        let by = match filter.sort.column.as_str() {
            "event" => "h.event",
            "flow" | "schema" => "f.folded",
            "queue" => "q.folded",
            "enabled" => "h.enabled",
            "created_at" => "h.created_at",
            "updated_at" => "h.updated_at",
            _ => "h.id",
        };
        // A table that nothing asks for is not looked at.
        let mut from = "hooks h".to_owned();
        if by.starts_with("f.") || !search.is_empty() {
            from.push_str(" JOIN flows f ON f.id = h.flow_id");
        }
        if by.starts_with("q.") || !search.is_empty() {
            from.push_str(" JOIN queues q ON q.id = h.queue_id");
        }
        let order = lists::order(by, filter.sort.descending, "h.id");
        let list = List { id: "h.id", from, order };
        let with_condition = self.with_condition(filter).await?;
        lists::find(&self.readers, &list, paging, |sql| {
            narrow(sql, filter);
            if search.is_empty() {
                return;
            }
            sql.push(format!(" AND ({PLACE}(f.folded, ")).push_bind(search.clone()).push(") > 0");
            sql.push(format!(" OR {PLACE}(h.event, ")).push_bind(search.clone()).push(") > 0");
            if filter.queues.is_empty() {
                sql.push(format!(" OR {PLACE}(q.folded, ")).push_bind(search.clone()).push(") > 0");
            }
            sql.push(" OR CAST(h.id AS TEXT) = ").push_bind(search.clone());
            or_among(sql, "h.id", with_condition.iter().copied());
            sql.push(")");
        })
        .await
    }

    /// The ids of the hooks whose condition holds the searched text, in any case of every
    /// alphabet.
    async fn with_condition(&self, filter: &HookFilter) -> Result<Vec<i64>> {
        let mut found = Vec::new();
        if !filter.search.trim().is_empty() {
            let mut sql =
                QueryBuilder::new("SELECT h.id, h.condition FROM hooks h WHERE h.condition <> ''");
            narrow(&mut sql, filter);
            let conditions = sql.build_query_as::<(i64, String)>().fetch_all(&self.readers).await?;
            let holds = |(_, condition): &(i64, String)| rows::holds(condition, &filter.search);
            found.extend(conditions.into_iter().filter(holds).map(|(id, _)| id));
        }
        Ok(found)
    }

    /// Fills in the day's figures of these hooks, from the counters.
    async fn add_figures(&self, items: &mut [HookRow], now: Millis) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let this_hour = now.minute().div_euclid(60);
        let first_hour = this_hour - HOURS + 1;
        let mut query = QueryBuilder::new(
            "SELECT hook_id, minute / 60 AS hour, CAST(SUM(events) AS BIGINT) AS events,
                    CAST(SUM(delivered) AS BIGINT) AS delivered,
                    CAST(SUM(failed) AS BIGINT) AS failed,
                    CAST(SUM(skipped) AS BIGINT) AS skipped
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

/// Adds the filter's terms that concern hooks alone.
fn narrow(sql: &mut QueryBuilder<Db>, filter: &HookFilter) {
    among(sql, "h.id", filter.ids.iter().map(|id| id.0));
    among(sql, "h.queue_id", filter.queues.iter().map(|id| id.0));
    among(sql, "h.flow_id", filter.flows.iter().map(|id| id.0));
    among(sql, "h.event", filter.events.iter().map(|event| event.as_str()));
    if let Some(enabled) = filter.enabled {
        sql.push(" AND h.enabled = ").push_bind(enabled);
    }
    lists::like(sql, "h.event", &filter.pattern);
}

/// Changes all that the draft has.
async fn write(tx: &mut Tx, id: HookId, draft: &HookDraft, now: Millis) -> Result<Option<Hook>> {
    let changed = sqlx::query(
        "UPDATE hooks SET event = $2, flow_id = $3, condition = $4, enabled = $5, ordered = $6,
                          max_hold_ms = $7, updated_at = $8, extras = COALESCE($9, extras),
                          policy = $10
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
    .bind(rows::maybe_to_json(draft.extras.as_ref())?)
    .bind(rows::to_json(&draft.policy)?)
    .fetch_optional(&mut **tx)
    .await
    .map_err(refused)?;
    changed.as_ref().map(hook).transpose()
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

pub(super) fn hook(row: &DbRow) -> Result<Hook> {
    Ok(Hook {
        id: HookId(row.try_get("id")?),
        queue_id: QueueId(row.try_get("queue_id")?),
        event: rows::word(row, "event")?,
        flow_id: FlowId(row.try_get("flow_id")?),
        condition: row.try_get("condition")?,
        enabled: row.try_get("enabled")?,
        paused: rows::maybe_word(row, "paused")?,
        release_per_s: rows::maybe_small(row, "release_per_s")?,
        resumed_at: row.try_get::<Option<i64>, _>("resumed_at")?.map(Millis),
        ordered: row.try_get("ordered")?,
        max_hold_ms: row.try_get("max_hold_ms")?,
        policy: rows::json(row, "policy")?,
        extras: rows::json(row, "extras")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}

fn hook_row(row: &DbRow) -> Result<HookRow> {
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
