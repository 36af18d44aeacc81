//! The engine's writes, all of a batch in one transaction, and what it reads at a start.

use super::{
    SqliteStorage, batch, checkpoints, children, configuration, later,
    log_file::LogFile,
    runs,
    script::{OwnConnection, Script},
    turn::Turn,
    unfinished,
};
use crate::{
    Result,
    journal::{
        Batch, Committed, Configuration, Counted, Hurried, JournalStore, KeptRun, KeptSteps, Lot,
        OpenDelivery, Start, Stretch, Unfinished,
    },
    nodes::{Incarnation, Shards},
};
use async_trait::async_trait;
use model::{
    flow::FlowVersion,
    ids::{DeliveryId, FlowId},
    time::Millis,
};
use sqlx::{QueryBuilder, Sqlite, SqlitePool, sqlite::SqliteRow};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Where the engine commits: on a connection that does not wait for the disk, so that the next commit
/// is written while the disk keeps this one.
pub(super) struct Journal {
    pub connection: OwnConnection,
    pub turn: Turn,
    pub log: LogFile,
    /// Moves the log into the database, and waits for the disk at that.
    pub mover: SqlitePool,
    /// Whether the disk has failed to keep some of the log. It may say of that the next time that it
    /// has it, since it has given it up.
    pub in_doubt: AtomicBool,
}

impl Journal {
    /// Begins a transaction; see [`Script::begin`].
    pub async fn begin(
        &self,
        of_a_kind: usize,
        read: impl FnOnce(&mut QueryBuilder<Sqlite>),
    ) -> Result<(Script<'_>, Vec<SqliteRow>)> {
        let turn = self.turn.take().await?;
        let begun = Script::begin(&self.connection, turn, of_a_kind, read).await?;
        self.log.lengthen();
        Ok(begun)
    }

    async fn sync(&self) -> Result<()> {
        if self.in_doubt.load(Ordering::Relaxed) {
            // What was given up is read again from where it was written, and kept in its place.
            checkpoints::move_all(&self.mover).await?;
            self.in_doubt.store(false, Ordering::Relaxed);
            self.log.is_cut();
        }
        self.log.sync().await.map_err(|error| {
            self.in_doubt.store(true, Ordering::Relaxed);
            sqlx::Error::from(error).into()
        })
    }
}

