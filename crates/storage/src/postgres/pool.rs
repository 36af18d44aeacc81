//! Connections that are kept for the next who needs one. sqlx's own pool asks each that comes back
//! whether it still is one, and waits for the answer for ever; a place in it would be lost to every
//! connection that went silent.

use super::{
    connect::{CONNECT_MAX, IDLE_TRUST},
    connection::{Connection, State, Transaction, one_by_one},
};
use futures::{future::BoxFuture, stream::BoxStream};
use sqlx::{
    Describe, Either, Error, Execute, Executor, Postgres, Result, SqlStr,
    postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// How long to wait before connecting is tried again; twice as long each time.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a connection is kept that nobody needs.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How old a connection becomes: the server's side of it grows with all that is asked.
const AGE_MAX: Duration = Duration::from_secs(1_800);

/// A number of connections at most, each made when it is first needed.
#[derive(Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    options: PgConnectOptions,
    answer_max: Duration,
    places: Arc<Semaphore>,
    /// Since when each has been idle; the newest is last.
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Pool {
    /// Of at most `size` connections on which nobody waits for longer than `answer_max`.
    pub fn new(size: usize, options: &PgConnectOptions, answer_max: Duration) -> Self {
        let (options, idle) = (options.clone(), Mutex::default());
        let places = Arc::new(Semaphore::new(size));
        Self { shared: Arc::new(Shared { options, answer_max, places, idle }) }
    }

    /// A connection, as soon as there is one.
    pub async fn acquire(&self) -> Result<Pooled> {
        let waiting = timeout(CONNECT_MAX, self.shared.places.clone().acquire_owned()).await;
        let place = waiting.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        while let Some((mut connection, since)) = self.shared.newest() {
            if since.elapsed() <= IDLE_TRUST || connection.ping().await.is_ok() {
                return Ok(self.pooled(connection, place));
            }
            self.shared.forget();
        }
        Ok(self.pooled(self.shared.connect().await?, place))
    }

    fn pooled(&self, connection: Connection, place: OwnedSemaphorePermit) -> Pooled {
        Pooled { shared: self.shared.clone(), held: Some(Held { connection, _place: place }) }
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Transaction<Pooled>> {
        self.begin_with("BEGIN").await
    }

    /// Begins one by these words.
    pub async fn begin_with(&self, sql: &str) -> Result<Transaction<Pooled>> {
        Transaction::begin(self.acquire().await?, sql).await
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its options have a password.
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// Connects. Where the server is away, it may be there again in a moment.
    async fn connect(&self) -> Result<Connection> {
        let (began, mut pause) = (Instant::now(), PAUSE);
        loop {
            match Connection::open(&self.options, self.answer_max).await {
                Err(error) if may_pass(&error) && began.elapsed() + pause < CONNECT_MAX => {
                    sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
    }

    fn newest(&self) -> Option<(Connection, Instant)> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() <= IDLE_MAX);
        idle.pop()
    }

    /// Where one has gone silent, those beside it have as well.
    fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn keep(&self, connection: Connection) {
        match connection.state() {
            State::Whole if connection.age() <= AGE_MAX => {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.push((connection, Instant::now()));
            }
            State::Whole | State::Asked => {}
            State::Gone => self.forget(),
        }
    }
}

/// Whether the server is out of reach, still begins, or has no room.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Io(_) => true,
        Error::Database(fault) => matches!(fault.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

/// A connection that goes back to its pool, unless an answer is missing on it: then it is closed.
#[derive(Debug)]
pub(super) struct Pooled {
    shared: Arc<Shared>,
    /// There until this is dropped.
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    connection: Connection,
    /// Free for another one afterwards.
    _place: OwnedSemaphorePermit,
}

const HELD: &str = "it has its connection until it is dropped";

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.held.as_ref().expect(HELD).connection
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.held.as_mut().expect(HELD).connection
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(mut held) = self.held.take() else { return };
        if held.connection.state() != State::Whole || !held.connection.is_undone() {
            return self.shared.keep(held.connection);
        }
        // What it has locked is not to wait until somebody needs the connection.
        let shared = self.shared.clone();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                held.connection.roll_back().await.ok();
                shared.keep(held.connection);
            });
        }
    }
}

impl<'c> Executor<'c> for &'c Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        one_by_one(async move { self.acquire().await?.gather(query).await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move { self.acquire().await?.first(query).await })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.acquire().await?.prepare_with(sql, parameters).await })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.acquire().await?.describe(sql).await })
    }
}
