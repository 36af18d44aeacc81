//! The guarded HTTP client: the only way in which a flow reaches the outside.

mod client;
mod failure;
mod sign;
mod targets;

pub use client::{Client, destination};
pub use sign::signature;
pub use targets::{AllowTargets, BadTarget};
