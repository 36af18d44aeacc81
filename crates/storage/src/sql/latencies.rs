//! How long events took to reach their receivers, written with the batch that ends the deliveries.

use super::Db;
use crate::{Result, journal::Completion};
use model::{delivery::DeliveryState, latency::bucket};
use sqlx::{Database, QueryBuilder};
use std::collections::BTreeMap;

/// Adds what these completions tell. Tests and what has not been delivered tell nothing.
pub(super) async fn write(
    tx: &mut <Db as Database>::Connection,
    completions: &[Completion],
) -> Result<()> {
    let mut counts = BTreeMap::<_, i64>::new();
    for done in completions {
        if !done.test && done.state == DeliveryState::Delivered {
            let took = bucket(done.at.0 - done.accepted_at.0);
            *counts.entry((done.at.minute(), i64::from(took))).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(());
    }
    let mut sql = QueryBuilder::<Db>::new("INSERT INTO latencies (minute, bucket, count) ");
    // Few: a batch is of a moment, and there are less than 256 buckets.
    sql.push_values(counts, |mut row, ((minute, bucket), count)| {
        row.push_bind(minute).push_bind(bucket).push_bind(count);
    });
    sql.push(
        " ON CONFLICT (minute, bucket) DO UPDATE SET
              count = latencies.count + excluded.count",
    );
    sql.build().execute(tx).await?;
    Ok(())
}
