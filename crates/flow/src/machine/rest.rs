//! Putting a run to rest, and going on with it.

use super::{Frame, Loaded, Machine, Mark, passes::Passes};
use crate::{
    Checkpoint, Inherited, Program, RunSettings, World,
    actions::loops::Loop,
    checkpoint::{Place, Round, unusable},
    limits::CHECKPOINT_BYTES_MAX,
    program::{Operation, Owner},
    variables::{Variables, size},
};
use jiff::tz::TimeZone;
use model::trace::{Failure, FailureClass};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl<'a, W: World> Machine<'a, W> {
    /// A machine that goes on where this run rests.
    ///
    /// # Errors
    /// Where it does not fit the program, or a flow that takes part cannot be had.
    pub(crate) async fn resume(
        program: &Arc<Program>,
        checkpoint: Checkpoint,
        settings: &'a RunSettings,
        world: &'a W,
    ) -> Result<Self, Failure> {
        let mut machine = Self::new(program, Inherited::default(), settings, world);
        for place in &checkpoint.frames {
            let flow = machine.take_part(place.flow).await?;
            machine.frames.push(frame(&machine.flows[flow].program, flow, place)?);
        }
        for (id, visits) in &checkpoint.visits {
            machine.visited(id, *visits).await?;
        }
        for (frame, place) in machine.frames.iter_mut().zip(&checkpoint.frames) {
            let loaded = &machine.flows[frame.flow];
            frame.passes = match &place.passes {
                Some(kept) => Passes::read(kept, &loaded.program)?,
                None => Passes::of_visits(&loaded.visits, &loaded.program),
            };
        }
        let zone = match &checkpoint.zone {
            Some(name) => TimeZone::get(name).map_err(|error| unusable(&error.to_string()))?,
            None => settings.zone.clone(),
        };
        machine.first_error = checkpoint.first_error.clone();
        machine.tries = checkpoint.tries;
        machine.steps_run = checkpoint.steps;
        let used = checkpoint.used.clone();
        machine.variables = Variables::new(checkpoint.into_inherited(), world, zone);
        machine.variables.hide_again(&used);
        Ok(machine)
    }

    /// The place of a flow among those that take part.
    async fn take_part(&mut self, id: Option<i64>) -> Result<usize, Failure> {
        let Some(id) = id else { return Ok(0) };
        if let Some(known) = self.flows.iter().skip(1).position(|flow| flow.id == Some(id)) {
            return Ok(known + 1);
        }
        let called = self.run.answer(self.run.world.flow(id)).await?;
        self.flows.push(Loaded::new(Some(id), called));
        Ok(self.flows.len() - 1)
    }

    /// Sets how often a step was reached; its name is as [`Self::visits`] gives it.
    async fn visited(&mut self, name: &str, visits: u32) -> Result<(), Failure> {
        let own = step(&self.flows[0].program, name);
        let (flow, number) = match (own, name.split_once('.')) {
            (Ok(number), _) => (0, number),
            (Err(error), None) => return Err(error),
            (Err(error), Some((flow, id))) => {
                let flow = flow.parse().map_err(|_| error)?;
                let flow = self.take_part(Some(flow)).await?;
                (flow, step(&self.flows[flow].program, id)?)
            }
        };
        self.flows[flow].visits[number] = visits;
        Ok(())
    }

    /// Whether the run can be kept while it goes on, or over a wait.
    ///
    /// # Errors
    /// Where the variables are too large.
    pub(super) fn may_rest(&self) -> Result<(), Failure> {
        let loops = self.frames.iter().flat_map(|frame| &frame.loops);
        let items: usize = loops.flat_map(|one| &one.items).map(size).sum();
        let bytes = self.variables.bytes() + items;
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
        Ok(())
    }

    /// The run as it stands. A step that it stands before has not been reached yet.
    pub(super) fn stands(&self) -> Checkpoint {
        let zone = &self.variables.zone;
        Checkpoint {
            steps: self.steps_run,
            frames: self.frames.iter().map(|frame| self.place(frame)).collect(),
            visits: self.visits(),
            variables: self.variables.map().clone(),
            hidden: self.variables.secrets().clone(),
            tries: self.tries,
            first_error: self.first_error.clone(),
            zone: Some(zone)
                .filter(|zone| **zone != self.run.settings.zone)
                .and_then(|zone| zone.iana_name())
                .map(str::to_owned),
            used: BTreeSet::new(),
        }
    }

    /// How often each step was reached that was.
    fn visits(&self) -> BTreeMap<String, u32> {
        let mut all = BTreeMap::new();
        for (flow, loaded) in self.flows.iter().enumerate() {
            let prefix = self.called(flow).map(|id| format!("{id}.")).unwrap_or_default();
            let reached = loaded.visits.iter().enumerate().filter(|(_, visits)| **visits > 0);
            all.extend(reached.map(|(number, visits)| {
                (format!("{prefix}{}", loaded.program.steps[number].id), *visits)
            }));
        }
        all
    }

    fn place(&self, frame: &Frame) -> Place {
        let program = &self.flows[frame.flow].program;
        let id = |step: usize| program.steps[step].id.clone();
        let scope = &program.scopes[frame.scope];
        let entered = scope.loops.iter().zip(&frame.loops).filter(|(_, state)| state.passes > 0);
        let (function, list) = match &scope.owner {
            Owner::Flow => (None, None),
            Owner::Function(name) => (Some(name.clone()), None),
            Owner::List(step) => (None, Some(id(*step))),
        };
        Place {
            flow: self.called(frame.flow),
            function,
            list,
            at: frame.mark.at,
            step: id(frame.mark.step),
            jumps: frame.jumps,
            passes: Some(frame.passes.written(program)),
            loops: entered
                .map(|(step, state)| Round {
                    step: id(*step),
                    passes: state.passes,
                    max: state.max,
                    items: state.items.clone(),
                })
                .collect(),
        }
    }
}

/// The number of a step.
pub(super) fn step(program: &Program, id: &str) -> Result<usize, Failure> {
    let found = program.steps.iter().position(|step| step.id == id);
    found.ok_or_else(|| unusable(&format!("its flow has no step \"{id}\"")))
}

fn frame(program: &Program, flow: usize, place: &Place) -> Result<Frame, Failure> {
    let scope = match (&place.function, &place.list) {
        (Some(name), _) => *program
            .functions
            .get(name)
            .ok_or_else(|| unusable(&format!("its flow has no function \"{name}\"")))?,
        (None, Some(id)) => match &program.steps[step(program, id)?].operation {
            Operation::List(list) => list.scope,
            _ => return Err(unusable(&format!("\"{id}\" is no list"))),
        },
        (None, None) => 0,
    };
    let number = step(program, &place.step)?;
    let entered = &program.scopes[scope];
    let mut loops = vec![Loop::default(); entered.loops.len()];
    for round in &place.loops {
        let of = step(program, &round.step)?;
        let state = entered.loops.iter().position(|step| *step == of);
        let state = state.and_then(|index| loops.get_mut(index));
        let state =
            state.ok_or_else(|| unusable(&format!("\"{}\" is no loop there", round.step)))?;
        (state.passes, state.max) = (round.passes, round.max);
        state.items.clone_from(&round.items);
    }
    let address = program
        .address(number, place.at)
        .ok_or_else(|| unusable(&format!("nothing comes there at \"{}\"", place.step)))?;
    let mark = Mark { step: number, at: place.at };
    let passes = Passes::default();
    Ok(Frame { flow, scope, address, mark, jumps: place.jumps, loops, passes })
}
