//! Text inside events, requests and answers: no index holds it, so a span of time is looked
//! through, a bounded number of deliveries at a time.

use super::{
    Db, Pool,
    dialect::PLACE,
    log::{ROW, Trace, delivery_row, narrow},
    rows,
};
use crate::Result;
use model::{
    delivery::{DeliveryQuery, DeliveryRow, Overlay},
    ids::DeliveryId,
    page::{Cursor, Slice},
    time::Millis,
    trace::{Exchange, StepRecord},
};
use serde_json::Value;
use sqlx::{QueryBuilder, Row};
use std::time::{Duration, Instant};

/// The most deliveries that one search looks at.
const ROWS_MAX: usize = 5_000;
/// How many are looked at by one statement.
const BATCH: usize = 250;
/// How long one search may look. It stops between two statements.
const TIME_MAX: Duration = Duration::from_secs(2);

/// A delivery that has been looked at.
struct Seen {
    seq: i64,
    at: Millis,
    found: bool,
}

/// The stretch of the log whose deliveries hold the text, as far as the search comes.
pub(super) async fn search(
    readers: &Pool,
    query: &DeliveryQuery,
    size: u32,
    overlay: &Overlay,
) -> Result<Slice<DeliveryRow>> {
    let needle = Needle::new(query.filter.text.trim());
    let upwards = matches!(query.cursor, Cursor::After(_));
    let began = Instant::now();
    let size = size as usize;
    let mut at = query.cursor;
    let (mut found, mut looked, mut last) = (Vec::new(), 0, None);
    let (mut ended, mut more) = (false, false);
    while !ended && !more && looked < ROWS_MAX && (looked == 0 || began.elapsed() < TIME_MAX) {
        let batch = look(readers, query, at, &needle, overlay).await?;
        ended = batch.len() < BATCH;
        looked += batch.len();
        for seen in batch {
            if seen.found && found.len() == size {
                more = true;
                break;
            }
            if seen.found {
                found.push(seen.seq);
            }
            last = Some((seen.seq, seen.at));
        }
        at = match (last, upwards) {
            (Some((seq, _)), true) => Cursor::After(seq),
            (Some((seq, _)), false) => Cursor::Before(seq),
            (None, _) => at,
        };
    }
    let mut items = read(readers, &found, overlay).await?;
    items.sort_by_key(|row| std::cmp::Reverse(row.seq));
    // Where there is more to be looked at: behind the last row shown, or behind the last seen.
    let on = match (more, ended) {
        (true, _) if upwards => items.first().map(|row| row.seq),
        (true, _) => items.last().map(|row| row.seq),
        (false, true) => None,
        (false, false) => last.map(|(seq, _)| seq),
    };
    let (older, newer) = match query.cursor {
        Cursor::Newest => (on, None),
        Cursor::Before(seq) => {
            (on, Some(items.first().map_or(seq.saturating_sub(1), |row| row.seq)))
        }
        Cursor::After(seq) => (Some(items.last().map_or(seq.saturating_add(1), |row| row.seq)), on),
    };
    let searched_to = last.filter(|_| !more && !ended).map(|(_, at)| at);
    Ok(Slice { items, older, newer, searched_to })
}

