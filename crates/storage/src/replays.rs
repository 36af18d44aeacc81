//! Jobs that replay deliveries.

use crate::Result;
use async_trait::async_trait;
use model::{
    delivery::{DeliveryFilter, Overlay},
    ids::ReplayId,
    page::{Page, Paging},
    replay::{Matching, Replay, ReplayFilter, ReplayState},
    time::Millis,
};

/// Keeps jobs. What they make is written by [`crate::journal::JournalStore::commit`].
#[async_trait]
pub trait ReplayStore: Send + Sync {
    /// How many deliveries match, counted up to [`model::replay::COUNTED_MAX`].
    async fn matching(&self, filter: &DeliveryFilter, overlay: &Overlay) -> Result<Matching>;
    /// Counts what matches, in the same way, and makes a job that runs at once. It ends at what is
    /// the newest delivery now.
    async fn create_replay(
        &self,
        filter: &DeliveryFilter,
        overlay: &Overlay,
        per_second: Option<u32>,
        by: &str,
        now: Millis,
    ) -> Result<Replay>;
    /// A page of the jobs, newest first.
    async fn replays(&self, filter: &ReplayFilter, paging: Paging) -> Result<Page<Replay>>;
    async fn replay(&self, id: ReplayId) -> Result<Option<Replay>>;
    /// The jobs that run, oldest first.
    async fn running_replays(&self) -> Result<Vec<Replay>>;
    /// Those, and the ones that are paused.
    async fn open_replays(&self) -> Result<Vec<Replay>>;
    /// Pauses a job, lets it go on or ends it; nothing where it is not there or has ended.
    async fn set_replay_state(
        &self,
        id: ReplayId,
        state: ReplayState,
        note: &str,
        now: Millis,
    ) -> Result<Option<Replay>>;
    /// Changes the rate of a job that has not ended.
    async fn set_replay_rate(
        &self,
        id: ReplayId,
        per_second: Option<u32>,
    ) -> Result<Option<Replay>>;
}
