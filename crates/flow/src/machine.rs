//! The machine that runs a program: its position, its counters, and the loop over instructions.

use crate::{
    RunResult, RunSettings, World,
    actions::{
        Next, Notes, Surroundings, execute, goto, http_request, if_else, log, set, sleep, switch,
        timed_out, un_set,
        while_loop::{self, Loop},
    },
    checkpoint::At,
    limits::{JUMPS_MAX, STEPS_RUN_MAX, YIELD_AFTER_US},
    program::{CompiledStep, Instruction, Operation, Program},
    record::Trace,
    variables::Variables,
};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, Failure, FailureClass, StepRecord},
};
use serde_json::Value;
use std::{
    future::poll_fn,
    task::{Context, Poll},
};

mod rest;

/// A scope that is being run: the flow, or a function's body.
struct Frame {
    scope: usize,
    /// The next instruction's address.
    address: usize,
    /// Where a run goes on that is put to rest now.
    mark: Mark,
    jumps: u32,
    /// One for each loop of the scope.
    loops: Vec<Loop>,
}

/// A place beside a step.
#[derive(Clone, Copy)]
struct Mark {
    step: usize,
    at: At,
}

/// How a run came to its end.
enum End {
    Done,
    /// To go on after so many milliseconds.
    Wait(u64),
}

pub(crate) struct Machine<'a, W> {
    program: &'a Program,
    settings: &'a RunSettings,
    world: &'a W,
    variables: Variables,
    /// The flow first, the function that runs last.
    frames: Vec<Frame>,
    /// How often each step was reached.
    visits: Vec<u32>,
    steps_run: u64,
    started_us: u64,
    yielded_us: u64,
    trace: Trace,
    first_error: Option<Failure>,
    /// Whether something was done outside since the run was kept last.
    done_outside: bool,
}

/// What has just run and is to be recorded.
struct Done {
    visit: u32,
    begun_us: u64,
    notes: Notes,
    error: Option<Failure>,
}

impl<'a, W: World> Machine<'a, W> {
    pub(crate) fn new(
        program: &'a Program,
        variables: JsonMap,
        settings: &'a RunSettings,
        world: &'a W,
    ) -> Self {
        let started_us = world.monotonic_us();
        let mut machine = Self {
            program,
            settings,
            world,
            variables: Variables::new(variables),
            frames: Vec::with_capacity(1),
            visits: vec![0; program.steps.len()],
            steps_run: 0,
            started_us,
            yielded_us: started_us,
            trace: Trace::default(),
            first_error: None,
            done_outside: false,
        };
        machine.call(0);
        machine
    }

    pub(crate) async fn run(mut self) -> RunResult {
        let mut end = self.instructions().await;
        let mut checkpoint = None;
        if matches!(end, Ok(End::Wait(_))) || (end.is_err() && self.done_outside) {
            match self.rest() {
                Ok(rest) => checkpoint = Some(rest),
                Err(failure) if end.is_ok() => end = Err(failure),
                // What it failed of says more.
                Err(_) => {}
            }
        }
        let (failure, wait_ms) = match end {
            Ok(End::Done) => (None, None),
            Ok(End::Wait(ms)) => (None, Some(ms)),
            Err(failure) => (Some(failure), None),
        };
        let outcome = match (&failure, wait_ms, &self.first_error) {
            (Some(_), _, _) => AttemptOutcome::Failed,
            (None, Some(_), _) => AttemptOutcome::Waiting,
            (None, None, Some(_)) => AttemptOutcome::CompletedWithErrors,
            (None, None, None) => AttemptOutcome::Completed,
        };
        let error = self.first_error.filter(|_| wait_ms.is_none());
        RunResult {
            outcome,
            failure: failure.or(error),
            steps: self.trace.steps,
            steps_dropped: self.trace.dropped,
            variables: self.variables.into_map(),
            wait_ms,
            checkpoint,
        }
    }

    fn call(&mut self, scope: usize) {
        let Some(entered) = self.program.scopes.get(scope) else { return };
        let loops = vec![Loop::default(); entered.loops.len()];
        let mark = Mark { step: 0, at: At::Before };
        self.frames.push(Frame { scope, address: entered.entry, mark, jumps: 0, loops });
    }

    /// Runs until the flow ends, is put to rest, or the attempt fails.
    async fn instructions(&mut self) -> Result<End, Failure> {
        let program = self.program;
        while let Some(frame) = self.frames.last_mut() {
            match program.code.get(frame.address) {
                Some(Instruction::Step(number)) => {
                    frame.mark = Mark { step: *number, at: At::Before };
                    let next = self.step(*number, &program.steps[*number]).await?;
                    if let Some(end) = self.go(*number, next) {
                        return Ok(end);
                    }
                }
                Some(Instruction::EndOfPass(number)) => {
                    frame.mark = Mark { step: *number, at: At::EndOfPass };
                    let next = self.end_of_pass(*number, &program.steps[*number]).await?;
                    self.go(*number, next);
                }
                Some(Instruction::Jump(address)) => frame.address = *address,
                Some(Instruction::End) => return Ok(End::Done),
                Some(Instruction::Return) | None => {
                    self.frames.pop();
                }
            }
        }
        Ok(End::Done)
    }

