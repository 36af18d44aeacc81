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
const DAY_MS: u128 = 86_400_000;
/// Held by who makes partitions.
const LOCK: i64 = 0x0FF_400C_0002;

const LOG: [&str; 3] = ["events", "deliveries", "attempts"];

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
fn is_locked(fault: &dyn sqlx::error::DatabaseError) -> bool {
    fault.code().as_deref() == Some("55P03")
}

/// Where a day's part of the table begins, as a literal.
fn begin_of(table: &str, day: i64) -> String {
    if table == "attempts" {
        let at = u128::try_from(day).unwrap_or(0) * DAY_MS;
        format!("'{}'", Uuid::from_u128(at << 80))
    } else {
        (day << DAY_BITS).to_string()
    }
}
