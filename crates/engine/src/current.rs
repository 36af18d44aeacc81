//! The index as it stands: never older than the last change that this process made.

use crate::index::Index;
use arc_swap::ArcSwap;
use std::sync::Arc;
use storage::{Result, Storage};
use tokio::sync::{Mutex, watch};

/// The newest index, and how to renew it.
pub struct Current {
    storage: Arc<dyn Storage>,
    index: ArcSwap<Index>,
    changes: watch::Receiver<i64>,
    /// One renewal at a time.
    renewing: Mutex<()>,
}

impl Current {
    /// Reads what is set up.
    pub async fn load(storage: Arc<dyn Storage>) -> Result<Self> {
        let changes = storage.changes();
        let index = Index::new(storage.configuration().await?);
        let (index, renewing) = (ArcSwap::from_pointee(index), Mutex::new(()));
        Ok(Self { storage, index, changes, renewing })
    }

    /// The index, renewed first if this process has changed something since: who has saved a hook
    /// may rely on the next event to fire it.
    pub async fn get(&self) -> Result<Arc<Index>> {
        let index = self.index.load_full();
        let newest = *self.changes.borrow();
        if index.revision >= newest { Ok(index) } else { self.renew(newest).await }
    }

    /// The index as it was last read.
    pub fn last(&self) -> Arc<Index> {
        self.index.load_full()
    }

    /// Renews the index if another process has changed something. Nothing where the database has less than
    /// was read before: it has lost some.
    pub async fn look(&self) -> Result<Option<Arc<Index>>> {
        let before = self.last().revision;
        let newest = self.storage.revision().await?;
        if newest < before {
            return Ok(None);
        }
        self.renew(newest).await.map(Some)
    }

    /// A receiver that is told of this process's changes.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.changes.clone()
    }

    async fn renew(&self, at_least: i64) -> Result<Arc<Index>> {
        let _one = self.renewing.lock().await;
        let index = self.index.load_full();
        if index.revision >= at_least {
            return Ok(index);
        }
        self.read().await
    }

    /// Reads all of it again, whatever its revision: the database may have lost some.
    pub async fn read_again(&self) -> Result<()> {
        let _one = self.renewing.lock().await;
        self.read().await.map(drop)
    }

    async fn read(&self) -> Result<Arc<Index>> {
        let index = Arc::new(Index::new(self.storage.configuration().await?));
        self.index.store(index.clone());
        Ok(index)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::{catalog::QueueType, queue::QueueDraft, time::Millis};
    use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
    use tempfile::TempDir;

    /// Has the database in this folder go back by a revision, as one does that takes over without the last
    /// commits.
    pub(crate) async fn lose(folder: &TempDir, revision: &str) {
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        let mut there = SqliteConnection::connect(&url).await.unwrap();
        let sql = format!("UPDATE {revision} SET revision = revision - 1");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut there).await.unwrap();
    }

    #[tokio::test]
    async fn that_the_database_has_lost_changes_is_seen() {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        let storage = storage::open(&url).await.unwrap();
        storage.migrate().await.unwrap();
        let current = Current::load(storage.clone()).await.unwrap();
        let draft = QueueDraft {
            name: "Sales".into(),
            kind: QueueType::Inbound,
            description: String::new(),
            enabled: true,
            variables: None,
            extras: None,
        };
        storage.create_queue(&draft, Millis(0)).await.unwrap();
        assert_eq!(current.look().await.unwrap().unwrap().revision, current.last().revision);
        lose(&folder, "settings_revision").await;
        assert!(current.look().await.unwrap().is_none());
    }
}
