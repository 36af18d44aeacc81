//! Many hooks or queues at once.

use super::{DbRow, Store, Tx, dialect::IDS, queues::queue, rows, step, taken};
use crate::{
    Result,
    many::{ManyStore, NewCopy},
};
use async_trait::async_trait;
use model::{
    catalog::EventKind,
    ids::{FlowId, HookId, QueueId},
    many::{ChosenHook, ChosenQueue, Refusal},
    queue::Queue,
    time::Millis,
};
use sqlx::{AssertSqlSafe, Row};

#[async_trait]
impl ManyStore for Store {
    async fn chosen_hooks(&self, ids: &[HookId]) -> Result<Vec<ChosenHook>> {
        let found = sqlx::query(AssertSqlSafe(format!(
            "SELECT h.id, h.event, h.enabled, h.queue_id, q.name AS queue_name, h.flow_id,
                    f.name AS flow_name
             FROM hooks h
             JOIN queues q ON q.id = h.queue_id
             JOIN flows f ON f.id = h.flow_id
             WHERE h.id IN {IDS}
             ORDER BY q.folded, q.id, h.event, f.folded, h.id"
        )))
        .bind(rows::to_json(&ids)?)
        .fetch_all(&self.readers)
        .await?;
        found.iter().map(chosen_hook).collect()
    }

    async fn hook_ids(&self, queue: QueueId) -> Result<Vec<HookId>> {
        let found =
            sqlx::query_scalar::<_, i64>("SELECT id FROM hooks WHERE queue_id = $1 ORDER BY id")
                .bind(queue.0)
                .fetch_all(&self.readers)
                .await?;
        Ok(found.into_iter().map(HookId).collect())
    }

    async fn chosen_queues(&self, ids: &[QueueId]) -> Result<Vec<ChosenQueue>> {
        let found = sqlx::query(AssertSqlSafe(format!(
            "SELECT q.id, q.name, q.kind, q.enabled,
                    (SELECT COUNT(*) FROM hooks h WHERE h.queue_id = q.id) AS hooks
             FROM queues q
             WHERE q.id IN {IDS}
             ORDER BY q.folded, q.id"
        )))
        .bind(rows::to_json(&ids)?)
        .fetch_all(&self.readers)
        .await?;
        found.iter().map(chosen_queue).collect()
    }

    async fn wiring(&self, queues: &[QueueId]) -> Result<Vec<(QueueId, EventKind, FlowId)>> {
        let found = sqlx::query(AssertSqlSafe(format!(
            "SELECT queue_id, event, flow_id FROM hooks
             WHERE queue_id IN {IDS}"
        )))
        .bind(rows::to_json(&queues)?)
        .fetch_all(&self.readers)
        .await?;
        let of = |row: &DbRow| {
            Ok((
                QueueId(row.try_get("queue_id")?),
                rows::word(row, "event")?,
                FlowId(row.try_get("flow_id")?),
            ))
        };
        found.iter().map(of).collect()
    }

