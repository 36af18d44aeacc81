//! The delivery log, as it is read: by cursor on the row number, never by offset.

use super::{
    Db, DbRow, Pool, Store, calls, children,
    dialect::{AMONG, SENT_AS},
    look::{self, Look},
    queues::figures,
    rows, runs, text,
};
use crate::{LogStore, Result};
use async_trait::async_trait;
use model::{
    call::CallRecord,
    delivery::{
        DeliveryDetail, DeliveryFilter, DeliveryQuery, DeliveryRow, DeliveryState, Overlay,
    },
    event::EventDetail,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    page::{Cursor, Slice},
    queue::Figures,
    time::Millis,
    trace::{Attempt, Failure, StepRecord},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

/// The most rows of one stretch.
const SIZE_MAX: u32 = 200;

/// A row of the log with the names that go with it.
pub(super) const ROW: &str =
    "SELECT d.*, e.id AS event_id, e.sender_id, e.occurred_at, e.accepted_at,
            COALESCE(q.name, '') AS queue_name, COALESCE(f.name, '') AS flow_name
     FROM deliveries d
     JOIN events e ON e.seq = d.event_seq
     LEFT JOIN queues q ON q.id = d.queue_id
     LEFT JOIN flows f ON f.id = d.flow_id
     WHERE TRUE";

/// What `attempts.trace` holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Trace<S> {
    pub failure: Option<Failure>,
    pub steps: S,
    pub steps_dropped: u64,
}

impl Trace<Vec<StepRecord>> {
    /// The trace of an attempt.
    pub fn of(row: &DbRow) -> Result<Self> {
        rows::json_by(row, "trace", Self::parse)
    }

    /// What an older release has written may nest more deeply than a reader goes. Then each step is read by
    /// itself, and one that still cannot be counts as dropped.
    fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).or_else(|_| {
            let raw: Trace<Vec<&RawValue>> = serde_json::from_str(text)?;
            let read = raw.steps.iter().filter_map(|step| serde_json::from_str(step.get()).ok());
            let steps: Vec<StepRecord> = read.collect();
            let lost = (raw.steps.len() - steps.len()) as u64;
            Ok(Self { failure: raw.failure, steps, steps_dropped: raw.steps_dropped + lost })
        })
    }
}

#[async_trait]
impl LogStore for Store {
    async fn deliveries(
        &self,
        query: &DeliveryQuery,
        overlay: &Overlay,
    ) -> Result<Slice<DeliveryRow>> {
        let size = query.size.clamp(1, SIZE_MAX) as usize;
        let found = if query.filter.text.trim().is_empty() {
            Look::new(&self.readers, &query.filter, overlay).await?.next(query.cursor, size).await?
        } else {
            text::search(&self.readers, query, size, overlay).await?
        };
        let items = read(&self.readers, &found.seqs, overlay).await?;
        let (first, last) = (items.first().map(|row| row.seq), items.last().map(|row| row.seq));
        // Where nothing was found, the way back begins where this stretch did.
        let looked = found.stopped || last.is_some();
        let (older, newer) = match query.cursor {
            Cursor::Newest => (found.on, None),
            Cursor::Before(seq) => (found.on, first.or(looked.then_some(seq.saturating_sub(1)))),
            Cursor::After(seq) => (last.or(looked.then_some(seq.saturating_add(1))), found.on),
        };
        let searched_to = match found.on.filter(|_| found.stopped) {
            Some(seq) => look::accepted_at(&self.readers, seq).await?,
            None => None,
        };
        Ok(Slice { items, older, newer, searched_to })
    }

