//! The schema and the installation's facts.

use super::SqliteStorage;
use crate::{Claim, InstallationStore, Result, StorageError, journal::JournalStore};
use async_trait::async_trait;
use sqlx::migrate::Migrator;
use std::{
    fs::{File, TryLockError},
    path::Path,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

#[async_trait]
impl InstallationStore for SqliteStorage {
    async fn migrate(&self) -> Result<Vec<String>> {
        let begun = sqlx::query_scalar::<_, bool>(
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')",
        )
        .fetch_one(&self.writer)
        .await?;
        let applied: Vec<i64> = if begun {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&self.writer)
                .await?
        } else {
            Vec::new()
        };
        MIGRATIONS.run(&self.writer).await?;
        let pending = MIGRATIONS.iter().filter(|one| !applied.contains(&one.version));
        let names = pending.map(|one| format!("{} {}", one.version, one.description)).collect();
        self.tell(self.revision().await?);
        Ok(names)
    }

    fn claim(&self) -> Result<Claim> {
        let unusable = |error: std::io::Error| StorageError::Address {
            url: self.lock.display().to_string(),
            detail: error.to_string(),
        };
        let lock = File::create(&self.lock).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Claim { _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(StorageError::Claimed { lock: self.lock.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    fn free_bytes(&self) -> Option<u64> {
        let folder = self.lock.parent().filter(|folder| *folder != Path::new(""));
        let there = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
        Some(there.f_bavail.saturating_mul(there.f_frsize))
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT revision FROM settings_revision").fetch_one(&self.readers).await?;
        Ok(())
    }

    async fn fact(&self, name: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM installation WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?)
    }

    async fn put_fact(&self, name: &str, value: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO installation (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
