//! All words that a person sees, by page, so that languages can be added.

pub mod account;
#[cfg(feature = "ssr")]
pub mod call;
pub mod catalog;
pub mod cause;
#[cfg(feature = "ssr")]
pub mod compare;
pub mod deliveries;
pub mod error;
pub mod events;
#[cfg(feature = "ssr")]
pub mod explain;
pub mod flows;
pub mod form;
#[cfg(feature = "ssr")]
pub mod help;
pub mod hooks;
pub mod queues;
pub mod receiver;
pub mod session;
pub mod shell;
pub mod state;
pub mod time;
pub mod tokens;
pub mod ui;
pub mod users;