    async fn delivery(&self, id: DeliveryId, overlay: &Overlay) -> Result<Option<DeliveryDetail>> {
        let mut sql = QueryBuilder::new(ROW);
        sql.push(" AND d.id = ").push_bind(id.0);
        let Some(row) = sql.build().fetch_optional(&self.readers).await? else { return Ok(None) };
        let event = sqlx::query("SELECT data, variables FROM events WHERE seq = $1")
            .bind(row.try_get::<i64, _>("event_seq")?)
            .fetch_optional(&self.readers)
            .await?;
        // It may have been forgotten meanwhile, and the delivery with it.
        let Some(event) = event else { return Ok(None) };
        let attempts = sqlx::query(
            "SELECT number, started_at, duration_us, outcome, trace
             FROM attempts WHERE delivery_id = $1 ORDER BY number",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        let replays = sqlx::query_scalar::<_, Uuid>(
            "SELECT id FROM deliveries WHERE replay_of = $1 ORDER BY seq DESC LIMIT 100",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        Ok(Some(DeliveryDetail {
            sender_id: row.try_get("sender_id")?,
            occurred_at: Millis(row.try_get("occurred_at")?),
            accepted_at: Millis(row.try_get("accepted_at")?),
            row: delivery_row(&row, overlay)?,
            data: rows::json(&event, "data")?,
            variables: rows::json(&event, "variables")?,
            attempts: attempts.iter().map(attempt).collect::<Result<_>>()?,
            replays: replays.into_iter().map(DeliveryId).collect(),
            begun_at: runs::begun_at(&self.readers, id).await?,
            begun: children::begun_of(&self.readers, id).await?,
            children: children::of(&self.readers, id, overlay).await?,
        }))
    }

    async fn call(&self, number: i64, size: u32, overlay: &Overlay) -> Result<CallRecord> {
        calls::read(&self.readers, number, size, overlay).await
    }

    async fn event(&self, id: EventId, overlay: &Overlay) -> Result<Option<EventDetail>> {
        let event = sqlx::query(
            "SELECT e.*, COALESCE(q.name, '') AS queue_name
             FROM events e
             LEFT JOIN queues q ON q.id = e.queue_id
             WHERE e.id = $1",
        )
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(event) = event else { return Ok(None) };
        let mut sql = QueryBuilder::new(ROW);
        sql.push(" AND d.event_seq = ").push_bind(event.try_get::<i64, _>("seq")?);
        sql.push(" ORDER BY d.seq LIMIT ").push_bind(i64::from(SIZE_MAX) + 1);
        let found = sql.build().fetch_all(&self.readers).await?;
        let mut deliveries =
            found.iter().map(|row| delivery_row(row, overlay)).collect::<Result<Vec<_>>>()?;
        let more = deliveries.len() > SIZE_MAX as usize;
        deliveries.truncate(SIZE_MAX as usize);
        Ok(Some(EventDetail {
            id,
            sender_id: event.try_get("sender_id")?,
            event: rows::word(&event, "kind")?,
            queue_id: QueueId(event.try_get("queue_id")?),
            queue_name: event.try_get("queue_name")?,
            call_attempt: event.try_get("call_attempt")?,
            occurred_at: Millis(event.try_get("occurred_at")?),
            accepted_at: Millis(event.try_get("accepted_at")?),
            data: rows::json(&event, "data")?,
            variables: rows::json(&event, "variables")?,
            test: event.try_get("test")?,
            deliveries,
            more,
        }))
    }

    async fn histogram(
        &self,
        queue: Option<QueueId>,
        hook: Option<HookId>,
        from: Millis,
        to: Millis,
        bars: u32,
    ) -> Result<Vec<Figures>> {
        let (first, last) = (from.minute(), to.minute().max(from.minute()));
        let span = last - first + 1;
        let mut sql = QueryBuilder::new("SELECT (minute - ");
        sql.push_bind(first).push(") * ").push_bind(i64::from(bars)).push(" / ").push_bind(span);
        sql.push(
            " AS bar, CAST(SUM(events) AS BIGINT) AS events,
                CAST(SUM(delivered) AS BIGINT) AS delivered, CAST(SUM(failed) AS BIGINT) AS failed,
                CAST(SUM(skipped) AS BIGINT) AS skipped
             FROM counters WHERE minute BETWEEN ",
        );
        sql.push_bind(first).push(" AND ").push_bind(last);
        if let Some(queue) = queue {
            sql.push(" AND queue_id = ").push_bind(queue.0);
        }
        if let Some(hook) = hook {
            sql.push(" AND hook_id = ").push_bind(hook.0);
        }
        sql.push(" GROUP BY bar");
        let mut all = vec![Figures::default(); bars as usize];
        for row in sql.build().fetch_all(&self.readers).await? {
            let place = row.try_get::<i64, _>("bar")?;
            if let Some(bar) = usize::try_from(place).ok().and_then(|at| all.get_mut(at)) {
                *bar = figures(&row)?;
            }
        }
        Ok(all)
    }
}

/// Adds the filter's terms.
pub(super) fn narrow(sql: &mut QueryBuilder<Db>, filter: &DeliveryFilter, overlay: &Overlay) {
    among(sql, "d.id", filter.ids.iter().map(|id| id.0));
    among(sql, "d.event", filter.events.iter().map(|event| event.as_str()));
    among(sql, "d.queue_id", filter.queues.iter().map(|id| id.0));
    among(sql, "d.hook_id", filter.hooks.iter().map(|id| id.0));
    among(sql, "d.flow_id", filter.flows.iter().map(|id| id.0));
    among(sql, "d.failure_class", filter.failures.iter().map(|class| class.as_str()));
    if !filter.states.is_empty() {
        narrow_to_states(sql, &filter.states, overlay);
    }
    if let Some(test) = filter.test {
        sql.push(" AND d.test = ").push_bind(test);
    }
    match filter.warned {
        Some(true) => sql.push(" AND d.warning IS NOT NULL"),
        Some(false) => sql.push(" AND d.warning IS NULL"),
        None => sql,
    };
    if let Some(from) = filter.from {
        sql.push(" AND d.created_at >= ").push_bind(from.0);
    }
    if let Some(to) = filter.to {
        sql.push(" AND d.created_at < ").push_bind(to.0);
    }
    search(sql, filter.search.trim());
}

/// The database does not know which unfinished deliveries run or are held back at this moment; the
/// overlay does. One that has ended is what it has become, even if the overlay has not heard of it
/// yet.
fn narrow_to_states(sql: &mut QueryBuilder<Db>, states: &[DeliveryState], overlay: &Overlay) {
    use DeliveryState::{Parked, Running};
    let word = |state: &DeliveryState| state.as_str();
    let (ended, open): (Vec<_>, Vec<_>) = states.iter().copied().partition(|one| one.is_final());
    among(sql, "d.state", stored(states).iter().map(word));
    if open.is_empty() || *overlay == Overlay::default() {
        among(sql, "d.state", states.iter().map(word));
        return;
    }
    sql.push(" AND (FALSE");
    if !ended.is_empty() {
        sql.push(" OR (TRUE");
        among(sql, "d.state", ended.iter().map(word));
        sql.push(")");
    }
    sql.push(" OR (d.finished_at IS NULL AND (FALSE");
    if states.contains(&Running) {
        sql.push(" OR ");
        runs(sql, overlay);
    }
    if states.contains(&Parked) {
        sql.push(" OR (NOT ");
        runs(sql, overlay);
        sql.push(" AND ");
        is_held(sql, overlay);
        sql.push(")");
    }
    sql.push(" OR (NOT ");
    runs(sql, overlay);
    sql.push(" AND NOT ");
    is_held(sql, overlay);
    among(sql, "d.state", open.iter().map(word));
    sql.push("))))");
}

/// The states in which the database has what is in one of these.
pub(super) fn stored(states: &[DeliveryState]) -> Vec<DeliveryState> {
    let mut stored = states.to_vec();
    if states.contains(&DeliveryState::Parked) || states.contains(&DeliveryState::Running) {
        stored.extend(DeliveryState::ALL.into_iter().filter(|one| !one.is_final()));
    }
    stored
}

/// Whether the delivery's attempt runs now.
fn runs(sql: &mut QueryBuilder<Db>, overlay: &Overlay) {
    sql.push("(FALSE");
    or_among(sql, "d.id", overlay.running.iter().map(|id| id.0));
    sql.push(")");
}

/// Whether the delivery is held back.
fn is_held(sql: &mut QueryBuilder<Db>, overlay: &Overlay) {
    sql.push("((FALSE");
    or_among(sql, "d.hook_id", overlay.held_hooks.iter().map(|id| id.0));
    sql.push(") AND NOT d.test OR (FALSE");
    or_among(sql, "d.id", overlay.held.iter().map(|id| id.0));
    if !overlay.held_flows.is_empty() {
        sql.push(" OR (d.state = 'pending' AND (FALSE");
        or_among(sql, "d.flow_id", overlay.held_flows.iter().map(|id| id.0));
        sql.push("))");
    }
    sql.push("))");
}

/// Adds that the column is one of the values; no values narrow nothing.
pub(super) fn among<'a, T>(
    sql: &mut QueryBuilder<Db>,
    column: &str,
    values: impl ExactSizeIterator<Item = T>,
) where
    T: sqlx::Encode<'a, Db> + sqlx::Type<Db> + 'a,
{
    one_of(sql, "AND", column, values);
}

