//! Figures of a whole installation: from the minutes, and for longer spans from the hours that have
//! been added up, with the minutes since.

use super::{
    DbRow, Pool, Store,
    dialect::{NARROW, PUT_TOGETHER, UNENDED, UNFINISHED_ALONE},
    queues::figures,
    rows,
};
use crate::{
    Result,
    overview::{OverviewStore, Spell, Unended},
};
use async_trait::async_trait;
use model::{
    ids::{DeliveryId, HookId, QueueId},
    overview::{LastFailed, Span, TroubledHook},
    time::Millis,
};
use sqlx::{AssertSqlSafe, Row};

const MINUTES: i64 = 60;
/// An hour is added up this many minutes after its end, when all of it has been written.
const SETTLED: i64 = 2;
/// Minutes of latencies are kept for as long as they may have to be added up.
const KEPT: i64 = 8 * 24 * MINUTES;
/// How many deliveries that are to be tried again are looked at for whose they are.
const RETRYING_MAX: i64 = 10_000;
/// How many of a hook's newest deliveries are looked at for the last that failed.
const LOOK_BACK: i64 = 200;

#[async_trait]
impl OverviewStore for Store {
    async fn spells(&self, span: Span, now: Millis) -> Result<Vec<Spell>> {
        let reach = Reach::of(&self.readers, span, now).await?;
        let mut spells = vec![Spell::default(); span.points() as usize];
        let place = |row: &DbRow| -> Result<usize> {
            Ok(usize::try_from(row.try_get::<i64, _>("spell")?).unwrap_or(usize::MAX))
        };
        for row in counted(&reach).fetch_all(&self.readers).await? {
            if let Some(spell) = spells.get_mut(place(&row)?) {
                spell.figures = figures(&row)?;
            }
        }
        for row in timed(&reach).fetch_all(&self.readers).await? {
            if let Some(spell) = spells.get_mut(place(&row)?) {
                spell.latencies.add(rows::small(&row, "bucket")?, rows::count(&row, "count")?);
            }
        }
        Ok(spells)
    }

