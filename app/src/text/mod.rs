//! All words that a person sees, by page, so that languages can be added.

pub mod account;
pub mod catalog;
pub mod cause;
pub mod deliveries;
pub mod error;
pub mod events;
pub mod flows;
pub mod form;
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
