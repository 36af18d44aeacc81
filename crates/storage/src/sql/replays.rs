//! Jobs that replay deliveries.

use super::{
    Conn, Db, DbRow, Pool, Store,
    dialect::EVENTS_STAY,
    lists::{self, Found, List},
    log::{among, or_among},
    look::Look,
    rows, text,
};
use crate::{
    Result,
    journal::{NewDelivery, ReplayStep},
    replays::ReplayStore,
};
use async_trait::async_trait;
use model::{
    delivery::{DeliveryFilter, DeliveryQuery, Overlay},
    ids::ReplayId,
    page::{Cursor, Page, Paging},
    replay::{COUNTED_MAX, Matching, Replay, ReplayFilter, ReplayState},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// How many events are looked up at once.
const ORIGINS: usize = 500;

#[async_trait]
impl ReplayStore for Store {
    async fn matching(&self, filter: &DeliveryFilter, overlay: &Overlay) -> Result<Matching> {
        let most = COUNTED_MAX as usize;
        let found = if filter.text.trim().is_empty() {
            Look::new(&self.readers, filter, overlay).await?.next(Cursor::Newest, most).await?
        } else {
            let query = DeliveryQuery { filter: filter.clone(), ..DeliveryQuery::default() };
            text::search(&self.readers, &query, most, overlay).await?
        };
        Ok(Matching { count: found.seqs.len() as u64, more: found.on.is_some() })
    }

    async fn create_replay(
        &self,
        filter: &DeliveryFilter,
        overlay: &Overlay,
        per_second: Option<u32>,
        by: &str,
        now: Millis,
    ) -> Result<Replay> {
        let matched = self.matching(filter, overlay).await?;
        let first = match matched.more {
            true => before_first(&self.readers, filter, overlay).await?,
            false => None,
        };
        let made = sqlx::query(
            "INSERT INTO replays (made_by, made_at, filter, state, per_second, cursor, last, found,
                                  made, note, matched, matched_more, first)
             SELECT $1, $2, $3, 'running', $4, 0, COALESCE(MAX(seq), 0), 0, 0, '', $5, $6, $7
             FROM deliveries
             RETURNING *",
        )
        .bind(by)
        .bind(now.0)
        .bind(rows::to_json(filter)?)
        .bind(per_second.map(i64::from))
        .bind(matched.count as i64)
        .bind(matched.more)
        .bind(first)
        .fetch_one(&self.writer)
        .await?;
        replay(&made)
    }

    async fn replays(&self, filter: &ReplayFilter, paging: Paging) -> Result<Page<Replay>> {
        let list = List {
            id: "r.id",
            from: "replays r".into(),
            order: lists::order("r.id", true, "r.id"),
        };
        let search = filter.search.trim();
        let mut people: Vec<String> = Vec::new();
        if !search.is_empty() {
            let all = sqlx::query_scalar("SELECT DISTINCT made_by FROM replays");
            people = all.fetch_all(&self.readers).await?;
            people.retain(|name| rows::holds(name, search));
        }
        let Found { ids, total } = lists::find(&self.readers, &list, paging, |sql| {
            among(sql, "r.state", filter.states.iter().map(|state| state.as_str()));
            if !search.is_empty() {
                sql.push(" AND (CAST(r.id AS TEXT) = ").push_bind(search.to_owned());
                or_among(sql, "r.made_by", people.iter().map(|name| name.as_str()));
                sql.push(")");
            }
        })
        .await?;
        let select = "SELECT * FROM replays WHERE id IN";
        Ok(Page { items: lists::read(&self.readers, &ids, select, replay).await?, total })
    }

    async fn replay(&self, id: ReplayId) -> Result<Option<Replay>> {
        let found = sqlx::query("SELECT * FROM replays WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(replay).transpose()
    }

    async fn running_replays(&self) -> Result<Vec<Replay>> {
        sqlx::query("SELECT * FROM replays WHERE state = 'running' ORDER BY id")
            .fetch_all(&self.engine)
            .await?
            .iter()
            .map(replay)
            .collect()
    }

    async fn open_replays(&self) -> Result<Vec<Replay>> {
        sqlx::query("SELECT * FROM replays WHERE state IN ('running', 'paused') ORDER BY id")
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(replay)
            .collect()
    }

    async fn set_replay_state(
        &self,
        id: ReplayId,
        state: ReplayState,
        note: &str,
        now: Millis,
    ) -> Result<Option<Replay>> {
        let changed = sqlx::query(
            "UPDATE replays SET state = $2, note = $3, finished_at = $4
             WHERE id = $1 AND state IN ('running', 'paused') RETURNING *",
        )
        .bind(id.0)
        .bind(state.as_str())
        .bind(note)
        .bind(state.is_final().then_some(now.0))
        .fetch_optional(&self.writer)
        .await?;
        changed.as_ref().map(replay).transpose()
    }

    async fn set_replay_rate(
        &self,
        id: ReplayId,
        per_second: Option<u32>,
    ) -> Result<Option<Replay>> {
        let changed = sqlx::query(
            "UPDATE replays SET per_second = $2
             WHERE id = $1 AND state IN ('running', 'paused') RETURNING *",
        )
        .bind(id.0)
        .bind(per_second.map(i64::from))
        .fetch_optional(&self.writer)
        .await?;
        changed.as_ref().map(replay).transpose()
    }
}

/// The row number behind which the first delivery stands that matches, or may: text is not looked
/// for, and of a filter that leaves little this is as far as one look comes.
async fn before_first(
    readers: &Pool,
    filter: &DeliveryFilter,
    overlay: &Overlay,
) -> Result<Option<i64>> {
    let found = Look::new(readers, filter, overlay).await?.next(Cursor::After(0), 1).await?;
    Ok(found.seqs.first().map(|seq| seq - 1).or(found.on))
}

/// Moves a job on, if it still stands where the step begins and runs; says whether it did.
async fn advance(tx: &mut Conn, step: &ReplayStep) -> Result<bool> {
    let moved = sqlx::query(
        "UPDATE replays SET cursor = $3, found = found + $4, made = made + $5,
                            state = CASE WHEN $6 THEN 'done' ELSE state END,
                            finished_at = CASE WHEN $6 THEN $7 ELSE finished_at END
         WHERE id = $1 AND cursor = $2 AND state = 'running'",
    )
    .bind(step.replay.0)
    .bind(step.from)
    .bind(step.to)
    .bind(i64::from(step.found))
    .bind(step.deliveries.len() as i64)
    .bind(step.done)
    .bind(step.at.0)
    .execute(tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// A step as it is to be written: nothing of it where it was not taken.
pub(super) struct Step<'a> {
    pub taken: bool,
    pub made: &'a [NewDelivery],
    /// The events that these go back to.
    pub origins: Vec<Origin>,
}

/// Takes the steps whose jobs still stand where they begin.
pub(super) async fn take<'a>(tx: &mut Conn, steps: &'a [ReplayStep]) -> Result<Vec<Step<'a>>> {
    let mut all = Vec::with_capacity(steps.len());
    for step in steps {
        let taken = advance(tx, step).await?;
        let made: &[NewDelivery] = if taken { &step.deliveries } else { &[] };
        all.push(Step { taken, made, origins: origins(tx, made).await? });
    }
    Ok(all)
}

