//! Forgetting whole days of the log: a partition of which nothing is to be kept is taken out of its table,
//! then what lies beside it goes, then itself. One that was left behind between these steps is found by its
//! name.

use super::{
    Connection, PostgresStorage,
    dialect::{BESIDE, NEWEST, NEWEST_EVENT, go_by_index},
    partitions::{DAY_BITS, DAY_MS, LOG, begin_of, day_of, is_locked},
};
use crate::{Result, StorageError};
use model::time::Millis;
use sqlx::{AssertSqlSafe, Executor};

/// Held by who forgets days.
const LOCK: i64 = 0x0FF_400C_0004;
/// Ends the name of a part that is its table's no more.
const TAKEN_OUT: &str = "_forgotten";
/// Of how many events at a time it is forgotten what their senders' ids stand for.
const EVENTS: i64 = 5_000;

/// Forgets the days before that time; how many of deliveries.
pub(super) async fn forget(store: &PostgresStorage, before: Millis) -> Result<u64> {
    let mut connection = store.copying.acquire().await?;
    let is_mine = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut *connection)
        .await?;
    if !is_mine {
        return Ok(0);
    }
    let forgotten = forget_all(&mut connection, before).await;
    let unlocked =
        sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut *connection).await;
    let forgotten = forgotten?;
    unlocked?;
    Ok(forgotten)
}

async fn forget_all(connection: &mut Connection, before: Millis) -> Result<u64> {
    let (delivery, event) =
        sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(format!("SELECT {NEWEST}, {NEWEST_EVENT}")))
            .fetch_one(&mut *connection)
            .await?;
    let mut forgotten = 0;
    // What refers to the others goes first.
    for (table, newest) in [("deliveries", delivery), ("attempts", i64::MAX), ("events", event)] {
        // Row numbers go on behind the last one.
        let end = (before.0 / DAY_MS).min(newest >> DAY_BITS);
        for day in kept(connection, table, end).await? {
            let Some(known) = day.is_over(connection, before).await? else { continue };
            match day.detach(connection, &known).await {
                Ok(true) => forgotten += u64::from(table == "deliveries"),
                Ok(false) => {}
                // The others would only keep everybody waiting as well.
                Err(StorageError::Database(sqlx::Error::Database(fault))) if is_locked(&*fault) => {
                    tracing::debug!(table, day = day.day, "somebody reads the log; it goes later");
                    break;
                }
                Err(error) => return Err(error),
            }
        }
    }
    for table in LOG {
        for day in taken_out(connection, table).await? {
            day.clear(connection).await?;
        }
    }
    Ok(forgotten)
}

