//! Taking events: checking what was posted, and matching it against the hooks.

mod check;
mod matching;

pub use check::{Posted, check, names_unknown_queue};
pub use matching::{match_hooks, test_delivery};
