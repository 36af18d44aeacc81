//! What a commit adds to the counters, and how it is taken back.

use super::Connection;
use crate::{
    Result,
    counts::{Counts, LatencyCounts},
};
use model::queue::Figures;

/// What is counted, a column at a time.
#[derive(Default)]
pub(super) struct Columns {
    pub minute: Vec<i64>,
    pub queue_id: Vec<i64>,
    pub hook_id: Vec<i64>,
    pub events: Vec<i64>,
    pub delivered: Vec<i64>,
    pub failed: Vec<i64>,
    pub skipped: Vec<i64>,
}

impl Columns {
    pub fn of(counts: &Counts) -> Self {
        let mut all = Self::default();
        for ((minute, queue, hook), Figures { events, delivered, failed, skipped }) in &counts.0 {
            all.minute.push(*minute);
            all.queue_id.push(*queue);
            all.hook_id.push(*hook);
            all.events.push(*events as i64);
            all.delivered.push(*delivered as i64);
            all.failed.push(*failed as i64);
            all.skipped.push(*skipped as i64);
        }
        all
    }
}

/// Takes back what was counted.
pub(super) async fn take_back(tx: &mut Connection, counts: &Counts) -> Result<()> {
    let Columns { minute, queue_id, hook_id, events, delivered, failed, skipped } =
        Columns::of(counts);
    // Whichever part it stands in, the sum is right.
    sqlx::query(
        "INSERT INTO counters (minute, queue_id, hook_id, events, delivered, failed, skipped)
         SELECT minute, queue_id, hook_id, -events, -delivered, -failed, -skipped
         FROM UNNEST($1, $2, $3, $4, $5, $6, $7)
              AS u (minute, queue_id, hook_id, events, delivered, failed, skipped)
         ON CONFLICT (minute, queue_id, hook_id, part) DO UPDATE SET
             events = counters.events + excluded.events,
             delivered = counters.delivered + excluded.delivered,
             failed = counters.failed + excluded.failed,
             skipped = counters.skipped + excluded.skipped",
    )
    .bind(minute)
    .bind(queue_id)
    .bind(hook_id)
    .bind(events)
    .bind(delivered)
    .bind(failed)
    .bind(skipped)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back how long events took.
pub(super) async fn take_back_latencies(
    tx: &mut Connection,
    latencies: &LatencyCounts,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO latencies (minute, bucket, count)
         SELECT minute, bucket, -count FROM UNNEST($1, $2, $3) AS u (minute, bucket, count)
         ON CONFLICT (minute, bucket, part) DO UPDATE SET
             count = latencies.count + excluded.count",
    )
    .bind(latencies.keys().map(|(minute, _)| *minute).collect::<Vec<_>>())
    .bind(latencies.keys().map(|(_, bucket)| *bucket).collect::<Vec<_>>())
    .bind(latencies.values().copied().collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
