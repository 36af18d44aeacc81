//! How much may be in memory.

use model::policy::Priority;

/// How many deliveries of one flow and priority are in memory at most; when there are very many in
/// all, or they are heavy; and when they are very heavy.
pub(super) const WINDOW: usize = 4_000;
pub(super) const WINDOW_SMALL: usize = 64;
pub(super) const WINDOW_LEAST: usize = 4;
/// How many deliveries in memory are very many.
pub(super) const MANY: usize = 20_000;
/// How many bytes their events weigh where they are heavy, and very heavy.
pub(super) const HEAVY: usize = 32 << 20;
pub(super) const VERY_HEAVY: usize = 64 << 20;

/// What is in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub deliveries: usize,
    /// What their events weigh, in bytes.
    pub bytes: usize,
}

impl Load {
    /// How many deliveries of one flow and priority may be in memory beside it.
    pub fn window(self) -> usize {
        match self {
            Self { bytes: VERY_HEAVY.., .. } => WINDOW_LEAST,
            Self { bytes: HEAVY.., .. } | Self { deliveries: MANY.., .. } => WINDOW_SMALL,
            Self { .. } => WINDOW,
        }
    }
}

/// How many deliveries of a flow are in memory, by priority.
pub type InMemory = [usize; Priority::ALL.len()];
