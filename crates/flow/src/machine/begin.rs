//! Where a run begins.

use super::{Loaded, Machine};
use crate::{
    Inherited, Program, RunSettings, World,
    actions::{Run, execute},
    record::Trace,
    variables::Variables,
};
use model::trace::Failure;
use std::sync::Arc;

impl<'a, W: World> Machine<'a, W> {
    /// A machine that begins with the flow, or with the function that the settings name.
    ///
    /// # Errors
    /// Where there is no such function.
    pub(crate) fn begin(
        program: &Arc<Program>,
        given: Inherited,
        settings: &'a RunSettings,
        world: &'a W,
    ) -> Result<Self, Failure> {
        let mut machine = Self::new(program, given, settings, world);
        let scope = match &settings.function {
            Some(name) => execute::find(name, program, 0, &machine.variables)?,
            None => 0,
        };
        machine.call(0, scope);
        Ok(machine)
    }

    /// A machine that stands nowhere.
    pub(super) fn new(
        program: &Arc<Program>,
        given: Inherited,
        settings: &'a RunSettings,
        world: &'a W,
    ) -> Self {
        let started_us = world.monotonic_us();
        Self {
            run: Run { settings, world, mode: program.mode, started_us },
            variables: Variables::new(given, world, settings.zone.clone()),
            flows: vec![Loaded::new(settings.flow, Arc::clone(program))],
            frames: Vec::with_capacity(1),
            steps_run: 0,
            yielded_us: started_us,
            trace: Trace::default(),
            first_error: None,
            tries: 0,
            done_outside: false,
        }
    }
}
