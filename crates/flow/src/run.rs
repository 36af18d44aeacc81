//! Running a program.

use crate::{Program, World, machine::Machine};
use model::{
    JsonMap,
    trace::{AttemptOutcome, Failure, StepRecord},
};
use std::time::Duration;

/// What a run needs to know beside its program and variables.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The delivery's id, the beginning of every `webhook-id`.
    pub delivery: String,
    /// For the whole attempt, waits included.
    pub time_limit: Duration,
    /// Names of headers to be hidden in the record, beside the usual ones, in any letter case.
    pub redact: Vec<String>,
}

impl RunSettings {
    /// The settings of a delivery with the default time limit of 30 s.
    pub fn new(delivery: impl Into<String>) -> Self {
        Self { delivery: delivery.into(), time_limit: Duration::from_secs(30), redact: Vec::new() }
    }
}

/// How a run ended, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    pub outcome: AttemptOutcome,
    /// Why it failed; of a lenient flow that went to its end, the first step's error.
    pub failure: Option<Failure>,
    pub steps: Vec<StepRecord>,
    /// Steps that were run but not recorded, because the trace was full.
    pub steps_dropped: u64,
    /// As the last step left them.
    pub variables: JsonMap,
}

/// Runs a program to its end, its first failure, or its time limit. Dropping the future cancels
/// the run and what it waits for.
pub async fn run<W: World>(
    program: &Program,
    variables: JsonMap,
    settings: &RunSettings,
    world: &W,
) -> RunResult {
    Machine::new(program, variables, settings, world).run().await
}
