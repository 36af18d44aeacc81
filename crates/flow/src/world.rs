//! The outside world as a flow sees it: traits, so that flows run in tests without any. They are
//! small, one for each thing that a flow may need; whoever has all of them is a [`World`].
//!
//! Dropping a future cancels what it does.

mod installation;
mod messages;
mod requests;

pub use installation::{Installation, ListEntry, Reference};
pub use messages::{Attachment, Mail, MailVia, Messages, Notification, Publication, Query, Smtp};
pub use requests::{Request, Requests, Response, Tls};

pub use model::calendar::CalendarAnswer;

use crate::{Checkpoint, Inherited, Program};
use jiff::Timestamp;
use model::{flow::script::ScriptKind, trace::Failure};
use serde_json::Value;
use std::{future::Future, sync::Arc, time::Duration};

/// Everything that a flow needs of the outside.
pub trait World:
    Context + Clock + Keeper + Requests + Scripts + Installation + Messages + Flows
{
}

impl<T> World for T where
    T: Context + Clock + Keeper + Requests + Scripts + Installation + Messages + Flows
{
}

/// The value of a variable of the installation. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct GlobalValue {
    pub value: String,
    /// Whether it is hidden in all records, like a secret.
    pub encrypted: bool,
}

impl std::fmt::Debug for GlobalValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GlobalValue").finish_non_exhaustive()
    }
}

/// What templates and expressions may name beside variables. It is asked while a text is put
/// together, so it answers from memory.
pub trait Context: Sync {
    /// A variable of the installation (`$${name}`).
    fn global(&self, name: &str) -> Option<GlobalValue>;
    /// A stored secret (`${secret.NAME}`).
    fn secret(&self, name: &str) -> Option<String>;
    /// The time of day.
    fn now(&self) -> Timestamp;
}

/// Waiting, and what is left to chance.
pub trait Clock: Sync {
    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
    /// Microseconds on a clock that only goes forward, from any start.
    fn monotonic_us(&self) -> u64;
    /// A number at random.
    fn random(&self) -> u64;
}

/// JavaScript to be run where it can do no harm.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    pub kind: ScriptKind,
    /// For one step it is always the same text.
    pub source: Arc<str>,
    /// Names and their values, which are never parsed as source.
    pub bindings: Vec<(&'static str, Value)>,
    /// The IANA name of the flow's time zone.
    pub zone: String,
}

/// Runs JavaScript.
pub trait Scripts: Sync {
    /// Runs a script and gives its value; null for undefined.
    ///
    /// # Errors
    /// A failure of class `flow` for what the script does wrong: a syntax error, an exception, a
    /// limit of time or memory.
    fn script(&self, script: Script) -> impl Future<Output = Result<Value, Failure>> + Send;
}

/// A run that goes on by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    pub call: ChildCall,
    pub inherited: Inherited,
    /// The IANA name of the time zone, where the flow has chosen one.
    pub zone: Option<String>,
    /// The `_id` of the step that starts it, after the number of its flow and a dot where that was
    /// called by another; and how often it was reached: the same for a repeat.
    pub step: String,
    pub visit: u32,
}

/// What a child runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChildCall {
    /// A function of the flow that starts it: of this number, where that was called by another.
    Function { flow: Option<i64>, name: String },
    /// A flow by its number.
    Flow(i64),
}

/// What a run leaves behind, so that it can go on.
pub trait Keeper: Sync {
    /// Keeps a run as it stands, so that it goes on from here whatever happens: what came before is
    /// not done again. Answers when that has reached the disk.
    fn keep(&self, checkpoint: Checkpoint) -> impl Future<Output = ()> + Send;
    /// Whether the run has changed so much of what the installation keeps that it is to be kept
    /// before it changes more.
    fn is_full(&self) -> bool;
}

/// Other flows.
pub trait Flows: Sync {
    /// The program of a flow, at the version that this run is bound to.
    ///
    /// # Errors
    /// When there is no such flow, or it cannot run.
    fn flow(&self, id: i64) -> impl Future<Output = Result<Arc<Program>, Failure>> + Send;
    /// Starts a run that goes on by itself, with what is kept of this one next or with its outcome. A
    /// run that goes back behind it has not started it.
    ///
    /// # Errors
    /// When it cannot be started.
    fn start(&self, child: Child) -> impl Future<Output = Result<(), Failure>> + Send;
}
