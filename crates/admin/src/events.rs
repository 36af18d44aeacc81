//! Accepted events, as they are read.

use crate::{Admin, Result};
use model::{
    event::EventDetail,
    ids::EventId,
    user::{Actor, Permission},
};

impl Admin {
    /// An event with its deliveries.
    pub async fn event(&self, actor: &Actor, id: EventId) -> Result<EventDetail> {
        actor.require(Permission::Read)?;
        let found = self.storage.event(id, &self.running.overlay()).await?;
        found.ok_or_else(|| self.no_longer("event", id, id.made_at()))
    }
}
