//! Writing in turn. Who waits for the file's lock looks again and again whether it is free, and beside
//! a writer without a pause may never find it so; here turns come in the order in which they are asked
//! for.

use sqlx::{Connection, Sqlite, pool::PoolOptions, sqlite::SqlitePoolOptions};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Who may write; clones are of the same.
#[derive(Clone)]
pub(super) struct Turn(Arc<Semaphore>);

impl Turn {
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Waits for one's turn, which ends with what is given.
    pub async fn take(&self) -> sqlx::Result<OwnedSemaphorePermit> {
        self.0.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Has the one connection of a pool wait for its turn before it is given out, and end it when it
    /// comes back.
    pub fn before_each(&self, pool: SqlitePoolOptions) -> PoolOptions<Sqlite> {
        let taken = Arc::new(Mutex::new(None));
        let (turn, mine) = (self.clone(), taken.clone());
        let take = move || {
            let (turn, mine) = (turn.clone(), mine.clone());
            Box::pin(async move {
                let permit = turn.take().await?;
                *mine.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
                Ok(true)
            })
        };
        let at_first = take.clone();
        pool.max_connections(1)
            .after_connect(move |_, _| {
                let taken = at_first();
                Box::pin(async move { taken.await.map(drop::<bool>) })
            })
            .before_acquire(move |_, _| take())
            .after_release(move |connection, _| {
                taken.lock().unwrap_or_else(PoisonError::into_inner).take();
                // Where SQLite itself has rolled a transaction back (on a full disk), the connection
                // goes on counting it as open, and would begin no other one: a new one takes its place.
                let ended = !connection.is_in_transaction();
                Box::pin(async move { Ok(ended) })
            })
    }
}