/// Adds that the column may as well be one of the values; no values add nothing.
pub(super) fn or_among<'a, T>(
    sql: &mut QueryBuilder<Db>,
    column: &str,
    values: impl ExactSizeIterator<Item = T>,
) where
    T: sqlx::Encode<'a, Db> + sqlx::Type<Db> + 'a,
{
    one_of(sql, "OR", column, values);
}

fn one_of<'a, T>(
    sql: &mut QueryBuilder<Db>,
    join: &str,
    column: &str,
    values: impl ExactSizeIterator<Item = T>,
) where
    T: sqlx::Encode<'a, Db> + sqlx::Type<Db> + 'a,
{
    if values.len() == 0 {
        return;
    }
    sql.push(format!(" {join} {column} IN ("));
    let mut list = sql.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    sql.push(")");
}

/// Finds a delivery or an event by its id or the beginning of one, a call by its number, an event
/// by its sender's id: each by its own index, which terms joined by OR need not be.
pub(super) fn search(sql: &mut QueryBuilder<Db>, text: &str) {
    if text.is_empty() {
        return;
    }
    let also = " UNION ALL SELECT s.seq FROM deliveries s WHERE ";
    sql.push(" AND d.seq ").push(AMONG.0);
    sql.push("SELECT s.seq FROM deliveries s WHERE s.event_seq IN (");
    sql.push(SENT_AS).push(" ").push_bind(text.to_owned()).push(")");
    if let Ok(call) = text.parse::<i64>() {
        sql.push(also).push("s.call_attempt = ").push_bind(call);
    }
    if let Some((low, high)) = uuid_range(text) {
        sql.push(also).push("s.id BETWEEN ").push_bind(low).push(" AND ").push_bind(high);
        sql.push(also).push("s.event_seq IN (SELECT e.seq FROM events e WHERE e.id BETWEEN ");
        sql.push_bind(low).push(" AND ").push_bind(high).push(")");
    }
    sql.push(AMONG.1);
}

