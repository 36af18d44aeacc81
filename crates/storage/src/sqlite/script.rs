//! A transaction whose statements go to the connection's thread together: the way there and back takes
//! longer than most of them.

use crate::Result;
use sqlx::{
    Connection, QueryBuilder, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;

/// From so many rows of a kind on, statements go on their own: then the way matters less than that
/// they are prepared already.
const MANY: usize = 32;
/// The most rows of one statement: below SQLite's 32,766 parameters, and few enough sizes that each
/// statement is prepared once.
const ROWS_MAX: usize = 256;
/// Scripts of so few rows are of few kinds, and are kept prepared.
const FEW: usize = 6;

/// A connection that stays open from one transaction to the next. A pool would ask it after each whether
/// it still stands, which takes as long as a statement.
pub(super) struct OwnConnection {
    options: SqliteConnectOptions,
    idle: Mutex<Option<SqliteConnection>>,
}

impl OwnConnection {
    /// Opened when it is first taken.
    pub fn new(options: SqliteConnectOptions) -> Self {
        Self { options, idle: Mutex::default() }
    }

    /// The connection, or a new one where it was not put back.
    pub async fn take(&self) -> sqlx::Result<SqliteConnection> {
        let idle = self.idle().take();
        match idle {
            Some(connection) => Ok(connection),
            None => SqliteConnection::connect_with(&self.options).await,
        }
    }

    /// Puts it back for the next.
    pub fn put_back(&self, connection: SqliteConnection) {
        *self.idle() = Some(connection);
    }

    fn idle(&self) -> MutexGuard<'_, Option<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Statements that are gathered, and then run at once. One that is left in the middle is rolled back with
/// its connection, and another takes its place.
pub(super) struct Script<'a> {
    own: &'a OwnConnection,
    connection: SqliteConnection,
    sql: QueryBuilder<Sqlite>,
    rows: usize,
    /// Whether statements go on their own.
    apart: bool,
    _turn: OwnedSemaphorePermit,
}

impl<'a> Script<'a> {
    /// Begins a transaction that holds the write lock, in which so many rows of a kind are written at
    /// most; and gives the rows that `read` finds, in the same way to the thread and back.
    pub async fn begin(
        own: &'a OwnConnection,
        turn: OwnedSemaphorePermit,
        of_a_kind: usize,
        read: impl FnOnce(&mut QueryBuilder<Sqlite>),
    ) -> Result<(Self, Vec<SqliteRow>)> {
        let mut script = Self {
            own,
            connection: own.take().await?,
            sql: QueryBuilder::new("BEGIN IMMEDIATE; "),
            rows: 0,
            apart: of_a_kind >= MANY,
            _turn: turn,
        };
        read(&mut script.sql);
        let few = !script.apart;
        let rows = script.take().build().persistent(few).fetch_all(&mut script.connection).await?;
        Ok((script, rows))
    }

    fn take(&mut self) -> QueryBuilder<Sqlite> {
        std::mem::take(&mut self.sql)
    }

    /// For what must be asked before the rest is known.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Splits rows, where there are many into runs whose lengths are powers of two, so that few
    /// statements serve all sizes.
    pub fn chunks<'r, T>(&self, mut rows: &'r [T]) -> impl Iterator<Item = &'r [T]> + use<'r, T> {
        let apart = self.apart;
        std::iter::from_fn(move || {
            let size = match rows.len() {
                0 => return None,
                most if apart => ROWS_MAX.min(1 << most.ilog2()),
                all => all.min(ROWS_MAX),
            };
            let (chunk, rest) = rows.split_at(size);
            rows = rest;
            Some(chunk)
        })
    }

    /// Where the next statement is written. What is bound has no number of its own: `?`.
    pub fn sql(&mut self) -> &mut QueryBuilder<Sqlite> {
        &mut self.sql
    }

    /// Ends the statement that has been written, of so many rows.
    pub async fn next(&mut self, rows: usize) -> Result<()> {
        if self.apart {
            self.take().build().execute(&mut self.connection).await?;
        } else {
            self.rows += rows;
            self.sql.push("; ");
        }
        Ok(())
    }

    /// Runs what has been written, and commits.
    pub async fn commit(mut self) -> Result<()> {
        self.sql.push("COMMIT");
        let few = self.apart || self.rows <= FEW;
        self.take().build().persistent(few).execute(&mut self.connection).await?;
        self.own.put_back(self.connection);
        Ok(())
    }
}
