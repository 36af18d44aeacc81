//! What other processes tell of: changes of what is set up, deliveries that they have made, what they
//! ask. What is missed while the connection is away is found by whoever compares numbers.

use super::{
    Connection, PostgresStorage, Tx,
    connect::{self, CONNECT_MAX, in_time},
};
use crate::{Result, nodes::Incarnation};
use sqlx::{
    Row,
    postgres::{PgConnectOptions, PgListener, PgNotification},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

const SETTINGS: &str = "offhook_settings";
/// Told as "incarnation number".
const DELIVERIES: &str = "offhook_deliveries";
const ASKS: &str = "offhook_asks";
/// How long to wait before the next try where the database is away.
const AGAIN: Duration = Duration::from_secs(1);
/// After how long without a word it is asked whether there is anybody left to say one.
const QUIET: Duration = Duration::from_secs(10);

/// The newest numbers that this process has heard of.
#[derive(Clone, Default)]
pub(super) struct Told {
    /// Of what is set up, by whomever.
    pub changes: Arc<watch::Sender<i64>>,
    /// Of deliveries and asks, by other nodes.
    pub deliveries: Arc<watch::Sender<i64>>,
    pub asks: Arc<watch::Sender<i64>>,
}

impl Told {
    /// The process begins anew, where numbers may be given again. What is set up has this revision, and
    /// had been told to have `before`: where that is higher, the database has lost some of it.
    pub fn began(&self, revision: i64, before: i64) {
        self.deliveries.send_replace(0);
        self.asks.send_replace(0);
        if revision < before {
            self.changes.send_replace(revision);
        } else {
            tell(&self.changes, revision);
        }
    }
}

/// Tells of a number, unless a newer one has been told.
pub(super) fn tell(numbers: &watch::Sender<i64>, number: i64) {
    numbers.send_if_modified(|newest| {
        let newer = number > *newest;
        *newest = number.max(*newest);
        newer
    });
}

/// Lets every process hear of the revision once the transaction has been committed.
pub(super) async fn tell_settings(tx: &mut Tx, revision: i64) -> Result<()> {
    notify(tx, SETTINGS, revision.to_string()).await
}

/// Lets the other nodes hear of new deliveries, up to this one, once they have been committed.
pub(super) async fn tell_deliveries(
    tx: &mut Connection,
    under: Incarnation,
    newest: i64,
) -> Result<()> {
    notify(tx, DELIVERIES, format!("{} {newest}", under.0)).await
}

/// Lets the other nodes hear of an ask once it has been committed.
pub(super) async fn tell_asks(tx: &mut Tx, under: Incarnation, number: i64) -> Result<()> {
    notify(tx, ASKS, format!("{} {number}", under.0)).await
}

async fn notify(tx: &mut Connection, channel: &str, payload: String) -> Result<()> {
    sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(payload).execute(tx).await?;
    Ok(())
}

impl PostgresStorage {
    /// Begins to listen, if this process does not yet.
    pub(super) fn listen(&self) {
        self.listening.get_or_init(|| {
            let (options, told) = (self.options.clone(), self.told.clone());
            let listening = listen(options, told, self.incarnation.clone());
            tokio::spawn(listening).abort_handle()
        });
    }
}

async fn listen(options: PgConnectOptions, told: Told, own: Arc<AtomicI64>) {
    loop {
        if let Err(error) = hear(&options, &told, &own).await {
            tracing::debug!(%error, "what other processes tell is not heard at once");
        }
        sleep(AGAIN).await;
    }
}

/// Tells of what other processes tell until the connection goes.
async fn hear(options: &PgConnectOptions, told: &Told, own: &AtomicI64) -> Result<(), sqlx::Error> {
    let pool = connect::plain_pool(options);
    let mut listener = in_time(CONNECT_MAX, PgListener::connect_with(&pool)).await?;
    in_time(CONNECT_MAX, listener.listen_all([SETTINGS, DELIVERIES, ASKS])).await?;
    loop {
        // What was changed before; and whether the server still is there.
        let asked = sqlx::query("SELECT revision FROM settings_revision").fetch_one(&mut listener);
        tell(&told.changes, in_time(CONNECT_MAX, asked).await?.try_get("revision")?);
        while let Ok(heard) = timeout(QUIET, listener.try_recv()).await {
            let Some(heard) = heard? else { return Ok(()) };
            pass_on(&heard, told, own.load(Ordering::Relaxed));
        }
    }
}

fn pass_on(heard: &PgNotification, told: &Told, own: i64) {
    let numbers = match heard.channel() {
        SETTINGS => {
            if let Ok(revision) = heard.payload().parse() {
                tell(&told.changes, revision);
            }
            return;
        }
        DELIVERIES => &told.deliveries,
        _ => &told.asks,
    };
    let Some((by, number)) = heard.payload().split_once(' ') else { return };
    if by.parse() != Ok(own)
        && let Ok(number) = number.parse()
    {
        tell(numbers, number);
    }
}
