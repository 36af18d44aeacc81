//! What is unfinished, as the engine reads it: in stretches, each by an index of its own, so that
//! neither the log's length nor that of the backlog matters.

use super::{
    Conn, Db, DbRow, Pool,
    dialect::{
        AMONG, CALLED_OFF, IS_UNFINISHED, LANES, NARROW, NEWEST, NUMBERS, UNFINISHED,
        UNFINISHED_ALONE, in_its_call,
    },
    hold,
    log::{among, or_among},
    rows, runs, tail,
};
use crate::{
    Result,
    journal::{Counted, Lot, OpenDelivery, Shard, Stretch, Unfinished},
    nodes::{Incarnation, Shards},
};
use model::{
    event::Event,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// A delivery beside its event, as the engine runs it.
const OPEN: &str = "SELECT d.seq, d.id, d.hook_id, d.flow_id, d.flow_version, d.state, d.attempts,
            d.next_at, d.hold_until, d.test, d.created_at, d.shard, d.parent, d.out_of_order,
            EXISTS (SELECT 1 FROM runs r WHERE r.seq = d.seq) AS rests,
            e.id AS event_id, e.queue_id, e.kind, e.sender_id, e.call_attempt, e.occurred_at,
            e.accepted_at, e.data, e.variables, e.test AS event_test";

/// Goes on with what makes a delivery `o` one of the lane of `{of}`.
fn of_lane(of: &str) -> String {
    // By its call, and by no other index, which while little is there would cost the same: hence the sums.
    format!(
        "o.call_attempt = {of}.call_attempt AND o.flow_id + 0 = {of}.flow_id
         AND o.queue_id + 0 = {of}.queue_id AND o.parent IS NULL AND NOT o.test"
    )
}

/// Gives the last one of a lane, however many there are.
const LAST: &str = " ORDER BY o.call_attempt DESC, o.seq DESC LIMIT 1)";

/// Begins to read them from these tables, among which is the delivery `d`.
fn open(tables: &str) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(OPEN);
    sql.push(", CAST(NULL AS BIGINT)");
    from(&mut sql, tables);
    sql
}

fn from(sql: &mut QueryBuilder<Db>, tables: &str) {
    sql.push(format!(" AS behind FROM {tables} JOIN events e ON e.seq = d.event_seq WHERE "));
}

/// Narrows to what is of none of these hooks.
fn left_out(sql: &mut QueryBuilder<Db>, hook: &str, hooks: &[HookId]) {
    if !hooks.is_empty() {
        sql.push(" AND NOT (TRUE");
        among(sql, hook, hooks.iter().map(|hook| hook.0));
        sql.push(")");
    }
}

pub(super) async fn backlog(readers: &Pool, shards: Shards) -> Result<Counted> {
    // The row without a lot has the newest number: as of the same moment as the rest.
    let mut sql = QueryBuilder::<Db>::new("SELECT 0 AS shard, 0 AS flow_id, 0 AS hook_id, ");
    sql.push(NEWEST);
    sql.push(format!(
        " AS deliveries UNION ALL SELECT shard, flow_id, hook_id, COUNT(*) AS deliveries
         FROM {UNFINISHED_ALONE} WHERE {IS_UNFINISHED}"
    ));
    within(&mut sql, shards);
    sql.push(" GROUP BY shard, flow_id, hook_id");
    let mut counted = Counted::default();
    for row in sql.build().fetch_all(readers).await? {
        let lot = lot(&row)?;
        match lot.flow.0 {
            0 => counted.newest = row.try_get("deliveries")?,
            _ => counted.lots.push((lot, rows::count(&row, "deliveries")?)),
        }
    }
    Ok(counted)
}

/// Narrows to deliveries of these shards.
pub(super) fn within(sql: &mut QueryBuilder<Db>, shards: Shards) {
    if shards.is_empty() {
        sql.push(" AND FALSE");
    } else if shards != Shards::ALL {
        let shards: Vec<_> = shards.iter().map(|shard| i64::from(shard.0)).collect();
        among(sql, &format!("{NARROW}.shard"), shards.into_iter());
    }
}

fn lot(row: &DbRow) -> Result<Lot> {
    Ok(Lot {
        shard: shard(row)?,
        flow: FlowId(row.try_get("flow_id")?),
        hook: HookId(row.try_get("hook_id")?),
    })
}

