//! A script, and what may come of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{io, time::Duration};
use thiserror::Error;

/// JavaScript to be run once. It must be safe to run twice: it may be begun again from its start
/// (see [`crate::Pool::run`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    pub kind: Kind,
    /// As a person wrote it, but for placeholders, in whose places stand names of `bindings`.
    pub source: String,
    /// Names, which must be identifiers, and their values. A value is never parsed as source.
    pub bindings: Vec<(String, Value)>,
    /// The IANA name of the time zone of `Date` and `LocalDate()`.
    pub zone: String,
}

/// What the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// One expression, whose value is the script's.
    Expression,
    /// The body of a function, whose `return` gives the script's value.
    Body,
}

/// Why a script gave no value. Each tells the author of the flow what to change.
#[derive(Debug, Error)]
pub enum ScriptError {
    #[error("the script used more than {} ms of processor time", .0.as_millis())]
    Cpu(Duration),
    #[error("the script did not end within {} ms", .0.as_millis())]
    Wall(Duration),
    #[error("the script used more than {} MiB of memory", .0 >> 20)]
    Memory(usize),
    #[error("the script calls itself too deeply, or what it reads is nested too deeply")]
    Recursion,
    #[error("the script's value is longer than {} KiB as JSON", .0 >> 10)]
    ResultSize(usize),
    #[error("the script's value is nested more than 127 levels deep")]
    ResultDepth,
    #[error("there is no time zone “{0}”")]
    Zone(String),
    #[error("{message}{}", at(*.line))]
    Exception {
        /// The kind of error and its message, at most 500 characters.
        message: String,
        /// In the source, from 1, where that is known.
        line: Option<u32>,
    },
    /// The script's fault at worst; the next one runs in a new process.
    #[error("the process that ran the script was lost ({0})")]
    Lost(String),
    #[error("no process for the script could be started")]
    Start(#[source] io::Error),
}

fn at(line: Option<u32>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}
