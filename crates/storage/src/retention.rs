//! The end of the log: what ended long ago is forgotten, so that its room can be had again.

use crate::Result;
use async_trait::async_trait;
use model::time::Millis;

/// Where a walk over what is old stands. It goes over deliveries first, then over events of which none is
/// kept, then over the figures of minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Behind the delivery with this row number.
    Deliveries(i64),
    /// Behind the event with this row number.
    Events(i64),
    Minutes,
}

impl Walk {
    /// Before the oldest.
    pub const START: Self = Self::Deliveries(0);
}

/// What time it is, as far as the database can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// By its own clock, where it has one.
    pub clock: Option<Millis>,
    /// When the newest event was accepted.
    pub newest: Option<Millis>,
}

/// What a step of a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked {
    /// How many deliveries or events were forgotten.
    pub rows: u64,
    /// Where the next step begins; nothing where all is done.
    pub next: Option<Walk>,
}

/// Forgetting what ended before a time. A delivery goes with its attempts and all that is kept of its run, an
/// event when no delivery of it is left, and with it what its sender's id stands for. What has not ended
/// stays, and so do the last event and the last delivery, behind which row numbers go on.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// What time it is, for whoever must not believe one clock alone.
    async fn times(&self) -> Result<Times>;
    /// Forgets whole days of the log of which nothing is to be kept, where days are kept apart; how many.
    /// What nobody else lets it take now stays until it is asked again.
    async fn forget_days(&self, before: Millis) -> Result<u64>;
    /// Looks at so many rows of the rest, and forgets those of them that are to go. Where whole days go, what
    /// is only just as old is left to that for another day.
    async fn forget(&self, before: Millis, walk: Walk, limit: u32) -> Result<Walked>;
}
