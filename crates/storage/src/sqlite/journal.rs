//! The engine's writes, all of a batch in one transaction, and what it reads at a start.

use super::{SqliteStorage, batch, destinations, flows, hooks, queues, rows, unfinished};
use crate::{
    Result,
    journal::{
        Backlog, Batch, Committed, Configuration, JournalStore, OpenDelivery, PublishedFlow,
        Stretch, Unfinished,
    },
};
use async_trait::async_trait;
use model::{
    flow::FlowVersion,
    ids::{DeliveryId, FlowId, HookId},
    time::Millis,
};
use sqlx::{Row, sqlite::SqliteRow};
use tokio::sync::watch;

#[async_trait]
impl JournalStore for SqliteStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        let mut tx = self.begin().await?;
        let committed = batch::write(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(committed)
    }

    async fn backlog(&self) -> Result<Vec<Backlog>> {
        unfinished::backlog(&self.engine).await
    }

    async fn unfinished(&self, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
        unfinished::read(&self.engine, stretch).await
    }

    async fn due(
        &self,
        after: (Millis, i64),
        until: Millis,
        limit: u32,
    ) -> Result<Vec<OpenDelivery>> {
        unfinished::due(&self.engine, after, until, limit).await
    }

    async fn cancel(
        &self,
        of: Unfinished,
        running: &[DeliveryId],
        limit: u32,
        now: Millis,
    ) -> Result<Vec<(FlowId, HookId)>> {
        unfinished::cancel(&self.writer, of, running, limit, now).await
    }

    async fn open_delivery(&self, id: DeliveryId) -> Result<Option<OpenDelivery>> {
        unfinished::one(&self.engine, id).await
    }

    async fn configuration(&self) -> Result<Configuration> {
        // One read transaction, so that the parts and the revision belong together.
        let mut tx = self.engine.begin().await?;
        let revision = sqlx::query_scalar("SELECT revision FROM settings_revision")
            .fetch_one(&mut *tx)
            .await?;
        // The extras are of no use to the engine, which keeps all of this in memory.
        let queues = sqlx::query(
            "SELECT id, name, kind, description, enabled, paused, release_per_s, variables,
                    '{}' AS extras, created_at, updated_at
             FROM queues",
        )
        .fetch_all(&mut *tx)
        .await?;
        let hooks = sqlx::query(
            "SELECT id, queue_id, event, flow_id, condition, enabled, paused, release_per_s,
                    ordered, max_hold_ms, policy, '{}' AS extras, created_at, updated_at
             FROM hooks ORDER BY id",
        )
        .fetch_all(&mut *tx)
        .await?;
        let flows = sqlx::query(
            "SELECT f.id, f.name, v.number, v.mode, v.source
             FROM flows f JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current",
        )
        .fetch_all(&mut *tx)
        .await?;
        let settings = sqlx::query(destinations::ALL).fetch_all(&mut *tx).await?;
        Ok(Configuration {
            revision,
            queues: queues.iter().map(queues::queue).collect::<Result<_>>()?,
            hooks: hooks.iter().map(hooks::hook).collect::<Result<_>>()?,
            flows: flows.iter().map(published_flow).collect::<Result<_>>()?,
            destinations: settings.iter().map(destinations::settings).collect::<Result<_>>()?,
        })
    }

    async fn flow_version(&self, id: FlowId, number: u32) -> Result<Option<FlowVersion>> {
        let found = sqlx::query("SELECT * FROM flow_versions WHERE flow_id = $1 AND number = $2")
            .bind(id.0)
            .bind(number)
            .fetch_optional(&self.engine)
            .await?;
        found.as_ref().map(flows::version).transpose()
    }

    async fn revision(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT revision FROM settings_revision")
            .fetch_one(&self.engine)
            .await?)
    }

    fn changes(&self) -> watch::Receiver<i64> {
        self.changes.subscribe()
    }
}

fn published_flow(row: &SqliteRow) -> Result<PublishedFlow> {
    Ok(PublishedFlow {
        id: FlowId(row.try_get("id")?),
        name: row.try_get("name")?,
        number: rows::small(row, "number")?,
        mode: rows::word(row, "mode")?,
        source: row.try_get("source")?,
    })
}
