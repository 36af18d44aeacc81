//! What is set up, as the engine keeps it in memory.

use super::{DbRow, Pool, calendars, destinations, dialect::SNAPSHOT, flows, hooks, queues, rows};
use crate::{
    Result,
    journal::{Configuration, PublishedFlow},
};
use model::{
    flow::FlowVersion,
    ids::{FlowId, ListId},
};
use sqlx::Row;

pub(super) async fn read(readers: &Pool) -> Result<Configuration> {
    // One read transaction, so that the parts and the revision belong together.
    let mut tx = readers.begin_with(SNAPSHOT).await?;
    let revision =
        sqlx::query_scalar("SELECT revision FROM settings_revision").fetch_one(&mut *tx).await?;
    // The extras are of no use to the engine, which keeps all of this in memory.
    let queues = sqlx::query(
        "SELECT id, name, kind, description, enabled, paused, release_per_s, resumed_at, variables,
                '{}' AS extras, created_at, updated_at
         FROM queues",
    )
    .fetch_all(&mut *tx)
    .await?;
    let hooks = sqlx::query(
        "SELECT id, queue_id, event, flow_id, condition, enabled, paused, release_per_s, resumed_at,
                ordered, max_hold_ms, policy, '{}' AS extras, created_at, updated_at
         FROM hooks ORDER BY id",
    )
    .fetch_all(&mut *tx)
    .await?;
    let flows = sqlx::query(
        "SELECT f.id, f.name, f.failure_flow, v.number, v.mode, v.source
         FROM flows f JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.current",
    )
    .fetch_all(&mut *tx)
    .await?;
    let settings = sqlx::query(destinations::ALL).fetch_all(&mut *tx).await?;
    let lists = sqlx::query_as("SELECT id, name FROM number_lists").fetch_all(&mut *tx).await?;
    let all_calendars = sqlx::query(calendars::ALL).fetch_all(&mut *tx).await?;
    Ok(Configuration {
        revision,
        queues: queues.iter().map(queues::queue).collect::<Result<_>>()?,
        hooks: hooks.iter().map(hooks::hook).collect::<Result<_>>()?,
        flows: flows.iter().map(published_flow).collect::<Result<_>>()?,
        destinations: settings.iter().map(destinations::settings).collect::<Result<_>>()?,
        calendars: all_calendars.iter().map(calendars::calendar).collect::<Result<_>>()?,
        lists: lists.into_iter().map(|(id, name)| (ListId(id), name)).collect(),
    })
}

pub(super) async fn revision(readers: &Pool) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT revision FROM settings_revision").fetch_one(readers).await?)
}

pub(super) async fn flow_version(
    readers: &Pool,
    id: FlowId,
    number: u32,
) -> Result<Option<FlowVersion>> {
    let found = sqlx::query("SELECT * FROM flow_versions WHERE flow_id = $1 AND number = $2")
        .bind(id.0)
        .bind(i64::from(number))
        .fetch_optional(readers)
        .await?;
    found.as_ref().map(flows::version).transpose()
}

fn published_flow(row: &DbRow) -> Result<PublishedFlow> {
    Ok(PublishedFlow {
        id: FlowId(row.try_get("id")?),
        name: row.try_get("name")?,
        number: rows::small(row, "number")?,
        mode: rows::word(row, "mode")?,
        source: row.try_get("source")?,
        failure_flow: row.try_get::<Option<i64>, _>("failure_flow")?.map(FlowId),
    })
}
