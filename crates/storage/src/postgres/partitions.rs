//! The log's partitions, one for each day.
//!
//! A day of events and deliveries is a range of row numbers, a day of attempts a range of ids,
//! which begin with their time. Partitions of the coming days are made ahead, so that nothing has
//! to wait for one.

use super::Connection;
use crate::Result;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// The row numbers of a day begin at its days since 1970, moved up by so many bits.
pub(super) const DAY_BITS: u32 = 36;
/// For how many days there are partitions, today among them.
const AHEAD: i64 = 3;
pub(super) const DAY_MS: i64 = 86_400_000;
/// Held by who makes partitions.
const LOCK: i64 = 0x0FF_400C_0002;

pub(super) const LOG: [&str; 3] = ["events", "deliveries", "attempts"];

/// The days of the log; how many locks a statement takes that is not bound to some of them, which locks
/// each of their partitions with its indexes; and for how many locks of each of how many transactions
/// the server has room.
const LOCKS: &str = "SELECT
    (SELECT COUNT(*) FROM pg_inherits p JOIN pg_class c ON c.oid = p.inhrelid
     WHERE p.inhparent = CAST('deliveries' AS regclass) AND c.relname ~ '[0-9]$'),
    (SELECT COUNT(DISTINCT p.inhrelid) + COUNT(x.indexrelid)
     FROM pg_inherits p LEFT JOIN pg_index x ON x.indrelid = p.inhrelid
     WHERE p.inhparent IN (CAST('deliveries' AS regclass), CAST('events' AS regclass))),
    CAST(current_setting('max_locks_per_transaction') AS BIGINT),
    CAST(current_setting('max_connections') AS BIGINT)
        + CAST(current_setting('max_prepared_transactions') AS BIGINT)";
/// How many such statements are to find room at once.
const AT_ONCE: i64 = 8;
/// For how many days there is to be room where it is made anew, at least.
const YEAR: i64 = 366;