/// An event: its row number, its kind, its call.
pub(super) type Origin = (i64, String, Option<i64>);

/// The events that replays go back to: row number, kind, call; in their order.
pub(super) async fn origins(tx: &mut Conn, replays: &[NewDelivery]) -> Result<Vec<Origin>> {
    let known = events(tx, replays).await?;
    let origin = |replay: &NewDelivery| known.get(&replay.event_id.0).cloned();
    let found: Option<Vec<Origin>> = replays.iter().map(origin).collect();
    Ok(found.ok_or(sqlx::Error::RowNotFound)?)
}

/// The events of these deliveries that are there, by their ids.
pub(super) async fn events(
    tx: &mut Conn,
    replays: &[NewDelivery],
) -> Result<HashMap<Uuid, Origin>> {
    let mut known = HashMap::new();
    for part in replays.chunks(ORIGINS) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT e.id, e.seq, e.kind, e.call_attempt FROM events e WHERE TRUE",
        );
        among(&mut sql, "e.id", part.iter().map(|replay| replay.event_id.0));
        sql.push(" ORDER BY e.seq").push(EVENTS_STAY);
        for row in sql.build().fetch_all(&mut *tx).await? {
            let origin = (row.try_get("seq")?, row.try_get("kind")?, row.try_get("call_attempt")?);
            known.insert(rows::uuid(&row, "id")?, origin);
        }
    }
    Ok(known)
}

fn replay(row: &DbRow) -> Result<Replay> {
    Ok(Replay {
        id: ReplayId(row.try_get("id")?),
        made_by: row.try_get("made_by")?,
        made_at: Millis(row.try_get("made_at")?),
        filter: rows::json(row, "filter")?,
        state: rows::word(row, "state")?,
        per_second: rows::maybe_small(row, "per_second")?,
        cursor: row.try_get("cursor")?,
        last: row.try_get("last")?,
        matched: matched(row)?,
        first: row.try_get("first")?,
        found: rows::count(row, "found")?,
        made: rows::count(row, "made")?,
        finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(Millis),
        note: row.try_get("note")?,
    })
}

/// How many matched; nothing where that was not kept.
fn matched(row: &DbRow) -> Result<Option<Matching>> {
    let more = row.try_get("matched_more")?;
    Ok(rows::maybe_count(row, "matched")?.map(|count| Matching { count, more }))
}
