//! Queues.

use super::{
    Db, DbRow, Store, Tx,
    dialect::{self, PLACE},
    lists::{self, Found, List},
    log::among,
    rows, taken,
};
use crate::{QueueStore, Result, StorageError};
use async_trait::async_trait;
use model::{
    catalog::QueueType,
    ids::QueueId,
    page::{Page, Paging},
    queue::{Figures, Queue, QueueDraft, QueueFilter, QueueRow},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::collections::HashMap;

#[async_trait]
impl QueueStore for Store {
    async fn queues(
        &self,
        filter: &QueueFilter,
        paging: Paging,
        since: Millis,
    ) -> Result<Page<QueueRow>> {
        let found = self.find_queues(filter, paging).await?;
        let figures = self.figures_of(&found.ids, since).await?;
        let items = lists::read(
            &self.readers,
            &found.ids,
            "SELECT q.id, q.name, q.kind, q.enabled, q.paused,
                    (SELECT COUNT(*) FROM hooks h WHERE h.queue_id = q.id) AS hooks
             FROM queues q WHERE q.id IN",
            |row| {
                let id = row.try_get("id")?;
                Ok(QueueRow {
                    id: QueueId(id),
                    name: row.try_get("name")?,
                    kind: rows::word(row, "kind")?,
                    enabled: row.try_get("enabled")?,
                    paused: row.try_get("paused")?,
                    hooks: rows::small(row, "hooks")?,
                    last_hour: figures.get(&id).copied().unwrap_or_default(),
                })
            },
        )
        .await?;
        Ok(Page { items, total: found.total })
    }

    async fn whole_queues(&self, filter: &QueueFilter, paging: Paging) -> Result<Page<Queue>> {
        let found = self.find_queues(filter, paging).await?;
        let select = "SELECT * FROM queues WHERE id IN";
        let items = lists::read(&self.readers, &found.ids, select, queue).await?;
        Ok(Page { items, total: found.total })
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
                 (name, folded, kind, description, enabled, created_at, updated_at, variables,
                  extras)
             VALUES ($1, $2, $3, $4, $5, $6, $6, COALESCE($7, '{}'), COALESCE($8, '{}'))
             RETURNING *",
        )
        .bind(&draft.name)
        .bind(draft.name.to_lowercase())
        .bind(draft.kind.as_str())
        .bind(&draft.description)
        .bind(draft.enabled)
        .bind(now.0)
        .bind(rows::maybe_to_json(draft.variables.as_ref())?)
        .bind(rows::maybe_to_json(draft.extras.as_ref())?)
        .fetch_one(&mut *tx)
        .await
        .map_err(taken("name"))?;
        self.commit_change(tx).await?;
        queue(&made)
    }

    async fn change_queue(
        &self,
        was: &Queue,
        draft: &QueueDraft,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT * FROM queues WHERE id = $1")
            .bind(was.id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match found.as_ref().map(queue).transpose()? {
            None => return Ok(None),
            Some(is) if is != *was => return Err(StorageError::Meanwhile),
            Some(_) => {}
        }
        let changed = write(&mut tx, was.id, draft, now).await?;
        self.commit_change(tx).await?;
        Ok(changed)
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

    async fn pause_queue(&self, id: QueueId) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query("UPDATE queues SET paused = TRUE WHERE id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit_change(tx).await?;
        changed.as_ref().map(queue).transpose()
    }

    async fn resume_queue(
        &self,
        id: QueueId,
        release_per_s: Option<u32>,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE queues SET paused = FALSE, release_per_s = $2, resumed_at = $3
             WHERE id = $1 AND paused RETURNING *",
        )
        .bind(id.0)
        .bind(release_per_s.map(i64::from))
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(changed) = changed else { return self.queue(id).await };
        self.commit_change(tx).await?;
        queue(&changed).map(Some)
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
            "SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) AS events,
                    CAST(COALESCE(SUM(delivered), 0) AS BIGINT) AS delivered,
                    CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed,
                    CAST(COALESCE(SUM(skipped), 0) AS BIGINT) AS skipped
             FROM counters WHERE queue_id = $1 AND minute >= $2",
        )
        .bind(id.0)
        .bind(since.minute())
        .fetch_one(&self.readers)
        .await?;
        figures(&sums)
    }
}

impl Store {
    async fn find_queues(&self, filter: &QueueFilter, paging: Paging) -> Result<Found> {
        let priority = format!("COALESCE({}, 0)", dialect::json_number("q.extras", "priority"));
        let team = dialect::json_text("q.extras", &["team", "name"]);
        let team = format!("COALESCE({team}, '')");
        let by = match filter.sort.column.as_str() {
            "id" => "q.id",
            "type" => "q.kind",
            "enabled" => "q.enabled",
            "description" => "q.description",
            "priority" => &priority,
            "team" => &team,
            "created_at" => "q.created_at",
            "updated_at" => "q.updated_at",
            _ => "q.folded",
        };
        let list = List {
            id: "q.id",
            from: "queues q".into(),
            order: lists::order(by, filter.sort.descending, "q.folded, q.id"),
        };
        lists::find(&self.readers, &list, paging, |sql| narrow(sql, filter)).await
    }

