//! The use cases, through the door that server functions and REST handlers use, over SQLite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod changes;
mod deliveries;
mod destinations;
mod flows;
mod jump;
mod many;
mod meanwhile;
mod overview;
mod permissions;
mod setup;
mod sign_in;
mod support;
mod tokens;
mod users;
mod validation;
mod vault;
mod views;
