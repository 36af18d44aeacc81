//! How long events took to reach their receivers, written with the batch that ends the deliveries.

use super::Db;
use crate::{Result, counts, journal::Completion};
use sqlx::{Database, QueryBuilder};

/// Adds what these completions tell.
pub(super) async fn write(
    tx: &mut <Db as Database>::Connection,
    completions: &[Completion],
) -> Result<()> {
    let counts = counts::latencies(completions);
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
