//! Why a use case was not carried out.

use model::{problem::Problem, user::Denied};
use std::num::NonZeroU32;
use storage::StorageError;

/// The result of a use case.
pub type Result<T, E = AdminError> = std::result::Result<T, E>;

/// Why a use case was not carried out, in words for the one who asked.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such thing (any more).
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    /// There was such a thing once, perhaps: what is as old is not kept.
    #[error("there is no {what} {id}: what ended more than {days} days ago is not kept")]
    Forgotten { what: &'static str, id: String, days: NonZeroU32 },
    /// The input has these faults.
    #[error("{}", list(.0))]
    Invalid(Vec<Problem>),
    /// It does not go with what is there.
    #[error("{0}")]
    Conflict(String),
    /// Too many wrong passwords, or too many who sign in at once; how long to wait.
    #[error("too many tries to sign in; try again in {seconds} s")]
    SlowDown { seconds: u64 },
    /// Wrong login or password; which of them is not said.
    #[error("the login or the password is wrong")]
    WrongPassword,
    /// It cannot be done at the moment; another try may fare better.
    #[error("{0}")]
    Unavailable(String),
    /// The database failed; the reason is for the log.
    #[error("the database cannot be used at the moment")]
    Storage(#[source] StorageError),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl AdminError {
    /// It was changed after whoever changes it now had it shown.
    pub(crate) fn changed(what: &'static str) -> Self {
        Self::Conflict(format!(
            "somebody changed this {what} meanwhile; copy your text, reload and merge"
        ))
    }

    /// No such thing.
    pub(crate) fn no(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}

impl From<StorageError> for AdminError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Taken { field } => {
                Self::Invalid(vec![Problem::new(format!("/{field}"), "is in use already")])
            }
            StorageError::Missing { field } => {
                Self::Invalid(vec![Problem::new(format!("/{field}"), "does not exist")])
            }
            StorageError::Stale { newest } => Self::Conflict(format!(
                "somebody saved version {newest} meanwhile; copy your text, reload and merge"
            )),
            StorageError::Meanwhile => {
                Self::Conflict("somebody changed it at the same moment; try again".into())
            }
            StorageError::NoText => Self::Invalid(vec![Problem::new("", error.to_string())]),
            StorageError::LastAdmin => {
                Self::Conflict("this is the last administrator; make another one first".into())
            }
            StorageError::InUse { .. }
            | StorageError::Claimed { .. }
            | StorageError::Fenced
            | StorageError::Unshared
            | StorageError::Corrupt { .. }
            | StorageError::Address { .. }
            | StorageError::Migrate(_)
            | StorageError::Database(_) => Self::Storage(error),
        }
    }
}
