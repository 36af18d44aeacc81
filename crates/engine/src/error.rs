//! Why the engine did not do what it was asked.

use model::{problem::Problem, user::Denied};
use storage::StorageError;

/// Why no events are taken for the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    #[error("{backlog} deliveries are unfinished, and {limit} may be at most")]
    Backlog { backlog: u64, limit: u64 },
    #[error(
        "{} MiB are free where the database is kept, and {} MiB must be",
        free >> 20,
        needed >> 20
    )]
    DiskFull { free: u64, needed: u64 },
    #[error("the database takes nothing; what has been done is written again until it does")]
    NotWritten,
    #[error("as many events wait to be written as may")]
    Full,
}

impl Busy {
    /// How soon it is worth trying again, in seconds.
    pub fn retry_after_s(self) -> u16 {
        match self {
            Self::Backlog { .. } => 5,
            Self::DiskFull { .. } => 30,
            Self::NotWritten | Self::Full => 1,
        }
    }
}

/// The result of a call to the engine.
pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such thing (any more).
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    /// The input has these faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// It does not go with how things stand.
    #[error("{0}")]
    Conflict(String),
    /// The engine is stopping, or its database fails; nothing was accepted.
    #[error("nothing is accepted at the moment: {0}")]
    Unavailable(String),
    /// No more is taken for now, for this reason; nothing was accepted.
    #[error("no events are taken at the moment: {0}")]
    Busy(Busy),
    /// The database failed; the reason is for the log.
    #[error("the database cannot be used at the moment")]
    Storage(#[from] StorageError),
}
