//! SQLite: a write-ahead log, one writer at a time, a pool of readers. What is answered for has reached
//! the disk.

mod batch;
#[path = "../sql/cache.rs"]
mod cache;
#[path = "../sql/calendars.rs"]
mod calendars;
#[path = "../sql/calls.rs"]
mod calls;
mod checkpoints;
#[path = "../sql/children.rs"]
mod children;
#[path = "../sql/configuration.rs"]
mod configuration;
#[path = "../sql/copy.rs"]
mod copy;
mod days;
#[path = "../sql/destinations.rs"]
mod destinations;
mod dialect;
#[path = "../sql/effects.rs"]
mod effects;
#[path = "../sql/facts.rs"]
mod facts;
#[path = "../sql/flows.rs"]
mod flows;
#[path = "../sql/hooks.rs"]
mod hooks;
mod installation;
mod journal;
#[path = "../sql/jump.rs"]
mod jump;
#[path = "../sql/later.rs"]
mod later;
#[path = "../sql/lists.rs"]
mod lists;
#[path = "../sql/log.rs"]
mod log;
mod log_file;
#[path = "../sql/look.rs"]
mod look;
#[path = "../sql/mail_profiles.rs"]
mod mail_profiles;
#[path = "../sql/many.rs"]
mod many;
#[path = "../sql/notes.rs"]
mod notes;
#[path = "../sql/number_lists.rs"]
mod number_lists;
mod numbering;
#[path = "../sql/overview.rs"]
mod overview;
#[path = "../sql/queues.rs"]
mod queues;
#[path = "../sql/replays.rs"]
mod replays;
#[path = "../sql/retention.rs"]
mod retention;
#[path = "../sql/rows.rs"]
mod rows;
#[path = "../sql/runs.rs"]
mod runs;
mod script;
#[path = "../sql/secrets.rs"]
mod secrets;
#[path = "../sql/sessions.rs"]
mod sessions;
#[cfg(test)]
mod steps;
#[path = "../sql/tail.rs"]
mod tail;
#[path = "../sql/text.rs"]
mod text;
#[path = "../sql/tokens.rs"]
mod tokens;
mod turn;
#[path = "../sql/unfinished.rs"]
mod unfinished;
#[path = "../sql/users.rs"]
mod users;
#[path = "../sql/vault.rs"]
mod vault;
#[path = "../sql/views.rs"]
mod views;

use crate::{
    Result, Storage, StorageError,
    nodes::{Incarnation, NodeStore},
};
use journal::Journal;
use log_file::LogFile;
use script::OwnConnection;
use sqlx::{
    Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};
use tokio::sync::watch;
use turn::Turn;

// What the text in `sql/` goes by, here and in the other backend.
type Db = Sqlite;
type DbRow = SqliteRow;
type Conn = SqliteConnection;
type Pool = SqlitePool;
type Tx = Transaction<'static, Sqlite>;
type Store = SqliteStorage;

/// How many connections read at once.
const READERS: u32 = 4;
/// How many connections read for the engine.
const ENGINE_READERS: u32 = 2;

/// The embedded database.
pub struct SqliteStorage {
    /// One connection, which has its turn.
    writer: SqlitePool,
    journal: Journal,
    readers: SqlitePool,
    /// For what events and attempts must read, so that no page of the panel holds them up.
    engine: SqlitePool,
    changes: watch::Sender<i64>,
    /// Told of the vault's revisions.
    vault: watch::Sender<i64>,
    /// Is told of commits of the engine, and of others that change much.
    written: watch::Sender<()>,
    /// How many bytes of the file have nothing in them.
    unused: Arc<AtomicU64>,
    /// Beside the database; locked by the process that serves it.
    lock: PathBuf,
}

