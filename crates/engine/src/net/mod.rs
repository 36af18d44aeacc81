//! The guarded HTTP client: the only way in which a flow reaches the outside.

mod client;
mod failure;
mod targets;

pub use client::{Client, destination};
pub use targets::{AllowTargets, BadTarget};
