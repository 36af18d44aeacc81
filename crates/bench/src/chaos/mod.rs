//! Failures, injected: the real server between a sender that does not give up and a receiver that
//! notes everything, while something goes wrong. At the end it is counted what was lost, repeated,
//! doubled, or out of order.
//!
//! To add a scenario: a function in `scenarios`, and its name in [`Scenario`]. It fails where what is to
//! go wrong did not: else it would hold, and say nothing.

mod cluster;
mod ledger;
mod load;
mod namespace;
mod receiver;
mod scenarios;
mod trial;

pub use ledger::{ON_ITS_WAY, Verdict};

use crate::Result;
use clap::ValueEnum;
use scenarios::{clock, crash, descriptors, disk, names, postgres, receivers, steps, torn};
use std::path::PathBuf;

/// An event of the traffic: a call's number, and its place within the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Event {
    pub call: u64,
    pub number: u64,
}

/// How long a scenario goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Seconds, for every run of the tests.
    Short,
    /// As long as it takes to meet what is rare.
    Long,
}

/// What is under test, and how.
#[derive(Debug, Clone)]
pub struct Setting {
    pub program: PathBuf,
    pub form: Form,
    /// The same seed gives the same choices.
    pub seed: u64,
}

impl Setting {
    /// One of two, by the form.
    fn size<T>(&self, short: T, long: T) -> T {
        match self.form {
            Form::Short => short,
            Form::Long => long,
        }
    }

    /// A number below `below` that depends on nothing but the seed and on what it is for.
    fn dice(&self, what: u64, below: u64) -> u64 {
        // SplitMix64: https://prng.di.unimi.it/splitmix64.c
        let mut mixed = self.seed ^ what.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// The process is killed again and again under load
    Kills,
    /// The process is frozen, and wakes up
    Freeze,
    /// 30 % of the requests are answered 500 at first
    Fails,
    /// Answers whose headers come byte by byte, some within the time and some not
    DripsHeaders,
    /// Answers whose bodies come byte by byte, some within the time and some not
    DripsBody,
    /// Requests that are never answered at first
    NeverAnswers,
    /// Connections that are reset after the request
    Resets,
    /// A good status with a body that does not end
    Endless,
    /// The receiver's name does not resolve, then does
    Names,
    /// The disk is full, then has room again
    Disk,
    /// The clock is set an hour ahead, then back
    Clock,
    /// The write-ahead log is torn after a crash
    Torn,
    /// The process may open few files
    Descriptors,
    /// The process is killed at each step of a flow with loops, waits, a function and a called flow
    Steps,
    /// The same on PostgreSQL
    PostgresSteps,
    /// On PostgreSQL, the process is killed again and again
    PostgresKills,
    /// PostgreSQL is killed under load, and starts again
    PostgresGone,
    /// PostgreSQL is killed under the load of three nodes, and starts again
    NodesPostgresGone,
    /// One of three nodes is stopped in order and started again, again and again
    NodeRestarts,
    /// One of three nodes is killed, again and again
    NodeKills,
    /// One of three nodes is frozen, and wakes up
    NodeFreeze,
}

impl Scenario {
    /// All, in the order in which they run.
    pub const ALL: [Self; 21] = [
        Self::Kills,
        Self::Freeze,
        Self::Fails,
        Self::DripsHeaders,
        Self::DripsBody,
        Self::NeverAnswers,
        Self::Resets,
        Self::Endless,
        Self::Names,
        Self::Disk,
        Self::Clock,
        Self::Torn,
        Self::Descriptors,
        Self::Steps,
        Self::PostgresSteps,
        Self::PostgresKills,
        Self::PostgresGone,
        Self::NodesPostgresGone,
        Self::NodeRestarts,
        Self::NodeKills,
        Self::NodeFreeze,
    ];

    /// Why it cannot run here, if so.
    pub fn lacks(self) -> Option<&'static str> {
        match self {
            Self::Names | Self::Disk if !namespace::may_mount() => {
                Some("nothing may be mounted here: it needs root, or user namespaces")
            }
            Self::Clock if !clock::has_compiler() => Some("there is no C compiler (cc)"),
            Self::PostgresSteps
            | Self::PostgresKills
            | Self::PostgresGone
            | Self::NodesPostgresGone
            | Self::NodeRestarts
            | Self::NodeKills
            | Self::NodeFreeze => {
                cluster::programs().is_none().then_some("PostgreSQL is not installed")
            }
            _ => None,
        }
    }

    /// Runs it.
    pub async fn run(self, setting: &Setting) -> Result<Verdict> {
        match self {
            Self::Kills => crash::kills(setting).await,
            Self::Freeze => crash::freeze(setting).await,
            Self::Fails => receivers::fails(setting).await,
            Self::DripsHeaders => receivers::drips_headers(setting).await,
            Self::DripsBody => receivers::drips_body(setting).await,
            Self::NeverAnswers => receivers::never_answers(setting).await,
            Self::Resets => receivers::resets(setting).await,
            Self::Endless => receivers::endless(setting).await,
            Self::Names => names::fails_then_works(setting).await,
            Self::Disk => disk::full(setting).await,
            Self::Clock => clock::steps(setting).await,
            Self::Torn => torn::log(setting).await,
            Self::Descriptors => descriptors::few(setting).await,
            Self::Steps => steps::on_sqlite(setting).await,
            Self::PostgresSteps => steps::on_postgres(setting).await,
            Self::PostgresKills => postgres::kills(setting).await,
            Self::PostgresGone => postgres::gone(setting).await,
            Self::NodesPostgresGone => postgres::nodes_gone(setting).await,
            Self::NodeRestarts => postgres::node_restarts(setting).await,
            Self::NodeKills => postgres::node_kills(setting).await,
            Self::NodeFreeze => postgres::node_freeze(setting).await,
        }
    }
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    user.is_some_and(|ids| ids.split_whitespace().next() == Some("0"))
}