/// The lowest and the highest UUID that begin with this text, if it can be such a beginning.
pub(super) fn uuid_range(text: &str) -> Option<(Uuid, Uuid)> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let fits = (8..=32).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
    let bound = |fill: char| {
        let rest = std::iter::repeat_n(fill, 32 - digits.len());
        Uuid::try_parse(&digits.chars().chain(rest).collect::<String>()).ok()
    };
    if fits { bound('0').zip(bound('f')) } else { None }
}

/// The rows of these numbers, newest first.
async fn read(readers: &Pool, seqs: &[i64], overlay: &Overlay) -> Result<Vec<DeliveryRow>> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = QueryBuilder::new(ROW);
    among(&mut sql, "d.seq", seqs.iter().copied());
    sql.push(" ORDER BY d.seq DESC");
    sql.build().fetch_all(readers).await?.iter().map(|row| delivery_row(row, overlay)).collect()
}

pub(super) fn delivery_row(row: &DbRow, overlay: &Overlay) -> Result<DeliveryRow> {
    let id = DeliveryId(rows::uuid(row, "id")?);
    let stored: DeliveryState = rows::word(row, "state")?;
    let hook_id = HookId(row.try_get("hook_id")?);
    let flow_id = FlowId(row.try_get("flow_id")?);
    let test = row.try_get("test")?;
    Ok(DeliveryRow {
        seq: row.try_get("seq")?,
        id,
        event_id: EventId(rows::uuid(row, "event_id")?),
        event: rows::word(row, "event")?,
        queue_id: QueueId(row.try_get("queue_id")?),
        queue_name: row.try_get("queue_name")?,
        hook_id,
        flow_id,
        flow_version: rows::small(row, "flow_version")?,
        flow_name: row.try_get("flow_name")?,
        call_attempt: row.try_get("call_attempt")?,
        state: overlay.state(stored, id, hook_id, flow_id, test),
        attempts: rows::small(row, "attempts")?,
        duration_us: row
            .try_get::<Option<i64>, _>("duration_us")?
            .map(|us| u64::try_from(us).unwrap_or(0)),
        failure: rows::maybe_json(row, "failure")?,
        warning: rows::maybe_json(row, "warning")?,
        created_at: Millis(row.try_get("created_at")?),
        finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(Millis),
        next_at: row.try_get::<Option<i64>, _>("next_at")?.map(Millis),
        hold_until: row.try_get::<Option<i64>, _>("hold_until")?.map(Millis),
        out_of_order: row.try_get("out_of_order")?,
        replay_of: row.try_get::<Option<Uuid>, _>("replay_of")?.map(DeliveryId),
        parent: row.try_get::<Option<Uuid>, _>("parent")?.map(DeliveryId),
        test,
    })
}

