//! The guarded HTTP client, and which addresses a flow may reach in any way.

mod client;
mod failure;
mod resolve;
mod sign;
mod targets;

pub use client::{Address, Client};
pub(crate) use resolve::resolve;
pub use sign::signature;
pub use targets::{AllowTargets, BadTarget};
