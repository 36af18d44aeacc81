//! What every backend holds to. Each test runs on each backend of [`support::BACKENDS`]; a new
//! backend is added there, and nowhere else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calendars;
mod called_off;
mod calls;
mod children;
mod copy;
mod days;
mod destinations;
mod events;
mod flows;
mod hooks;
mod installation;
mod journal;
mod journal_commit;
mod jump;
mod kept;
mod log;
mod log_filters;
mod log_text;
mod long_read;
mod lost_answer;
mod many;
mod narrowing;
mod nodes;
mod notes;
mod overview;
mod plans;
mod queues;
mod replays;
mod retention;
mod revision;
mod server;
mod sessions;
mod support;
mod tail;
mod tokens;
mod unfinished;
mod users;
mod vault;
mod views;