fn attempt(row: &DbRow) -> Result<Attempt> {
    let trace = Trace::of(row)?;
    Ok(Attempt {
        number: rows::small(row, "number")?,
        started_at: Millis(row.try_get("started_at")?),
        duration_us: rows::count(row, "duration_us")?,
        outcome: rows::word(row, "outcome")?,
        failure: trace.failure,
        steps: trace.steps,
        steps_dropped: trace.steps_dropped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_trace_that_nests_too_deeply_the_steps_are_read_that_can_be() {
        let step = |id: &str, levels: usize| {
            let value = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            format!(
                r#"{{"id": "{id}", "path": "/0", "action": "js", "visit": 1, "at_us": 0,
                     "duration_us": 1, "input": {value}}}"#
            )
        };
        let trace = |levels: [usize; 3]| {
            let steps =
                ["a", "b", "c"].into_iter().zip(levels).map(|(id, levels)| step(id, levels));
            let steps = steps.collect::<Vec<_>>().join(",");
            format!(r#"{{"failure": null, "steps": [{steps}], "steps_dropped": 2}}"#)
        };
        let read = |text: String| {
            let trace = Trace::parse(&text).unwrap();
            let ids: String = trace.steps.into_iter().map(|step| step.id).collect();
            (ids, trace.steps_dropped)
        };
        assert_eq!(read(trace([1, 64, 2])), ("abc".to_owned(), 2));
        assert_eq!(read(trace([1, 125, 2])), ("abc".to_owned(), 2));
        assert_eq!(read(trace([1, 200, 2])), ("ac".to_owned(), 3));
        assert!(Trace::parse("{").is_err());
    }

    #[test]
    fn the_beginning_of_an_id_spans_every_id_that_begins_so() {
        let id: Uuid = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901".parse().unwrap();
        let (low, high) = uuid_range("0193a7c2-5b1e").unwrap();
        assert!(low <= id && id <= high);
        assert_eq!(uuid_range(&id.to_string()), Some((id, id)));
        assert_eq!(uuid_range("0193"), None);
        assert_eq!(uuid_range("call 80217"), None);
    }
}
