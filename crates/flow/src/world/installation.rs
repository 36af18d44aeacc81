//! What the installation keeps for its flows.

use super::Context;
use jiff::Timestamp;
use model::{calendar::CalendarAnswer, trace::Failure};
use std::future::Future;

/// A list or a calendar, named by its number or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    Id(i64),
    Name(String),
}

/// A number to be put into a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    pub destination: String,
    pub description: String,
    pub expires_at: Option<Timestamp>,
}

/// The cache, the number lists, the calendars and the variables of the installation.
///
/// What a run changes of them it sees at once itself; others see it when it is written, in one
/// transaction with what is kept of the run (see [`Keeper`](super::Keeper)) or with its outcome. A
/// run that goes back behind a change has not made it.
pub trait Installation: Context {
    /// The value of a key; nothing if it is not there, or has expired.
    ///
    /// # Errors
    /// When it cannot be looked up.
    fn cached(&self, key: &str) -> impl Future<Output = Result<Option<String>, Failure>> + Send;
    /// Keeps a value, for so many seconds or for good.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn cache(
        &self,
        key: &str,
        value: &str,
        ttl_s: Option<u64>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Forgets a key, whether or not it is there.
    ///
    /// # Errors
    /// When it cannot be forgotten.
    fn forget(&self, key: &str) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Whether a number is in a list.
    ///
    /// # Errors
    /// When there is no such list.
    fn is_listed(
        &self,
        list: &Reference,
        destination: &str,
    ) -> impl Future<Output = Result<bool, Failure>> + Send;
    /// Adds a number to a list; what it has of the same number is replaced.
    ///
    /// # Errors
    /// When there is no such list.
    fn add_to_list(
        &self,
        list: &Reference,
        entry: ListEntry,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Whether it is working time.
    ///
    /// # Errors
    /// When there is no such calendar.
    fn calendar(
        &self,
        calendar: &Reference,
    ) -> impl Future<Output = Result<CalendarAnswer, Failure>> + Send;
    /// Sets a variable of the installation.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn set_global(
        &self,
        name: &str,
        value: &str,
        encrypt: bool,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
