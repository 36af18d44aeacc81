//! The engine's writes, all of a batch in one transaction, and what it reads.

use super::{
    Connection, PostgresStorage,
    batch::{self, Alone},
    children, configuration,
    connect::{self, ENGINE_MAX},
    later, runs, undo,
    undo::Undo,
    unfinished,
};
use crate::{
    Result, StorageError,
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
use sqlx::postgres::PgConnectOptions;
use std::time::Instant;
use tokio::sync::watch;

/// How often a commit is tried that another one got in the way of.
const TRIES: u32 = 3;

/// The connection that commits, made again when it is lost.
pub(super) struct Journal {
    options: PgConnectOptions,
    connection: Option<Connection>,
    /// When it last did so.
    used: Instant,
    /// Commits that were sent and not answered, the newest last.
    doubts: Vec<Undo>,
}

impl Journal {
    pub(super) fn new(options: &PgConnectOptions) -> Self {
        let options = connect::to_commit(options);
        Self { options, connection: None, used: Instant::now(), doubts: Vec::new() }
    }

    async fn commit(&mut self, batch: &Batch) -> Result<Committed> {
        // Out of its place while it is used: one that is left in the middle is never used again.
        let kept = self.connection.take();
        let mut is_old = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => Connection::open(&self.options, ENGINE_MAX).await?,
        };
        let mut tries = 0;
        let result = loop {
            tries += 1;
            match self.write(&mut connection, batch).await {
                Err(error) if in_the_way(&error) && tries < TRIES => {}
                // The server was away since the last commit, and may be back.
                Err(Failed::Begin(_)) if is_old => {
                    is_old = false;
                    connection = Connection::open(&self.options, ENGINE_MAX).await?;
                }
                result => break result,
            }
        };
        match result {
            Ok(committed) => {
                self.connection = Some(connection);
                self.used = Instant::now();
                Ok(committed)
            }
            Err(Failed::Begin(error) | Failed::Later(error)) => Err(error),
        }
    }

    async fn write(
        &mut self,
        connection: &mut Connection,
        batch: &Batch,
    ) -> Result<Committed, Failed> {
        // One statement is a transaction of its own, which spares two ways to the server and back.
        // Where the connection may have gone meanwhile, beginning one shows it before anything is done.
        if let Some(alone) = Alone::of(batch)
            && self.doubts.is_empty()
            && self.used.elapsed() < connect::IDLE_TRUST
        {
            let written = alone.write(connection, batch).await.map_err(Failed::Later)?;
            if let Some(committed) = written {
                return Ok(committed);
            }
        }
        let mut tx = connection.begin().await.map_err(Failed::begin)?;
        // Where nothing is completed once more, others have taken over, and what was counted stands.
        if !batch.completions.is_empty() {
            undo::settle(&mut tx, &self.doubts).await.map_err(Failed::Later)?;
        }
        let (committed, undo) = batch::write(&mut tx, batch).await.map_err(Failed::Later)?;
        self.doubts.extend(undo);
        tx.commit().await.map_err(Failed::later)?;
        self.doubts.clear();
        Ok(committed)
    }
}

/// Where a commit failed.
enum Failed {
    /// Before anything was done.
    Begin(StorageError),
    Later(StorageError),
}

impl Failed {
    fn begin(error: sqlx::Error) -> Self {
        Self::Begin(error.into())
    }

    fn later(error: sqlx::Error) -> Self {
        Self::Later(error.into())
    }
}

/// Whether another transaction got in the way, by a deadlock.
fn in_the_way(error: &Failed) -> bool {
    let Failed::Later(StorageError::Database(sqlx::Error::Database(fault))) = error else {
        return false;
    };
    matches!(fault.code().as_deref(), Some("40001" | "40P01"))
}

#[async_trait]
impl JournalStore for PostgresStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        // What only keeps runs takes no number, and waits for none of those that do.
        let journal = match Alone::of(batch) {
            Some(Alone::Runs) => &self.keeping,
            Some(Alone::Events) | None => &self.journal,
        };
        let committed = journal.lock().await.commit(batch).await?;
        self.tell_set(&batch.effects).await;
        Ok(committed)
    }

    fn keeps_apart(&self) -> bool {
        true
    }

    /// The server answers a commit when its disk has it.
    async fn sync(&self) -> Result<()> {
        Ok(())
    }

    async fn backlog(&self, shards: Shards) -> Result<Counted> {
        unfinished::backlog(&self.counting, shards).await
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
        self.listen();
        self.told.changes.subscribe()
    }
}
