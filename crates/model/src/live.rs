//! What the engine knows of this moment and no table holds.

use crate::{
    destination::{DestinationKey, Forced},
    ids::{DeliveryId, FlowId},
    node::{NodeRole, NodeState},
    time::Millis,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What stands before the engine now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Live {
    /// Deliveries that have not ended, parked ones too.
    pub backlog: u64,
    /// When the oldest of them was made.
    pub oldest_at: Option<Millis>,
    /// The destinations that were called of late or are waited for, in no order.
    pub destinations: Vec<DestinationView>,
    /// Why no events are taken at the moment; nothing where they are.
    #[serde(default)]
    pub refuses: Option<String>,
}

impl Live {
    /// Adds what stands before another node.
    pub fn add(&mut self, other: &Self) {
        self.backlog += other.backlog;
        self.refuses = self.refuses.take().or_else(|| other.refuses.clone());
        for there in &other.destinations {
            match self.destinations.iter_mut().find(|here| here.key == there.key) {
                Some(here) => here.add(there),
                None => self.destinations.push(there.clone()),
            }
        }
    }
}

impl DestinationView {
    /// Adds how the same destination stands on another node: each has its part of what is allowed,
    /// and the worse judgement is told.
    fn add(&mut self, other: &Self) {
        if severity(other) > severity(self) {
            (self.state, self.opens_until) = (other.state, other.opens_until);
        }
        self.running += other.running;
        self.waiting += other.waiting;
        self.limit += other.limit;
        self.rate_per_s = match (self.rate_per_s, other.rate_per_s) {
            (Some(here), Some(there)) => Some(here + there),
            (here, there) => here.or(there),
        };
        self.slowed |= other.slowed;
        self.failures = self.failures.max(other.failures);
        let at = |view: &Self| view.last_failure.as_ref().map(|failure| failure.at);
        if at(other) > at(self) {
            self.last_failure.clone_from(&other.last_failure);
        }
        // Both work on their parts at once.
        self.drain_seconds = self.drain_seconds.max(other.drain_seconds);
    }
}

/// How bad it is. Less than anything tells one that would probe and has nothing to do so with.
fn severity(view: &DestinationView) -> u8 {
    match view.state {
        BreakerState::HalfOpen if view.running == 0 && view.waiting == 0 => 0,
        BreakerState::Closed => 1,
        BreakerState::HalfOpen => 2,
        BreakerState::Open => 3,
    }
}

/// A destination as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationView {
    pub key: DestinationKey,
    /// Where the breaker stands, forced or by itself.
    pub state: BreakerState,
    /// What a person has put in the place of the breaker's own judgement.
    pub forced: Option<Forced>,
    /// Requests that run.
    pub running: u32,
    /// Deliveries that wait for it.
    pub waiting: u64,
    /// How many requests may run at once now; less than what is set while it is slowed.
    pub limit: u32,
    /// How many requests may begin in a second now, if that is limited.
    pub rate_per_s: Option<f64>,
    /// Whether it is slowed below what is set, after an answer that asked for that.
    pub slowed: bool,
    /// Requests that failed one after the other.
    pub failures: u32,
    /// When and how the last request failed.
    pub last_failure: Option<LastFailure>,
    /// When an open breaker probes.
    pub opens_until: Option<Millis>,
    /// How long what waits is going to take, in seconds, if that can be told.
    pub drain_seconds: Option<u64>,
}

/// A process that serves the installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeView {
    /// Tells it from the others.
    pub name: String,
    /// Whether it is the one that answers.
    pub here: bool,
    pub state: NodeState,
    /// What it does.
    pub roles: Vec<NodeRole>,
    /// When it began.
    pub since: Millis,
    /// When it was last heard of.
    pub seen_at: Millis,
    /// How many parts of the work it holds, and of how many; nothing where it is not shared.
    pub shards: Option<(u32, u32)>,
    /// Attempts that run on it.
    pub running: u64,
    /// Events that it accepted in a second of late, if it is known.
    pub events_per_s: Option<f64>,
    /// Deliveries that it ended in a second of late, if it is known.
    pub deliveries_per_s: Option<f64>,
    /// Why it takes no events at the moment; nothing where it does.
    pub refuses: Option<String>,
}

/// What a node tells the others of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    /// Attempts that run on it.
    pub running: u64,
    /// Events that it accepted, and deliveries that it ended, in a second of late.
    pub events_per_s: f64,
    pub deliveries_per_s: f64,
    /// What stands before it.
    pub live: Live,
    /// Deliveries of which an attempt has been running for a while; not all, where they are many.
    pub long: Vec<DeliveryId>,
    /// Flows whose destination takes nothing at the moment.
    pub held_flows: Vec<FlowId>,
    /// Deliveries that stand before a request to such a destination; not all, where they are many.
    pub held: Vec<DeliveryId>,
}

/// How a request to a destination failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastFailure {
    pub at: Millis,
    /// In words, as the delivery's attempt has it.
    pub what: String,
}

/// Where a destination's breaker stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests are sent.
    #[default]
    Closed,
    /// Nothing is sent; deliveries are parked.
    Open,
    /// One request is sent to see whether it answers again.
    HalfOpen,
}

impl BreakerState {
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// The word in addresses and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

crate::user::word!(BreakerState, "state of a breaker");

#[cfg(test)]
mod tests {
    use super::*;

    fn view(state: BreakerState, waiting: u64) -> DestinationView {
        DestinationView {
            key: DestinationKey::new("https", "crm.example", 443),
            state,
            forced: None,
            running: 0,
            waiting,
            limit: 1,
            rate_per_s: None,
            slowed: false,
            failures: 0,
            last_failure: None,
            opens_until: None,
            drain_seconds: None,
        }
    }

    #[test]
    fn of_several_nodes_the_worse_judgement_is_told_but_that_of_one_with_nothing_to_judge_by() {
        use BreakerState::{Closed, HalfOpen, Open};
        for (one, other, told) in [
            ((Closed, 0), (HalfOpen, 0), Closed),
            ((HalfOpen, 0), (Closed, 0), Closed),
            ((Closed, 0), (HalfOpen, 5), HalfOpen),
            ((Open, 0), (HalfOpen, 5), Open),
            ((Closed, 5), (Open, 0), Open),
            ((HalfOpen, 0), (HalfOpen, 0), HalfOpen),
        ] {
            let of = |(state, waiting)| Live {
                destinations: vec![view(state, waiting)],
                ..Live::default()
            };
            let mut both = of(one);
            both.add(&of(other));
            assert_eq!(both.destinations[0].state, told, "{one:?} and {other:?}");
        }
    }
}