    /// Goes on elsewhere, or says how the run ends with this step.
    fn go(&mut self, number: usize, next: Next) -> Option<End> {
        if let (Next::Call(_) | Next::Wait(_), Some(frame)) = (next, self.frames.last_mut()) {
            frame.mark = Mark { step: number, at: At::After };
        }
        match next {
            Next::To(address) | Next::Jump(address) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.address = address;
                }
            }
            Next::Call(scope) => self.call(scope),
            Next::On => {}
            Next::Wait(ms) => return Some(End::Wait(ms)),
            Next::End => return Some(End::Done),
        }
        None
    }

    /// Counts a step or a pass, and looks at the clock.
    async fn tick(&mut self, step: &CompiledStep) -> Result<u64, Failure> {
        let at = |failure: Failure| Failure { step: Some(step.path.clone()), ..failure };
        self.steps_run += 1;
        if self.steps_run > STEPS_RUN_MAX {
            let detail = format!("more than {STEPS_RUN_MAX} steps in one attempt");
            return Err(at(Failure::new(FailureClass::Flow, detail)));
        }
        let mut now = self.world.monotonic_us();
        if now.saturating_sub(self.yielded_us) > YIELD_AFTER_US {
            yield_now().await;
            now = self.world.monotonic_us();
            self.yielded_us = now;
        }
        let spent = u128::from(now.saturating_sub(self.started_us));
        if spent > self.settings.time_limit.as_micros() {
            return Err(at(timed_out(self.settings)));
        }
        Ok(now)
    }

    async fn step(&mut self, number: usize, step: &'a CompiledStep) -> Result<Next, Failure> {
        let begun_us = self.tick(step).await?;
        let kept = self.keep(step).await;
        self.visits[number] = self.visits[number].saturating_add(1);
        let visit = self.visits[number];
        let mut notes = Notes::default();
        let mut result = match &step.limit {
            _ if kept.is_err() => kept.map(|()| Next::On),
            Some(limit) if visit > limit.max => {
                let message = match limit.address {
                    Some(_) => {
                        format!("its limit is reached, the flow goes on at \"{}\"", limit.tag)
                    }
                    None => "its limit is reached, the flow ends".to_owned(),
                };
                notes.warnings.push(message);
                // Past the limit of jumps the flow goes on behind the step, as with a `goto`.
                Ok(limit.address.map_or(Next::End, Next::Jump))
            }
            _ => self.operate(step, visit, &mut notes).await,
        };
        if matches!(step.operation, Operation::HttpRequest(_) | Operation::Sleep(_)) {
            // A wait has let others have the thread.
            self.yielded_us = self.world.monotonic_us();
        }
        if let Ok(Next::Jump(_)) = result
            && let Some(frame) = self.frames.last_mut()
        {
            frame.jumps += 1;
            if frame.jumps > JUMPS_MAX {
                notes.warnings.push(format!("no jump: this would be more than {JUMPS_MAX}"));
                result = Ok(Next::On);
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            // Where the flow goes on behind the step; a jump overrides it.
            frame.address = step.after;
        }
        let (next, error) = match result {
            Ok(next) => (next, None),
            Err(error) => (Next::On, Some(error)),
        };
        let entered = error.is_none() && matches!(next, Next::To(_));
        let finished = self.finish(step, Done { visit, begun_us, notes, error });
        if finished.is_err() {
            // Whoever goes on with the run comes to this step for the same time.
            self.visits[number] -= 1;
        } else if step.operation.has_effect() {
            self.done_outside = true;
        }
        let record = finished?;
        if let (true, Operation::While(arguments)) = (entered, &step.operation)
            && let Some(state) = self.loop_state(arguments.number)
        {
            state.record = record;
        }
        Ok(next)
    }

    /// The barrier before a step that has an effect outside: what was done before it is kept first.
    ///
    /// # Errors
    /// Where the run cannot be kept.
    async fn keep(&mut self, step: &CompiledStep) -> Result<(), Failure> {
        if self.done_outside && step.operation.has_effect() {
            self.world.keep(self.rest()?).await;
            self.done_outside = false;
        }
        Ok(())
    }

    async fn operate(
        &mut self,
        step: &'a CompiledStep,
        visit: u32,
        notes: &mut Notes,
    ) -> Result<Next, Failure> {
        let surroundings = Surroundings {
            world: self.world,
            settings: self.settings,
            mode: self.program.mode,
            id: &step.id,
            visit,
            started_us: self.started_us,
        };
        let variables = &mut self.variables;
        match &step.operation {
            Operation::Set(values) => set::run(values, variables, notes),
            Operation::UnSet(names) => un_set::run(names, variables, notes),
            Operation::If { expression, then, otherwise } => {
                if_else::run(expression, *then, *otherwise, variables, notes)
            }
            Operation::Switch(arguments) => switch::run(arguments, step.after, variables, notes),
            Operation::While(arguments) => match self.frames.last_mut() {
                Some(frame) => {
                    let state = &mut frame.loops[arguments.number];
                    while_loop::enter(arguments, state, variables, notes)
                }
                None => Ok(Next::End),
            },
            Operation::Goto { tag, address } => {
                let scope = self.frames.last().map_or(0, |frame| frame.scope);
                goto::run(tag, *address, &self.program.scopes[scope], variables, notes)
            }
            Operation::Execute(name) => {
                execute::run(name, self.program, self.frames.len(), variables, notes)
            }
            Operation::Log(text) => log::run(text, variables, notes),
            Operation::Sleep(time) => sleep::run(time, variables, &surroundings, notes).await,
            Operation::HttpRequest(request) => {
                http_request::run(request, variables, &surroundings, notes).await
            }
            Operation::Break => Ok(Next::End),
            Operation::Nothing => Ok(Next::On),
        }
    }

    fn loop_state(&mut self, number: usize) -> Option<&mut Loop> {
        self.frames.last_mut().and_then(|frame| frame.loops.get_mut(number))
    }

    /// After a pass of a loop: its step's record is completed when the loop ends.
    async fn end_of_pass(
        &mut self,
        number: usize,
        step: &'a CompiledStep,
    ) -> Result<Next, Failure> {
        let begun_us = self.tick(step).await?;
        let Operation::While(arguments) = &step.operation else { return Ok(Next::On) };
        let Some(frame) = self.frames.last_mut() else { return Ok(Next::End) };
        let state = &mut frame.loops[arguments.number];
        let mut notes = Notes::default();
        let result =
            while_loop::end_of_pass(arguments, step.after, state, &self.variables, &mut notes);
        if result == Ok(Next::To(arguments.body)) {
            return Ok(Next::To(arguments.body));
        }
        let ended = std::mem::take(state);
        if let Value::Object(output) = &mut notes.output {
            output.insert("passes".to_owned(), ended.passes.into());
        }
        let error = result.err();
        let visit = self.visits[number];
        let done = Done { visit, begun_us, notes, error };
        match ended.record {
            Some(record) => self.complete(record, step, done)?,
            // The loop was entered by a `goto`.
            None => {
                self.finish(step, done)?;
            }
        }
        Ok(Next::To(step.after))
    }

    /// Adds to a record what became known later.
    fn complete(&mut self, record: usize, step: &CompiledStep, done: Done) -> Result<(), Failure> {
        let now = self.world.monotonic_us();
        let (error, fatal) = self.judge(step, done.error);
        if let Some(kept) = self.trace.steps.get_mut(record) {
            kept.duration_us = now.saturating_sub(self.started_us).saturating_sub(kept.at_us);
            kept.output = done.notes.output;
            kept.warnings.extend(done.notes.warnings);
            kept.error.clone_from(&error);
            if let (Value::Object(kept), Value::Object(more)) = (&mut kept.input, done.notes.input)
            {
                kept.extend(more);
            }
        }
        match error {
            Some(error) if fatal => Err(error),
            _ => Ok(()),
        }
    }

    /// Records a step and says where; an error that ends the attempt is handed on.
    fn finish(&mut self, step: &CompiledStep, done: Done) -> Result<Option<usize>, Failure> {
        let now = self.world.monotonic_us();
        let (error, fatal) = self.judge(step, done.error);
        let record = StepRecord {
            id: step.id.clone(),
            path: step.path.clone(),
            action: step.action.to_owned(),
            name: step.name.clone(),
            visit: done.visit,
            at_us: done.begun_us.saturating_sub(self.started_us),
            duration_us: now.saturating_sub(done.begun_us),
            input: done.notes.input,
            output: done.notes.output,
            warnings: done.notes.warnings,
            http: done.notes.http,
            error: error.clone(),
        };
        let place = self.trace.push(record, fatal);
        match error {
            Some(error) if fatal => Err(error),
            _ => Ok(place),
        }
    }

    /// Gives an error its step, and says whether it ends the attempt.
    fn judge(&mut self, step: &CompiledStep, error: Option<Failure>) -> (Option<Failure>, bool) {
        let Some(error) = error else { return (None, false) };
        let error = Failure { step: Some(step.path.clone()), ..error };
        let fatal = self.program.mode == FlowMode::Strict || error.class == FailureClass::TimedOut;
        if !fatal && self.first_error.is_none() {
            self.first_error = Some(error.clone());
        }
        (Some(error), fatal)
    }
}

/// Lets other tasks have the thread once.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context: &mut Context<'_>| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