/// Looks at the next deliveries that the other filters leave.
async fn look(
    readers: &Pool,
    query: &DeliveryQuery,
    at: Cursor,
    needle: &Needle,
    overlay: &Overlay,
) -> Result<Vec<Seen>> {
    // The database tells the few that may hold the text; only their JSON is read.
    let mut sql = QueryBuilder::new(
        "WITH looked AS (SELECT d.seq, d.id, d.event_seq, d.created_at FROM deliveries d WHERE TRUE",
    );
    narrow(&mut sql, &query.filter, overlay);
    match at {
        Cursor::Newest => sql.push(" ORDER BY d.seq DESC"),
        Cursor::Before(seq) => {
            sql.push(" AND d.seq < ").push_bind(seq).push(" ORDER BY d.seq DESC")
        }
        Cursor::After(seq) => sql.push(" AND d.seq > ").push_bind(seq).push(" ORDER BY d.seq"),
    };
    sql.push(" LIMIT ").push_bind(BATCH as i64);
    sql.push(") SELECT s.seq, s.id, s.created_at, (");
    needle.within(&mut sql, "e.data");
    sql.push(" OR ");
    needle.within(&mut sql, "e.variables");
    sql.push(") AS in_event, EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = s.id AND ");
    needle.within(&mut sql, "a.trace");
    sql.push(") AS in_trace FROM looked s JOIN events e ON e.seq = s.event_seq ORDER BY s.seq");
    if !matches!(at, Cursor::After(_)) {
        sql.push(" DESC");
    }
    let mut all = Vec::with_capacity(BATCH);
    for row in sql.build().fetch_all(readers).await? {
        let id = DeliveryId(rows::uuid(&row, "id")?);
        let mut found: bool = row.try_get("in_event")?;
        if !found && row.try_get::<bool, _>("in_trace")? {
            found = trace_holds(readers, id, needle).await?;
        }
        let at = Millis(row.try_get("created_at")?);
        all.push(Seen { seq: row.try_get("seq")?, at, found });
    }
    Ok(all)
}

/// Whether the text stands in what an attempt sent, was answered, was given or set: the names that
/// a trace has of its own do not count.
async fn trace_holds(readers: &Pool, id: DeliveryId, needle: &Needle) -> Result<bool> {
    let traces = sqlx::query("SELECT trace FROM attempts WHERE delivery_id = $1")
        .bind(id.0)
        .fetch_all(readers)
        .await?;
    for row in &traces {
        let trace: Trace<Vec<StepRecord>> = rows::json(row, "trace")?;
        if trace.steps.iter().any(|step| needle.is_in_step(step)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The rows of these numbers.
async fn read(readers: &Pool, seqs: &[i64], overlay: &Overlay) -> Result<Vec<DeliveryRow>> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = QueryBuilder::new(ROW);
    super::log::among(&mut sql, "d.seq", seqs.iter().copied());
    sql.build().fetch_all(readers).await?.iter().map(|row| delivery_row(row, overlay)).collect()
}

/// What is searched, in lower case of ASCII.
struct Needle {
    plain: String,
    /// As it stands inside a string of JSON.
    escaped: String,
}

impl Needle {
    fn new(text: &str) -> Self {
        let plain = text.to_ascii_lowercase();
        let quoted = Value::String(plain.clone()).to_string();
        let escaped = quoted[1..quoted.len() - 1].to_owned();
        Self { plain, escaped }
    }

    /// Adds the term that the column may hold the text. The databases' lower() is that of ASCII.
    fn within(&self, sql: &mut QueryBuilder<Db>, column: &str) {
        sql.push(format!("({PLACE}(lower({column}), ")).push_bind(self.plain.clone());
        sql.push(") > 0");
        if self.escaped != self.plain {
            sql.push(format!(" OR {PLACE}(lower({column}), ")).push_bind(self.escaped.clone());
            sql.push(") > 0");
        }
        sql.push(")");
    }

    fn is_in(&self, text: &str) -> bool {
        text.to_ascii_lowercase().contains(&self.plain)
    }

    fn is_in_value(&self, value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::String(text) => self.is_in(text),
            // With its names and marks, as a person would read it.
            other => self.is_in(&other.to_string()) || self.is_in_members(other),
        }
    }

    fn is_in_members(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.is_in_value(item)),
            Value::Object(members) => members.values().any(|member| self.is_in_value(member)),
            _ => false,
        }
    }

    fn is_in_step(&self, step: &StepRecord) -> bool {
        self.is_in_value(&step.input)
            || self.is_in_value(&step.output)
            || step.http.as_ref().is_some_and(|exchange| self.is_in_exchange(exchange))
    }

    fn is_in_exchange(&self, exchange: &Exchange) -> bool {
        let headers = |headers: &[(String, String)]| {
            headers.iter().any(|(name, value)| self.is_in(name) || self.is_in(value))
        };
        self.is_in(&exchange.url)
            || headers(&exchange.request_headers)
            || self.is_in(&exchange.request_body.text)
            || exchange
                .answer
                .as_ref()
                .is_some_and(|answer| headers(&answer.headers) || self.is_in(&answer.body.text))
    }
}
