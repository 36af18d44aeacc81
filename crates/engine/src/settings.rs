//! What the engine can be told.

use crate::{messages::BrokerUrl, net::AllowTargets};
use model::node::NodeRoles;
use std::{path::PathBuf, time::Duration};
use storage::{key::Key, nodes::NewNode};

/// What the engine can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What flows may call beyond public addresses.
    pub allow_targets: AllowTargets,
    /// Whether a step may ask that its request checks no certificate.
    pub allow_insecure_tls: bool,
    /// Where `mq` publishes; nothing where that is not set up.
    pub broker: Option<BrokerUrl>,
    /// Header names to hide in the log beside the usual ones.
    pub redact: Vec<String>,
    /// How many attempts run at once.
    pub concurrency: usize,
    /// The time limit of one attempt, waits included.
    pub attempt_limit: Duration,
    /// How many deliveries may be unfinished before no more events are taken.
    pub backlog_max: u64,
    /// How many bytes must be free where the database is kept for events to be taken.
    pub free_bytes_min: u64,
    /// This program, which runs the scripts of flows in processes of its own.
    pub program: PathBuf,
    /// Opens what is kept sealed; without it there are no secrets.
    pub key: Option<Key>,
    /// What this process is among those that share the database.
    pub node: NewNode,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_targets: AllowTargets::default(),
            allow_insecure_tls: false,
            broker: None,
            redact: Vec::new(),
            concurrency: 1_024,
            attempt_limit: Duration::from_secs(30),
            backlog_max: 5_000_000,
            free_bytes_min: 256 << 20,
            program: std::env::current_exe().unwrap_or_default(),
            key: None,
            node: NewNode { name: "node".into(), place: "here".into(), roles: NodeRoles::ALL },
        }
    }
}
