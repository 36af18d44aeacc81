//! The installation as a whole: its schema, who uses the database, and facts by name.

use crate::Result;
use async_trait::async_trait;

/// What a process is about to do with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To serve it, beside others where it can be shared.
    Serve,
    /// To do something that nobody may serve it meanwhile.
    Alone,
}

/// The right to that use of a database; ends with the process, however that ends.
pub struct Claim {
    _held: Box<dyn std::any::Any + Send>,
}

impl Claim {
    /// Holds what makes the claim.
    pub(crate) fn new(held: impl Send + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// What was sealed, and has been forgotten: how many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    pub secrets: u64,
    pub variables: u64,
    /// Of mail profiles, which stay without them.
    pub passwords: u64,
}

/// Facts about the installation as a whole, by name.
#[async_trait]
pub trait InstallationStore: Send + Sync {
    /// Brings the database up to date; the names of the migrations that were pending.
    async fn migrate(&self) -> Result<Vec<String>>;
    /// Makes ready what the coming days need; to be called now and then.
    async fn maintain(&self) -> Result<()>;
    /// Claims the database, for as long as the answer lives. Fails with [`StorageError::Claimed`](crate::StorageError::Claimed)
    /// where another process uses it in a way that excludes this one.
    async fn claim(&self, purpose: Use) -> Result<Claim>;
    /// How many bytes are free where the database is kept, and within it; nothing where that cannot be told.
    fn free_bytes(&self) -> Option<u64>;
    /// Fails where the database does not answer.
    async fn ping(&self) -> Result<()>;
    async fn fact(&self, name: &str) -> Result<Option<String>>;
    async fn put_fact(&self, name: &str, value: &str) -> Result<()>;
    /// Puts a fact where there is none of that name; the one that is there then.
    async fn put_first_fact(&self, name: &str, value: &str) -> Result<String>;
    /// Forgets all secrets, variables and passwords of mail profiles that are sealed, and with which
    /// key. Runs that are sealed stay, and are not gone on with under another key.
    async fn forget_sealed(&self) -> Result<Forgotten>;
}
