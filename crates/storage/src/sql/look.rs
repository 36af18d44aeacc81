//! Which deliveries a filter leaves. The log is walked along the index that has the fewest rows for
//! the filter, and each row met there is held against the rest of it: so many rows at most, after
//! which the walk says how far it came. So no filter is too rare, whatever it is combined with.

use super::{
    Db, Pool,
    dialect::{NARROW, NARROWLY, NEWEST, TURNS, TURNS_IN_A_ROW, UNFINISHED_ALONE},
    log::{among, narrow, search, stored},
    rows,
};
use crate::Result;
use model::{
    delivery::{DeliveryFilter, DeliveryState, Overlay},
    page::Cursor,
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most alternatives of a filter that are walked side by side.
const SIDE_BY_SIDE: usize = 20;
/// No limit. One that is said outright keeps the planner to the index that was chosen.
const EVERY: i64 = i64::MAX;
/// How far row numbers and times may disagree, in milliseconds: an event is numbered a moment
/// after its time is taken, and clocks are set.
const CLOCK_SLACK_MS: i64 = 60_000;

/// What was found.
pub(super) struct Found {
    /// Row numbers in the direction of the walk.
    pub seqs: Vec<i64>,
    /// The row behind which there may be more; none at the log's end.
    pub on: Option<i64>,
    /// Whether there is more because enough had been looked at.
    pub stopped: bool,
}

impl Found {
    /// As many as were asked for, of more.
    pub fn full(mut seqs: Vec<i64>, size: usize) -> Self {
        seqs.truncate(size);
        Self { on: seqs.last().copied(), seqs, stopped: false }
    }

    /// All that there are.
    pub fn all(seqs: Vec<i64>) -> Self {
        Self { seqs, on: None, stopped: false }
    }
}

/// A filter that is looked for.
pub(super) struct Look<'a> {
    readers: &'a Pool,
    filter: &'a DeliveryFilter,
    overlay: &'a Overlay,
    /// At least one.
    ways: Vec<Way<'a>>,
    /// The row numbers between which the filter's span of time lies.
    span: Span,
}

/// Row numbers from the first to the last, these included.
#[derive(Debug, Clone, Copy)]
struct Span {
    low: i64,
    high: i64,
}

impl Span {
    const NONE: Self = Self { low: 1, high: 0 };

    fn push(self, sql: &mut QueryBuilder<Db>, of: &str) {
        sql.push(format!(" AND {of}.seq BETWEEN ")).push_bind(self.low);
        sql.push(" AND ").push_bind(self.high);
    }
}

