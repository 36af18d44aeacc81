//! How often the steps with a `limit` were passed, in one run of their scope: each run of a function, of
//! the steps of a list and of a called flow counts anew.

use super::{Frame, rest::step};
use crate::{Program, program::CompiledStep};
use model::trace::Failure;
use std::collections::BTreeMap;

/// By the number of the step.
#[derive(Default)]
pub(super) struct Passes(BTreeMap<usize, u32>);

impl Passes {
    /// Those that were kept, by the `_id`s of the steps.
    ///
    /// # Errors
    /// Where the program has no such step.
    pub(super) fn read(kept: &BTreeMap<String, u32>, program: &Program) -> Result<Self, Failure> {
        let number = |(id, passes): (&String, &u32)| Ok((step(program, id)?, *passes));
        kept.iter().map(number).collect::<Result<_, _>>().map(Self)
    }

    /// Those of the steps that have a limit, of all visits: what an older release has kept.
    pub(super) fn of_visits(visits: &[u32], program: &Program) -> Self {
        let steps = program.steps.iter().zip(visits).enumerate();
        let limited = steps.filter(|(_, (step, visits))| step.limit.is_some() && **visits > 0);
        Self(limited.map(|(number, (_, visits))| (number, *visits)).collect())
    }

    /// To be kept.
    pub(super) fn written(&self, program: &Program) -> BTreeMap<String, u32> {
        let passed = self.0.iter().filter(|(_, passes)| **passes > 0);
        passed.map(|(number, passes)| (program.steps[*number].id.clone(), *passes)).collect()
    }
}

impl Frame {
    /// Counts a pass of a step, if it has a limit.
    pub(super) fn pass(&mut self, number: usize, step: &CompiledStep) {
        if step.limit.is_some() {
            *self.passes.0.entry(number).or_default() += 1;
        }
    }

    /// Takes a pass back that is still to come.
    pub(super) fn unpass(&mut self, number: usize) {
        if let Some(passes) = self.passes.0.get_mut(&number) {
            *passes = passes.saturating_sub(1);
        }
    }

    /// Whether a step was passed more often than its limit.
    pub(super) fn is_past_limit(&self, number: usize, step: &CompiledStep) -> bool {
        let passes = self.passes.0.get(&number).copied().unwrap_or_default();
        step.limit.as_ref().is_some_and(|limit| passes > limit.max)
    }
}
