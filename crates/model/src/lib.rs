//! What the browser and the server share: ids, the event catalog, queues, hooks, flows and
//! their validation, deliveries and the views that the panel shows.
//!
//! Nothing here does I/O, and everything compiles to WASM.

pub mod cache;
pub mod calendar;
pub mod call;
pub mod catalog;
pub mod delivery;
pub mod destination;
pub mod duration;
pub mod effect;
pub mod event;
pub mod flow;
pub mod hook;
pub mod ids;
pub mod jump;
pub mod latency;
pub mod live;
pub mod mail_profile;
pub mod many;
pub mod node;
pub mod note;
pub mod number_list;
pub mod overview;
pub mod page;
pub mod policy;
pub mod problem;
pub mod queue;
pub mod replay;
pub mod retry;
pub mod secret;
pub mod settings;
pub mod time;
pub mod trace;
pub mod user;
pub mod variable;
pub mod view;
pub mod warning;
pub mod whole;

/// A JSON object that keeps the order of its keys.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;
