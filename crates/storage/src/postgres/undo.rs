//! A commit whose answer was lost. What it accepted stays, though its senders were told to send it
//! again: another node may run it already, and by its sender's id it is known when it comes again.
//! What it completed is committed once more, so that it must not have been counted.

use super::{Connection, counters};
use crate::{
    Result,
    counts::{Counts, LatencyCounts},
};
use std::time::Duration;
use tokio::time::sleep;

/// How often it is asked how the lost commit ended, while the server still works on it.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// What a transaction wrote that the next one would not write over.
#[derive(Debug)]
pub(super) struct Undo {
    pub transaction: i64,
    /// What was counted of completions.
    pub counts: Counts,
    pub latencies: LatencyCounts,
}

/// Takes back, in the transaction, what a lost commit counted. Each of them took back those before
/// it, so that only the newest that was made counts.
pub(super) async fn settle(tx: &mut Connection, lost: &[Undo]) -> Result<()> {
    for one in lost.iter().rev() {
        if was_committed(tx, one.transaction).await? {
            tracing::warn!("a commit whose answer was lost had been made");
            counters::take_back(tx, &one.counts).await?;
            return counters::take_back_latencies(tx, &one.latencies).await;
        }
    }
    Ok(())
}

/// How the transaction ended, once it has.
async fn was_committed(tx: &mut Connection, transaction: i64) -> Result<bool> {
    for _ in 0..TRIES {
        // One that lies in the future was lost with a server that another took over from. One
        // that is too old to be known has never been waited for so long.
        let status = sqlx::query_scalar::<_, Option<String>>(
            "SELECT CASE WHEN $1 < txid_current() THEN txid_status($1) END",
        )
        .bind(transaction)
        .fetch_one(&mut *tx)
        .await?;
        match status.as_deref() {
            Some("committed") => return Ok(true),
            Some("in progress") => sleep(PAUSE).await,
            _ => return Ok(false),
        }
    }
    Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into())
}