/// An index whose entries of one kind stand in the order of row numbers; of several, each is walked
/// beside the others.
enum Way<'a> {
    /// The log itself.
    All,
    /// These and no others, which are few.
    Ids(Vec<Uuid>),
    Search(&'a str),
    /// Those for which this holds.
    Where(&'static str),
    /// Those of which this is one of the words.
    Word(&'static str, Vec<&'static str>),
    /// The same of what is not plainly delivered, which may be kept apart.
    Narrow(&'static str, Vec<&'static str>),
    /// Those of which this is one of the numbers.
    Number(&'static str, Vec<i64>),
}

impl<'a> Way<'a> {
    /// The ways that lead to everything that the filter leaves.
    fn of(filter: &'a DeliveryFilter) -> Vec<Self> {
        if !filter.ids.is_empty() {
            return vec![Self::Ids(filter.ids.iter().map(|id| id.0).collect())];
        }
        if !filter.search.trim().is_empty() {
            return vec![Self::Search(filter.search.trim())];
        }
        let mut ways = Vec::new();
        if filter.test == Some(true) {
            ways.push(Self::Where("d.test"));
        }
        if filter.warned == Some(true) {
            ways.push(Self::Where("d.warning IS NOT NULL"));
        }
        let failures = filter.failures.iter().map(|class| class.as_str());
        ways.push(Self::Narrow("failure_class", each(failures)));
        let states = stored(&filter.states);
        if !states.contains(&DeliveryState::Delivered) {
            ways.push(Self::Narrow("state", each(states.iter().map(|state| state.as_str()))));
        }
        ways.push(Self::Number("d.hook_id", each(filter.hooks.iter().map(|id| id.0))));
        ways.push(Self::Number("d.queue_id", each(filter.queues.iter().map(|id| id.0))));
        ways.push(Self::Number("d.flow_id", each(filter.flows.iter().map(|id| id.0))));
        ways.push(Self::Word("d.event", each(filter.events.iter().map(|event| event.as_str()))));
        ways.retain(|way| (1..=SIDE_BY_SIDE).contains(&way.width()));
        if ways.is_empty() {
            ways.push(Self::All);
        }
        ways
    }

    /// How many are walked side by side.
    fn width(&self) -> usize {
        match self {
            Self::All | Self::Ids(_) | Self::Search(_) | Self::Where(_) => 1,
            Self::Word(_, words) | Self::Narrow(_, words) => words.len(),
            Self::Number(_, numbers) => numbers.len(),
        }
    }

    fn turns(&self) -> [usize; TURNS.len()] {
        if let Self::All = self { TURNS_IN_A_ROW } else { TURNS }
    }

    /// The table with the index, and what it goes by.
    fn table(&self) -> (&'static str, &'static str) {
        match self {
            Self::Narrow(..) => (UNFINISHED_ALONE, NARROW),
            _ => ("deliveries d", "d"),
        }
    }

    /// Adds that a row of the table lies on this way: of those side by side on that one, or on any.
    fn push(&self, sql: &mut QueryBuilder<Db>, only: Option<usize>) {
        let one = |place: usize| place..place + 1;
        let wanted = only.map_or(0..self.width(), one);
        match self {
            Self::All => {}
            Self::Ids(ids) => among(sql, "d.id", ids.iter().copied()),
            Self::Search(text) => search(sql, text),
            Self::Where(holds) => {
                sql.push(" AND ").push(*holds);
            }
            Self::Word(column, words) => among(sql, column, words[wanted].iter().copied()),
            Self::Narrow(column, words) => {
                if *column == "state" {
                    // Said outright, so that the index over what is not delivered can serve.
                    sql.push(format!(" AND {NARROW}.state <> 'delivered'"));
                }
                among(sql, &format!("{NARROW}.{column}"), words[wanted].iter().copied());
            }
            Self::Number(column, numbers) => among(sql, column, numbers[wanted].iter().copied()),
        }
    }

    /// Adds that the delivery `d` lies on this way, between these row numbers.
    fn push_within(&self, sql: &mut QueryBuilder<Db>, span: Span) {
        span.push(sql, "d");
        if let Self::Narrow(..) = self {
            sql.push(NARROWLY.0);
            self.push(sql, None);
            span.push(sql, NARROW);
            sql.push(NARROWLY.1);
        } else {
            self.push(sql, None);
        }
    }
}

/// Each of these once.
fn each<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

impl<'a> Look<'a> {
    /// Finds out where to look.
    pub async fn new(
        readers: &'a Pool,
        filter: &'a DeliveryFilter,
        overlay: &'a Overlay,
    ) -> Result<Self> {
        let span = span(readers, filter).await?;
        Ok(Self { readers, filter, overlay, ways: Way::of(filter), span })
    }

    /// The next so many deliveries from the cursor on.
    pub async fn next(&self, cursor: Cursor, size: usize) -> Result<Found> {
        let mut span = self.span;
        let upwards = matches!(cursor, Cursor::After(_));
        match cursor {
            Cursor::Newest => {}
            Cursor::Before(seq) => span.high = span.high.min(seq.saturating_sub(1)),
            Cursor::After(seq) => span.low = span.low.max(seq.saturating_add(1)),
        }
        let mut seqs = Vec::new();
        for turn in 0..TURNS.len() {
            if span.low > span.high {
                return Ok(Found::all(seqs));
            }
            let (way, met, last) = self.choose(span, upwards, turn, size).await?;
            let (within, rest) = match last {
                None => (span, Span::NONE),
                Some(last) if upwards => {
                    (Span { high: last, ..span }, Span { low: last + 1, ..span })
                }
                Some(last) => (Span { low: last, ..span }, Span { high: last - 1, ..span }),
            };
            if met > 0 {
                let wanted = size + 1 - seqs.len();
                seqs.extend(self.on(way, within, upwards, wanted).await?);
            }
            if seqs.len() > size {
                return Ok(Found::full(seqs, size));
            }
            span = rest;
        }
        if span.low > span.high {
            return Ok(Found::all(seqs));
        }
        let on = if upwards { span.low - 1 } else { span.high + 1 };
        Ok(Found { seqs, on: Some(on), stopped: true })
    }

    /// The way on which a turn gets furthest, how many rows it meets, and the last of them, unless
    /// it gets to the end.
    async fn choose(
        &self,
        span: Span,
        upwards: bool,
        turn: usize,
        size: usize,
    ) -> Result<(&Way<'a>, usize, Option<i64>)> {
        let mut furthest = (&self.ways[0], 0, None);
        for way in &self.ways {
            let most = way.turns()[turn].max(size + 1);
            let (met, last) = self.reach(way, span, upwards, most).await?;
            if met < most {
                return Ok((way, met, None));
            }
            let is_further = match furthest.2 {
                None => true,
                Some(_) if upwards => last > furthest.2,
                Some(_) => last < furthest.2,
            };
            if is_further {
                furthest = (way, met, last);
            }
        }
        Ok(furthest)
    }

    /// How many rows lie on a way, at most so many, and the last of them. Reads nothing but the
    /// index.
    async fn reach(
        &self,
        way: &Way<'_>,
        span: Span,
        upwards: bool,
        most: usize,
    ) -> Result<(usize, Option<i64>)> {
        let (order, last) = if upwards { ("", "MAX") } else { (" DESC", "MIN") };
        let most = i64::try_from(most).unwrap_or(EVERY);
        let mut sql = QueryBuilder::new(format!("SELECT COUNT(*) AS met, {last}(seq) AS last"));
        sql.push(" FROM (SELECT seq FROM (");
        for place in 0..way.width() {
            if place > 0 {
                sql.push(" UNION ALL ");
            }
            let (table, of) = way.table();
            sql.push(format!("SELECT seq FROM (SELECT {of}.seq FROM {table} WHERE TRUE"));
            way.push(&mut sql, Some(place));
            span.push(&mut sql, of);
            sql.push(format!(" ORDER BY {of}.seq{order} LIMIT ")).push_bind(most);
            sql.push(format!(") AS way{place}"));
        }
        sql.push(format!(") AS ways ORDER BY seq{order} LIMIT ")).push_bind(most);
        sql.push(") AS met");
        let row = sql.build().fetch_one(self.readers).await?;
        let met = usize::try_from(rows::count(&row, "met")?).unwrap_or(usize::MAX);
        Ok((met, row.try_get("last")?))
    }

    /// Those that the whole filter leaves of a way's rows.
    async fn on(&self, way: &Way<'_>, span: Span, upwards: bool, size: usize) -> Result<Vec<i64>> {
        let order = if upwards { " ORDER BY d.seq" } else { " ORDER BY d.seq DESC" };
        let mut sql = QueryBuilder::new("SELECT d.seq FROM (SELECT * FROM deliveries d WHERE TRUE");
        way.push_within(&mut sql, span);
        if let Way::All = way {
            // It stands in this order anyway: enough can be found before all is read.
            sql.push(order);
        }
        sql.push(" LIMIT ").push_bind(EVERY).push(") d WHERE TRUE");
        narrow(&mut sql, self.filter, self.overlay);
        sql.push(order).push(" LIMIT ").push_bind(i64::try_from(size).unwrap_or(EVERY));
        Ok(sql.build_query_scalar().fetch_all(self.readers).await?)
    }
}

/// The row numbers between which the filter's span of time lies. Ids begin with the time, so the
/// index over them tells; `narrow` then looks at the times themselves.
async fn span(readers: &Pool, filter: &DeliveryFilter) -> Result<Span> {
    let mut sql = QueryBuilder::<Db>::new("SELECT ");
    match filter.from {
        None => sql.push_bind(1_i64),
        Some(from) => sql
            .push("(SELECT b.seq FROM deliveries b WHERE b.id >= ")
            .push_bind(uuid_at(from.plus(-CLOCK_SLACK_MS)))
            .push(" ORDER BY b.id LIMIT 1)"),
    };
    sql.push(" AS low, ");
    match filter.to {
        None => sql.push(NEWEST),
        Some(to) => sql
            .push("(SELECT b.seq FROM deliveries b WHERE b.id < ")
            .push_bind(uuid_at(to.plus(CLOCK_SLACK_MS)))
            .push(" ORDER BY b.id DESC LIMIT 1)"),
    };
    sql.push(" AS high");
    let row = sql.build().fetch_one(readers).await?;
    // Nothing is as new as that, or nothing as old.
    let (low, high): (Option<i64>, Option<i64>) = (row.try_get("low")?, row.try_get("high")?);
    Ok(low.zip(high).map_or(Span::NONE, |(low, high)| Span { low, high }))
}

/// The lowest UUIDv7 of this time, which has 48 bits in it.
fn uuid_at(at: Millis) -> Uuid {
    Uuid::from_u128((at.0.clamp(0, (1 << 48) - 1) as u128) << 80)
}

/// When a delivery was accepted.
pub(super) async fn accepted_at(readers: &Pool, seq: i64) -> Result<Option<Millis>> {
    let at = sqlx::query_scalar::<_, i64>("SELECT created_at FROM deliveries WHERE seq = $1")
        .bind(seq)
        .fetch_optional(readers)
        .await?;
    Ok(at.map(Millis))
}
