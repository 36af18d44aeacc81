//! The engine's writes, all of a batch in one transaction, and what it reads at a start.

use super::{SqliteStorage, batch, children, configuration, runs, unfinished};
use crate::{
    Result,
    journal::{
        Batch, Committed, Configuration, Counted, JournalStore, KeptRun, KeptSteps, Lot,
        OpenDelivery, Start, Stretch, Unfinished,
    },
    nodes::Shards,
};
use async_trait::async_trait;
use model::{
    flow::FlowVersion,
    ids::{DeliveryId, FlowId},
    time::Millis,
};
use tokio::sync::watch;

#[async_trait]
impl JournalStore for SqliteStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        let committed = batch::write(&self.writer, batch).await?;
        self.written.send_replace(());
        self.tell_set(&batch.effects).await;
        Ok(committed)
    }

    async fn backlog(&self, shards: Shards) -> Result<Counted> {
        unfinished::backlog(&self.engine, shards).await
    }

    async fn unfinished(&self, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
        unfinished::read(&self.engine, stretch).await
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

    async fn unfinished_of(&self, of: Unfinished, shards: Shards) -> Result<u64> {
        unfinished::count(&self.engine, of, shards).await
    }

    async fn cancel(
        &self,
        of: Unfinished,
        shards: Shards,
        running: &[DeliveryId],
        limit: u32,
        now: Millis,
    ) -> Result<Vec<Lot>> {
        unfinished::cancel(&self.writer, of, shards, running, limit, now).await
    }

    async fn kept_run(&self, seq: i64) -> Result<Option<KeptRun>> {
        runs::of(&self.engine, seq).await
    }

    async fn resume(&self, id: DeliveryId, now: Millis) -> Result<bool> {
        runs::resume(&self.writer, id, now).await
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
