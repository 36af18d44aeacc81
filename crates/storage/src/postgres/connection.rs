//! A connection on which nothing waits for ever. A server's host that vanishes says nothing of it:
//! what was asked stays unanswered, and the system would wait for a quarter of an hour, or without
//! an end where it has nothing left to send. So whatever is asked of PostgreSQL goes this way.

use super::connect;
use futures::{
    StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    AssertSqlSafe, Describe, Either, Error, Execute, Executor, PgConnection, Postgres, Result,
    SqlStr,
    postgres::{
        PgConnectOptions, PgDatabaseError, PgQueryResult, PgRow, PgSeverity, PgStatement,
        PgTypeInfo,
    },
};
use std::{
    io,
    ops::{Deref, DerefMut},
    time::{Duration, Instant},
};

/// How long a connection that has been idle may take to say that it still is one.
const PING_MAX: Duration = Duration::from_secs(2);

/// What a statement answers, in its order.
pub(super) type Answer = Vec<Either<PgQueryResult, PgRow>>;

/// A connection, and how long an answer may take on it.
#[derive(Debug)]
pub(super) struct Connection {
    inner: PgConnection,
    /// Longer than the server gives a statement, so that one which is only slow is ended there.
    answer_max: Duration,
    made: Instant,
    state: State,
    /// How many transactions lie in each other.
    depth: usize,
    /// From which of them on everything is to be rolled back before anything else.
    undone: Option<usize>,
}

/// Of what use a connection still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Whole,
    /// An answer is missing: it is waited for, or nobody does any more.
    Asked,
    /// The answer did not come in time, or cannot come.
    Gone,
}

impl Connection {
    /// Connects. While one server takes over from another, the name may lead to one that follows: it
    /// takes no changes, and may not have what was written last.
    pub async fn open(options: &PgConnectOptions, answer_max: Duration) -> Result<Self> {
        let inner = connect::single(options).await?;
        let made = Instant::now();
        let mut new = Self { inner, answer_max, made, state: State::Whole, depth: 0, undone: None };
        if sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut new).await? {
            let said = "the server follows another one, and takes no changes";
            return Err(io::Error::new(io::ErrorKind::NotConnected, said).into());
        }
        Ok(new)
    }

    /// One that is not whole stays so.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether a transaction is still to be rolled back.
    pub fn is_undone(&self) -> bool {
        self.undone.is_some()
    }

    pub fn age(&self) -> Duration {
        self.made.elapsed()
    }

    /// Asks whether it still is a connection.
    pub async fn ping(&mut self) -> Result<()> {
        let asking = sqlx::Connection::ping(&mut self.inner);
        answered(&mut self.state, PING_MAX, asking).await
    }

    /// Begins a transaction, or one within it.
    pub async fn begin(&mut self) -> Result<Transaction<&mut Self>> {
        Transaction::begin(self, "BEGIN").await
    }

    /// Rolls back what was left behind.
    pub async fn roll_back(&mut self) -> Result<()> {
        let Some(depth) = self.undone.take() else { return Ok(()) };
        let sql = if depth == 0 {
            "ROLLBACK".into()
        } else {
            format!("ROLLBACK TO SAVEPOINT step_{depth}")
        };
        self.say(sql).await
    }

    /// A statement without an answer.
    async fn say(&mut self, sql: impl Into<String>) -> Result<()> {
        let saying = self.inner.execute(AssertSqlSafe(sql.into()));
        answered(&mut self.state, self.answer_max, saying).await.map(drop)
    }

    pub async fn gather<'q>(&mut self, query: impl Execute<'q, Postgres> + 'q) -> Result<Answer> {
        self.roll_back().await?;
        let asking = self.inner.fetch_many(query).try_collect();
        answered(&mut self.state, self.answer_max, asking).await
    }

    pub async fn first<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Option<PgRow>> {
        self.roll_back().await?;
        let asking = self.inner.fetch_optional(query);
        answered(&mut self.state, self.answer_max, asking).await
    }
}

/// Waits for an answer, but not for ever.
async fn answered<T>(
    state: &mut State,
    max: Duration,
    asking: impl Future<Output = Result<T>>,
) -> Result<T> {
    if *state != State::Whole {
        return Err(io::Error::new(io::ErrorKind::NotConnected, "an answer is missing").into());
    }
    *state = State::Asked;
    let answer = connect::in_time(max, asking).await;
    let is_whole = answer.as_ref().err().is_none_or(leaves_it_whole);
    *state = if is_whole { State::Whole } else { State::Gone };
    answer
}

/// What a server says that follows another one by now, when it is to change something.
const READ_ONLY: &str = "25006";

/// Whether the server has refused what was asked, and listens to what is asked next.
fn leaves_it_whole(error: &Error) -> bool {
    let Error::Database(fault) = error else { return false };
    if fault.code().as_deref() == Some(READ_ONLY) {
        return false;
    }
    let fault = fault.try_downcast_ref::<PgDatabaseError>();
    fault.is_some_and(|fault| !matches!(fault.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// What is done as a whole or not at all: whatever was not committed is rolled back.
#[derive(Debug)]
pub(super) struct Transaction<C: DerefMut<Target = Connection>> {
    connection: C,
    depth: usize,
    is_open: bool,
}

impl<C: DerefMut<Target = Connection>> Transaction<C> {
    /// Begins one by these words, or one within another.
    pub async fn begin(mut connection: C, sql: &str) -> Result<Self> {
        connection.roll_back().await?;
        let depth = connection.depth;
        match depth {
            0 => connection.say(sql).await?,
            _ => connection.say(format!("SAVEPOINT step_{depth}")).await?,
        }
        connection.depth += 1;
        Ok(Self { connection, depth, is_open: true })
    }

    pub async fn commit(mut self) -> Result<()> {
        let depth = self.depth;
        self.connection.roll_back().await?;
        match depth {
            0 => self.connection.say("COMMIT").await?,
            _ => self.connection.say(format!("RELEASE SAVEPOINT step_{depth}")).await?,
        }
        self.connection.depth = depth;
        self.is_open = false;
        Ok(())
    }

    /// Rolls it back now, and not when the connection is used next.
    pub async fn rollback(mut self) -> Result<()> {
        self.leave();
        self.connection.roll_back().await
    }

    fn leave(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.connection.depth = self.depth;
            self.connection.undone = Some(self.depth);
        }
    }
}

impl<C: DerefMut<Target = Connection>> Deref for Transaction<C> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl<C: DerefMut<Target = Connection>> DerefMut for Transaction<C> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl<C: DerefMut<Target = Connection>> Drop for Transaction<C> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// An answer as what asks for one by one expects it.
pub(super) fn one_by_one<'e>(
    answer: impl Future<Output = Result<Answer>> + Send + 'e,
) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>>> {
    let each = |answer: Answer| stream::iter(answer.into_iter().map(Ok));
    stream::once(answer).map_ok(each).try_flatten().boxed()
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        one_by_one(self.gather(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(self.first(query))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement>>
    where
        'c: 'e,
    {
        let preparing = self.inner.prepare_with(sql, parameters);
        Box::pin(answered(&mut self.state, self.answer_max, preparing))
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>>>
    where
        'c: 'e,
    {
        Box::pin(answered(&mut self.state, self.answer_max, self.inner.describe(sql)))
    }
}
