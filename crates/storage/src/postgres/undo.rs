//! A commit whose answer was lost. Whoever waited for it was told that nothing had been written; if
//! it has been written after all, it is undone before the next commit.

use super::batch::add_counts;
use crate::{Result, counts::Counts, journal::ReplayStep};
use sqlx::PgConnection;
use std::{ops::RangeInclusive, time::Duration};
use tokio::time::sleep;

/// How often it is asked how the lost commit ended, while the server still works on it.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// What a transaction wrote that the next one would not write over.
#[derive(Debug)]
pub(super) struct Undo {
    pub transaction: i64,
    pub events: RangeInclusive<i64>,
    pub deliveries: RangeInclusive<i64>,
    /// The senders' ids with their queues.
    pub senders: (Vec<String>, Vec<i64>),
    pub counts: Counts,
    pub steps: Vec<Step>,
}

/// How far a job that replays was moved on.
#[derive(Debug)]
pub(super) struct Step {
    id: i64,
    from: i64,
    to: i64,
    found: i64,
    made: i64,
}

impl From<&ReplayStep> for Step {
    fn from(step: &ReplayStep) -> Self {
        Self {
            id: step.replay.0,
            from: step.from,
            to: step.to,
            found: i64::from(step.found),
            made: step.deliveries.len() as i64,
        }
    }
}

/// Takes back, in the transaction, what a lost commit wrote. Each of them took back those before
/// it, so that only the newest that was made counts.
pub(super) async fn settle(tx: &mut PgConnection, lost: &[Undo]) -> Result<()> {
    for one in lost.iter().rev() {
        if was_committed(tx, one.transaction).await? {
            return take_back(tx, one).await;
        }
    }
    Ok(())
}

async fn take_back(tx: &mut PgConnection, lost: &Undo) -> Result<()> {
    tracing::warn!("a commit whose answer was lost had been made; it is undone");
    sqlx::query(
        "DELETE FROM senders s USING UNNEST($1, $2) AS k (sender_id, queue_id)
                 WHERE s.sender_id = k.sender_id AND s.queue_id = k.queue_id",
    )
    .bind(&lost.senders.0)
    .bind(&lost.senders.1)
    .execute(&mut *tx)
    .await?;
    for (sql, seqs) in [
        ("DELETE FROM deliveries WHERE seq BETWEEN $1 AND $2", &lost.deliveries),
        ("DELETE FROM events WHERE seq BETWEEN $1 AND $2", &lost.events),
    ] {
        sqlx::query(sql).bind(seqs.start()).bind(seqs.end()).execute(&mut *tx).await?;
    }
    for step in &lost.steps {
        sqlx::query(
            "UPDATE replays SET cursor = $2, found = found - $4, made = made - $5,
                                state = CASE WHEN state = 'done' THEN 'running' ELSE state END,
                                finished_at = CASE WHEN state = 'done' THEN NULL
                                                   ELSE finished_at END
             WHERE id = $1 AND cursor = $3",
        )
        .bind(step.id)
        .bind(step.from)
        .bind(step.to)
        .bind(step.found)
        .bind(step.made)
        .execute(&mut *tx)
        .await?;
    }
    // What has ended is committed again, and counted again.
    add_counts(tx, &lost.counts, -1).await
}

/// How the transaction ended, once it has.
async fn was_committed(tx: &mut PgConnection, transaction: i64) -> Result<bool> {
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
