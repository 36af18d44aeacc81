//! The processes that serve the installation.

use super::{destinations::plain, overview::NOTHING_YET, time::plural};
use model::{live::NodeView, time::Millis};

pub const TITLE: &str = "Nodes";
pub const COL_NODE: &str = "Node";
pub const COL_STATE: &str = "State";
pub const COL_SINCE: &str = "Began";
pub const COL_SEEN: &str = "Heard of";
pub const COL_HOLDS: &str = "Holds";
pub const COL_RUNNING: &str = "Running";
pub const COL_EVENTS: &str = "Events a second";
pub const COL_DELIVERIES: &str = "Deliveries a second";
pub const HERE: &str = "answers you";
pub const ALONE: &str = "everything";
pub const ABOUT: &str = "The processes that serve this installation. One that is silent for 10 s is \
                         taken for dead, and the others take its work up.";

/// Whether it lives.
pub fn state(node: &NodeView, now: Millis) -> &'static str {
    if node.is_alive(now) { "Alive" } else { "Silent" }
}

/// Which part of the work it holds.
pub fn holds(node: &NodeView) -> String {
    match node.shards {
        Some((held, all)) => format!("{held} of {}", plural(all.into(), "shard", "shards")),
        None => ALONE.into(),
    }
}

/// A rate in a table.
pub fn rate(per_s: Option<f64>) -> String {
    per_s.map_or(NOTHING_YET.to_owned(), |rate| plain((rate * 10.0).round() / 10.0))
}
