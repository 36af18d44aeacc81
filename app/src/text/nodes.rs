//! The processes that serve the installation.

use super::{
    destinations::plain,
    overview::NOTHING_YET,
    time::{plural, relative},
};
use model::{
    live::NodeView,
    node::{NodeRole, NodeState},
    time::Millis,
};

pub const TITLE: &str = "Nodes";
pub const COL_NODE: &str = "Node";
pub const COL_STATE: &str = "State";
pub const COL_ROLES: &str = "Does";
pub const COL_SINCE: &str = "Began";
pub const COL_HOLDS: &str = "Holds";
pub const COL_RUNNING: &str = "Running";
pub const COL_EVENTS: &str = "Events a second";
pub const COL_DELIVERIES: &str = "Deliveries a second";
pub const HERE: &str = "answers you";
pub const ALL: &str = "everything";
pub const ABOUT: &str = "The processes that serve this installation. One that is silent for 5 s is \
                         taken for lost, and the others take its work up.";

/// How it stands.
pub fn state(state: NodeState) -> &'static str {
    match state {
        NodeState::Alive => "Alive",
        NodeState::Lost => "Lost",
        NodeState::Stopped => "Stopped",
    }
}

/// When one that is alive no more was heard of last.
pub fn heard(node: &NodeView, now: Millis) -> String {
    format!("heard of {}", relative(node.seen_at, now))
}

/// What it does.
pub fn roles(node: &NodeView) -> String {
    if node.roles.len() == NodeRole::ALL.len() {
        return ALL.into();
    }
    node.roles.iter().map(|role| role_short(*role)).collect::<Vec<_>>().join(", ")
}

fn role_short(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Panel => "panel",
        NodeRole::Intake => "intake",
        NodeRole::Dispatch => "dispatch",
    }
}

/// What is done by nobody.
pub fn role(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Panel => "The panel",
        NodeRole::Intake => "Taking events",
        NodeRole::Dispatch => "Running deliveries",
    }
}

/// That no node does a thing that has to be done.
pub fn nobody(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Panel => "No node serves the panel.",
        NodeRole::Intake => "No node takes events. Start one with the role intake.",
        NodeRole::Dispatch => {
            "No node runs deliveries: what is accepted waits. Start one with the \
                               role dispatch."
        }
    }
}

/// That it takes no events at the moment.
pub fn refuses(name: &str, why: &str) -> String {
    format!("Events are refused by {name} at the moment: {why}.")
}

/// Which part of the work it holds.
pub fn holds(node: &NodeView) -> String {
    match node.shards {
        Some((held, all)) => format!("{held} of {}", plural(all.into(), "shard", "shards")),
        None => ALL.into(),
    }
}

/// A rate in a table.
pub fn rate(per_s: Option<f64>) -> String {
    per_s.map_or(NOTHING_YET.to_owned(), |rate| plain((rate * 10.0).round() / 10.0))
}
