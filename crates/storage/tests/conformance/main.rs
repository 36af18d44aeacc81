//! What every backend holds to. Each test runs on each backend of [`support::BACKENDS`]; a new
//! backend is added there, and nowhere else.

mod flows;
mod hooks;
mod installation;
mod journal;
mod journal_commit;
mod log;
mod log_filters;
mod queues;
mod revision;
mod sessions;
mod support;
mod tokens;
mod users;
