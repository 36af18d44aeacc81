//! Connections: how they are made, and how long anything may take.

use crate::{Result, StorageError, address::without_password};
use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{io, str::FromStr, time::Duration};
use tokio::time::timeout;

/// How long a connection may take to be there: what waits for one is told that the database is
/// away.
pub(super) const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A connection that has been idle for longer is asked whether it still is one.
pub(super) const IDLE_TRUST: Duration = Duration::from_secs(1);

/// How long an answer may take before its connection is given up. Each is longer than the server
/// gives a statement there, so that a server which is only slow is not given up.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(35);
/// What the engine waits for.
pub(super) const ENGINE_MAX: Duration = Duration::from_secs(20);
/// What nodes say of themselves; a beat is given up sooner still.
pub(super) const NODE_MAX: Duration = Duration::from_secs(8);
/// What copies a whole database, to which the server gives all the time that it needs, and at which
/// somebody looks.
pub(super) const COPY_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What holds for every connection, in PostgreSQL's own words and units.
const SETTINGS: [(&str, &str); 6] = [
    ("statement_timeout", "30s"),
    // A process that stops in the middle of a transaction must not keep its locks.
    ("idle_in_transaction_session_timeout", "5s"),
    // So must not a machine that has gone.
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    // Statements are short; compiling them would take longer than they do.
    ("jit", "off"),
];

/// What holds beside that for the connections of the engine: what it asks goes from row to row by the
/// indexes that were made for it, whatever the statistics say, by statements that are planned once.
/// While somebody reads for long, another way would pass by all that has been finished since.
const BY_INDEX: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// What holds beside that where the engine waits for it. Where it commits, a statement has to end
/// before its connection is given up for another, on which what came later is written.
const FOR_THE_ENGINE: [(&str, &str); 1] = [("statement_timeout", "15s")];

/// What holds where nodes say something of themselves: longer than one that froze in the middle of
/// that keeps its locks.
const FOR_NODES: [(&str, &str); 1] = [("statement_timeout", "7s")];

/// What holds where something goes over whole tables. A statement that is still on its way counts as
/// idling.
const PATIENT: [(&str, &str); 2] =
    [("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0")];

/// What holds beside that where it reads: in an index's order, since what is sorted was all read.
const IN_ORDER: [(&str, &str); 3] =
    [("enable_sort", "off"), ("enable_incremental_sort", "off"), ("enable_bitmapscan", "off")];

/// What holds beside that where people read: how many rows a filter meets hangs on what it asks for, so
/// a statement is planned for just that each time, also when it is prepared.
const FOR_WHAT_IS_ASKED: [(&str, &str); 1] = [("plan_cache_mode", "force_custom_plan")];

/// How many statements stay prepared of what the engine commits: some come in as many forms as they
/// have rows.
const PREPARED: usize = 512;

/// For what the engine commits.
pub(super) fn to_commit(options: &PgConnectOptions) -> PgConnectOptions {
    by_index(options).options(FOR_THE_ENGINE)
}

/// For what the engine reads.
pub(super) fn to_read(options: &PgConnectOptions) -> PgConnectOptions {
    to_count(options).options(FOR_THE_ENGINE)
}

/// For what it counts, which may be much.
pub(super) fn to_count(options: &PgConnectOptions) -> PgConnectOptions {
    by_index(options).options(IN_ORDER)
}

/// For what nodes say of themselves.
pub(super) fn to_beat(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(FOR_NODES)
}

/// For what changes whole tables.
pub(super) fn to_migrate(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(PATIENT)
}

/// For what copies them.
pub(super) fn to_copy(options: &PgConnectOptions) -> PgConnectOptions {
    to_show(options).options(PATIENT)
}

fn by_index(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(BY_INDEX).statement_cache_capacity(PREPARED)
}

/// For what people read.
pub(super) fn to_show(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(FOR_WHAT_IS_ASKED)
}

/// Reads the address.
pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url).map_err(|error| unusable(url, &error))?;
    Ok(options.application_name("offhook").options(SETTINGS))
}

/// The address cannot be used, for this reason.
pub(super) fn unusable(url: &str, error: &sqlx::Error) -> StorageError {
    StorageError::Address { url: without_password(url), detail: error.to_string() }
}

/// A connection as sqlx makes it.
pub(super) async fn single(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connecting = sqlx::ConnectOptions::connect(options);
    in_time(CONNECT_MAX, connecting).await
}

/// Waits for an answer, but not for ever.
pub(super) async fn in_time<T>(
    max: Duration,
    asking: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(max, asking).await.unwrap_or_else(|_| {
        let said = format!("PostgreSQL has not answered for {} s", max.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, said).into())
    })
}

/// A connection for what wants a pool of sqlx's own, in which whoever asks waits for as long as TCP.
pub(super) fn plain_pool(options: &PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT_MAX);
    pool.connect_lazy_with(options.clone())
}
