//! A transaction whose statements go to the connection's thread together: the way there and back takes
//! longer than most of them.

use crate::Result;
use sqlx::{
    QueryBuilder, Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection, sqlite::SqliteRow,
};
use tokio::sync::OwnedSemaphorePermit;

/// From so many rows of a kind on, statements go on their own: then the way matters less than that
/// they are prepared already.
const MANY: usize = 32;
/// The most rows of one statement: below SQLite's 32,766 parameters, and few enough sizes that each
/// statement is prepared once.
const ROWS_MAX: usize = 256;
/// Scripts of so few rows are of few kinds, and are kept prepared.
const FEW: usize = 6;

/// Statements that are gathered, and then run at once.
pub(super) struct Script {
    connection: PoolConnection<Sqlite>,
    sql: QueryBuilder<Sqlite>,
    rows: usize,
    /// Whether statements go on their own.
    apart: bool,
    ended: bool,
    _turn: OwnedSemaphorePermit,
}

impl Script {
    /// Begins a transaction that holds the write lock, in which so many rows of a kind are written at
    /// most; and gives the row that `read` finds, in the same way to the thread and back.
    pub async fn begin(
        writer: &SqlitePool,
        turn: OwnedSemaphorePermit,
        of_a_kind: usize,
        read: &'static str,
    ) -> Result<(Self, SqliteRow)> {
        let mut script = Self {
            connection: writer.acquire().await?,
            sql: QueryBuilder::new("BEGIN IMMEDIATE; "),
            rows: 0,
            apart: of_a_kind >= MANY,
            ended: false,
            _turn: turn,
        };
        script.sql.push(read);
        let row = script.take().build().fetch_one(&mut *script.connection).await?;
        Ok((script, row))
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
    pub fn chunks<'a, T>(&self, mut rows: &'a [T]) -> impl Iterator<Item = &'a [T]> + use<'a, T> {
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
            self.take().build().execute(&mut *self.connection).await?;
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
        self.take().build().persistent(few).execute(&mut *self.connection).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Script {
    /// One that is left in the middle is rolled back with its connection, and another takes its place.
    fn drop(&mut self) {
        if !self.ended {
            self.connection.close_on_drop();
        }
    }
}
