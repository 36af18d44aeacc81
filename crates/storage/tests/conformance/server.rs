//! The PostgreSQL server that the tests run on. `scripts/test.sh` starts one; by hand:
//!
//! ```text
//! bash scripts/postgres.sh cargo test -p storage
//! ```
//!
//! or set `OFFHOOK_TEST_POSTGRES` to the address of a server on which databases may be made.

use crate::support::Schema;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::OnceCell;

const ADDRESS: &str = "OFFHOOK_TEST_POSTGRES";

/// A database on the server, deleted once this is dropped.
pub struct Made {
    name: String,
}

impl Made {
    /// Makes one.
    pub async fn new(schema: Schema) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("offhook_test_{}_{number}", std::process::id());
        match schema {
            Schema::None => run(&format!("CREATE DATABASE {name}")).await,
            Schema::UpToDate => {
                run(&format!("CREATE DATABASE {name} TEMPLATE {}", template().await)).await;
            }
        }
        Self { name }
    }

    pub fn url(&self) -> String {
        address(&self.name)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // Nobody waits for it: it takes longer than most tests, and this one's runtime is ending.
        apart(async move { run(&sql).await });
    }
}

/// Waits until nobody is connected to this connection's database but so many others.
pub async fn alone(connection: &mut PgConnection, others: i64) {
    loop {
        let found: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND backend_type = 'client backend'",
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        if found <= others {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Runs it on a thread and a runtime of its own.
fn apart(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(future);
    })
}

/// A database with all tables, which the others are copies of.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = || async {
        let name = "offhook_template".to_owned();
        // The one of an earlier run may have had other tables.
        run(&format!("DROP DATABASE IF EXISTS {name}")).await;
        run(&format!("CREATE DATABASE {name}")).await;
        // Its connections end with the runtime: nobody may be connected to a template.
        let url = address(&name);
        let migrating = async move {
            storage::open(&url).await.unwrap().migrate().await.unwrap();
        };
        apart(migrating).join().unwrap();
        name
    };
    TEMPLATE.get_or_init(make).await
}

/// The address of a database on the server.
fn address(database: &str) -> String {
    let Ok(server) = std::env::var(ADDRESS) else {
        panic!(
            "these tests need a PostgreSQL server: run them as\n    \
             bash scripts/postgres.sh cargo test -p storage\n\
             or set {ADDRESS} to the address of one, such as postgres://postgres@127.0.0.1:5432"
        )
    };
    let (server, parameters) = server.split_once('?').unwrap_or((&server, ""));
    let (scheme, rest) = server.split_once("://").unwrap();
    let host = rest.split('/').next().unwrap();
    format!("{scheme}://{host}/{database}?{parameters}")
}

async fn run(sql: &str) {
    let mut connection = PgConnection::connect(&address("postgres")).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
