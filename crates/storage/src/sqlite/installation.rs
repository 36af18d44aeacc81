//! The schema and the installation's facts.

use super::{SqliteStorage, configuration, facts, vault};
use crate::{
    Claim, Forgotten, InstallationStore, Result, StorageError, Use, journal::JournalStore,
};
use async_trait::async_trait;
use sqlx::migrate::Migrator;
use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::atomic::Ordering,
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

    async fn maintain(&self) -> Result<()> {
        Ok(())
    }

    async fn claim(&self, _: Use) -> Result<Claim> {
        let unusable = |error: std::io::Error| StorageError::Address {
            url: self.lock.display().to_string(),
            detail: error.to_string(),
        };
        let lock = File::create(&self.lock).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Claim::new(lock)),
            Err(TryLockError::WouldBlock) => {
                Err(StorageError::Claimed { lock: self.lock.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    fn free_bytes(&self) -> Option<u64> {
        let folder = self.lock.parent().filter(|folder| *folder != Path::new(""));
        let there = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
        let unused = self.unused.load(Ordering::Relaxed);
        Some(there.f_bavail.saturating_mul(there.f_frsize).saturating_add(unused))
    }

    async fn ping(&self) -> Result<()> {
        // Not behind pages, which are no sign that nothing answers.
        configuration::revision(&self.engine).await?;
        Ok(())
    }

    async fn fact(&self, name: &str) -> Result<Option<String>> {
        facts::get(&self.readers, name).await
    }

    async fn put_fact(&self, name: &str, value: &str) -> Result<()> {
        facts::put(&self.writer, name, value).await
    }

    async fn put_first_fact(&self, name: &str, value: &str) -> Result<String> {
        facts::put_first(&self.writer, name, value).await
    }

    async fn forget_sealed(&self) -> Result<Forgotten> {
        vault::forget_sealed(self).await
    }
}