/// Makes the partitions of today and the coming days that are not there.
pub(super) async fn make(connection: &mut Connection) -> Result<()> {
    let mut tx = connection.begin().await?;
    sqlx::query("SET LOCAL lock_timeout = '3s'").execute(&mut *tx).await?;
    let turn = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await;
    match turn {
        // Another node makes them.
        Err(sqlx::Error::Database(fault)) if is_locked(&*fault) => return Ok(()),
        turn => turn?,
    };
    // Whoever waits for a table's lock lets others wait behind it, commits as well.
    sqlx::query("SET LOCAL lock_timeout = '200ms'").execute(&mut *tx).await?;
    // The database's clock, which numbers the rows.
    let today = sqlx::query_scalar::<_, i64>(
        "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) / 86400) AS BIGINT)",
    )
    .fetch_one(&mut *tx)
    .await?;
    for table in LOG {
        if !exists(&mut tx, &format!("{table}_before")).await? {
            let end = begin_of(table, today);
            attach(&mut tx, table, "before", "MINVALUE", &end).await?;
        }
        for day in today..today + AHEAD {
            let name = day.to_string();
            if !exists(&mut tx, &format!("{table}_{name}")).await? {
                let (begin, end) = (begin_of(table, day), begin_of(table, day + 1));
                attach(&mut tx, table, &name, &begin, &end).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Says so where the server has hardly any room left for the locks of what is not bound to days: where
/// that is used up, whatever asks for a lock fails.
pub(super) async fn watch(connection: &mut Connection) -> Result<()> {
    let (days, taken, each, transactions) =
        sqlx::query_as::<_, (i64, i64, i64, i64)>(LOCKS).fetch_one(connection).await?;
    if let Some(said) = (Locks { days, taken, each, transactions }).warning() {
        tracing::warn!("{said}");
    }
    Ok(())
}

/// What the server locks for the log, and for how much of it there is room.
#[derive(Debug, Clone, Copy)]
struct Locks {
    /// The days of the log.
    days: i64,
    /// The locks of one statement that is not bound to days.
    taken: i64,
    /// `max_locks_per_transaction`, whose room all transactions share.
    each: i64,
    transactions: i64,
}

impl Locks {
    fn room(self) -> i64 {
        self.each * self.transactions
    }

    /// How many are to be had for each transaction, at least, where the room comes near its end: so
    /// many that it does not for a year, nor until the log is twice as long.
    fn needed(self) -> Option<i64> {
        if self.taken * AT_ONCE * 4 <= self.room() * 3 {
            return None;
        }
        let days = (self.days * 2).max(YEAR);
        let taken = self.taken * AT_ONCE * days / self.days.max(1);
        Some(taken * 4 / (self.transactions * 3).max(1) + 1)
    }

    /// What is wrong and what is to be done, where something is.
    fn warning(self) -> Option<String> {
        let needed = self.needed()?;
        let (days, taken, room) = (self.days, self.taken, self.room());
        Some(format!(
            "the log has {days} days, and a statement that looks at all of them takes {taken} of the \
             {room} locks for which PostgreSQL has room; where a few do so at once, statements fail (\"out \
             of shared memory\"). Set max_locks_per_transaction, which is {}, to at least {needed} in \
             postgresql.conf, and restart the PostgreSQL server",
            self.each
        ))
    }
}

async fn exists(tx: &mut Connection, partition: &str) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(partition)
        .fetch_one(tx)
        .await?)
}

/// Makes a partition; where rows of its range lie elsewhere already, they and what joins them stay
/// there.
async fn attach(
    tx: &mut Connection,
    table: &str,
    name: &str,
    begin: &str,
    end: &str,
) -> Result<()> {
    let mut step = tx.begin().await?;
    // Readers and writers of the table go on meanwhile, which they could not if it were made as a
    // partition at once.
    let ids = match table {
        "attempts" => String::new(),
        _ => format!("CREATE UNIQUE INDEX {table}_{name}_by_id ON {table}_{name} (id);"),
    };
    // Room on each page for every delivery to change once without a word to the indexes.
    let room = if table == "deliveries" { "WITH (fillfactor = 45)" } else { "" };
    let made = sqlx::raw_sql(AssertSqlSafe(format!(
        "CREATE TABLE {table}_{name} (LIKE {table} INCLUDING ALL) {room}; {ids}
         ALTER TABLE {table} ATTACH PARTITION {table}_{name} FOR VALUES FROM ({begin}) TO ({end})"
    )))
    .execute(&mut *step)
    .await;
    match made {
        Ok(_) => step.commit().await?,
        Err(sqlx::Error::Database(fault)) if may_stay(&*fault) => {
            step.rollback().await?;
            tracing::warn!(table, day = name, reason = %fault, "a day has no partition yet");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Whether the partition is only not to be had now: rows of its range lie elsewhere (23514), somebody
/// reads the table for long, or the clock was set back behind the first day, whose partition has all
/// that is earlier as well (42P17).
fn may_stay(fault: &dyn sqlx::error::DatabaseError) -> bool {
    is_locked(fault) || matches!(fault.code().as_deref(), Some("23514" | "42P17"))
}

/// Whether somebody else has held a lock for too long.
pub(super) fn is_locked(fault: &dyn sqlx::error::DatabaseError) -> bool {
    fault.code().as_deref() == Some("55P03")
}

/// Where a day's part of the table begins, as a literal.
pub(super) fn begin_of(table: &str, day: i64) -> String {
    if table == "attempts" {
        let at = u128::try_from(day * DAY_MS).unwrap_or(0);
        format!("'{}'", Uuid::from_u128(at << 80))
    } else {
        (day << DAY_BITS).to_string()
    }
}

/// The day of a partition of this name; none where it has what lies in none.
pub(super) fn day_of(partition: &str) -> Option<i64> {
    partition.rsplit('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of so many days on a server with these settings.
    fn locks(days: i64, each: i64, transactions: i64) -> Locks {
        Locks { days, taken: 16 * days, each, transactions }
    }

    #[test]
    fn a_server_as_it_comes_has_room_for_37_days() {
        assert_eq!(locks(5, 64, 100).needed(), None);
        assert_eq!(locks(37, 64, 100).needed(), None);
        assert_eq!(locks(38, 64, 100).needed(), Some(625));
        // More connections share more.
        assert_eq!(locks(38, 64, 500).needed(), None);
    }

    #[test]
    fn what_is_asked_for_is_enough_for_a_year_and_for_twice_as_long() {
        for (days, transactions) in [(38, 100), (183, 100), (365, 100), (1_000, 100), (400, 10)] {
            let needed = locks(days, 1, transactions).needed().unwrap();
            let later = (2 * days).max(YEAR);
            assert_eq!(locks(later, needed, transactions).needed(), None, "{days} days");
            assert!(locks(later, needed - 1, transactions).needed().is_some(), "{days} days");
        }
        // A log of a few days that are all locked is no reason to divide by nothing.
        assert!(Locks { days: 0, taken: 32, each: 1, transactions: 0 }.needed().is_some());
    }

    #[test]
    fn it_is_said_in_numbers() {
        let said = locks(365, 64, 100).warning().unwrap();
        for number in ["365 days", "5840 of the 6400 locks", "which is 64,", "at least 1246 in"] {
            assert!(said.contains(number), "{number}: {said}");
        }
        assert_eq!(locks(5, 64, 100).warning(), None);
    }
}
