//! Changes of what is set up, as other processes tell of them. What is missed while the connection
//! is away is found by whoever compares revisions.

use super::{PostgresStorage, Tx, connect};
use crate::Result;
use sqlx::{
    Row,
    postgres::{PgConnectOptions, PgListener},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep};

const CHANNEL: &str = "offhook_settings";
/// How long to wait before the next try where the database is away.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells of a revision, unless a newer one has been told.
pub(super) fn tell(changes: &watch::Sender<i64>, revision: i64) {
    changes.send_if_modified(|newest| {
        let newer = revision > *newest;
        *newest = revision.max(*newest);
        newer
    });
}

/// Lets every process hear of the revision once the transaction has been committed.
pub(super) async fn notify(tx: &mut Tx, revision: i64) -> Result<()> {
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(revision.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl PostgresStorage {
    /// Begins to listen, if this process does not yet.
    pub(super) fn listen(&self) {
        self.listening.get_or_init(|| {
            let listening = listen(self.options.clone(), self.changes.clone());
            tokio::spawn(listening).abort_handle()
        });
    }
}

async fn listen(options: PgConnectOptions, changes: Arc<watch::Sender<i64>>) {
    loop {
        if let Err(error) = hear(&options, &changes).await {
            tracing::debug!(%error, "changes by other processes are not heard of at once");
        }
        sleep(AGAIN).await;
    }
}

/// Tells of what other processes change until the connection goes.
async fn hear(options: &PgConnectOptions, changes: &watch::Sender<i64>) -> Result<(), sqlx::Error> {
    let pool = connect::pool(1, options);
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    // What was changed before.
    let row =
        sqlx::query("SELECT revision FROM settings_revision").fetch_one(&mut listener).await?;
    tell(changes, row.try_get("revision")?);
    while let Some(told) = listener.try_recv().await? {
        if let Ok(revision) = told.payload().parse() {
            tell(changes, revision);
        }
    }
    Ok(())
}
