//! What a run changes of what the installation keeps.

use crate::{
    cache::CacheEntry,
    ids::ListId,
    note::Note,
    number_list::ListEntry,
    variable::{Kept, KeptVariable},
};
use serde::{Deserialize, Serialize};

/// A change that a run makes. It is written in the transaction that writes how far the run has
/// come, so that it happens exactly once, and not at all where the run goes back behind it. Made
/// twice it comes to the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Keeps a value in the cache, in place of what is under its key.
    Cache(CacheEntry),
    /// Forgets a key of the cache, whether or not it is there.
    Forget(String),
    /// Adds a number to a list, in place of the same number. Nothing where the list has gone.
    AddToList { list: ListId, entry: ListEntry },
    /// Tells a user of the panel something. Nothing where the user has gone.
    Note(Note),
    /// Sets a variable of the installation.
    SetVariable(KeptVariable),
}

impl Effect {
    /// Whether it changes the same as the other, so that of the two the later alone counts.
    pub fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Cache(CacheEntry { key: one, .. }) | Self::Forget(one),
                Self::Cache(CacheEntry { key: other, .. }) | Self::Forget(other),
            ) => one == other,
            (
                Self::AddToList { list, entry },
                Self::AddToList { list: other_list, entry: other },
            ) => list == other_list && entry.number == other.number,
            (Self::SetVariable(one), Self::SetVariable(other)) => one.name == other.name,
            _ => false,
        }
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        match self {
            Self::Cache(entry) => entry.key.len() + entry.value.len(),
            Self::Forget(key) => key.len(),
            Self::AddToList { entry, .. } => entry.number.len() + entry.description.len(),
            Self::Note(note) => note.message.len(),
            Self::SetVariable(one) => {
                let value = match &one.value {
                    Kept::Plain(value) => value.len(),
                    Kept::Sealed(sealed) => sealed.len(),
                };
                one.name.len() + value
            }
        }
    }
}
