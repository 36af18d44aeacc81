//! What the overview shows: figures of a whole installation.

use crate::Result;
use async_trait::async_trait;
use model::{
    latency::Latencies,
    overview::{Span, TroubledHook},
    queue::Figures,
    time::Millis,
};

/// Figures of a whole installation.
#[async_trait]
pub trait OverviewStore: Send + Sync {
    /// What happened in each point of this span, as of `now`, oldest first.
    async fn spells(&self, span: Span, now: Millis) -> Result<Vec<Spell>>;
    /// The hooks that failed most in this span, and those whose receiver is gone; at most `limit`.
    async fn troubled_hooks(
        &self,
        span: Span,
        now: Millis,
        limit: u32,
    ) -> Result<Vec<TroubledHook>>;
    /// What has not ended.
    async fn unended(&self) -> Result<Unended>;
    /// Adds up the hours that are over, of the last week, and forgets the minutes' latencies of
    /// the time before. Whatever is repeated comes to the same.
    async fn roll_up(&self, now: Millis) -> Result<()>;
}

/// What happened in one point of a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spell {
    pub figures: Figures,
    pub latencies: Latencies,
}

/// How much has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unended {
    pub deliveries: u64,
    /// Those of them whose last attempt failed.
    pub retrying: u64,
    /// When the oldest of them was made.
    pub oldest_at: Option<Millis>,
}
