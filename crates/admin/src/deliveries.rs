//! The delivery log, as it is read.

use crate::{Admin, AdminError, Result, now};
use model::{
    delivery::{DeliveryDetail, DeliveryQuery, DeliveryRow},
    ids::{DeliveryId, HookId, QueueId},
    page::Slice,
    queue::Figures,
    time::Millis,
    user::{Actor, Permission},
};

/// A stretch of the log.
pub type LogPage = Slice<DeliveryRow>;

/// The bars of the histogram above the log.
const BARS: u32 = 72;
const SIX_HOURS_MS: i64 = 6 * 3_600_000;

impl Admin {
    /// A stretch of the log, newest first.
    pub async fn deliveries(&self, actor: &Actor, query: &DeliveryQuery) -> Result<LogPage> {
        actor.require(Permission::Read)?;
        Ok(self.storage.deliveries(query, &self.running.running()).await?)
    }

    /// Everything about one delivery.
    pub async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail> {
        actor.require(Permission::Read)?;
        let found = self.storage.delivery(id, &self.running.running()).await?;
        found.ok_or_else(|| AdminError::no("delivery", id))
    }

    /// What happened between two times (by default the last six hours), in 72 equal spans, with
    /// the span's true bounds.
    pub async fn histogram(
        &self,
        actor: &Actor,
        queue: Option<QueueId>,
        hook: Option<HookId>,
        from: Option<Millis>,
        to: Option<Millis>,
    ) -> Result<(Millis, Millis, Vec<Figures>)> {
        actor.require(Permission::Read)?;
        let to = to.unwrap_or_else(now);
        let from = from.unwrap_or_else(|| to.plus(-SIX_HOURS_MS)).min(to.plus(-60_000));
        let bars = self.storage.histogram(queue, hook, from, to, BARS).await?;
        Ok((from, to, bars))
    }
}
