//! Moving what stands in the write-ahead log to its places in the database, beside the writes. Those
//! places lie all over a long log's file, so a commit that does it itself takes as long as the disk
//! needs for them.

use super::Pool;
use sqlx::Row;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, time::sleep};

/// How long what is written gathers, so that a page that changes often is moved once.
const GATHER: Duration = Duration::from_millis(250);
/// How often what was written meanwhile is moved at once, each time less. Where nothing is left, the
/// next commit writes the log from its start.
const ROUNDS: usize = 8;
/// Pages of the write-ahead log (64 MiB) at which commits move it themselves: where they come so
/// fast that it never ends otherwise.
pub(super) const PAGES_MAX: &str = "16384";

/// Moves what is written from now on, as long as somebody may tell of more, and notes how many bytes of the
/// file have nothing in them.
pub(super) fn begin(connection: Pool, unused: Arc<AtomicU64>) -> watch::Sender<()> {
    let (written, mut told) = watch::channel(());
    tokio::spawn(async move {
        note_unused(&connection, &unused).await;
        while told.changed().await.is_ok() {
            sleep(GATHER).await;
            for _ in 0..ROUNDS {
                match move_on(&connection).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "the write-ahead log is left to the commits");
                        break;
                    }
                }
            }
            note_unused(&connection, &unused).await;
        }
    });
    written
}

/// Notes how many bytes of the file are used again before it grows.
async fn note_unused(connection: &Pool, unused: &AtomicU64) {
    let sql = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
    match sqlx::query_scalar::<_, i64>(sql).fetch_one(connection).await {
        Ok(bytes) => unused.store(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed),
        Err(error) => tracing::debug!(%error, "how much of the file is unused cannot be told"),
    }
}

/// Moves all that has been written, and empties the log once the disk has it: of a log that the disk
/// has in part, what is old would be read again after a crash.
pub(super) async fn move_all(connection: &Pool) -> sqlx::Result<()> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    let in_the_way = "somebody reads what stood there before";
    if busy == 0 {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::WouldBlock, in_the_way).into())
    }
}

/// Moves what has been written; how many pages have been written meanwhile.
async fn move_on(connection: &Pool) -> sqlx::Result<i64> {
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(connection).await?;
    let (written, moved): (i64, i64) = (row.try_get("log")?, row.try_get("checkpointed")?);
    Ok(written - moved)
}