fn shard(row: &DbRow) -> Result<Shard> {
    Ok(Shard(u8::try_from(row.try_get::<i64, _>("shard")?).unwrap_or_default()))
}

pub(super) async fn read(readers: &Pool, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
    let mut sql = match stretch.flow.filter(|_| stretch.ahead) {
        Some(flow) => {
            let mut sql = QueryBuilder::new(OPEN);
            behind(&mut sql, flow, stretch);
            from(&mut sql, UNFINISHED);
            sql
        }
        None => open(UNFINISHED),
    };
    sql.push(format!("{IS_UNFINISHED} AND {NARROW}.seq > ")).push_bind(stretch.after);
    if let Some(until) = stretch.until {
        sql.push(format!(" AND {NARROW}.seq <= ")).push_bind(until);
    }
    if let Some((now, until)) = stretch.awake {
        sql.push(format!(" AND ({NARROW}.next_at IS NULL OR {NARROW}.next_at <= "));
        sql.push_bind(until.0).push(" OR d.hold_until > ").push_bind(now.0).push(")");
    }
    within(&mut sql, stretch.shards);
    if let Some(flow) = stretch.flow {
        sql.push(format!(" AND {NARROW}.flow_id = ")).push_bind(flow.0);
    }
    let hook = format!("{NARROW}.hook_id");
    among(&mut sql, &hook, stretch.only.iter().map(|hook| hook.0));
    left_out(&mut sql, &hook, &stretch.without);
    sql.push(format!(" ORDER BY {NARROW}.seq LIMIT ")).push_bind(i64::from(stretch.limit));
    if stretch.fresh { open_ones(readers, sql).await } else { found(readers, sql).await }
}

/// Goes on with what stands before each in its lane and may be read with it: not what is of the hooks
/// `beside`, and no test. Those have nothing before them, either.
fn behind(sql: &mut QueryBuilder<Db>, flow: FlowId, stretch: &Stretch) {
    // No further back than where the flow's begin that are not in memory.
    let first = format!(
        "(SELECT {NARROW}.seq FROM {UNFINISHED_ALONE}
          WHERE {IS_UNFINISHED} AND {NARROW}.flow_id = {flow} AND {NARROW}.seq > {}
          ORDER BY {NARROW}.seq LIMIT 1)",
        stretch.since
    );
    sql.push(", CASE WHEN NOT d.test AND d.parent IS NULL");
    left_out(sql, "d.hook_id", &stretch.beside);
    sql.push(" THEN (SELECT o.seq FROM deliveries o WHERE ").push(of_lane("d"));
    sql.push(" AND o.finished_at IS NULL");
    sql.push(" AND ").push(in_its_call("<", "d", "d.seq"));
    sql.push(" AND ").push(in_its_call(">=", "d", &first));
    left_out(sql, "o.hook_id", &stretch.beside);
    sql.push(LAST).push(" END");
}

/// What the query finds, with what of it has been overtaken.
async fn found(readers: &Pool, sql: QueryBuilder<Db>) -> Result<Vec<OpenDelivery>> {
    let mut open = open_ones(readers, sql).await?;
    mark_overtaken(readers, &mut open).await?;
    Ok(open)
}

async fn open_ones(readers: &Pool, mut sql: QueryBuilder<Db>) -> Result<Vec<OpenDelivery>> {
    let rows = sql.build().fetch_all(readers).await?;
    rows.iter().map(open_delivery).collect()
}

