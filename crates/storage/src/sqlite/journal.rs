//! The engine's writes, all of a batch in one transaction, and what it reads at a start.

use super::{SqliteStorage, batch, configuration, unfinished};
use crate::{
    Result,
    journal::{
        Backlog, Batch, Committed, Configuration, JournalStore, OpenDelivery, Stretch, Unfinished,
    },
};
use async_trait::async_trait;
use model::{
    flow::FlowVersion,
    ids::{DeliveryId, FlowId, HookId},
    time::Millis,
};
use tokio::sync::watch;

#[async_trait]
impl JournalStore for SqliteStorage {
    async fn commit(&self, batch: &Batch) -> Result<Committed> {
        let mut tx = self.begin().await?;
        let committed = batch::write(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(committed)
    }

    async fn backlog(&self) -> Result<Vec<Backlog>> {
        unfinished::backlog(&self.engine).await
    }

    async fn unfinished(&self, stretch: &Stretch) -> Result<Vec<OpenDelivery>> {
        unfinished::read(&self.engine, stretch).await
    }

    async fn due(
        &self,
        after: (Millis, i64),
        until: Millis,
        limit: u32,
    ) -> Result<Vec<OpenDelivery>> {
        unfinished::due(&self.engine, after, until, limit).await
    }

    async fn cancel(
        &self,
        of: Unfinished,
        running: &[DeliveryId],
        limit: u32,
        now: Millis,
    ) -> Result<Vec<(FlowId, HookId)>> {
        unfinished::cancel(&self.writer, of, running, limit, now).await
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
