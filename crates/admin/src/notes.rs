//! Notes: what flows tell users of the panel.

use crate::{Admin, AdminError, Result, now};
use model::{
    ids::{NoteId, UserId},
    note::{Note, SHOWN_MAX},
    user::{Actor, Grant},
};

impl Admin {
    /// The newest notes to whoever looks. Those that are shown for a time only are handed over once.
    pub async fn take_notes(&self, actor: &Actor) -> Result<Vec<Note>> {
        match reader(actor) {
            Some(user) => Ok(self.storage.take_notes(user, SHOWN_MAX, now()).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Closes a note to whoever asks; one that has gone already is closed.
    pub async fn close_note(&self, actor: &Actor, id: NoteId) -> Result<()> {
        let user = reader(actor).ok_or_else(|| AdminError::no("note", id))?;
        self.storage.close_note(user, id).await?;
        Ok(())
    }
}

/// Whose notes these are: only people have any.
fn reader(actor: &Actor) -> Option<UserId> {
    match actor.grant {
        Grant::User(id, _) => Some(id),
        Grant::Token(_) | Grant::Operator => None,
    }
}
