//! What the targets share: a flow of a few steps, run in the world of the tests.

#[allow(dead_code, clippy::unwrap_used, reason = "the tests' own, of which the targets need some")]
#[path = "../../tests/flow/world.rs"]
mod world;

pub use world::{Scripted, ScriptedWorld};

use flow::{Program, RunResult, RunSettings};
use model::{JsonMap, flow::FlowMode, trace::StepRecord};
use serde_json::Value;
use std::sync::Arc;

/// The input up to its first zero byte, and what is behind it.
pub fn halves(input: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(input).ok()?.split_once('\0')
}

/// Runs these steps with these variables and answers of the outside, unless the check refuses them.
/// That it comes back at all is what is looked at, and that it keeps within the limits.
pub fn run(steps: &Value, variables: JsonMap, answers: Vec<Scripted>) -> Option<RunResult> {
    run_source(&steps.to_string(), variables, answers)
}

/// The same for a flow's text.
pub fn run_source(
    source: &str,
    variables: JsonMap,
    answers: Vec<Scripted>,
) -> Option<RunResult> {
    let program = Arc::new(Program::load(source, FlowMode::Lenient).ok()?);
    let world = ScriptedWorld::that_lacks(answers);
    let within = |steps: Vec<StepRecord>| {
        assert!(steps.len() <= 20 * flow::limits::STEPS_RECORDED_MAX, "a trace has its limit");
    };
    // A run may wait thousands of times, and the traces of all its parts together take gigabytes.
    Some(world.run_in_parts(&program, variables, &RunSettings::new("fuzz"), within))
}
