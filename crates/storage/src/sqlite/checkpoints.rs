//! Moving what stands in the write-ahead log to its places in the database, beside the writes. Those
//! places lie all over a long log's file, so a commit that does it itself takes as long as the disk
//! needs for them.

use super::Pool;
use std::time::Duration;
use tokio::{sync::watch, time::sleep};

/// How long what is written gathers, so that a page that changes often is moved once.
const GATHER: Duration = Duration::from_millis(250);
/// Pages of the write-ahead log (64 MiB) at which commits move it themselves: where they come so
/// fast that it never ends otherwise.
pub(super) const PAGES_MAX: &str = "16384";

/// Moves what is written from now on, as long as somebody may tell of more.
pub(super) fn begin(connection: Pool) -> watch::Sender<()> {
    let (written, mut told) = watch::channel(());
    tokio::spawn(async move {
        while told.changed().await.is_ok() {
            sleep(GATHER).await;
            let moved = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&connection).await;
            if let Err(error) = moved {
                tracing::warn!(%error, "the write-ahead log is left to the commits");
            }
        }
    });
    written
}
