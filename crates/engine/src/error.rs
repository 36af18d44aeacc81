//! Why the engine did not do what it was asked.

use model::{problem::Problem, user::Denied};
use storage::StorageError;

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
    /// The database failed; the reason is for the log.
    #[error("the database cannot be used at the moment")]
    Storage(#[from] StorageError),
}