    /// What these queues did since then.
    async fn figures_of(&self, ids: &[i64], since: Millis) -> Result<HashMap<i64, Figures>> {
        // No ids would narrow nothing, and all counters of that time would be added up.
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = QueryBuilder::new(
            "SELECT queue_id, CAST(SUM(events) AS BIGINT) AS events,
                    CAST(SUM(delivered) AS BIGINT) AS delivered,
                    CAST(SUM(failed) AS BIGINT) AS failed,
                    CAST(SUM(skipped) AS BIGINT) AS skipped
             FROM counters WHERE minute >= ",
        );
        sql.push_bind(since.minute());
        among(&mut sql, "queue_id", ids.iter().copied());
        sql.push(" GROUP BY queue_id");
        let found = sql.build().fetch_all(&self.readers).await?;
        found.iter().map(|row| Ok((row.try_get("queue_id")?, figures(row)?))).collect()
    }
}

/// Adds the filter's terms.
fn narrow(sql: &mut QueryBuilder<Db>, filter: &QueueFilter) {
    among(sql, "q.id", filter.ids.iter().map(|id| id.0));
    among(sql, "q.kind", filter.kinds.iter().map(|kind| kind.as_str()));
    if !filter.codes.is_empty() {
        sql.push(" AND (FALSE");
        for code in &filter.codes {
            // A number that no type has finds nothing.
            let Some(kind) = QueueType::from_code(*code) else { continue };
            sql.push(" OR (q.kind = ").push_bind(kind.as_str());
            sql.push(format!(" AND COALESCE({}, ", dialect::json_number("q.extras", "type")));
            sql.push_bind(i64::from(kind.code()))
                .push(") = ")
                .push_bind(i64::from(*code))
                .push(")");
        }
        sql.push(")");
    }
    if let Some(enabled) = filter.enabled {
        sql.push(" AND q.enabled = ").push_bind(enabled);
    }
    among(
        sql,
        &dialect::json_text("q.extras", &["team", "id"]),
        filter.teams.iter().map(String::as_str),
    );
    lists::tagged(sql, "q.extras", &filter.tags);
    lists::like(sql, "q.folded", &filter.pattern);
    let search = filter.search.trim().to_lowercase();
    if !search.is_empty() {
        sql.push(format!(" AND ({PLACE}(q.folded, ")).push_bind(search.clone()).push(") > 0");
        sql.push(" OR CAST(q.id AS TEXT) = ").push_bind(search).push(")");
    }
}

/// Changes all that the draft has, but the type.
async fn write(tx: &mut Tx, id: QueueId, draft: &QueueDraft, now: Millis) -> Result<Option<Queue>> {
    let changed = sqlx::query(
        "UPDATE queues SET name = $2, folded = $3, description = $4, enabled = $5,
                           updated_at = $6, variables = COALESCE($7, variables),
                           extras = COALESCE($8, extras)
         WHERE id = $1 RETURNING *",
    )
    .bind(id.0)
    .bind(&draft.name)
    .bind(draft.name.to_lowercase())
    .bind(&draft.description)
    .bind(draft.enabled)
    .bind(now.0)
    .bind(rows::maybe_to_json(draft.variables.as_ref())?)
    .bind(rows::maybe_to_json(draft.extras.as_ref())?)
    .fetch_optional(&mut **tx)
    .await
    .map_err(taken("name"))?;
    changed.as_ref().map(queue).transpose()
}

/// The four sums of a row of counters.
pub(super) fn figures(row: &DbRow) -> Result<Figures> {
    Ok(Figures {
        events: rows::count(row, "events")?,
        delivered: rows::count(row, "delivered")?,
        failed: rows::count(row, "failed")?,
        skipped: rows::count(row, "skipped")?,
    })
}

pub(super) fn queue(row: &DbRow) -> Result<Queue> {
    Ok(Queue {
        id: QueueId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: rows::word(row, "kind")?,
        description: row.try_get("description")?,
        enabled: row.try_get("enabled")?,
        paused: row.try_get("paused")?,
        release_per_s: rows::maybe_small(row, "release_per_s")?,
        resumed_at: row.try_get::<Option<i64>, _>("resumed_at")?.map(Millis),
        variables: rows::json(row, "variables")?,
        extras: rows::json(row, "extras")?,
        created_at: Millis(row.try_get("created_at")?),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}
