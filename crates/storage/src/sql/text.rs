//! Text inside events, requests and answers: no index holds it, so a span of time is looked
//! through, a bounded number of deliveries at a time.

use super::{
    Conn, Db, Pool,
    dialect::PLACE,
    log::{Trace, among},
    look::{Found, Look},
    rows,
};
use crate::{Result, StorageError};
use model::{
    delivery::{DeliveryFilter, DeliveryQuery, Overlay},
    ids::DeliveryId,
    page::Cursor,
    trace::{Exchange, StepRecord},
};
use serde_json::Value;
use sqlx::{QueryBuilder, Row};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// The most deliveries that one search looks at.
const ROWS_MAX: usize = 4_000;
/// How many are looked at by one statement.
const BATCH: usize = 1_000;
/// How long one search may look. It stops between two statements.
const TIME_MAX: Duration = Duration::from_secs(2);

/// Finds the deliveries that hold the text, as far as the search comes.
pub(super) async fn search(
    readers: &Pool,
    query: &DeliveryQuery,
    size: usize,
    overlay: &Overlay,
) -> Result<Found> {
    let needle = Needle::new(query.filter.text.trim());
    let look = Look::new(readers, &query.filter, overlay).await?;
    let upwards = matches!(query.cursor, Cursor::After(_));
    let began = Instant::now();
    let mut at = query.cursor;
    let (mut seqs, mut looked) = (Vec::new(), 0);
    loop {
        let next = look.next(at, BATCH).await?;
        looked += next.seqs.len();
        let mut reader = readers.acquire().await?;
        let held = holding(&mut reader, &next.seqs, &needle).await?;
        drop(reader);
        seqs.extend(next.seqs.into_iter().filter(|seq| held.contains(seq)));
        if seqs.len() > size {
            return Ok(Found::full(seqs, size));
        }
        let Some(on) = next.on else { return Ok(Found::all(seqs)) };
        if next.stopped || looked >= ROWS_MAX || began.elapsed() >= TIME_MAX {
            return Ok(Found { seqs, on: Some(on), stopped: true });
        }
        at = if upwards { Cursor::After(on) } else { Cursor::Before(on) };
    }
}

/// Those of these deliveries that hold the text.
pub(super) async fn holding(
    conn: &mut Conn,
    seqs: &[i64],
    needle: &Needle,
) -> Result<HashSet<i64>> {
    let mut held = HashSet::new();
    if seqs.is_empty() {
        return Ok(held);
    }
    // The database tells the few that may hold the text; only their JSON is read.
    let mut sql = QueryBuilder::new("SELECT * FROM (SELECT d.seq, d.id, (");
    needle.within(&mut sql, "e.data");
    sql.push(" OR ");
    needle.within(&mut sql, "e.variables");
    // Counted, since PostgreSQL might look for all attempts that exist at once, and read them all.
    sql.push(") AS in_event, 0 < (SELECT COUNT(*) FROM attempts a WHERE a.delivery_id = d.id AND ");
    needle.within(&mut sql, "a.trace");
    sql.push(") AS in_trace FROM deliveries d JOIN events e ON e.seq = d.event_seq WHERE TRUE");
    let (low, high) =
        seqs.iter().fold((i64::MAX, 0), |(low, high), seq| (low.min(*seq), high.max(*seq)));
    if high - low < 2 * seqs.len() as i64 {
        // They lie beside each other, and so many numbers would take longer to plan than to read.
        sql.push(" AND d.seq BETWEEN ").push_bind(low).push(" AND ").push_bind(high);
    } else {
        among(&mut sql, "d.seq", seqs.iter().copied());
    }
    sql.push(") AS seen WHERE in_event OR in_trace");
    let found = sql.build().fetch_all(&mut *conn).await?;
    for row in found {
        let id = DeliveryId(rows::uuid(&row, "id")?);
        if row.try_get::<bool, _>("in_event")? || trace_holds(conn, id, needle).await? {
            held.insert(row.try_get::<i64, _>("seq")?);
        }
    }
    Ok(held)
}

/// Whether the text stands in what an attempt sent, was answered, was given or set: the names that
/// a trace has of its own do not count.
async fn trace_holds(conn: &mut Conn, id: DeliveryId, needle: &Needle) -> Result<bool> {
    let traces = sqlx::query("SELECT trace FROM attempts WHERE delivery_id = $1")
        .bind(id.0)
        .fetch_all(&mut *conn)
        .await?;
    for row in &traces {
        let trace = match Trace::of(row) {
            Ok(trace) => trace,
            // It tells nothing, and others are to be found.
            Err(StorageError::Corrupt { .. }) => continue,
            Err(error) => return Err(error),
        };
        if trace.steps.iter().any(|step| needle.is_in_step(step)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is searched, in lower case of ASCII.
pub(super) struct Needle {
    plain: String,
    /// As it stands inside a string of JSON.
    escaped: String,
}

impl Needle {
    /// What this filter searches for, if it does.
    pub fn of(filter: &DeliveryFilter) -> Option<Self> {
        let text = filter.text.trim();
        (!text.is_empty()).then(|| Self::new(text))
    }

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
