//! Databases of others, which flows ask by `sql`: only those that the operator names, since their
//! protocols are no place for a stranger.

use super::values;
use crate::net::AllowTargets;
use flow::{Query, limits::VARIABLES_BYTES_MAX, value_bytes};
use model::{
    JsonMap,
    flow::syntax::SqlDriver,
    trace::{Failure, FailureClass},
};
use reqwest::Url;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Column, Database, Either, Executor, MySql, MySqlPool, PgPool, Postgres, Row,
    SqlSafeStr, Statement, TypeInfo, ValueRef,
    error::DatabaseError,
    mysql::{MySqlDatabaseError, MySqlPoolOptions, MySqlRow},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How many connections one database gets.
const CONNECTIONS_MAX: u32 = 4;
/// How many databases are remembered; beyond that all are forgotten, which costs a connection.
const REMEMBERED_MAX: usize = 32;
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// What MySQL and MariaDB answer where they have no connection left, where a lock is held too long, and
/// where two stand in each other's way. The state of some says that the statement is at fault (42000).
const BUSY_MYSQL: [u16; 5] = [1040, 1203, 1226, 1205, 1213];
/// The same of PostgreSQL; and that it is starting or stopping.
const BUSY_POSTGRES: [&str; 7] = ["53300", "55P03", "40001", "40P01", "57P01", "57P02", "57P03"];

/// Asks databases.
pub(crate) struct Databases {
    allowed: Arc<AllowTargets>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
enum Known {
    Postgres(PgPool),
    Mysql(MySqlPool),
}

impl Databases {
    pub(super) fn new(allowed: Arc<AllowTargets>) -> Self {
        Self { allowed, known: Mutex::default() }
    }

    /// The first row by its columns; nothing if there is none. What the statement changes stays
    /// changed.
    ///
    /// # Errors
    /// Class `forbidden_target` where the operator does not name the database, `flow` where the
    /// statement is at fault, `connect` where the database is away or busy, `bad_answer` where it refuses.
    pub async fn first_row(&self, query: &Query) -> Result<Option<JsonMap>, Failure> {
        let host = self.admitted(query)?;
        let told = |failure: Failure| Failure { host: Some(host.clone()), ..failure };
        let known = self.known(query).map_err(|error| told(of(&error)))?;
        let row = match known {
            Known::Postgres(pool) => match pool.acquire().await {
                Ok(connection) => postgres(connection, query).await,
                Err(error) => Err(of(&error)),
            },
            Known::Mysql(pool) => match pool.acquire().await {
                Ok(connection) => mysql(connection, query).await,
                Err(error) => Err(of(&error)),
            },
        };
        row.map_err(told)
    }

    /// The host, if the operator names it.
    fn admitted(&self, query: &Query) -> Result<String, Failure> {
        // The address itself is not told: it holds a password.
        let faulty = |why: &str| Failure::new(FailureClass::Flow, format!("`dns` {why}"));
        let url = Url::parse(&query.address)
            .map_err(|error| faulty(&format!("is no address of a database: {error}")))?;
        let (scheme, usual_port) = match query.driver {
            SqlDriver::Postgres => ("postgres://", 5_432),
            SqlDriver::Mysql => ("mysql://", 3_306),
        };
        let fits = match query.driver {
            SqlDriver::Postgres => matches!(url.scheme(), "postgres" | "postgresql"),
            SqlDriver::Mysql => matches!(url.scheme(), "mysql" | "mariadb"),
        };
        // A parameter could name another host, or a socket.
        let strange = url.query_pairs().any(|(name, _)| {
            matches!(
                &*name,
                "sslca"
                    | "ssl-root-cert"
                    | "host"
                    | "hostaddr"
                    | "port"
                    | "socket"
                    | "sslcert"
                    | "sslkey"
                    | "sslrootcert"
                    | "ssl-ca"
                    | "ssl-cert"
                    | "ssl-key"
            )
        });
        let host = url.host_str().unwrap_or_default();
        if !fits || host.is_empty() {
            return Err(faulty(&format!("does not begin with {scheme}USER:PASSWORD@HOST")));
        }
        if strange {
            return Err(faulty("names a host, a port or a file among its parameters"));
        }
        let port = url.port().unwrap_or(usual_port);
        if !self.allowed.names(host, port) {
            let detail = format!(
                "the database at {host}:{port} is not among those that flows may ask; the operator \
                 admits it by allow_targets"
            );
            let failure = Failure::new(FailureClass::ForbiddenTarget, detail);
            return Err(Failure { host: Some(host.to_owned()), ..failure });
        }
        Ok(host.to_owned())
    }

