//! What is unfinished, as the engine reads it: in stretches, each by an index of its own, so that
//! neither the log's length nor that of the backlog matters.

use super::{Db, DbRow, Pool, log::among, rows};
use crate::{
    Result,
    journal::{Backlog, OpenDelivery, Stretch, Unfinished},
};
use model::{
    event::Event,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::sync::Arc;

/// A delivery beside its event, as the engine runs it. It is out of order as well when a later one
/// of its lane has begun: the engine may have forgotten that.
const OPEN: &str = "SELECT d.seq, d.id, d.hook_id, d.flow_id, d.flow_version, d.state, d.attempts,
            d.next_at, d.hold_until, d.test, d.created_at, d.out_of_order OR (d.call_attempt IS NOT NULL
                AND EXISTS (SELECT 1 FROM deliveries o
                            WHERE o.call_attempt = d.call_attempt AND o.seq > d.seq
                              AND o.flow_id = d.flow_id AND o.queue_id = d.queue_id
                              AND o.attempts > 0 AND o.replay_of IS NULL)) AS out_of_order,
            e.id AS event_id, e.queue_id, e.kind, e.sender_id, e.call_attempt, e.occurred_at,
            e.accepted_at, e.data, e.variables, e.test AS event_test
     FROM deliveries d JOIN events e ON e.seq = d.event_seq
     WHERE ";

pub(super) async fn backlog(readers: &Pool) -> Result<Vec<Backlog>> {
    let found = sqlx::query(
        "SELECT flow_id, hook_id, COUNT(*) AS deliveries, MIN(created_at) AS oldest
         FROM deliveries WHERE finished_at IS NULL GROUP BY flow_id, hook_id",
    )
    .fetch_all(readers)
    .await?;
    let backlog = |row: &DbRow| {
        Ok(Backlog {
            flow: FlowId(row.try_get("flow_id")?),
            hook: HookId(row.try_get("hook_id")?),
            deliveries: rows::count(row, "deliveries")?,
            oldest: Millis(row.try_get("oldest")?),
        })
    };
    found.iter().map(backlog).collect()
}

pub(super) async fn read(readers: &Pool, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
    let mut sql = QueryBuilder::<Db>::new(OPEN);
    sql.push("d.finished_at IS NULL AND d.seq > ").push_bind(stretch.after);
    if let Some(flow) = stretch.flow {
        sql.push(" AND d.flow_id = ").push_bind(flow.0);
    }
    among(&mut sql, "d.hook_id", stretch.only.iter().map(|hook| hook.0));
    if !stretch.without.is_empty() {
        sql.push(" AND NOT (TRUE");
        among(&mut sql, "d.hook_id", stretch.without.iter().map(|hook| hook.0));
        sql.push(")");
    }
    sql.push(" ORDER BY d.seq LIMIT ").push_bind(i64::from(stretch.limit));
    sql.build().fetch_all(readers).await?.iter().map(open_delivery).collect()
}

pub(super) async fn due(
    readers: &Pool,
    after: (Millis, i64),
    until: Millis,
    limit: u32,
) -> Result<Vec<OpenDelivery>> {
    let mut sql = QueryBuilder::<Db>::new(OPEN);
    sql.push("d.next_at IS NOT NULL AND d.finished_at IS NULL AND (d.next_at, d.seq) > (");
    sql.push_bind(after.0.0).push(", ").push_bind(after.1).push(") AND d.next_at <= ");
    sql.push_bind(until.0).push(" ORDER BY d.next_at, d.seq LIMIT ").push_bind(i64::from(limit));
    sql.build().fetch_all(readers).await?.iter().map(open_delivery).collect()
}

pub(super) async fn one(readers: &Pool, id: DeliveryId) -> Result<Option<OpenDelivery>> {
    let mut sql = QueryBuilder::<Db>::new(OPEN);
    sql.push("d.id = ").push_bind(id.0);
    sql.build().fetch_optional(readers).await?.as_ref().map(open_delivery).transpose()
}

pub(super) async fn cancel(
    writer: &Pool,
    of: Unfinished,
    running: &[DeliveryId],
    limit: u32,
    now: Millis,
) -> Result<Vec<(FlowId, HookId)>> {
    let mut sql =
        QueryBuilder::<Db>::new("UPDATE deliveries SET state = 'cancelled', finished_at = ");
    sql.push_bind(now.0);
    sql.push(", next_at = NULL, hold_until = NULL WHERE seq IN (SELECT seq FROM deliveries");
    sql.push(" WHERE finished_at IS NULL AND ");
    match of {
        Unfinished::Queue(id) => sql.push("queue_id = ").push_bind(id.0),
        Unfinished::Hook(id) => sql.push("hook_id = ").push_bind(id.0),
        Unfinished::Delivery(id) => sql.push("id = ").push_bind(id.0),
    };
    if !running.is_empty() {
        sql.push(" AND id NOT IN (");
        let mut list = sql.separated(", ");
        for id in running {
            list.push_bind(id.0);
        }
        sql.push(")");
    }
    sql.push(" LIMIT ").push_bind(i64::from(limit)).push(") RETURNING flow_id, hook_id");
    let cancelled = sql.build_query_as::<(i64, i64)>().fetch_all(writer).await?;
    Ok(cancelled.into_iter().map(|(flow, hook)| (FlowId(flow), HookId(hook))).collect())
}

fn open_delivery(row: &DbRow) -> Result<OpenDelivery> {
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
        created_at: Millis(row.try_get("created_at")?),
    })
}
