//! The processes that serve the database. Time is the database's, so that no node's clock matters.
//!
//! Whoever commits something about deliveries holds its node's row FOR KEY SHARE until the commit;
//! whoever ends an incarnation takes the row FOR UPDATE first. So either the commit comes before the
//! end, and the next holder of its shards reads what it wrote, or it is refused.

use super::{Connection, PostgresStorage, dialect::NEWEST, listen, rows};
use crate::{
    Result, StorageError,
    journal::Shard,
    nodes::{
        Ask, Asked, Beat, Incarnation, NewNode, News, NodeRow, NodeStore, SILENT_MAX, Shards,
        Sharing,
    },
};
use async_trait::async_trait;
use model::{destination::DestinationKey, live::NodeStatus, node::NodeRoles, time::Millis};
use sqlx::{AssertSqlSafe, Row, postgres::PgRow};
use std::sync::atomic::Ordering;

/// The time by this database, in milliseconds.
const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
/// Held by a transaction that shares the shards out.
const SHARE_LOCK: i64 = 0x0FF_400C_0004;
/// Held by a transaction that takes a seat, beside the destination's hash.
const SEAT_LOCK: i32 = 0x5EA7;
/// How long asks and ended incarnations are kept, in milliseconds.
const ASKS_KEPT: i64 = 3_600_000;
const NODES_KEPT: i64 = 24 * 3_600_000;

fn silent_ms() -> i64 {
    i64::try_from(SILENT_MAX.as_millis()).unwrap_or(i64::MAX)
}

/// Whether a node has said a moment ago that it lives.
pub(super) async fn any_alive(connection: &mut Connection) -> Result<bool> {
    let exists = sqlx::query_scalar("SELECT to_regclass('nodes') IS NOT NULL");
    if !exists.fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM nodes WHERE NOT fenced AND beat_at > {NOW} - {})",
        silent_ms()
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?)
}

/// Fails where the incarnation has ended; else it does not end before the transaction does.
pub(super) async fn hold(tx: &mut Connection, under: Option<Incarnation>) -> Result<()> {
    let Some(under) = under else { return Ok(()) };
    let held = sqlx::query_scalar::<_, i64>(
        "SELECT incarnation FROM nodes WHERE incarnation = $1 AND NOT fenced FOR KEY SHARE",
    )
    .bind(under.0)
    .fetch_optional(tx)
    .await?;
    held.map(drop).ok_or(StorageError::Fenced)
}

#[async_trait]
impl NodeStore for PostgresStorage {
    fn is_shared(&self) -> bool {
        true
    }