    async fn troubled_hooks(
        &self,
        span: Span,
        now: Millis,
        limit: u32,
    ) -> Result<Vec<TroubledHook>> {
        let reach = Reach::of(&self.readers, span, now).await?;
        let found = sqlx::query(AssertSqlSafe(format!(
            "WITH bad (hook_id, delivered, failed, skipped) AS (
                 SELECT hook_id, SUM(delivered), SUM(failed), SUM(skipped) FROM (
                     SELECT hook_id, delivered, failed, skipped FROM hourly_counters
                     WHERE hour BETWEEN $1 AND $2
                     UNION ALL
                     SELECT hook_id, delivered, failed, skipped FROM counters
                     WHERE minute BETWEEN $3 AND $4
                 ) c GROUP BY hook_id HAVING SUM(failed) > 0
             ), late (hook_id, retrying) AS (
                 SELECT hook_id, COUNT(*) FROM (
                     SELECT {NARROW}.hook_id FROM {UNFINISHED_ALONE}
                     WHERE {NARROW}.state = 'retrying' AND {NARROW}.state <> 'delivered'
                     ORDER BY {NARROW}.seq DESC LIMIT {RETRYING_MAX}
                 ) r GROUP BY hook_id
             )
             SELECT h.id, h.queue_id, h.event, h.paused, q.name AS queue_name,
                    f.name AS flow_name, CAST(0 AS BIGINT) AS events,
                    CAST(COALESCE(b.delivered, 0) AS BIGINT) AS delivered,
                    CAST(COALESCE(b.failed, 0) AS BIGINT) AS failed,
                    CAST(COALESCE(b.skipped, 0) AS BIGINT) AS skipped,
                    CAST(COALESCE(l.retrying, 0) AS BIGINT) AS retrying
             FROM hooks h JOIN queues q ON q.id = h.queue_id JOIN flows f ON f.id = h.flow_id
                  LEFT JOIN bad b ON b.hook_id = h.id LEFT JOIN late l ON l.hook_id = h.id
             WHERE b.hook_id IS NOT NULL OR l.hook_id IS NOT NULL OR h.paused = 'gone'
             ORDER BY CASE WHEN h.paused = 'gone' THEN 0 ELSE 1 END,
                      COALESCE(b.failed, 0) + COALESCE(l.retrying, 0) DESC, h.id LIMIT $5",
        )))
        .bind(reach.first_hour)
        .bind(reach.last_hour)
        .bind(reach.first_minute)
        .bind(reach.last_minute)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let mut hooks = Vec::with_capacity(found.len());
        for row in &found {
            let id = HookId(row.try_get("id")?);
            hooks.push(TroubledHook {
                id,
                queue_id: QueueId(row.try_get("queue_id")?),
                queue_name: row.try_get("queue_name")?,
                event: rows::word(row, "event")?,
                flow_name: row.try_get("flow_name")?,
                paused: rows::maybe_word(row, "paused")?,
                figures: figures(row)?,
                retrying: rows::count(row, "retrying")?,
                last: last_failed(&self.readers, id).await?,
            });
        }
        Ok(hooks)
    }

    async fn unended(&self) -> Result<Unended> {
        let found = sqlx::query(AssertSqlSafe(format!(
            "SELECT state, COUNT(*) AS deliveries, MIN(seq) AS oldest FROM {UNENDED} GROUP BY state"
        )))
        .fetch_all(&self.readers)
        .await?;
        let mut unended = Unended::default();
        let mut oldest: Option<i64> = None;
        for row in &found {
            let count = rows::count(row, "deliveries")?;
            unended.deliveries += count;
            if row.try_get::<&str, _>("state")? == "retrying" {
                unended.retrying = count;
            }
            let seq = row.try_get("oldest")?;
            oldest = Some(oldest.map_or(seq, |other| other.min(seq)));
        }
        if let Some(seq) = oldest {
            unended.oldest_at =
                sqlx::query_scalar("SELECT created_at FROM deliveries WHERE seq = $1")
                    .bind(seq)
                    .fetch_optional(&self.readers)
                    .await?
                    .map(Millis);
        }
        Ok(unended)
    }

    async fn roll_up(&self, now: Millis) -> Result<()> {
        let minute = now.minute();
        // The last hour that was added up is so again, for what came late.
        let last = rolled_up(&self.readers, now).await?;
        let first = last.max((minute - KEPT) / MINUTES);
        // Hour by hour, so that nobody who writes waits for long: about 40 ms where 200 hooks are
        // busy all the time.
        for hour in first..(minute - SETTLED) / MINUTES {
            let mut tx = self.begin().await?;
            for sql in [HOURLY_COUNTERS, HOURLY_LATENCIES] {
                sqlx::query(sql)
                    .bind(hour * MINUTES)
                    .bind((hour + 1) * MINUTES - 1)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        for sql in PUT_TOGETHER {
            sqlx::query(*sql).bind(minute - SETTLED).execute(&self.writer).await?;
        }
        for (sql, before) in [
            ("DELETE FROM latencies WHERE minute < $1", minute - KEPT),
            ("DELETE FROM hourly_latencies WHERE hour < $1", (minute - KEPT) / MINUTES),
            ("DELETE FROM hourly_counters WHERE hour < $1", (minute - KEPT) / MINUTES),
        ] {
            sqlx::query(sql).bind(before).execute(&self.writer).await?;
        }
        Ok(())
    }
}

const HOURLY_COUNTERS: &str = "INSERT INTO hourly_counters
         (hour, queue_id, hook_id, events, delivered, failed, skipped)
     SELECT minute / 60, queue_id, hook_id, SUM(events), SUM(delivered), SUM(failed), SUM(skipped)
     FROM counters WHERE minute BETWEEN $1 AND $2 GROUP BY minute / 60, queue_id, hook_id
     ON CONFLICT (hour, queue_id, hook_id) DO UPDATE SET
         events = excluded.events, delivered = excluded.delivered,
         failed = excluded.failed, skipped = excluded.skipped";

const HOURLY_LATENCIES: &str = "INSERT INTO hourly_latencies (hour, bucket, count)
     SELECT minute / 60, bucket, SUM(count)
     FROM latencies WHERE minute BETWEEN $1 AND $2 GROUP BY minute / 60, bucket
     ON CONFLICT (hour, bucket) DO UPDATE SET count = excluded.count";

/// Which hours and which minutes of the tables a span reads.
struct Reach {
    /// Minutes of one point.
    step: i64,
    /// The minute at which the first point begins.
    start: i64,
    first_hour: i64,
    last_hour: i64,
    first_minute: i64,
    last_minute: i64,
}

impl Reach {
    async fn of(readers: &Pool, span: Span, now: Millis) -> Result<Self> {
        let step = span.step_ms() / 60_000;
        let start = span.from(now).minute();
        let end = start + step * i64::from(span.points()) - 1;
        // An hour that is over is read whole; one that has not been added up is read by minutes.
        let rolled: i64 = match span {
            Span::Hour => 0,
            Span::Day | Span::Week => rolled_up(readers, now).await?,
        };
        Ok(Self {
            step,
            start,
            first_hour: start / MINUTES,
            // None, where the first hour lies behind the last.
            last_hour: if rolled == 0 { -1 } else { rolled },
            first_minute: if rolled == 0 { start } else { start.max((rolled + 1) * MINUTES) },
            last_minute: end,
        })
    }
}

/// The last hour before this one that was added up. What was added up while the clock was ahead lies
/// behind it, and is so again when its time has come.
async fn rolled_up(readers: &Pool, now: Millis) -> Result<i64> {
    let last =
        sqlx::query_scalar("SELECT COALESCE(MAX(hour), 0) FROM hourly_counters WHERE hour < $1");
    Ok(last.bind(now.minute() / MINUTES).fetch_one(readers).await?)
}

type Query = sqlx::query::Query<'static, super::Db, <super::Db as sqlx::Database>::Arguments>;

fn bound(sql: &'static str, reach: &Reach) -> Query {
    sqlx::query(sql)
        .bind(reach.start)
        .bind(reach.step)
        .bind(reach.first_hour)
        .bind(reach.last_hour)
        .bind(reach.first_minute)
        .bind(reach.last_minute)
}

fn counted(reach: &Reach) -> Query {
    bound(
        "SELECT (minute - $1) / $2 AS spell, CAST(SUM(events) AS BIGINT) AS events,
                CAST(SUM(delivered) AS BIGINT) AS delivered,
                CAST(SUM(failed) AS BIGINT) AS failed, CAST(SUM(skipped) AS BIGINT) AS skipped
         FROM (SELECT hour * 60 AS minute, events, delivered, failed, skipped
               FROM hourly_counters WHERE hour BETWEEN $3 AND $4
               UNION ALL
               SELECT minute, events, delivered, failed, skipped
               FROM counters WHERE minute BETWEEN $5 AND $6) c
         GROUP BY (minute - $1) / $2",
        reach,
    )
}

fn timed(reach: &Reach) -> Query {
    bound(
        "SELECT (minute - $1) / $2 AS spell, bucket, CAST(SUM(count) AS BIGINT) AS count
         FROM (SELECT hour * 60 AS minute, bucket, count
               FROM hourly_latencies WHERE hour BETWEEN $3 AND $4
               UNION ALL
               SELECT minute, bucket, count FROM latencies WHERE minute BETWEEN $5 AND $6) c
         GROUP BY (minute - $1) / $2, bucket",
        reach,
    )
}

async fn last_failed(readers: &Pool, hook: HookId) -> Result<Option<LastFailed>> {
    let found = sqlx::query(
        "SELECT id, finished_at, created_at, failure
         FROM (SELECT * FROM deliveries WHERE hook_id = $1 ORDER BY seq DESC LIMIT $2) d
         WHERE state IN ('dead', 'delivered_with_errors') ORDER BY seq DESC LIMIT 1",
    )
    .bind(hook.0)
    .bind(LOOK_BACK)
    .fetch_optional(readers)
    .await?;
    let Some(row) = found else { return Ok(None) };
    let at = row.try_get::<Option<i64>, _>("finished_at")?;
    Ok(Some(LastFailed {
        id: DeliveryId(rows::uuid(&row, "id")?),
        at: Millis(at.map_or_else(|| row.try_get("created_at"), Ok)?),
        failure: rows::maybe_json(&row, "failure")?,
    }))
}