/// The partitions of the table for days before that one.
async fn kept(connection: &mut Connection, table: &'static str, end: i64) -> Result<Vec<Day>> {
    let names = sqlx::query_scalar::<_, String>(
        "SELECT CAST(c.relname AS TEXT) FROM pg_inherits p JOIN pg_class c ON c.oid = p.inhrelid
         WHERE p.inhparent = CAST($1 AS regclass) AND c.relname ~ '_[0-9]+$'",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    let mut days: Vec<_> = names.iter().filter_map(|name| day_of(name)).collect();
    days.retain(|day| *day < end);
    days.sort_unstable();
    Ok(days.into_iter().map(|day| Day { table, day }).collect())
}

/// What has been taken out of the table, and not cleared away yet.
async fn taken_out(connection: &mut Connection, table: &'static str) -> Result<Vec<Day>> {
    let names = sqlx::query_scalar::<_, String>(
        "SELECT CAST(relname AS TEXT) FROM pg_class
         WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
           AND relkind = 'r'
           AND relname ~ $1",
    )
    .bind(format!("^{table}_[0-9]+{TAKEN_OUT}$"))
    .fetch_all(connection)
    .await?;
    let days = names.iter().filter_map(|name| day_of(name.strip_suffix(TAKEN_OUT)?));
    Ok(days.map(|day| Day { table, day }).collect())
}

/// How many there are, and which of them was changed last.
type Known = (i64, Option<i64>);

/// The part of a table for a day.
#[derive(Clone, Copy)]
struct Day {
    table: &'static str,
    day: i64,
}

impl Day {
    fn name(self) -> String {
        format!("{}_{}", self.table, self.day)
    }

    /// That the column lies in the day, whose numbers or ids are those of this table.
    fn holds(self, column: &str) -> String {
        let (begin, end) = (begin_of(self.table, self.day), begin_of(self.table, self.day + 1));
        format!("{column} >= {begin} AND {column} < {end}")
    }

    /// What is known of it where nothing of it is to be kept: deliveries that ended before that time, attempts
    /// and events of which there is no delivery any more.
    async fn is_over(self, connection: &mut Connection, before: Millis) -> Result<Option<Known>> {
        let known = self.known(connection).await?;
        let over: bool = if self.table == "deliveries" {
            // All of it is read, once.
            let sql = format!(
                "SELECT NOT EXISTS (SELECT 1 FROM {}
                                    WHERE finished_at IS NULL OR finished_at >= $1)",
                self.name()
            );
            let over = sqlx::query_scalar(AssertSqlSafe(sql)).bind(before.0);
            over.fetch_one(connection).await?
        } else {
            let mut tx = connection.begin().await?;
            go_by_index(&mut tx).await?;
            sqlx::query_scalar(AssertSqlSafe(self.is_left())).fetch_one(&mut *tx).await?
        };
        Ok(over.then_some(known))
    }

    /// The dead of its deliveries, who alone may come to life again: how many they are, and which transaction
    /// changed one last.
    async fn known(self, connection: &mut Connection) -> Result<Known> {
        if self.table != "deliveries" {
            return Ok((0, None));
        }
        let sql = format!(
            "SELECT COUNT(*), MAX(CAST(CAST(xmin AS TEXT) AS BIGINT)) FROM undelivered
             WHERE state = 'dead' AND {}",
            self.holds("seq")
        );
        Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await?)
    }

    /// Asks whether nobody refers to it; of deliveries, whether none has been resumed.
    fn is_left(self) -> String {
        match self.table {
            "deliveries" => format!(
                "SELECT NOT EXISTS (SELECT 1 FROM undelivered WHERE open AND {})",
                self.holds("seq")
            ),
            "attempts" => {
                format!("SELECT NOT EXISTS (SELECT 1 FROM deliveries WHERE {})", self.holds("id"))
            }
            _ => format!(
                "SELECT NOT EXISTS (SELECT 1 FROM deliveries WHERE {})",
                self.holds("event_seq")
            ),
        }
    }

    /// Takes it out of its table, of which that was known; whether that could be done.
    async fn detach(self, connection: &mut Connection, known: &Known) -> Result<bool> {
        let mut tx = connection.begin().await?;
        // Whoever waits for a table's lock lets others wait behind it, commits as well.
        // Nor is a process that stops in the middle of it to keep them.
        sqlx::raw_sql(
            "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '5s';
             SET LOCAL idle_in_transaction_session_timeout = '5s'",
        )
        .execute(&mut *tx)
        .await?;
        go_by_index(&mut tx).await?;
        let (table, name) = (self.table, self.name());
        sqlx::raw_sql(AssertSqlSafe(format!(
            "ALTER TABLE {table} DETACH PARTITION {name};
             ALTER TABLE {name} RENAME TO {name}{TAKEN_OUT}"
        )))
        .execute(&mut *tx)
        .await?;
        // Somebody may have come before the lock.
        let is_left = sqlx::query_scalar(AssertSqlSafe(self.is_left())).fetch_one(&mut *tx).await?;
        let is_left = is_left && self.known(&mut tx).await? == *known;
        if is_left {
            tx.commit().await?;
        }
        Ok(is_left)
    }

    /// Forgets what lies beside it, and itself.
    async fn clear(self, connection: &mut Connection) -> Result<()> {
        let name = self.name() + TAKEN_OUT;
        match self.table {
            "deliveries" => {
                // Attempts lie in days of their own, but for those of which there is none.
                for (table, id) in [
                    ("children", "id"),
                    ("begun_at", "id"),
                    ("attempts_before", "delivery_id"),
                    ("attempts_other", "delivery_id"),
                ] {
                    let sql = format!("DELETE FROM {table} o USING {name} d WHERE o.{id} = d.id");
                    sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
                }
                for table in BESIDE {
                    let sql = format!("DELETE FROM {table} WHERE {}", self.holds("seq"));
                    sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
                }
            }
            "events" => clear_senders(connection, &name).await?,
            _ => {}
        }
        connection.execute(AssertSqlSafe(format!("DROP TABLE {name}"))).await?;
        Ok(())
    }
}

/// Forgets what the senders' ids of the events in this table stand for.
async fn clear_senders(connection: &mut Connection, name: &str) -> Result<()> {
    let sql = format!(
        "WITH part AS (SELECT seq, id, sender_id, queue_id FROM {name}
                       WHERE seq > $1 ORDER BY seq LIMIT $2),
              gone AS (DELETE FROM senders s USING part p
                       WHERE s.sender_id = p.sender_id AND s.queue_id = p.queue_id
                         AND s.event_id = p.id)
         SELECT MAX(seq) FROM part"
    );
    let mut after = 0;
    loop {
        let last = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql.clone()))
            .bind(after)
            .bind(EVENTS)
            .fetch_one(&mut *connection)
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}
