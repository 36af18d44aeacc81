//! Sessions of the panel.

use super::Store;
use crate::{Result, SessionStore};
use async_trait::async_trait;
use model::time::Millis;
use sqlx::Row;

#[async_trait]
impl SessionStore for Store {
    async fn insert_session(&self, key: &str, data: &[u8], expires_at: Millis) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO sessions (key, data, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(key)
        .bind(data)
        .bind(expires_at.0)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn put_session(&self, key: &str, data: &[u8], expires_at: Millis) -> Result<()> {
        sqlx::query("UPDATE sessions SET data = $2, expires_at = $3 WHERE key = $1")
            .bind(key)
            .bind(data)
            .bind(expires_at.0)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn session(&self, key: &str, now: Millis) -> Result<Option<(Vec<u8>, Millis)>> {
        let found =
            sqlx::query("SELECT data, expires_at FROM sessions WHERE key = $1 AND expires_at > $2")
                .bind(key)
                .bind(now.0)
                .fetch_optional(&self.readers)
                .await?;
        found.map(|row| Ok((row.try_get("data")?, Millis(row.try_get("expires_at")?)))).transpose()
    }

    async fn delete_session(&self, key: &str) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE key = $1").bind(key).execute(&self.writer).await?;
        Ok(())
    }

    async fn sweep_sessions(&self, now: Millis) -> Result<u64> {
        let done = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }
}
