//! Runs the JavaScript of flows. What a script does is not to be trusted, and an interpreter cannot
//! be stopped inside one of its built-ins: so scripts run in processes of their own, which can be
//! killed. These have no network, no files and no environment, and come after all else that wants
//! the processor.
//!
//! [`Pool::run`] runs one [`Script`] and gives its value, or the [`ScriptError`] that names the
//! limit or the exception it ended at. The process is the program itself: it calls [`work`] when it
//! was started with the single argument [`WORKER`].
//!
//! **What is isolated.** Every script, also each of one run, gets an interpreter of its own: heap,
//! globals, prototypes. Nothing that a script leaves behind is seen by another. What they share one
//! after the other is the process; one in which a limit was met that a process does not get over
//! cleanly is replaced.

mod lane;
mod pool;
mod process;
mod script;
mod slow;
mod wire;
mod worker;

pub use pool::{Limits, Pool, PoolSettings};
pub use script::{Kind, Script, ScriptError};
pub use worker::work;

/// The argument with which the program is started as a worker process.
pub const WORKER: &str = "js-worker";
