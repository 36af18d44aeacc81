//! Jumping: from a few typed letters to any queue, flow, hook, call, delivery or event.

use crate::{Admin, Result};
use model::{
    jump::{Found, Target},
    user::{Actor, Permission},
};

/// The most that one search answers.
const MOST: usize = 20;
/// The most of one kind, so that none crowds the others out.
const MOST_OF_A_KIND: u32 = 8;
/// What is typed beyond so many characters names nothing.
const SEARCH_MAX: usize = 200;

impl Admin {
    /// What fits the text best, best first; nothing for an empty text. A number may be written
    /// with `#` before it.
    pub async fn jump(&self, actor: &Actor, search: &str) -> Result<Vec<Found>> {
        actor.require(Permission::Read)?;
        let search = search.trim();
        let search = search.strip_prefix('#').unwrap_or(search);
        if search.is_empty() || search.chars().count() > SEARCH_MAX {
            return Ok(Vec::new());
        }
        let storage = &self.storage;
        let mut found = storage.find_queues(search, MOST_OF_A_KIND).await?;
        found.extend(storage.find_flows(search, MOST_OF_A_KIND).await?);
        found.extend(storage.find_hooks(search, MOST_OF_A_KIND).await?);
        found.extend(storage.find_logged(search, MOST_OF_A_KIND).await?);
        // Stable: what fits equally well stays as each search gave it.
        found.sort_by_key(|found| (found.fit, place(&found.target)));
        found.truncate(MOST);
        Ok(found)
    }
}

/// The order of what fits equally well: what is set up, then what happened.
fn place(target: &Target) -> u8 {
    match target {
        Target::Queue { .. } => 0,
        Target::Flow { .. } => 1,
        Target::Hook { .. } => 2,
        Target::Call { .. } => 3,
        Target::Delivery { .. } => 4,
        Target::Event { .. } => 5,
    }
}