/// Marks what a later one of its lane has overtaken: the engine may have forgotten that. Each lane is
/// looked through once, from its end to the first of these; were it for each delivery, a call of many
/// would be looked through as often as it has them.
async fn mark_overtaken(readers: &Pool, open: &mut [OpenDelivery]) -> Result<()> {
    let lane = |one: &OpenDelivery| {
        let stands = one.parent.is_none() && !one.test && !one.state.is_final();
        stands.then_some((one.event.call_attempt?, one.flow_id, one.event.queue_id))
    };
    let mut lanes = HashMap::new();
    for one in &*open {
        if let Some(lane) = lane(one) {
            lanes
                .entry(lane)
                .and_modify(|first: &mut i64| *first = one.seq.min(*first))
                .or_insert(one.seq);
        }
    }
    if lanes.is_empty() {
        return Ok(());
    }
    let lanes: Vec<_> = lanes
        .into_iter()
        .map(|((call, flow, queue), first)| (call, flow.0, queue.0, first))
        .collect();
    let mut sql = QueryBuilder::<Db>::new("SELECT k.call_attempt, k.flow_id, k.queue_id, (");
    sql.push("SELECT o.seq FROM deliveries o WHERE ").push(of_lane("k"));
    sql.push(" AND o.attempts > 0 AND o.replay_of IS NULL AND NOT EXISTS (SELECT 1 FROM hooks h ");
    sql.push("WHERE h.id = o.hook_id AND NOT h.ordered) AND ");
    sql.push(in_its_call(">", "k", "k.seq")).push(LAST).push(" AS begun FROM (");
    sql.push(LANES.0).push_bind(rows::to_json(&lanes)?).push(LANES.1).push(") AS k");
    let mut begun = HashMap::new();
    for row in sql.build().fetch_all(readers).await? {
        let flow = FlowId(row.try_get("flow_id")?);
        let queue = QueueId(row.try_get("queue_id")?);
        if let Some(last) = row.try_get::<Option<i64>, _>("begun")? {
            begun.insert((row.try_get("call_attempt")?, flow, queue), last);
        }
    }
    for one in open {
        let last = lane(one).and_then(|lane| begun.get(&lane));
        one.overtaken = last.is_some_and(|last| *last > one.seq);
    }
    Ok(())
}

pub(super) async fn numbered(readers: &Pool, seqs: &[i64]) -> Result<Vec<OpenDelivery>> {
    // One statement, however many there are. It asks the key for each: nothing in it fits an index of
    // what is unfinished, and the order is made here.
    let mut sql = open(UNFINISHED);
    sql.push(format!("{NARROW}.seq {}{}", AMONG.0, NUMBERS.0)).push_bind(rows::to_json(&seqs)?);
    sql.push(format!("{}{} AND d.finished_at + 0 IS NULL", NUMBERS.1, AMONG.1));
    let mut open = found(readers, sql).await?;
    open.sort_unstable_by_key(|one| one.seq);
    Ok(open)
}

pub(super) async fn due(
    readers: &Pool,
    after: (Millis, i64),
    until: Millis,
    shards: Shards,
    limit: u32,
) -> Result<Vec<OpenDelivery>> {
    let mut sql = open(UNFINISHED);
    sql.push(format!(
        "{NARROW}.next_at IS NOT NULL AND {IS_UNFINISHED} AND ({NARROW}.next_at, {NARROW}.seq) > ("
    ));
    sql.push_bind(after.0.0).push(", ").push_bind(after.1);
    sql.push(format!(") AND {NARROW}.next_at <= ")).push_bind(until.0);
    within(&mut sql, shards);
    sql.push(format!(" ORDER BY {NARROW}.next_at, {NARROW}.seq LIMIT "));
    sql.push_bind(i64::from(limit));
    found(readers, sql).await
}

pub(super) async fn one(readers: &Pool, id: DeliveryId) -> Result<Option<OpenDelivery>> {
    let mut sql = open("deliveries d");
    sql.push("d.id = ").push_bind(id.0);
    Ok(found(readers, sql).await?.pop())
}

pub(super) async fn numbers_of(
    readers: &Pool,
    of: Unfinished,
    shards: Shards,
    after: i64,
    limit: u32,
) -> Result<Vec<i64>> {
    let mut sql = QueryBuilder::<Db>::new(format!("SELECT {NARROW}.seq"));
    of_whom(&mut sql, of, shards);
    sql.push(format!(" AND {NARROW}.seq > ")).push_bind(after);
    sql.push(format!(" ORDER BY {NARROW}.seq LIMIT ")).push_bind(i64::from(limit));
    Ok(sql.build_query_scalar().fetch_all(readers).await?)
}