    async fn register(&self, node: &NewNode) -> Result<Incarnation> {
        let before = *self.told.changes.borrow();
        let mut tx = self.nodes.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SHARE_LOCK).execute(&mut *tx).await?;
        // Nobody else can be there, so whoever said so is dead.
        sqlx::query(AssertSqlSafe(format!(
            "WITH before AS (
                 SELECT incarnation FROM nodes WHERE place = $1 AND NOT fenced FOR UPDATE
             ), ended AS (
                 UPDATE nodes SET fenced = TRUE FROM before
                 WHERE nodes.incarnation = before.incarnation
             )
             DELETE FROM nodes WHERE fenced AND beat_at < {NOW} - {NODES_KEPT}"
        )))
        .bind(&node.place)
        .execute(&mut *tx)
        .await?;
        let incarnation = sqlx::query_scalar(AssertSqlSafe(format!(
            "INSERT INTO nodes (name, place, panel, intake, dispatches, began, beat_at, status)
             VALUES ($1, $2, $3, $4, $5, {NOW}, {NOW}, '{{}}') RETURNING incarnation"
        )))
        .bind(&node.name)
        .bind(&node.place)
        .bind(node.roles.panel)
        .bind(node.roles.intake)
        .bind(node.roles.dispatch)
        .fetch_one(&mut *tx)
        .await?;
        let revision = sqlx::query_scalar("SELECT revision FROM settings_revision");
        let revision = revision.fetch_one(&mut *tx).await?;
        tx.commit().await?;
        self.incarnation.store(incarnation, Ordering::Relaxed);
        self.told.began(revision, before);
        Ok(Incarnation(incarnation))
    }

    async fn beat(&self, under: Incarnation, status: &NodeStatus) -> Result<Beat> {
        let beat = sqlx::query(AssertSqlSafe(format!(
            "UPDATE nodes SET beat_at = {NOW}, status = $2
             WHERE incarnation = $1 AND NOT fenced
             RETURNING {NEWEST} AS newest,
                       (SELECT COALESCE(MAX(number), 0) FROM asks) AS ask"
        )))
        .bind(under.0)
        .bind(rows::to_json(status)?)
        .fetch_optional(&self.nodes)
        .await?;
        let beat = beat.ok_or(StorageError::Fenced)?;
        Ok(Beat { newest: beat.try_get("newest")?, ask: beat.try_get("ask")? })
    }

    async fn share(&self, under: Incarnation, may_fence: bool) -> Result<Sharing> {
        let mut tx = self.nodes.begin().await?;
        // One that froze in the middle of a commit keeps its row for a while: then the next time.
        sqlx::query("SET LOCAL lock_timeout = '1s'").execute(&mut *tx).await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SHARE_LOCK).execute(&mut *tx).await?;
        hold(&mut tx, Some(under)).await?;
        if may_fence {
            sqlx::query(AssertSqlSafe(format!(
                "WITH silent AS (
                     SELECT incarnation FROM nodes
                     WHERE NOT fenced AND beat_at < {NOW} - $1 AND incarnation <> $2 FOR UPDATE
                 )
                 UPDATE nodes SET fenced = TRUE FROM silent
                 WHERE nodes.incarnation = silent.incarnation"
            )))
            .bind(silent_ms())
            .bind(under.0)
            .execute(&mut *tx)
            .await?;
        }
        let (nodes, mine, dispatches) =
            sqlx::query_as::<_, (i64, i64, bool)>(AssertSqlSafe(format!(
                "SELECT COUNT(*) FILTER (WHERE dispatches AND NOT fenced
                                           AND beat_at >= {NOW} - $1),
                        (SELECT COUNT(*) FROM shards WHERE holder = $2),
                        COALESCE(BOOL_OR(dispatches AND incarnation = $2), FALSE)
                 FROM nodes"
            )))
            .bind(silent_ms())
            .bind(under.0)
            .fetch_one(&mut *tx)
            .await?;
        let nodes = u32::try_from(nodes).unwrap_or_default();
        let wanted = if dispatches { i64::from(Sharing::share(nodes)) - mine } else { 0 };
        if wanted > 0 {
            sqlx::query(
                "UPDATE shards SET holder = $1 WHERE shard IN (
                     SELECT s.shard FROM shards s LEFT JOIN nodes n ON n.incarnation = s.holder
                     WHERE n.incarnation IS NULL OR n.fenced ORDER BY s.shard LIMIT $2)",
            )
            .bind(under.0)
            .bind(wanted)
            .execute(&mut *tx)
            .await?;
        }
        let held = sqlx::query_as::<_, (i64, bool)>(
            "SELECT s.shard, s.holder = $1 FROM shards s JOIN nodes n ON n.incarnation = s.holder
             WHERE NOT n.fenced",
        )
        .bind(under.0)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let of = |mine: bool| {
            let shards = held.iter().filter(|(_, is_mine)| *is_mine == mine);
            shards.filter_map(|(shard, _)| u8::try_from(*shard).ok().map(Shard)).collect()
        };
        Ok(Sharing { mine: of(true), others: of(false), nodes })
    }

    async fn free(&self, under: Incarnation, shards: Shards) -> Result<()> {
        let shards: Vec<_> = shards.iter().map(|shard| i64::from(shard.0)).collect();
        sqlx::query("UPDATE shards SET holder = NULL WHERE holder = $1 AND shard = ANY ($2)")
            .bind(under.0)
            .bind(shards)
            .execute(&self.nodes)
            .await?;
        Ok(())
    }

    async fn leave(&self, under: Incarnation) -> Result<()> {
        sqlx::query(
            "WITH mine AS (
                 SELECT incarnation FROM nodes WHERE incarnation = $1 AND NOT fenced FOR UPDATE
             ), ended AS (
                 UPDATE nodes SET fenced = TRUE, stopped = TRUE
                 FROM mine WHERE nodes.incarnation = mine.incarnation
             ), left_behind AS (
                 DELETE FROM seats WHERE holder = $1
             )
             UPDATE shards SET holder = NULL WHERE holder = $1",
        )
        .bind(under.0)
        .execute(&self.nodes)
        .await?;
        Ok(())
    }

    async fn take_seat(
        &self,
        under: Incarnation,
        destination: &DestinationKey,
        seats: u32,
    ) -> Result<bool> {
        // Not by the connection of the beats, which must not wait for these.
        let mut tx = self.engine.begin().await?;
        hold(&mut tx, Some(under)).await?;
        // One after the other, so that each counts those that came before. Nobody waits for a turn:
        // who has none asks again in a moment.
        let has_turn: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1, hashtext($2))")
                .bind(SEAT_LOCK)
                .bind(destination.as_str())
                .fetch_one(&mut *tx)
                .await?;
        if !has_turn {
            return Ok(false);
        }
        let taken = sqlx::query(
            "INSERT INTO seats (destination, holder)
             SELECT $1, $2 FROM seats s JOIN nodes n ON n.incarnation = s.holder
             WHERE s.destination = $1 AND NOT n.fenced
             HAVING COUNT(*) < $3 OR BOOL_OR(s.holder = $2)
             ON CONFLICT (destination, holder) DO UPDATE SET holder = EXCLUDED.holder",
        )
        .bind(destination.as_str())
        .bind(under.0)
        .bind(i64::from(seats))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(taken.rows_affected() > 0)
    }

    async fn leave_seat(&self, under: Incarnation, destination: &DestinationKey) -> Result<()> {
        sqlx::query("DELETE FROM seats WHERE destination = $1 AND holder = $2")
            .bind(destination.as_str())
            .bind(under.0)
            .execute(&self.engine)
            .await?;
        Ok(())
    }

    async fn nodes(&self) -> Result<Vec<NodeRow>> {
        let found = sqlx::query(AssertSqlSafe(format!(
            "SELECT n.incarnation, n.name, n.began, n.beat_at, {NOW} - n.beat_at AS silent_ms,
                    n.panel, n.intake, n.dispatches, n.fenced, n.stopped, n.status,
                    (SELECT COUNT(*) FROM shards s WHERE s.holder = n.incarnation) AS shards
             FROM nodes n WHERE NOT n.fenced OR n.beat_at > {NOW} - {NODES_KEPT}
             ORDER BY n.name, n.incarnation DESC"
        )))
        .fetch_all(&self.nodes)
        .await?;
        found.iter().map(node).collect()
    }

    async fn ask(&self, under: Incarnation, ask: Ask) -> Result<()> {
        let mut tx = self.begin().await?;
        let number = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
            "WITH old AS (
                 DELETE FROM asks WHERE made_at < {NOW} - {ASKS_KEPT}
                                    AND number < (SELECT MAX(number) FROM asks)
             )
             INSERT INTO asks (number, by, ask, made_at)
             SELECT COALESCE(MAX(number), 0) + 1, $1, $2, {NOW} FROM asks RETURNING number"
        )))
        .bind(under.0)
        .bind(rows::to_json(&ask)?)
        .fetch_one(&mut *tx)
        .await?;
        listen::tell_asks(&mut tx, under, number).await?;
        Ok(tx.commit().await?)
    }

    async fn asks(&self, after: i64) -> Result<Vec<Asked>> {
        let found =
            sqlx::query("SELECT number, by, ask FROM asks WHERE number > $1 ORDER BY number")
                .bind(after)
                .fetch_all(&self.nodes)
                .await?;
        let asked = |row: &PgRow| {
            Ok(Asked {
                number: row.try_get("number")?,
                by: Incarnation(row.try_get("by")?),
                ask: rows::json(row, "ask")?,
            })
        };
        found.iter().map(asked).collect()
    }

    fn news(&self) -> Option<News> {
        self.listen();
        let (deliveries, asks) = (self.told.deliveries.subscribe(), self.told.asks.subscribe());
        Some(News { deliveries, asks })
    }
}

fn node(row: &PgRow) -> Result<NodeRow> {
    Ok(NodeRow {
        incarnation: Incarnation(row.try_get("incarnation")?),
        name: row.try_get("name")?,
        began: Millis(row.try_get("began")?),
        seen_at: Millis(row.try_get("beat_at")?),
        silent_ms: row.try_get("silent_ms")?,
        roles: NodeRoles {
            panel: row.try_get("panel")?,
            intake: row.try_get("intake")?,
            dispatch: row.try_get("dispatches")?,
        },
        fenced: row.try_get("fenced")?,
        stopped: row.try_get("stopped")?,
        shards: u32::try_from(row.try_get::<i64, _>("shards")?).unwrap_or_default(),
        status: rows::json(row, "status")?,
    })
}
