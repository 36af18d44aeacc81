//! The processes that serve the installation.

use crate::{Admin, Result, now};
use model::{
    live::NodeView,
    node::NodeState,
    overview::Span,
    user::{Actor, Permission},
};

/// The name of a process that is alone.
const ALONE: &str = "this server";
/// Rates are those of the last minute that is over.
const MINUTE_S: f64 = 60.0;

impl Admin {
    /// The processes that serve the installation, the one that answers first, then by name.
    pub async fn nodes(&self, actor: &Actor) -> Result<Vec<NodeView>> {
        actor.require(Permission::Read)?;
        let mut nodes = match self.running.nodes() {
            Some(nodes) => nodes,
            None => vec![self.alone().await?],
        };
        nodes.sort_by(|a, b| (!a.here, &a.name).cmp(&(!b.here, &b.name)));
        Ok(nodes)
    }

    /// This process, which does everything.
    async fn alone(&self) -> Result<NodeView> {
        let now = now();
        let spells = self.storage.spells(Span::Hour, now).await?;
        let minute = spells.iter().rev().nth(1).map(|spell| spell.figures).unwrap_or_default();
        let rate = |count: u64| Some(count as f64 / MINUTE_S);
        Ok(NodeView {
            name: ALONE.into(),
            here: true,
            state: NodeState::Alive,
            roles: self.running.roles().each(),
            since: self.began,
            seen_at: now,
            shards: None,
            running: self.running.overlay().running.len() as u64,
            events_per_s: rate(minute.events),
            deliveries_per_s: rate(minute.delivered + minute.failed),
            refuses: self.running.live().and_then(|live| live.refuses),
        })
    }
}
