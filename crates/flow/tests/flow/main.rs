//! The language as it is seen from outside: each case in `tests/cases` is a flow, its variables,
//! what the outside world answers, and what is then to be seen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod durable;
mod hidden;
mod imported;
mod limits;
mod properties;
mod repeats;
mod schema;
mod world;
