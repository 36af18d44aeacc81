//! Notes: what flows tell users of the panel.

use crate::{
    ids::{NoteId, UserId},
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// The most characters of a note.
pub const MESSAGE_MAX: usize = 2_000;
/// How long a note waits to be seen, in ms: a day.
pub const KEPT_MS: i64 = 86_400_000;
/// How many are shown to a user at once, the newest.
pub const SHOWN_MAX: u32 = 5;

/// A note to one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub id: NoteId,
    pub user: UserId,
    /// One of [`NOTES`](crate::flow::syntax::NOTES).
    pub kind: String,
    pub message: String,
    /// For how many seconds it is shown, once; nothing for one that is shown until it is closed.
    pub timeout_s: Option<u32>,
    pub made_at: Millis,
}

impl Note {
    /// From when on nobody is shown it any more.
    pub fn expires_at(&self) -> Millis {
        self.made_at.plus(KEPT_MS)
    }
}
