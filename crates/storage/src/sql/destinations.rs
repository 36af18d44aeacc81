//! What people have set for destinations.

use super::{DbRow, Store, rows};
use crate::{DestinationStore, Result};
use async_trait::async_trait;
use model::{
    destination::{DestinationKey, DestinationLimits, DestinationSettings, Forced, Rate},
    time::Millis,
};
use sqlx::Row;

/// Everything that is set, which is little: people set it by hand.
pub const ALL: &str = "SELECT * FROM destinations ORDER BY key";

#[async_trait]
impl DestinationStore for Store {
    async fn destinations(&self) -> Result<Vec<DestinationSettings>> {
        sqlx::query(ALL).fetch_all(&self.readers).await?.iter().map(settings).collect()
    }

    async fn destination(&self, key: &DestinationKey) -> Result<Option<DestinationSettings>> {
        let found = sqlx::query("SELECT * FROM destinations WHERE key = $1")
            .bind(key.as_str())
            .fetch_optional(&self.readers)
            .await?;
        found.as_ref().map(settings).transpose()
    }

    async fn set_destination_limits(
        &self,
        key: &DestinationKey,
        limits: &DestinationLimits,
        now: Millis,
    ) -> Result<DestinationSettings> {
        let mut tx = self.begin().await?;
        let set = sqlx::query(
            "INSERT INTO destinations
                 (key, concurrency, rate_milli, failure_percent, min_calls, open_ms, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (key) DO UPDATE SET
                 concurrency = excluded.concurrency, rate_milli = excluded.rate_milli,
                 failure_percent = excluded.failure_percent, min_calls = excluded.min_calls,
                 open_ms = excluded.open_ms, updated_at = excluded.updated_at
             RETURNING *",
        )
        .bind(key.as_str())
        .bind(limits.concurrency.map(i64::from))
        .bind(limits.rate_per_s.map(|rate| rate.milli as i64))
        .bind(limits.failure_percent.map(i64::from))
        .bind(limits.min_calls.map(i64::from))
        .bind(limits.open_ms)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        settings(&set)
    }

    async fn force_destination(
        &self,
        key: &DestinationKey,
        forced: Option<Forced>,
        now: Millis,
    ) -> Result<DestinationSettings> {
        let mut tx = self.begin().await?;
        let set = sqlx::query(
            "INSERT INTO destinations (key, forced, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET
                 forced = excluded.forced, updated_at = excluded.updated_at
             RETURNING *",
        )
        .bind(key.as_str())
        .bind(forced.map(Forced::as_str))
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        settings(&set)
    }

    async fn drain_destination(
        &self,
        key: &DestinationKey,
        now: Millis,
    ) -> Result<DestinationSettings> {
        let mut tx = self.begin().await?;
        let set = sqlx::query(
            "INSERT INTO destinations (key, drained_at, updated_at) VALUES ($1, $2, $2)
             ON CONFLICT (key) DO UPDATE SET
                 forced = CASE WHEN destinations.forced = 'open' THEN NULL
                               ELSE destinations.forced END,
                 drained_at = excluded.drained_at, updated_at = excluded.updated_at
             RETURNING *",
        )
        .bind(key.as_str())
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await?;
        self.commit_change(tx).await?;
        settings(&set)
    }

    async fn reset_destination(&self, key: &DestinationKey) -> Result<Option<DestinationSettings>> {
        let mut tx = self.begin().await?;
        // A stop by hand is no limit, and stays.
        let kept = sqlx::query(
            "UPDATE destinations SET concurrency = NULL, rate_milli = NULL, failure_percent = NULL,
                                     min_calls = NULL, open_ms = NULL
             WHERE key = $1 AND forced IS NOT NULL RETURNING *",
        )
        .bind(key.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let gone = match kept {
            Some(kept) => Some(kept),
            None => {
                sqlx::query("DELETE FROM destinations WHERE key = $1 RETURNING *")
                    .bind(key.as_str())
                    .fetch_optional(&mut *tx)
                    .await?
            }
        };
        self.commit_change(tx).await?;
        gone.as_ref().map(settings).transpose()
    }
}

/// Reads a row.
pub fn settings(row: &DbRow) -> Result<DestinationSettings> {
    Ok(DestinationSettings {
        key: rows::word(row, "key")?,
        limits: DestinationLimits {
            concurrency: rows::maybe_small(row, "concurrency")?,
            rate_per_s: rows::maybe_count(row, "rate_milli")?.map(|milli| Rate { milli }),
            failure_percent: rows::maybe_small(row, "failure_percent")?,
            min_calls: rows::maybe_small(row, "min_calls")?,
            open_ms: row.try_get("open_ms")?,
        },
        forced: rows::maybe_word(row, "forced")?,
        drained_at: row.try_get::<Option<i64>, _>("drained_at")?.map(Millis),
        updated_at: Millis(row.try_get("updated_at")?),
    })
}
