//! The file of the write-ahead log, as the engine waits for the disk with it.

use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::spawn_blocking;

/// How long the file of the write-ahead log is made, in bytes. Where a commit makes it longer, the disk
/// has its new length to keep as well as the data, which takes two to three times as long.
const LENGTH: u64 = 16 << 20;

/// The file of the write-ahead log.
pub(super) struct LogFile {
    path: PathBuf,
    /// Stays open: no other may be had when it is needed.
    file: Mutex<Option<File>>,
    /// Whether it has been made long.
    is_long: AtomicBool,
}

impl LogFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: Mutex::default(), is_long: AtomicBool::new(false) }
    }

    /// Makes the file long, once, for whoever holds the write lock: nobody else writes at its end.
    /// To SQLite what follows is no frame, like what it has left there when it begins the log anew.
    /// At one go, without a place to be broken off at: who writes zeros without the lock destroys.
    pub fn lengthen(&self) {
        if self.is_long.swap(true, Ordering::Relaxed) {
            return;
        }
        let lengthened = File::options().write(true).open(&self.path).and_then(|log| {
            let length = log.metadata()?.len();
            fill(&log, length).inspect_err(|_| {
                // On a full disk it stays as it was.
                log.set_len(length).ok();
            })
        });
        if let Err(error) = lengthened {
            tracing::info!(%error, "the write-ahead log grows with the commits");
        }
    }

    /// Notes that it is short again.
    pub fn is_cut(&self) {
        self.is_long.store(false, Ordering::Relaxed);
    }

    /// Answers when the disk has what was written to it.
    pub async fn sync(&self) -> io::Result<()> {
        let file = || self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, kept) = (self.path.clone(), file().take());
        let synced = spawn_blocking(move || {
            let log = match kept {
                Some(kept) if is_at(&kept, &path)? => kept,
                // SQLite makes it anew where nobody had the database open.
                _ => File::options().write(true).open(path)?,
            };
            log.sync_data().map(|()| log)
        });
        *file() = Some(synced.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)))?);
        Ok(())
    }
}

/// Writes zeros behind this place up to [`LENGTH`].
fn fill(log: &File, mut end: u64) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    while end < LENGTH {
        end += log.write_at(&zeros[..zeros.len().min((LENGTH - end) as usize)], end)? as u64;
    }
    Ok(())
}

/// Whether this file is the one at the path.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (kept, there) = (file.metadata()?, path.metadata()?);
    Ok((kept.dev(), kept.ino()) == (there.dev(), there.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        InstallationStore,
        journal::{Batch, JournalStore},
        sqlite::{SqliteStorage, temporary},
    };

    #[tokio::test]
    async fn what_follows_in_a_long_log_is_nothing_after_a_crash() {
        let (folder, store) = temporary().await;
        store.put_fact("before", "it is long").await.unwrap();
        store.commit(&Batch::default()).await.unwrap();
        let length = || std::fs::metadata(folder.path().join("offhook.db-wal")).unwrap().len();
        assert_eq!(length(), LENGTH);
        store.put_fact("after", "it is long").await.unwrap();
        assert_eq!(length(), LENGTH, "what is there is written over");

        // As a crash leaves it.
        let crashed = tempfile::TempDir::new().unwrap();
        for name in ["offhook.db", "offhook.db-wal"] {
            std::fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
        }
        let url = format!("sqlite:{}", crashed.path().join("offhook.db").display());
        let again = SqliteStorage::open(&url).await.unwrap();
        for fact in ["before", "after"] {
            assert_eq!(again.fact(fact).await.unwrap().as_deref(), Some("it is long"));
        }
        let check: String =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&again.engine).await.unwrap();
        assert_eq!(check, "ok");
    }

    #[tokio::test]
    async fn a_log_that_was_made_anew_is_the_one_that_is_synced() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("log");
        let made = File::create(&path).unwrap();
        let log = LogFile::new(path.clone());
        log.sync().await.unwrap();
        let kept = || log.file.lock().unwrap().as_ref().unwrap().metadata().unwrap().ino();
        assert_eq!(kept(), made.metadata().unwrap().ino());
        std::fs::remove_file(&path).unwrap();
        log.sync().await.unwrap_err();
        let anew = File::create(&path).unwrap();
        log.sync().await.unwrap();
        assert_eq!(kept(), anew.metadata().unwrap().ino());
    }
}