    async fn set_hooks_enabled(
        &self,
        ids: &[HookId],
        enabled: bool,
        now: Millis,
    ) -> Result<Vec<HookId>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
            "UPDATE hooks SET enabled = $2, updated_at = $3
             WHERE id IN {IDS} RETURNING id"
        )))
        .bind(rows::to_json(&ids)?)
        .bind(enabled)
        .bind(now.0)
        .fetch_all(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        Ok(changed.into_iter().map(HookId).collect())
    }

    async fn delete_hooks(&self, ids: &[HookId]) -> Result<Vec<HookId>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
            "DELETE FROM hooks WHERE id IN {IDS} RETURNING id"
        )))
        .bind(rows::to_json(&ids)?)
        .fetch_all(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        Ok(deleted.into_iter().map(HookId).collect())
    }

    async fn move_hooks(
        &self,
        ids: &[HookId],
        flow: FlowId,
        now: Millis,
    ) -> Result<Vec<(HookId, Refusal)>> {
        let mut tx = self.begin().await?;
        let mut left = Vec::new();
        for id in ids {
            // A statement that breaks a rule of the table is undone alone.
            let mut step = step(&mut tx).await?;
            let moved = sqlx::query("UPDATE hooks SET flow_id = $2, updated_at = $3 WHERE id = $1")
                .bind(id.0)
                .bind(flow.0)
                .bind(now.0)
                .execute(&mut *step)
                .await;
            match moved {
                Ok(done) if done.rows_affected() > 0 => step.commit().await?,
                Ok(_) => left.push((*id, Refusal::Gone)),
                Err(error) => left.push((*id, broken(error)?)),
            }
        }
        self.commit_change(tx).await?;
        Ok(left)
    }

    async fn copy_hooks(
        &self,
        copies: &[NewCopy],
        now: Millis,
    ) -> Result<Vec<Result<HookId, Refusal>>> {
        let mut tx = self.begin().await?;
        let mut made = Vec::with_capacity(copies.len());
        for copy in copies {
            made.push(copy_hook(&mut tx, copy, now).await?);
        }
        self.commit_change(tx).await?;
        Ok(made)
    }

    async fn set_queues_enabled(
        &self,
        ids: &[QueueId],
        enabled: bool,
        now: Millis,
    ) -> Result<Vec<QueueId>> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
            "UPDATE queues SET enabled = $2, updated_at = $3
             WHERE id IN {IDS} RETURNING id"
        )))
        .bind(rows::to_json(&ids)?)
        .bind(enabled)
        .bind(now.0)
        .fetch_all(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        Ok(changed.into_iter().map(QueueId).collect())
    }

    async fn delete_queues(&self, ids: &[QueueId]) -> Result<Vec<QueueId>> {
        let mut tx = self.begin().await?;
        let deleted = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
            "DELETE FROM queues WHERE id IN {IDS} RETURNING id"
        )))
        .bind(rows::to_json(&ids)?)
        .fetch_all(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        Ok(deleted.into_iter().map(QueueId).collect())
    }

    async fn duplicate_queue(
        &self,
        id: QueueId,
        name: &str,
        hooks_disabled: bool,
        now: Millis,
    ) -> Result<Option<Queue>> {
        let mut tx = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO queues
                 (name, folded, kind, description, enabled, variables, extras, created_at,
                  updated_at)
             SELECT $2, $3, kind, description, enabled, variables, extras, $4, $4
             FROM queues WHERE id = $1 RETURNING *",
        )
        .bind(id.0)
        .bind(name)
        .bind(name.to_lowercase())
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(taken("name"))?;
        let Some(made) = made.as_ref().map(queue).transpose()? else { return Ok(None) };
        sqlx::query(
            "INSERT INTO hooks (queue_id, event, flow_id, condition, enabled, ordered,
                                max_hold_ms, policy, extras, created_at, updated_at)
             SELECT $2, event, flow_id, condition, enabled AND NOT $3, ordered, max_hold_ms,
                    policy, extras, $4, $4
             FROM hooks WHERE queue_id = $1 ORDER BY id",
        )
        .bind(id.0)
        .bind(made.id.0)
        .bind(hooks_disabled)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        Ok(Some(made))
    }
}

/// Makes one copy within a transaction, which goes on where it cannot be made.
async fn copy_hook(tx: &mut Tx, copy: &NewCopy, now: Millis) -> Result<Result<HookId, Refusal>> {
    // What breaks a rule of the table is undone alone.
    let mut step = step(tx).await?;
    let made = sqlx::query_scalar::<_, i64>(
        "INSERT INTO hooks (queue_id, event, flow_id, condition, enabled, ordered, max_hold_ms,
                            policy, extras, created_at, updated_at)
         SELECT $2, event, flow_id, condition, enabled AND NOT $3, ordered, max_hold_ms, policy,
                extras, $4, $4
         FROM hooks WHERE id = $1 RETURNING id",
    )
    .bind(copy.of.0)
    .bind(copy.queue.0)
    .bind(copy.disabled)
    .bind(now.0)
    .fetch_optional(&mut *step)
    .await;
    match made {
        Ok(Some(id)) => {
            step.commit().await?;
            Ok(Ok(HookId(id)))
        }
        Ok(None) => Ok(Err(Refusal::Gone)),
        Err(error) => match broken(error)? {
            // The flow is that of a hook which is there, and so is the flow.
            Refusal::FlowGone => Ok(Err(Refusal::QueueGone)),
            other => Ok(Err(other)),
        },
    }
}

/// Which rule of the hooks a statement broke: only one of each kind can be.
fn broken(error: sqlx::Error) -> Result<Refusal> {
    match &error {
        sqlx::Error::Database(fault) if fault.is_unique_violation() => Ok(Refusal::Taken),
        sqlx::Error::Database(fault) if fault.is_foreign_key_violation() => Ok(Refusal::FlowGone),
        _ => Err(error.into()),
    }
}

fn chosen_hook(row: &DbRow) -> Result<ChosenHook> {
    Ok(ChosenHook {
        id: HookId(row.try_get("id")?),
        event: rows::word(row, "event")?,
        enabled: row.try_get("enabled")?,
        queue_id: QueueId(row.try_get("queue_id")?),
        queue_name: row.try_get("queue_name")?,
        flow_id: FlowId(row.try_get("flow_id")?),
        flow_name: row.try_get("flow_name")?,
    })
}

fn chosen_queue(row: &DbRow) -> Result<ChosenQueue> {
    Ok(ChosenQueue {
        id: QueueId(row.try_get("id")?),
        name: row.try_get("name")?,
        kind: rows::word(row, "kind")?,
        enabled: row.try_get("enabled")?,
        hooks: rows::small(row, "hooks")?,
    })
}
