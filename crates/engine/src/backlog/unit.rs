//! What is read as one, and where that stands.

use super::{InMemory, Rate, release::Release};
use model::{
    ids::{FlowId, HookId},
    policy::Priority,
};

/// What is read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A flow's deliveries, but those that are held or released.
    Flow(FlowId),
    /// Of those the ones of this priority, which does not wait for what is lower.
    Ahead(FlowId, Priority),
    /// Those of a flow that were held and are being released.
    Released(FlowId),
}

impl Unit {
    pub fn flow(self) -> FlowId {
        match self {
            Self::Flow(flow) | Self::Ahead(flow, _) | Self::Released(flow) => flow,
        }
    }

    /// How many there are beside it in memory: of those that may be read with it the most of one
    /// priority.
    pub(super) fn beside(self, of_flow: InMemory) -> usize {
        match self {
            Self::Ahead(_, priority) => of_flow[priority as usize],
            Self::Flow(_) | Self::Released(_) => of_flow.into_iter().max().unwrap_or_default(),
        }
    }
}

/// What a unit has in the database.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest {
    /// Up to this row number everything has been read.
    pub after: i64,
    /// The read that is under way, and whether something came meanwhile.
    pub reading: Option<u64>,
    pub came: bool,
    /// Of what is being released, whose it is and at which rates.
    pub hooks: Vec<HookId>,
    pub rates: Vec<Release>,
}

impl Rest {
    /// The rates within which it goes out, that of a queue once, however many hooks of it are here.
    pub fn rates(&self) -> Vec<Rate> {
        let mut rates: Vec<Rate> = Vec::new();
        for Release { rate, .. } in &self.rates {
            if rates.iter().all(|known| known.of != rate.of) {
                rates.push(*rate);
            }
        }
        rates
    }
}