    fn known(&self, query: &Query) -> Result<Known, sqlx::Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&query.address) {
            return Ok(found.clone());
        }
        let made = match query.driver {
            SqlDriver::Postgres => Known::Postgres(
                PgPoolOptions::new()
                    .max_connections(CONNECTIONS_MAX)
                    .acquire_timeout(CONNECT_MAX)
                    .after_release(|_, _| Box::pin(once()))
                    .connect_lazy_with(postgres_options(&query.address)?),
            ),
            SqlDriver::Mysql => Known::Mysql(
                MySqlPoolOptions::new()
                    .max_connections(CONNECTIONS_MAX)
                    .acquire_timeout(CONNECT_MAX)
                    .after_release(|_, _| Box::pin(once()))
                    .connect_lazy(&query.address)?,
            ),
        };
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(query.address.clone(), made.clone());
        Ok(made)
    }
}

/// No connection is used twice: a statement may leave a transaction open on it, or settings, or a
/// role, which the next flow would find; MariaDB has nothing in its protocol's SQL that undoes all.
async fn once() -> sqlx::Result<bool> {
    Ok(false)
}

/// Where to connect to: what the address leaves out is not taken from the server's own environment
/// or its file of passwords.
fn postgres_options(address: &str) -> sqlx::Result<PgConnectOptions> {
    let url = Url::parse(address).map_err(|error| sqlx::Error::Configuration(error.into()))?;
    let says = |name: &str| url.query_pairs().any(|(said, _)| said == name);
    if url.username().is_empty() && !says("user") {
        return Err(sqlx::Error::Configuration("it names no user".into()));
    }
    let mut options: PgConnectOptions = address.parse()?;
    if url.password().is_none() && !says("password") {
        options = options.password("");
    }
    if url.path().trim_matches('/').is_empty() && !says("dbname") {
        let user = options.get_username().to_owned();
        options = options.database(&user);
    }
    Ok(if says("application_name") { options } else { options.application_name("offhook") })
}

async fn postgres(
    mut connection: PoolConnection<Postgres>,
    query: &Query,
) -> Result<Option<JsonMap>, Failure> {
    let statement = prepared::<Postgres>(&mut connection, query).await?;
    let wanted: Vec<_> = match statement.parameters() {
        Some(Either::Left(types)) => types.iter().map(|one| one.name().to_owned()).collect(),
        _ => Vec::new(),
    };
    counted(wanted.len(), query)?;
    let mut asked = statement.query();
    for (place, (value, wanted)) in query.parameters.iter().zip(&wanted).enumerate() {
        asked = values::bind_postgres(asked, value, wanted).map_err(|why| {
            Failure::new(FailureClass::Flow, format!("parameter {}: {why}", place + 1))
        })?;
    }
    let row = asked.fetch_optional(&mut *connection).await.map_err(|error| of(&error))?;
    row.map(|row: PgRow| by_columns(&row, values::of_postgres)).transpose()
}

