//! The cache, as people and runs ask it. What is kept says nothing of what is set up, so no
//! revision is raised.

use super::{Db, DbRow, Store, effects, rows};
use crate::{CacheStore, Result};
use async_trait::async_trait;
use model::{cache::CacheEntry, effect::Effect, time::Millis};
use sqlx::{QueryBuilder, Row};

const ENTRY: &str = "SELECT key, value, expires_at FROM cache
     WHERE key = $1 AND (expires_at IS NULL OR expires_at > $2)";

#[async_trait]
impl CacheStore for Store {
    async fn cached(&self, key: &str, now: Millis) -> Result<Option<String>> {
        let found = sqlx::query(ENTRY).bind(key).bind(now.0).fetch_optional(&self.engine).await?;
        Ok(found.map(|row| row.try_get("value")).transpose()?)
    }

    async fn cache_entry(&self, key: &str, now: Millis) -> Result<Option<CacheEntry>> {
        let found = sqlx::query(ENTRY).bind(key).bind(now.0).fetch_optional(&self.readers).await?;
        found.as_ref().map(entry).transpose()
    }

    async fn cache_entries(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<CacheEntry>> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT key, value, expires_at FROM cache WHERE (expires_at IS NULL OR expires_at > ",
        );
        sql.push_bind(now.0).push(")");
        rows::begins_with(&mut sql, "key", prefix);
        if let Some(after) = after {
            sql.push(" AND key > ").push_bind(after.to_owned());
        }
        sql.push(" ORDER BY key LIMIT ").push_bind(i64::from(limit));
        sql.build().fetch_all(&self.readers).await?.iter().map(entry).collect()
    }

    async fn put_cache_entry(&self, entry: &CacheEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        effects::write(&mut tx, &[Effect::Cache(entry.clone())]).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn forget_cache_entry(&self, key: &str, now: Millis) -> Result<Option<CacheEntry>> {
        let gone = sqlx::query("DELETE FROM cache WHERE key = $1 RETURNING *")
            .bind(key)
            .fetch_optional(&self.writer)
            .await?;
        let gone = gone.as_ref().map(entry).transpose()?;
        Ok(gone.filter(|entry| entry.expires_at.is_none_or(|at| at > now)))
    }

    async fn sweep_kept(&self, limit: u32, now: Millis) -> Result<u64> {
        let mut swept = 0;
        // What somebody has just kept anew has not expired, whatever was found before.
        for sql in [
            "DELETE FROM cache WHERE expires_at <= $1 AND key IN
                 (SELECT key FROM cache WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
            "DELETE FROM list_entries WHERE expires_at <= $1 AND (list_id, number) IN
                 (SELECT list_id, number FROM list_entries WHERE expires_at <= $1
                  ORDER BY expires_at LIMIT $2)",
            "DELETE FROM notes WHERE (user_id, id) IN
                 (SELECT user_id, id FROM notes WHERE expires_at <= $1
                  ORDER BY expires_at LIMIT $2)",
        ] {
            let query = sqlx::query(sql).bind(now.0).bind(i64::from(limit));
            swept += query.execute(&self.writer).await?.rows_affected();
        }
        Ok(swept)
    }
}

fn entry(row: &DbRow) -> Result<CacheEntry> {
    Ok(CacheEntry {
        key: row.try_get("key")?,
        value: row.try_get("value")?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Millis),
    })
}
