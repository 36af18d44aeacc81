//! The processes that serve one database, called nodes, and how they share its work.
//!
//! All lanes are spread over shards. A node holds shards, runs what is unfinished in them, and says
//! by a beat that it lives. One that has been silent for [`SILENT_MAX`] is fenced: its incarnation
//! has ended, its shards go to others, and what it still wants to write down about deliveries is
//! refused. `crates/engine/tests/lease_model.rs` has the protocol as a model.
//!
//! Where a destination bears fewer requests at once than there are nodes, only those call it that
//! have a seat there.

use crate::{
    Result, StorageError,
    journal::{Shard, Unfinished},
};
use async_trait::async_trait;
use model::{
    destination::DestinationKey, ids::DeliveryId, live::NodeStatus, node::NodeRoles, time::Millis,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::watch;

/// How long a node may be silent before others take what it holds, by the database's clock.
pub const SILENT_MAX: Duration = Duration::from_secs(5);

/// One life of a node: what it does is done under it, and ends with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Incarnation(pub i64);

/// A set of shards.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shards(u64);

impl Shards {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u64::MAX);

    pub fn contains(self, shard: Shard) -> bool {
        self.0 & Self::bit(shard) != 0
    }

    pub fn with(self, shard: Shard) -> Self {
        Self(self.0 | Self::bit(shard))
    }

    /// What of it is not in the other one.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl DoubleEndedIterator<Item = Shard> {
        (0..Shard::COUNT).map(Shard).filter(move |shard| self.contains(*shard))
    }

    /// As the bits of a number, the first shard lowest.
    pub fn bits(self) -> u64 {
        self.0
    }

    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    fn bit(shard: Shard) -> u64 {
        1 << (shard.0 % Shard::COUNT)
    }
}

impl Default for Shards {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<Shard> for Shards {
    fn from_iter<I: IntoIterator<Item = Shard>>(shards: I) -> Self {
        shards.into_iter().fold(Self::NONE, Self::with)
    }
}

impl std::fmt::Debug for Shards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shards({:#018x})", self.0)
    }
}

/// A node that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNode {
    /// By which people know it.
    pub name: String,
    /// Where it runs, as no two processes can at once: another one that said so before is dead.
    pub place: String,
    /// What it does; one that does not dispatch takes no shards.
    pub roles: NodeRoles,
}

/// What a beat answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// The highest row number that has been given to a delivery.
    pub newest: i64,
    /// The number of the newest ask.
    pub ask: i64,
}

/// How the shards lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// What this node holds.
    pub mine: Shards,
    /// What other nodes hold that live.
    pub others: Shards,
    /// How many nodes take shards.
    pub nodes: u32,
}

impl Sharing {
    /// How many shards each node holds at most, when so many share them.
    pub fn share(nodes: u32) -> u32 {
        u32::from(Shard::COUNT).div_ceil(nodes.max(1))
    }
}

/// A node as the database knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    pub incarnation: Incarnation,
    pub name: String,
    pub began: Millis,
    /// Its last beat, by the database's clock, and how long ago that is, in milliseconds.
    pub seen_at: Millis,
    pub silent_ms: i64,
    pub roles: NodeRoles,
    /// Whether its incarnation has ended.
    pub fenced: bool,
    /// Whether it ended by leaving.
    pub stopped: bool,
    pub shards: u32,
    /// What it told of itself last.
    pub status: NodeStatus,
}

/// What a node asks the others to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// To run a waiting delivery at once.
    Hurry(DeliveryId),
    /// To take in a dead delivery that was resumed.
    Resume(DeliveryId),
    /// To call off what is unfinished there.
    Cancel(Unfinished),
}

/// An ask as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub number: i64,
    pub by: Incarnation,
    pub ask: Ask,
}

/// What is heard of other nodes, between two beats.
#[derive(Clone)]
pub struct News {
    /// The highest row number of a delivery that another node has made.
    pub deliveries: watch::Receiver<i64>,
    /// The number of the newest ask.
    pub asks: watch::Receiver<i64>,
}

/// What nodes need to share a database. One that cannot be shared answers nothing of this: its only
/// process holds everything.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// Whether several processes may serve the database at once.
    fn is_shared(&self) -> bool {
        false
    }

    /// Begins an incarnation. An earlier one of the same place is fenced.
    async fn register(&self, _node: &NewNode) -> Result<Incarnation> {
        Err(StorageError::Unshared)
    }

    /// Says that the node lives, and how it does. Fails with [`StorageError::Fenced`] where the
    /// incarnation has ended.
    async fn beat(&self, _under: Incarnation, _status: &NodeStatus) -> Result<Beat> {
        Err(StorageError::Unshared)
    }

    /// Takes free shards, as many as are the node's share; where it may, ends the incarnations of
    /// those that are silent first. Fails as [`Self::beat`] does.
    async fn share(&self, _under: Incarnation, _may_fence: bool) -> Result<Sharing> {
        Err(StorageError::Unshared)
    }

    /// Gives shards back of which nothing runs any more.
    async fn free(&self, _under: Incarnation, _shards: Shards) -> Result<()> {
        Err(StorageError::Unshared)
    }

    /// Ends the incarnation, and gives back what it holds.
    async fn leave(&self, _under: Incarnation) -> Result<()> {
        Err(StorageError::Unshared)
    }

    /// Takes a seat at a destination at which so many may be held at once; whether the incarnation
    /// has one now. The seat of one that has ended is free. Where another node asks for one there at
    /// this moment, none is to be had. Fails as [`Self::beat`] does.
    async fn take_seat(
        &self,
        _under: Incarnation,
        _destination: &DestinationKey,
        _seats: u32,
    ) -> Result<bool> {
        Err(StorageError::Unshared)
    }

    /// Leaves the incarnation's seat at the destination, if it has one.
    async fn leave_seat(&self, _under: Incarnation, _destination: &DestinationKey) -> Result<()> {
        Err(StorageError::Unshared)
    }

    /// The nodes that live, and those that were heard of within the last day, by name and newest
    /// first.
    async fn nodes(&self) -> Result<Vec<NodeRow>> {
        Ok(Vec::new())
    }

    /// Asks the other nodes.
    async fn ask(&self, _under: Incarnation, _ask: Ask) -> Result<()> {
        Err(StorageError::Unshared)
    }

    /// What has been asked after that one, in order.
    async fn asks(&self, _after: i64) -> Result<Vec<Asked>> {
        Ok(Vec::new())
    }

    /// What is heard of other nodes; nothing where there are none.
    fn news(&self) -> Option<News> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in() {
        let some: Shards = [Shard(0), Shard(5), Shard(63)].into_iter().collect();
        assert_eq!(some.iter().map(|shard| shard.0).collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!((some.len(), Shards::ALL.len(), Shards::NONE.len()), (3, 64, 0));
        assert!(some.contains(Shard(63)) && !some.contains(Shard(62)));
        let rest = some.without([Shard(5)].into_iter().collect());
        assert_eq!(rest.iter().map(|shard| shard.0).collect::<Vec<_>>(), [0, 63]);
        assert_eq!(rest.and(some), some);
    }

    #[test]
    fn shares_cover_all_shards() {
        for nodes in 1..=70 {
            assert!(Sharing::share(nodes) * nodes >= u32::from(Shard::COUNT));
        }
        assert_eq!([1, 2, 3].map(Sharing::share), [64, 32, 22]);
    }
}
