//! What the engine can be told.

use crate::net::AllowTargets;
use std::time::Duration;

/// What the engine can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What flows may call beyond public addresses.
    pub allow_targets: AllowTargets,
    /// Header names to hide in the log beside the usual ones.
    pub redact: Vec<String>,
    /// How many attempts run at once.
    pub concurrency: usize,
    /// The time limit of one attempt, waits included.
    pub attempt_limit: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_targets: AllowTargets::default(),
            redact: Vec::new(),
            concurrency: 512,
            attempt_limit: Duration::from_secs(30),
        }
    }
}
