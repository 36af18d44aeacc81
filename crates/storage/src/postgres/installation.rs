//! The schema, its partitions, and the installation's facts.

use super::{
    Connection, PostgresStorage, configuration,
    connect::{self, ANSWER_MAX, CONNECT_MAX},
    facts, nodes, partitions, vault,
};
use crate::{
    Claim, Forgotten, InstallationStore, Result, StorageError, Use, journal::JournalStore,
};
use async_trait::async_trait;
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Held by those who serve the database, together, or by one who uses it alone, as long as the
/// connection lives.
const SERVING_LOCK: i64 = 0x0FF_400C_0003;

#[async_trait]
impl InstallationStore for PostgresStorage {
    async fn migrate(&self) -> Result<Vec<String>> {
        let begun =
            sqlx::query_scalar::<_, bool>("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                .fetch_one(&self.writer)
                .await?;
        let applied: Vec<i64> = if begun {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&self.writer)
                .await?
        } else {
            Vec::new()
        };
        // A change of a large table may take its time.
        let patient = connect::plain_pool(&connect::to_migrate(&self.options));
        MIGRATIONS.run(&patient).await?;
        patient.close().await;
        let pending = MIGRATIONS.iter().filter(|one| !applied.contains(&one.version));
        let names = pending.map(|one| format!("{} {}", one.version, one.description)).collect();
        self.maintain().await?;
        self.tell(self.revision().await?);
        Ok(names)
    }

    async fn maintain(&self) -> Result<()> {
        let mut connection = self.writer.acquire().await?;
        partitions::make(&mut connection).await?;
        partitions::watch(&mut connection).await
    }

    async fn claim(&self, purpose: Use) -> Result<Claim> {
        let mut connection = Connection::open(&self.options, ANSWER_MAX).await?;
        let claimed = sqlx::query_scalar::<_, bool>(match purpose {
            Use::Serve => "SELECT pg_try_advisory_lock_shared($1)",
            Use::Alone => "SELECT pg_try_advisory_lock($1)",
        })
        .bind(SERVING_LOCK)
        .fetch_one(&mut connection)
        .await?;
        let database = self.options.get_database().unwrap_or_default();
        if !claimed {
            return Err(StorageError::Claimed {
                lock: format!("advisory lock {SERVING_LOCK} of {database}"),
            });
        }
        // The lock of those who serve goes with its connection, and they go on.
        if purpose == Use::Alone && nodes::any_alive(&mut connection).await? {
            return Err(StorageError::Claimed {
                lock: format!("a node's row in {database}, renewed a moment ago"),
            });
        }
        Ok(Claim::new(connection))
    }

    fn free_bytes(&self) -> Option<u64> {
        None
    }

    async fn ping(&self) -> Result<()> {
        // Not behind pages, which are no sign that nothing answers.
        let asking = async { Ok(configuration::revision(&self.engine).await) };
        connect::in_time(CONNECT_MAX, asking).await?.map(drop)
    }

    async fn fact(&self, name: &str) -> Result<Option<String>> {
        facts::get(&self.readers, name).await
    }

    async fn put_fact(&self, name: &str, value: &str) -> Result<()> {
        facts::put(&self.writer, name, value).await
    }

    async fn put_first_fact(&self, name: &str, value: &str) -> Result<String> {
        facts::put_first(&self.writer, name, value).await
    }

    async fn forget_sealed(&self) -> Result<Forgotten> {
        vault::forget_sealed(self).await
    }
}
