//! The interpreter of flows: it runs the steps of a flow against a [`World`] and records what each
//! did. It does no I/O of its own, so that it runs in tests, benches and fuzzers without any.

pub mod condition;
mod program;
mod run;
mod world;

pub use condition::{Condition, ConditionError};
pub use program::Program;
pub use run::{RunResult, RunSettings, run};
pub use world::{Request, Response, World};