pub(super) async fn note_called_off(writer: &Pool, seqs: &[i64]) -> Result<u64> {
    let mut sql = QueryBuilder::<Db>::new("INSERT INTO called_off (seq) ");
    sql.push(format!("SELECT {NARROW}.seq FROM {UNFINISHED_ALONE} WHERE {NARROW}.seq "));
    sql.push(format!("{}{}", AMONG.0, NUMBERS.0)).push_bind(rows::to_json(&seqs)?);
    sql.push(format!("{}{} AND {IS_UNFINISHED} ON CONFLICT DO NOTHING", NUMBERS.1, AMONG.1));
    let mut tx = writer.begin().await?;
    let noted = sql.build().execute(&mut *tx).await?.rows_affected();
    tx.commit().await?;
    Ok(noted)
}

pub(super) async fn cancel(
    writer: &Pool,
    of: Unfinished,
    shards: Shards,
    running: &[DeliveryId],
    limit: u32,
    now: Millis,
    under: Option<Incarnation>,
) -> Result<Vec<(i64, Lot)>> {
    let mut sql = QueryBuilder::<Db>::new(CALLED_OFF.0);
    sql.push("UPDATE deliveries SET state = 'cancelled', next_at = NULL, hold_until = NULL, ");
    sql.push("finished_at = ").push_bind(now.0);
    sql.push(format!(" WHERE finished_at IS NULL AND seq IN (SELECT {NARROW}.seq"));
    of_whom(&mut sql, of, shards);
    if !running.is_empty() {
        sql.push(format!(" AND {NARROW}.seq NOT IN (SELECT r.seq FROM deliveries r WHERE TRUE"));
        among(&mut sql, "r.id", running.iter().map(|id| id.0));
        sql.push(")");
    }
    sql.push(" LIMIT ").push_bind(i64::from(limit)).push(")").push(CALLED_OFF.1);
    let mut tx = writer.begin().await?;
    hold(&mut tx, under).await?;
    let cancelled = sql.build().fetch_all(&mut *tx).await?;
    let seqs =
        cancelled.iter().map(|row| row.try_get("seq")).collect::<sqlx::Result<Vec<i64>>>()?;
    let mut sql = QueryBuilder::default();
    if runs::forget(&mut sql, &seqs) {
        sql.build().execute(&mut *tx).await?;
    }
    forget_called_off(&mut tx, of, &seqs).await?;
    tail::write(&mut tx, seqs.iter().copied()).await?;
    tx.commit().await?;
    seqs.into_iter().zip(&cancelled).map(|(seq, row)| Ok((seq, lot(row)?))).collect()
}

/// Forgets that these were called off, since they have ended; where all were looked for that were,
/// those as well that have come to another end.
async fn forget_called_off(tx: &mut Conn, of: Unfinished, seqs: &[i64]) -> Result<()> {
    let mut sql = QueryBuilder::<Db>::new("DELETE FROM called_off WHERE FALSE");
    if !seqs.is_empty() {
        or_among(&mut sql, "seq", seqs.iter().copied());
    }
    if of == Unfinished::CalledOff {
        sql.push(format!(" OR NOT EXISTS (SELECT 1 FROM {UNFINISHED_ALONE}"));
        sql.push(format!(" WHERE {NARROW}.seq = called_off.seq AND {IS_UNFINISHED})"));
    }
    sql.build().execute(tx).await?;
    Ok(())
}

/// Goes on with what is unfinished there.
fn of_whom(sql: &mut QueryBuilder<Db>, of: Unfinished, shards: Shards) {
    sql.push(format!(" FROM {UNFINISHED_ALONE} WHERE {IS_UNFINISHED} AND {NARROW}."));
    match of {
        Unfinished::Queue(id) => sql.push("queue_id = ").push_bind(id.0),
        Unfinished::Hook(id) => sql.push("hook_id = ").push_bind(id.0),
        Unfinished::Delivery(id) => {
            sql.push("seq = (SELECT s.seq FROM deliveries s WHERE s.id = ").push_bind(id.0);
            sql.push(")")
        }
        Unfinished::CalledOff => sql.push("seq IN (SELECT c.seq FROM called_off c)"),
    };
    within(sql, shards);
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
        overtaken: false,
        rests: row.try_get("rests")?,
        test: row.try_get("test")?,
        parent: row.try_get::<Option<Uuid>, _>("parent")?.map(DeliveryId),
        created_at: Millis(row.try_get("created_at")?),
        shard: shard(row)?,
        behind: row.try_get("behind")?,
    })
}
