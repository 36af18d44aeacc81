//! Running a program.

use crate::{Checkpoint, Inherited, Program, World, machine::Machine};
use jiff::tz::TimeZone;
use model::trace::{AttemptOutcome, Failure, StepRecord};
use std::{sync::Arc, time::Duration};

/// What a run needs to know beside its program and variables.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The delivery's id, the beginning of every `webhook-id`.
    pub delivery: String,
    /// For the whole attempt, waits included.
    pub time_limit: Duration,
    /// Names of headers to be hidden in the record, beside the usual ones, in any letter case.
    pub redact: Vec<String>,
    /// The number of the flow, which none that it calls may call again.
    pub flow: Option<i64>,
    /// The function to run; nothing where it is all of the flow.
    pub function: Option<String>,
    /// The time zone until the flow chooses one.
    pub zone: TimeZone,
}

impl RunSettings {
    /// The settings of a delivery with the default time limit of 30 s.
    pub fn new(delivery: impl Into<String>) -> Self {
        Self {
            delivery: delivery.into(),
            time_limit: Duration::from_secs(30),
            redact: Vec::new(),
            flow: None,
            function: None,
            zone: TimeZone::UTC,
        }
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
    /// The variables as the last step left them, and what of them is hidden.
    pub left: Inherited,
    /// Milliseconds until the run is to go on, where it was put to rest.
    pub wait_ms: Option<u64>,
    /// Where the run is to go on: after a wait, before a request that was held back, and after a
    /// failure where something was done
    /// outside since the run was kept last. Without one it goes on where it was kept last, or else
    /// begins anew.
    pub checkpoint: Option<Checkpoint>,
}

impl RunResult {
    /// Of a run that could not begin.
    pub fn failed(failure: Failure) -> Self {
        Self {
            outcome: AttemptOutcome::Failed,
            failure: Some(failure),
            steps: Vec::new(),
            steps_dropped: 0,
            left: Inherited::default(),
            wait_ms: None,
            checkpoint: None,
        }
    }
}

/// Runs a program to its end, its first failure, its time limit, or a wait that is too long to hold
/// a worker. Dropping the future cancels the run and what it waits for.
pub async fn run<W: World>(
    program: &Arc<Program>,
    given: impl Into<Inherited>,
    settings: &RunSettings,
    world: &W,
) -> RunResult {
    match Machine::begin(program, given.into(), settings, world) {
        Ok(machine) => machine.finish().await,
        Err(failure) => RunResult::failed(failure),
    }
}

/// Goes on with a run that was kept, as [`run`] runs one. One that does not fit the program fails.
pub async fn resume<W: World>(
    program: &Arc<Program>,
    checkpoint: Checkpoint,
    settings: &RunSettings,
    world: &W,
) -> RunResult {
    match Machine::resume(program, checkpoint, settings, world).await {
        Ok(machine) => machine.finish().await,
        Err(failure) => RunResult::failed(failure),
    }
}
