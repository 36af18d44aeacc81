//! `while`: steps that are run again while a condition holds. The first pass asks no condition.

use super::{Next, Notes, entry, if_else};
use crate::{interpolate::Filler, program::While, variables::Variables};
use model::trace::Failure;

/// A loop that is being run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loop {
    pub(crate) passes: u64,
    /// How many passes there may be; nothing until the loop has been entered at its beginning, or
    /// by a `goto` has come to the end of a pass.
    pub(crate) max: Option<u64>,
    /// Where the record of its step stands in the trace.
    pub(crate) record: Option<usize>,
}

/// Begins the first pass.
pub(crate) fn enter(
    arguments: &While,
    state: &mut Loop,
    variables: &Variables,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let max = max_steps(arguments, variables, notes)?;
    notes.input = entry("maxSteps", max);
    *state = Loop { passes: 1, max: Some(max), record: None };
    Ok(Next::To(arguments.body))
}

/// After a pass: the next one or on. `after` is the address behind the loop.
pub(crate) fn end_of_pass(
    arguments: &While,
    after: usize,
    state: &mut Loop,
    variables: &Variables,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let max = match state.max {
        Some(max) => max,
        None => {
            state.passes = 1;
            max_steps(arguments, variables, notes)?
        }
    };
    state.max = Some(max);
    if !if_else::holds("condition", &arguments.condition, variables, notes)? {
        return Ok(Next::To(after));
    }
    if state.passes >= max {
        notes.warnings.push(format!("the loop ended after its {max} passes (`maxSteps`)"));
        return Ok(Next::To(after));
    }
    state.passes += 1;
    Ok(Next::To(arguments.body))
}

fn max_steps(arguments: &While, variables: &Variables, notes: &mut Notes) -> Result<u64, Failure> {
    let mut filler = Filler::new(variables.map(), &mut notes.warnings);
    let max = filler.number(&arguments.max_steps, "`maxSteps`", 1..=u64::MAX);
    filler.finish()?;
    max
}
