//! The engine's writes, all of a batch in one transaction, and what it reads at a start.

use super::{SqliteStorage, batch, flows, hooks, queues, rows};
use crate::{
    Result,
    journal::{Batch, Committed, Configuration, JournalStore, OpenDelivery, PublishedFlow},
};
use async_trait::async_trait;
use model::{
    event::Event,
    flow::FlowVersion,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    time::Millis,
};
use sqlx::{QueryBuilder, Row, sqlite::SqliteRow};
use std::sync::Arc;
use tokio::sync::watch;

/// A delivery beside its event, as the engine runs it.
const OPEN: &str = "SELECT d.seq, d.id, d.hook_id, d.flow_id, d.flow_version, d.state, d.attempts,
            d.next_at, d.hold_until, d.out_of_order, d.test,
            e.id AS event_id, e.queue_id, e.kind, e.sender_id, e.call_attempt, e.occurred_at,
            e.accepted_at, e.data, e.variables, e.test AS event_test
     FROM deliveries d JOIN events e ON e.seq = d.event_seq";

#[async_trait]
impl JournalStore for SqliteStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        let mut tx = self.begin().await?;
        let committed = batch::write(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(committed)
    }

    async fn unfinished(&self) -> Result<Vec<OpenDelivery>> {
        let mut sql = QueryBuilder::new(OPEN);
        sql.push(
            " WHERE d.state <> 'delivered'
                AND d.state IN ('pending', 'running', 'waiting', 'retrying', 'parked')
                AND NOT (d.state = 'parked'
                         AND d.hook_id IN (SELECT id FROM hooks WHERE paused IS NOT NULL))
              ORDER BY d.seq",
        );
        sql.build().fetch_all(&self.engine).await?.iter().map(open_delivery).collect()
    }

    async fn parked(&self, hook: HookId) -> Result<Vec<OpenDelivery>> {
        let mut sql = QueryBuilder::new(OPEN);
        // The plus keeps the planner from reading the hook's whole history.
        sql.push(" WHERE d.state = 'parked' AND d.state <> 'delivered' AND +d.hook_id = ");
        sql.push_bind(hook.0).push(" ORDER BY d.seq");
        sql.build().fetch_all(&self.engine).await?.iter().map(open_delivery).collect()
    }

    async fn open_delivery(&self, id: DeliveryId) -> Result<Option<OpenDelivery>> {
        let mut sql = QueryBuilder::new(OPEN);
        sql.push(" WHERE d.id = ").push_bind(id.0);
        sql.build().fetch_optional(&self.engine).await?.as_ref().map(open_delivery).transpose()
    }

    async fn configuration(&self) -> Result<Configuration> {
        // One read transaction, so that the parts and the revision belong together.
        let mut tx = self.engine.begin().await?;
        let revision = sqlx::query_scalar("SELECT revision FROM settings_revision")
            .fetch_one(&mut *tx)
            .await?;
        // The extras are of no use to the engine, which keeps all of this in memory.
        let queues = sqlx::query(
            "SELECT id, name, kind, description, enabled, variables, '{}' AS extras,
                    created_at, updated_at
             FROM queues",
        )
        .fetch_all(&mut *tx)
        .await?;
        let hooks = sqlx::query(
            "SELECT id, queue_id, event, flow_id, condition, enabled, paused, ordered,
                    max_hold_ms, '{}' AS extras, created_at, updated_at
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
        Ok(Configuration {
            revision,
            queues: queues.iter().map(queues::queue).collect::<Result<_>>()?,
            hooks: hooks.iter().map(hooks::hook).collect::<Result<_>>()?,
            flows: flows.iter().map(published_flow).collect::<Result<_>>()?,
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

fn open_delivery(row: &SqliteRow) -> Result<OpenDelivery> {
    Ok(OpenDelivery {
        seq: row.try_get("seq")?,
        id: DeliveryId(rows::uuid(row, "id")?),
        event: Arc::new(Event {
            id: EventId(rows::uuid(row, "event_id")?),
            queue_id: QueueId(row.try_get("queue_id")?),
            kind: rows::word(row, "kind")?,
            sender_id: row.try_get("sender_id")?,
            call_attempt: row.try_get("call_attempt")?,
            occurred_at: Millis(row.try_get("occurred_at")?),
            accepted_at: Millis(row.try_get("accepted_at")?),
            data: rows::json(row, "data")?,
            variables: rows::json(row, "variables")?,
            test: row.try_get("event_test")?,
        }),
        hook_id: HookId(row.try_get("hook_id")?),
        flow_id: FlowId(row.try_get("flow_id")?),
        flow_version: rows::small(row, "flow_version")?,
        state: rows::word(row, "state")?,
        attempts: rows::small(row, "attempts")?,
        next_at: row.try_get::<Option<i64>, _>("next_at")?.map(Millis),
        hold_until: row.try_get::<Option<i64>, _>("hold_until")?.map(Millis),
        out_of_order: row.try_get("out_of_order")?,
        test: row.try_get("test")?,
    })
}