async fn mysql(
    mut connection: PoolConnection<MySql>,
    query: &Query,
) -> Result<Option<JsonMap>, Failure> {
    let statement = prepared::<MySql>(&mut connection, query).await?;
    let wanted = match statement.parameters() {
        Some(Either::Right(count)) => count,
        Some(Either::Left(types)) => types.len(),
        None => 0,
    };
    counted(wanted, query)?;
    let mut asked = statement.query();
    for value in &query.parameters {
        asked = values::bind_mysql(asked, value);
    }
    let row = asked.fetch_optional(&mut *connection).await.map_err(|error| match &error {
        // Some of a procedure's statements may have been done.
        sqlx::Error::Database(fault) if calls_procedure(query) && is_busy(&**fault) => {
            Failure::new(FailureClass::BadAnswer, format!("the database: {fault}"))
        }
        _ => of(&error),
    })?;
    row.map(|row: MySqlRow| by_columns(&row, values::of_mysql)).transpose()
}

fn calls_procedure(query: &Query) -> bool {
    let word = query.statement.split_whitespace().next();
    word.is_some_and(|word| word.eq_ignore_ascii_case("call"))
}

async fn prepared<DB: Database>(
    connection: &mut DB::Connection,
    query: &Query,
) -> Result<DB::Statement, Failure>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    // What it may do is a matter of the user that it connects as.
    let statement = AssertSqlSafe(query.statement.clone()).into_sql_str();
    let statement = connection.prepare(statement).await;
    statement.map_err(|error| of(&error))
}

/// That the statement has as many places as values were given.
fn counted(wanted: usize, query: &Query) -> Result<(), Failure> {
    let given = query.parameters.len();
    if wanted == given {
        return Ok(());
    }
    let detail = format!("the statement has {wanted} places for parameters, and `params` {given}");
    Err(Failure::new(FailureClass::Flow, detail))
}

fn by_columns<R: Row>(
    row: &R,
    value: impl Fn(&R, usize, &str) -> Result<Value, String>,
) -> Result<JsonMap, Failure>
where
    usize: sqlx::ColumnIndex<R>,
{
    let (mut columns, mut room) = (JsonMap::new(), VARIABLES_BYTES_MAX);
    for (place, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(place).map_err(|error| of(&error))?;
        let read = match raw.is_null() {
            true => Ok(Value::Null),
            // What its library cannot hold, such as a time at the end of all times, makes it panic.
            false => std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                value(row, place, column.type_info().name())
            }))
            .unwrap_or_else(|_| Err("its value is out of range; cast it to text".into())),
        };
        // The statement has run, and may have changed something: it is not to run again.
        let read = read.map_err(|why| {
            let detail = format!("the column \"{}\": {why}", column.name());
            Failure::new(FailureClass::Flow, detail)
        })?;
        let size = |value: &Value| column.name().len() + value_bytes(value);
        // Of several of one name the last is kept.
        room += columns.get(column.name()).map_or(0, &size);
        room = room.checked_sub(size(&read)).ok_or_else(|| {
            let detail = format!(
                "with the column \"{}\" the row has more than the {} MiB that all variables may have",
                column.name(),
                VARIABLES_BYTES_MAX >> 20
            );
            let limit = Some(VARIABLES_BYTES_MAX as u64);
            Failure { limit, ..Failure::new(FailureClass::Flow, detail) }
        })?;
        columns.insert(column.name().to_owned(), read);
    }
    Ok(columns)
}

fn of(error: &sqlx::Error) -> Failure {
    let (class, detail) = match error {
        sqlx::Error::Database(fault) if is_busy(&**fault) => {
            (FailureClass::Connect, format!("the database is busy: {fault}"))
        }
        // Class 42 of the standard: a statement that cannot be.
        sqlx::Error::Database(fault) if fault.code().is_some_and(|code| code.starts_with("42")) => {
            (FailureClass::Flow, format!("the database refuses the statement: {fault}"))
        }
        sqlx::Error::Database(fault) => (FailureClass::BadAnswer, format!("the database: {fault}")),
        sqlx::Error::Configuration(why) => {
            (FailureClass::Flow, format!("`dns` cannot be used: {why}"))
        }
        sqlx::Error::Tls(why) => (FailureClass::Tls, why.to_string()),
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_) => {
            (FailureClass::BadAnswer, error.to_string())
        }
        sqlx::Error::PoolTimedOut => {
            (FailureClass::Connect, "the database could not be reached in time".to_owned())
        }
        other => (FailureClass::Connect, format!("the database: {other}")),
    };
    Failure::new(class, detail)
}

