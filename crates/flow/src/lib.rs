//! The interpreter of flows: it runs the steps of a flow against a [`World`] and records what each
//! did. It does no I/O of its own, so that it runs in tests, benches and fuzzers without any.
//!
//! A [`Program`] is loaded once for each version of a flow; [`run`] runs it for one attempt. To add
//! an action: its description in `model::flow::language`, its place in `model::flow::syntax`, a file
//! in `actions`, and a line in `compile` and in `actions::operate`.

mod actions;
mod checkpoint;
mod compile;
pub mod condition;
mod interpolate;
pub mod limits;
mod machine;
mod path;
mod pattern;
mod program;
mod record;
mod redact;
mod run;
mod scripts;
mod unchanged;
mod variables;
mod world;
mod xml;

pub use actions::{
    http_request::{Tokens, retry_after_ms},
    text::native::call as text_method,
};
pub use checkpoint::Checkpoint;
pub use condition::{Condition, ConditionError};
pub use program::Program;
pub use run::{RunResult, RunSettings, resume, run};
pub use unchanged::{Change, Versions};
pub use variables::{Inherited, size as value_bytes};
pub use world::{
    Attachment, CalendarAnswer, Child, ChildCall, Clock, Context, Flows, GlobalValue, Installation,
    Keeper, ListEntry, Mail, MailVia, Messages, Notification, Publication, Query, Reference,
    Request, Requests, Response, Script, Scripts, Smtp, Tls, World,
};