impl SqliteStorage {
    /// Opens the database at `sqlite:PATH`, and makes it and its folder if they are not there.
    /// Its schema is brought up to date by `migrate`.
    pub async fn open(url: &str) -> Result<Self> {
        let unusable = |detail: String| StorageError::Address { url: url.to_owned(), detail };
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| unusable(error.to_string()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-32000")
            .pragma("wal_autocheckpoint", checkpoints::PAGES_MAX)
            .pragma("journal_size_limit", "67108864");
        if let Some(folder) = options.get_filename().parent()
            && folder != Path::new("")
        {
            std::fs::create_dir_all(folder)
                .map_err(|error| unusable(format!("{}: {error}", folder.display())))?;
        }
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let turn = Turn::new();
        let writer = turn.before_each(pool(1)).connect_lazy_with(options.clone());
        // Said at the start, and not by whatever asks first.
        writer.acquire().await.map_err(|error| unusable(error.to_string()))?;
        // Opened when they are first asked, by which time the schema is up to date: a connection
        // that has seen an older one takes its rows for shorter than they are.
        let readers = pool(READERS).connect_lazy_with(options.clone());
        let engine = pool(ENGINE_READERS).connect_lazy_with(options.clone());
        let mover = pool(1).connect_lazy_with(options.clone());
        let unused = Arc::<AtomicU64>::default();
        let written = checkpoints::begin(mover.clone(), unused.clone());
        // Links lead to it, and its log and its lock lie beside it.
        let file = std::fs::canonicalize(options.get_filename())
            .map_err(|error| unusable(error.to_string()))?
            .into_os_string();
        let (mut log, mut lock) = (file.clone(), file);
        log.push("-wal");
        lock.push(".lock");
        // What a large statement would be undone by stays in memory: no file may be had for it.
        let unsynced =
            options.synchronous(SqliteSynchronous::Normal).pragma("temp_store", "MEMORY");
        let journal = Journal {
            connection: OwnConnection::new(unsynced),
            turn,
            log: LogFile::new(log.into()),
            mover,
            in_doubt: AtomicBool::new(false),
        };
        let (changes, vault) = (watch::Sender::new(0), watch::Sender::new(0));
        let lock = lock.into();
        Ok(Self { writer, journal, readers, engine, changes, vault, written, unused, lock })
    }

    /// A transaction that holds the write lock from its start.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Much has been written.
    fn has_written(&self) {
        self.written.send_replace(());
    }

    /// One that copies.
    async fn begin_copy(&self) -> Result<Tx> {
        self.begin().await
    }

    /// What reads for a copy.
    fn copying(&self) -> &Pool {
        &self.readers
    }

    /// Tells of a revision. Of two changes at once the later may be told first; then the earlier
    /// is old news.
    fn tell(&self, revision: i64) {
        self.changes.send_modify(|newest| *newest = revision.max(*newest));
    }

    /// Commits a change of what is set up under a new revision, and tells of it.
    async fn commit_change(&self, mut tx: Transaction<'static, Sqlite>) -> Result<()> {
        let revision = sqlx::query_scalar::<_, i64>(
            "UPDATE settings_revision SET revision = revision + 1 RETURNING revision",
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        self.tell(revision);
        Ok(())
    }
}

/// One process serves the file, and holds everything.
impl NodeStore for SqliteStorage {}

/// No incarnation ends before its process does.
async fn hold(_: &mut SqliteConnection, _: Option<Incarnation>) -> Result<()> {
    Ok(())
}

impl Storage for SqliteStorage {}

/// Begins what is undone alone where it is not committed.
async fn step(tx: &mut Tx) -> sqlx::Result<Transaction<'_, Sqlite>> {
    sqlx::Connection::begin(&mut **tx).await
}

/// Names the field whose uniqueness a statement broke.
fn taken(field: &'static str) -> impl FnOnce(sqlx::Error) -> StorageError {
    move |error| match &error {
        sqlx::Error::Database(fault) if fault.is_unique_violation() => {
            StorageError::Taken { field }
        }
        _ => error.into(),
    }
}

/// A database that is up to date, in a folder that goes with what is given.
#[cfg(test)]
async fn temporary() -> (tempfile::TempDir, SqliteStorage) {
    use crate::InstallationStore;
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
    let store = SqliteStorage::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    (folder, store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InstallationStore;

    #[tokio::test]
    async fn after_the_disk_was_full_it_is_written_again() {
        let (_folder, store) = temporary().await;
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let full = sqlx::query("INSERT INTO installation VALUES ('large', zeroblob(10000000))")
            .execute(&mut *tx)
            .await;
        assert!(full.unwrap_err().to_string().contains("full"));
        drop(tx);
        for round in ["first", "second"] {
            let mut tx = store.begin().await.unwrap();
            let sql = "INSERT INTO installation VALUES ($1, 'is written')";
            sqlx::query(sql).bind(round).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(store.fact("second").await.unwrap().as_deref(), Some("is written"));
    }

    #[tokio::test]
    async fn what_is_unused_of_the_file_counts_as_free() {
        const LARGE: u64 = 10_000_000;
        let (_folder, store) = temporary().await;
        let unused = || store.unused.load(std::sync::atomic::Ordering::Relaxed);
        for sql in [
            "INSERT INTO installation VALUES ('large', zeroblob(10000000))",
            "DELETE FROM installation WHERE name = 'large'",
        ] {
            assert!(unused() < LARGE);
            sqlx::query(sql).execute(&store.writer).await.unwrap();
        }
        store.has_written();
        while unused() < LARGE {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(store.free_bytes().unwrap() >= unused());
    }

    #[tokio::test]
    async fn it_answers_while_pages_hold_every_reader() {
        let (_folder, store) = temporary().await;
        let mut held = Vec::new();
        for _ in 0..READERS {
            held.push(store.readers.acquire().await.unwrap());
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), store.ping()).await;
        answer.expect("it waits for the pages").unwrap();
    }
}
