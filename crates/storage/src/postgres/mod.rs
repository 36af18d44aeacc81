//! PostgreSQL, 14 or newer: many processes on one database, the log in a partition for each day.
//!
//! What the engine commits goes through one connection (`journal`), but for runs that are kept alone,
//! which go beside it through another; what people change is written one change at a time, whichever
//! process makes it (`begin`). Row numbers of the log come from one
//! row, whose lock makes them come in the order of commits.

mod batch;
#[path = "../sql/cache.rs"]
mod cache;
#[path = "../sql/calendars.rs"]
mod calendars;
#[path = "../sql/calls.rs"]
mod calls;
#[path = "../sql/children.rs"]
mod children;
#[path = "../sql/configuration.rs"]
mod configuration;
mod connect;
mod connection;
#[path = "../sql/copy.rs"]
mod copy;
mod counters;
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
mod insert;
mod installation;
mod journal;
#[path = "../sql/jump.rs"]
mod jump;
#[path = "../sql/later.rs"]
mod later;
mod listen;
#[path = "../sql/lists.rs"]
mod lists;
#[path = "../sql/log.rs"]
mod log;
#[path = "../sql/look.rs"]
mod look;
#[path = "../sql/mail_profiles.rs"]
mod mail_profiles;
#[path = "../sql/many.rs"]
mod many;
mod nodes;
#[path = "../sql/notes.rs"]
mod notes;
#[path = "../sql/number_lists.rs"]
mod number_lists;
mod numbering;
#[path = "../sql/overview.rs"]
mod overview;
mod partitions;
mod pool;
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
#[path = "../sql/secrets.rs"]
mod secrets;
mod senders;
#[path = "../sql/sessions.rs"]
mod sessions;
#[path = "../sql/tail.rs"]
mod tail;
#[path = "../sql/text.rs"]
mod text;
#[path = "../sql/tokens.rs"]
mod tokens;
mod undo;
#[path = "../sql/unfinished.rs"]
mod unfinished;
#[path = "../sql/users.rs"]
mod users;
#[path = "../sql/vault.rs"]
mod vault;
#[path = "../sql/views.rs"]
mod views;

use crate::{Result, Storage, StorageError};
use connect::{ANSWER_MAX, COPY_MAX, ENGINE_MAX, NODE_MAX};
use connection::{Connection, Transaction};
use journal::Journal;
use listen::Told;
use nodes::hold;
use pool::{Pool, Pooled};
use sqlx::{
    Postgres,
    postgres::{PgConnectOptions, PgRow},
};
use std::sync::{Arc, atomic::AtomicI64};
use tokio::{
    sync::{Mutex, watch},
    task::AbortHandle,
};

// What the text in `sql/` goes by, here and in the other backend.
type Db = Postgres;
type DbRow = PgRow;
type Conn = Connection;
type Tx = Transaction<Pooled>;
type Store = PostgresStorage;

/// How many connections write what people change.
const WRITERS: usize = 2;
/// How many connections read.
const READERS: usize = 8;
/// How many connections read for the engine.
const ENGINE_READERS: usize = 4;

/// Held by a transaction that changes what is set up. Any number does that nobody else takes.
const CHANGE_LOCK: i64 = 0x0FF_400C_0001;

/// The server's database.
pub struct PostgresStorage {
    options: PgConnectOptions,
    /// For what people change.
    writer: Pool,
    readers: Pool,
    /// For what events and attempts must read, so that no page of the panel holds them up.
    engine: Pool,
    /// For what it counts, which takes longer where much is unfinished.
    counting: Pool,
    /// For what the engine commits.
    journal: Mutex<Journal>,
    /// For runs that it keeps alone.
    keeping: Mutex<Journal>,
    /// For what nodes say of themselves, which must not wait for anybody.
    nodes: Pool,
    /// For what is copied, and for what clears days of the log away: what takes its time.
    copying: Pool,
    /// Under which this process serves; none is 0.
    incarnation: Arc<AtomicI64>,
    told: Told,
    /// Told of the vault's revisions, as this process raises them.
    vault: watch::Sender<i64>,
    listening: std::sync::OnceLock<AbortHandle>,
}

impl PostgresStorage {
    /// Opens the database at `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which is there. Its
    /// schema is brought up to date by `migrate`.
    pub async fn open(url: &str) -> Result<Self> {
        let options = connect::options(url)?;
        let writer = Pool::new(WRITERS, &options, ANSWER_MAX);
        // Said at the start, and not by whatever asks first.
        writer.acquire().await.map_err(|error| connect::unusable(url, &error))?;
        Ok(Self {
            writer,
            readers: Pool::new(READERS, &connect::to_show(&options), ANSWER_MAX),
            engine: Pool::new(ENGINE_READERS, &connect::to_read(&options), ENGINE_MAX),
            counting: Pool::new(1, &connect::to_count(&options), ANSWER_MAX),
            journal: Mutex::new(Journal::new(&options)),
            keeping: Mutex::new(Journal::new(&options)),
            nodes: Pool::new(1, &connect::to_beat(&options), NODE_MAX),
            copying: Pool::new(1, &connect::to_copy(&options), COPY_MAX),
            incarnation: Arc::default(),
            told: Told::default(),
            vault: watch::Sender::new(0),
            listening: std::sync::OnceLock::new(),
            options,
        })
    }

    /// A transaction that changes what is set up, alone at that until its end, as on SQLite: what
    /// it reads stays so.
    async fn begin(&self) -> Result<Tx> {
        alone(self.writer.begin().await?).await
    }

    /// Much has been written: PostgreSQL sees to it itself.
    fn has_written(&self) {}

    /// One that copies, and has the time that it needs.
    async fn begin_copy(&self) -> Result<Tx> {
        alone(self.copying.begin().await?).await
    }

    /// What reads for a copy.
    fn copying(&self) -> &Pool {
        &self.copying
    }

    /// Tells of a revision. Of two changes at once the later may be told first; then the earlier
    /// is old news.
    fn tell(&self, revision: i64) {
        listen::tell(&self.told.changes, revision);
    }

    /// Commits a change of what is set up under a new revision, and tells of it, here and in the
    /// other processes.
    async fn commit_change(&self, mut tx: Tx) -> Result<()> {
        let revision = sqlx::query_scalar::<_, i64>(
            "UPDATE settings_revision SET revision = revision + 1 RETURNING revision",
        )
        .fetch_one(&mut *tx)
        .await?;
        listen::tell_settings(&mut tx, revision).await?;
        tx.commit().await?;
        self.tell(revision);
        Ok(())
    }
}

impl Drop for PostgresStorage {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.get() {
            listening.abort();
        }
    }
}

impl Storage for PostgresStorage {}

/// Lets a transaction change what is set up, as soon as nobody else does.
async fn alone(mut tx: Tx) -> Result<Tx> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(CHANGE_LOCK).execute(&mut *tx).await?;
    Ok(tx)
}

/// Begins what is undone alone where it is not committed.
async fn step(tx: &mut Tx) -> sqlx::Result<Transaction<&mut Connection>> {
    tx.begin().await
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