/// Whether a database refuses for now, having done nothing of what it was asked.
fn is_busy(fault: &(dyn DatabaseError + 'static)) -> bool {
    match fault.try_downcast_ref::<MySqlDatabaseError>() {
        Some(fault) => BUSY_MYSQL.contains(&fault.number()),
        None => fault.code().is_some_and(|code| BUSY_POSTGRES.contains(&&*code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{
        Connection,
        sqlite::{SqliteConnection, SqliteRow},
    };
    use tokio::{io::AsyncWriteExt, net::TcpListener};

    /// What becomes of a question to a server that says this in place of a greeting.
    async fn refused_with(said: &'static [u8]) -> Failure {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut packet = vec![u8::try_from(said.len()).unwrap(), 0, 0, 0];
            packet.extend_from_slice(said);
            stream.write_all(&packet).await.unwrap();
            stream
        });
        let databases = Databases::new(Arc::new(place.to_string().parse().unwrap()));
        let query = Query {
            driver: SqlDriver::Mysql,
            address: format!("mysql://flows:word@{place}/crm"),
            statement: "SELECT 1".into(),
            parameters: Vec::new(),
            timeout: Duration::from_secs(5),
        };
        let failure = databases.first_row(&query).await.unwrap_err();
        drop(server.await.unwrap());
        failure
    }

    #[tokio::test]
    async fn a_database_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
        let full = refused_with(b"\xff\x10\x04Too many connections").await;
        assert_eq!(full.class, FailureClass::Connect, "{full}");
        let mine = refused_with(b"\xff\xca\x04#42000User 'flows' has too many connections").await;
        assert_eq!(mine.class, FailureClass::Connect, "{mine}");
        let unknown = refused_with(b"\xff\x19\x04#42000Unknown database 'crm'").await;
        assert_eq!(unknown.class, FailureClass::Flow, "{unknown}");
    }

    #[tokio::test]
    async fn a_row_of_more_than_all_variables_may_have_is_refused() {
        let read = async |statement: &'static str| {
            let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
            let row = sqlx::query(statement).fetch_one(&mut connection).await.unwrap();
            by_columns(&row, |row: &SqliteRow, place, _| {
                row.try_get::<String, _>(place).map_err(|error| error.to_string()).map(Value::from)
            })
        };
        let one = read("SELECT hex(zeroblob(500000)) AS a").await.unwrap();
        assert_eq!(one["a"].as_str().map(str::len), Some(1_000_000));
        let both = read("SELECT hex(zeroblob(500000)) AS a, hex(zeroblob(500000)) AS b").await;
        let failure = both.unwrap_err();
        assert_eq!((failure.class, failure.limit), (FailureClass::Flow, Some(1 << 20)));
        assert!(failure.detail.contains("with the column \"b\""), "{failure}");
    }

    #[test]
    fn what_an_address_leaves_out_is_not_filled_in_by_this_machine() {
        let shown = |address: &str| format!("{:?}", postgres_options(address).unwrap());
        let bare = shown("postgres://olena@db.example");
        assert!(bare.contains("password: Some(\"\")"), "{bare}");
        assert!(bare.contains("database: Some(\"olena\")"), "{bare}");
        let whole = shown("postgres://olena:p%40ss@db.example/crm");
        assert!(whole.contains("password: Some(\"p@ss\")"), "{whole}");
        assert!(whole.contains("database: Some(\"crm\")"), "{whole}");
        assert!(postgres_options("postgres://db.example/crm").is_err(), "it names no user");
    }
}
