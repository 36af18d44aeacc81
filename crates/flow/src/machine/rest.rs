//! Putting a run to rest, and going on with it.

use super::{Frame, Machine, Mark};
use crate::{
    Checkpoint, Program, RunSettings, World,
    actions::while_loop::Loop,
    checkpoint::{Place, Round, unusable},
    limits::CHECKPOINT_BYTES_MAX,
    variables::Variables,
};
use model::{
    JsonMap,
    trace::{Failure, FailureClass},
};
use std::collections::{BTreeMap, HashMap};

impl<'a, W: World> Machine<'a, W> {
    /// A machine that goes on where this run rests.
    ///
    /// # Errors
    /// Where it does not fit the program.
    pub(crate) fn resume(
        program: &'a Program,
        checkpoint: Checkpoint,
        settings: &'a RunSettings,
        world: &'a W,
    ) -> Result<Self, Failure> {
        let numbers: HashMap<&str, usize> =
            program.steps.iter().enumerate().map(|(n, step)| (step.id.as_str(), n)).collect();
        let number = |id: &str| {
            let found = numbers.get(id).copied();
            found.ok_or_else(|| unusable(&format!("its flow has no step \"{id}\"")))
        };
        let frames: Result<Vec<_>, _> =
            checkpoint.frames.iter().map(|place| frame(program, place, &number)).collect();
        let mut machine = Self::new(program, JsonMap::new(), settings, world);
        machine.frames = frames?;
        for (id, visits) in &checkpoint.visits {
            machine.visits[number(id)?] = *visits;
        }
        machine.variables = Variables::new(checkpoint.variables);
        machine.first_error = checkpoint.first_error;
        Ok(machine)
    }

    /// The run as it stands. A step that it stands before has not been reached yet.
    ///
    /// # Errors
    /// Where the variables are too large to be kept.
    pub(super) fn rest(&self) -> Result<Checkpoint, Failure> {
        let bytes = self.variables.bytes();
        if bytes > CHECKPOINT_BYTES_MAX {
            let detail = format!(
                "the variables take {} KiB, and no more than {} KiB of them can be kept between \
                 two steps with effects outside, or over a wait",
                bytes >> 10,
                CHECKPOINT_BYTES_MAX >> 10
            );
            let limit = Some(CHECKPOINT_BYTES_MAX as u64);
            return Err(Failure { limit, ..Failure::new(FailureClass::Flow, detail) });
        }
        let reached = self.visits.iter().enumerate().filter(|(_, visits)| **visits > 0);
        let visits: BTreeMap<_, _> =
            reached.map(|(n, visits)| (self.program.steps[n].id.clone(), *visits)).collect();
        Ok(Checkpoint {
            frames: self.frames.iter().map(|frame| place(self.program, frame)).collect(),
            visits,
            variables: self.variables.map().clone(),
            first_error: self.first_error.clone(),
        })
    }
}

fn place(program: &Program, frame: &Frame) -> Place {
    let scope = &program.scopes[frame.scope];
    let entered = scope.loops.iter().zip(&frame.loops).filter(|(_, state)| state.passes > 0);
    Place {
        function: scope.function.clone(),
        at: frame.mark.at,
        step: program.steps[frame.mark.step].id.clone(),
        jumps: frame.jumps,
        loops: entered
            .map(|(step, state)| Round {
                step: program.steps[*step].id.clone(),
                passes: state.passes,
                max: state.max,
            })
            .collect(),
    }
}

fn frame(
    program: &Program,
    place: &Place,
    number: &impl Fn(&str) -> Result<usize, Failure>,
) -> Result<Frame, Failure> {
    let scope = match &place.function {
        None => 0,
        Some(name) => *program
            .functions
            .get(name)
            .ok_or_else(|| unusable(&format!("its flow has no function \"{name}\"")))?,
    };
    let step = number(&place.step)?;
    let entered = &program.scopes[scope];
    let mut loops = vec![Loop::default(); entered.loops.len()];
    for round in &place.loops {
        let of = number(&round.step)?;
        let state = entered.loops.iter().position(|step| *step == of);
        let state = state.and_then(|index| loops.get_mut(index));
        let state =
            state.ok_or_else(|| unusable(&format!("\"{}\" is no loop there", round.step)))?;
        (state.passes, state.max) = (round.passes, round.max);
    }
    let address = program
        .address(step, place.at)
        .ok_or_else(|| unusable(&format!("nothing comes there at \"{}\"", place.step)))?;
    let mark = Mark { step, at: place.at };
    Ok(Frame { scope, address, mark, jumps: place.jumps, loops })
}