#[async_trait]
impl JournalStore for SqliteStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        let committed = batch::write(&self.journal, batch).await?;
        self.written.send_replace(());
        self.tell_set(&batch.effects).await;
        Ok(committed)
    }

    /// One at a time writes.
    fn keeps_apart(&self) -> bool {
        false
    }

    async fn sync(&self) -> Result<()> {
        self.journal.sync().await
    }

    async fn backlog(&self, shards: Shards) -> Result<Counted> {
        unfinished::backlog(&self.engine, shards).await
    }

    async fn unfinished(&self, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
        unfinished::read(&self.engine, stretch).await
    }

    async fn unfinished_among(&self, seqs: &[i64]) -> Result<Vec<OpenDelivery>> {
        unfinished::numbered(&self.engine, seqs).await
    }

    async fn due(
        &self,
        after: (Millis, i64),
        until: Millis,
        shards: Shards,
        limit: u32,
    ) -> Result<Vec<OpenDelivery>> {
        unfinished::due(&self.engine, after, until, shards, limit).await
    }

    async fn set_back(
        &self,
        after: (Millis, i64),
        ms: i64,
        shards: Shards,
        under: Option<Incarnation>,
    ) -> Result<Option<(Millis, i64)>> {
        later::set_back(&self.writer, after, ms, shards, under).await
    }

    async fn hurry(
        &self,
        host: &str,
        but: &[FlowId],
        after: (Millis, i64),
        now: Millis,
        shards: Shards,
        under: Option<Incarnation>,
    ) -> Result<Option<Hurried>> {
        later::hurry(&self.writer, host, but, after, now, shards, under).await
    }

    async fn hurry_one(&self, seq: i64, due: Millis, earlier: Millis) -> Result<()> {
        later::hurry_one(&self.writer, seq, due, earlier).await
    }

    async fn numbers_of(
        &self,
        of: Unfinished,
        shards: Shards,
        after: i64,
        limit: u32,
    ) -> Result<Vec<i64>> {
        unfinished::numbers_of(&self.engine, of, shards, after, limit).await
    }

    async fn note_called_off(&self, seqs: &[i64]) -> Result<u64> {
        unfinished::note_called_off(&self.writer, seqs).await
    }

    async fn cancel(
        &self,
        of: Unfinished,
        shards: Shards,
        running: &[DeliveryId],
        limit: u32,
        now: Millis,
        under: Option<Incarnation>,
    ) -> Result<Vec<(i64, Lot)>> {
        unfinished::cancel(&self.writer, of, shards, running, limit, now, under).await
    }

    async fn kept_run(&self, seq: i64) -> Result<Option<KeptRun>> {
        runs::of(&self.engine, seq).await
    }

    async fn resume(&self, id: DeliveryId, due: Millis) -> Result<bool> {
        runs::resume(&self.writer, id, due).await
    }

    async fn start_of(&self, id: DeliveryId) -> Result<Option<Start>> {
        children::start_of(&self.engine, id).await
    }

    async fn kept_steps(&self, id: DeliveryId) -> Result<KeptSteps> {
        runs::kept_steps(&self.engine, id).await
    }

    async fn children_of(&self, id: DeliveryId) -> Result<u64> {
        children::count(&self.engine, id).await
    }

    async fn open_delivery(&self, id: DeliveryId) -> Result<Option<OpenDelivery>> {
        unfinished::one(&self.engine, id).await
    }

    async fn configuration(&self) -> Result<Configuration> {
        configuration::read(&self.engine).await
    }

    async fn flow_version(&self, id: FlowId, number: u32) -> Result<Option<FlowVersion>> {
        configuration::flow_version(&self.engine, id, number).await
    }

    async fn revision(&self) -> Result<i64> {
        configuration::revision(&self.engine).await
    }

    fn changes(&self) -> watch::Receiver<i64> {
        self.changes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstallationStore, sqlite::temporary};

    #[tokio::test]
    async fn what_the_disk_failed_to_keep_is_moved_into_the_database() {
        let (folder, mut store) = temporary().await;
        store.commit(&Batch::default()).await.unwrap();
        store.sync().await.unwrap();

        let nowhere = LogFile::new(folder.path().join("none"));
        let log = std::mem::replace(&mut store.journal.log, nowhere);
        store.commit(&Batch::default()).await.unwrap();
        let mut connection = store.journal.connection.take().await.unwrap();
        sqlx::query("INSERT INTO installation VALUES ('kept', 'in the log')")
            .execute(&mut connection)
            .await
            .unwrap();
        store.journal.connection.put_back(connection);
        let failed = store.sync().await.unwrap_err();
        let why = std::error::Error::source(&failed).map(ToString::to_string);
        assert!(why.unwrap().contains("No such file"), "{failed:?}");

        store.journal.log = log;
        let length = || std::fs::metadata(folder.path().join("offhook.db-wal")).unwrap().len();
        assert!(length() > 0);
        store.sync().await.unwrap();
        assert_eq!(length(), 0);
        let database = std::fs::read(folder.path().join("offhook.db")).unwrap();
        assert!(database.windows(10).any(|bytes| bytes == b"in the log"));

        // Nothing is in doubt any more: the log is written, made long and synced as before.
        store.commit(&Batch::default()).await.unwrap();
        store.sync().await.unwrap();
        assert!(length() > 0);
    }

    #[tokio::test]
    async fn whoever_writes_beside_the_engine_gets_a_turn() {
        let (_folder, store) = temporary().await;
        let engine = async {
            for _ in 0..200 {
                store.commit(&Batch::default()).await.unwrap();
            }
        };
        let people = async {
            for number in 0..50 {
                store.put_fact(&format!("fact {number}"), "is written").await.unwrap();
            }
        };
        tokio::join!(engine, people);
        let mut tx = store.begin().await.unwrap();
        sqlx::query("DELETE FROM installation").execute(&mut *tx).await.unwrap();
        let batch = Batch::default();
        let waiting = std::time::Duration::from_millis(50);
        let commit = tokio::time::timeout(waiting, store.commit(&batch)).await;
        assert!(commit.is_err(), "it waits until the other has ended");
        drop(tx);
        store.commit(&Batch::default()).await.unwrap();
        assert_eq!(store.fact("fact 49").await.unwrap().as_deref(), Some("is written"));
    }
}
