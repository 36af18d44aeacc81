//! What can go wrong with what is kept.

use model::hook::Hook;

/// How PostgreSQL names the fault of a text that its encoding cannot hold.
const NOT_IN_REPERTOIRE: &str = "22021";

/// The result of a store's method.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// Why a store's method failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Something with this value exists already; `field` is the draft's field.
    #[error("this {field} is in use already")]
    Taken { field: &'static str },
    /// Somebody else saved a newer version meanwhile.
    #[error("version {newest} has been saved meanwhile")]
    Stale { newest: u32 },
    /// Somebody else changed it meanwhile.
    #[error("it has been changed meanwhile")]
    Meanwhile,
    /// It cannot go while these hooks, or so many unfinished deliveries, need it.
    #[error("in use by {} hooks and {deliveries} unfinished deliveries", hooks.len())]
    InUse { hooks: Vec<Hook>, flows: Vec<String>, deliveries: u64 },
    /// At least one administrator must be left.
    #[error("the last administrator cannot be removed")]
    LastAdmin,
    /// Something that is referred to does not exist; `field` is the draft's field.
    #[error("this {field} does not exist")]
    Missing { field: &'static str },
    /// Another process serves the same database.
    #[error("another offhook serves this database (it holds {lock})")]
    Claimed { lock: String },
    /// This process has been silent for so long that others have taken over what it held.
    #[error("this node was silent for too long; others have taken over what it held")]
    Fenced,
    /// Only one process can serve this database.
    #[error("only one process can serve this database")]
    Unshared,
    /// A stored value does not read back.
    #[error("the stored {what} does not read back: {detail}")]
    Corrupt { what: &'static str, detail: String },
    /// The database's address cannot be used.
    #[error("the database address {url:?} cannot be used: {detail}")]
    Address { url: String, detail: String },
    /// The database could not be brought up to date.
    #[error("the database could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A text holds the character U+0000, which PostgreSQL does not take.
    #[error("a text in it holds the character U+0000")]
    NoText,
    /// The database itself failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|fault| fault.code());
        if code.as_deref() == Some(NOT_IN_REPERTOIRE) {
            Self::NoText
        } else {
            Self::Database(error)
        }
    }
}
