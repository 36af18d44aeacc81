//! The machine that runs a program: its position, its counters, and the loop over instructions.

mod begin;
mod errors;
mod operate;
mod passes;
mod rest;

use crate::{
    RunResult, World,
    actions::{Next, Notes, Run, loops::Loop, timed_out},
    checkpoint::At,
    limits::{JUMPS_MAX, STEPS_RUN_MAX, YIELD_AFTER_US},
    program::{CompiledStep, Instruction, Program},
    record::Trace,
    redact,
    variables::Variables,
};
use model::trace::{AttemptOutcome, Failure, FailureClass, StepRecord};
use passes::Passes;
use serde_json::Value;
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

/// A flow that takes part in the run.
struct Loaded {
    /// Its number; nothing where the run's own is not known.
    id: Option<i64>,
    program: Arc<Program>,
    /// How often each step was reached.
    visits: Vec<u32>,
}

impl Loaded {
    fn new(id: Option<i64>, program: Arc<Program>) -> Self {
        let visits = vec![0; program.steps.len()];
        Self { id, program, visits }
    }
}

/// A scope that is being run: a flow, a function's body, a list's body.
struct Frame {
    /// Where its flow stands among those that take part.
    flow: usize,
    scope: usize,
    /// The next instruction's address.
    address: usize,
    /// Where a run goes on that is put to rest now.
    mark: Mark,
    jumps: u32,
    /// One for each loop of the scope.
    loops: Vec<Loop>,
    passes: Passes,
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
    /// To go on with a request when there is room for it.
    Held,
}

pub(crate) struct Machine<'a, W> {
    run: Run<'a, W>,
    variables: Variables<'a>,
    /// The run's own first, then those that were called.
    flows: Vec<Loaded>,
    /// The flow first, what runs now last.
    frames: Vec<Frame>,
    steps_run: u64,
    yielded_us: u64,
    trace: Trace,
    first_error: Option<Failure>,
    /// How often the step before which the run rests has been tried.
    tries: u32,
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
    pub(crate) async fn finish(mut self) -> RunResult {
        let end = self.instructions().await;
        let rests = matches!(end, Ok(End::Wait(_) | End::Held));
        // However much that is: where it were not kept, what was done outside would be done again.
        let checkpoint = (rests || (end.is_err() && self.done_outside)).then(|| self.stands());
        let (outcome, failure, wait_ms) = match (end, &self.first_error) {
            (Err(failure), _) => (AttemptOutcome::Failed, Some(failure), None),
            (Ok(End::Wait(ms)), _) => (AttemptOutcome::Waiting, None, Some(ms)),
            (Ok(End::Held), _) => (AttemptOutcome::Held, None, None),
            (Ok(End::Done), Some(_)) => (AttemptOutcome::CompletedWithErrors, None, None),
            (Ok(End::Done), None) => (AttemptOutcome::Completed, None, None),
        };
        let error = self.first_error.filter(|_| !rests);
        RunResult {
            outcome,
            failure: failure.or(error),
            steps: self.trace.steps,
            steps_dropped: self.trace.dropped,
            left: self.variables.into_inherited(),
            wait_ms,
            checkpoint,
        }
    }

    fn call(&mut self, flow: usize, scope: usize) {
        let Some(entered) = self.flows[flow].program.scopes.get(scope) else { return };
        let loops = vec![Loop::default(); entered.loops.len()];
        let mark = Mark { step: 0, at: At::Before };
        let (address, passes) = (entered.entry, Passes::default());
        self.frames.push(Frame { flow, scope, address, mark, jumps: 0, loops, passes });
    }

    /// Runs until the flow ends, is put to rest, or the attempt fails.
    async fn instructions(&mut self) -> Result<End, Failure> {
        while let Some(frame) = self.frames.last() {
            let flow = frame.flow;
            let program = Arc::clone(&self.flows[flow].program);
            while let Some(frame) = self.frames.last_mut().filter(|frame| frame.flow == flow) {
                let next = match program.code.get(frame.address) {
                    Some(Instruction::Step(number)) => {
                        frame.mark = Mark { step: *number, at: At::Before };
                        (*number, self.step(*number, &program, flow).await?)
                    }
                    Some(Instruction::EndOfPass(number)) => {
                        frame.mark = Mark { step: *number, at: At::EndOfPass };
                        (*number, self.end_of_pass(*number, &program, flow).await?)
                    }
                    Some(Instruction::Jump(address)) => {
                        frame.address = *address;
                        continue;
                    }
                    Some(Instruction::End) => return Ok(End::Done),
                    Some(Instruction::Return) | None => {
                        self.frames.pop();
                        continue;
                    }
                };
                if let Some(end) = self.go(next.0, next.1, flow) {
                    return Ok(end);
                }
            }
        }
        Ok(End::Done)
    }

    /// Goes on elsewhere, or says how the run ends with this step.
    fn go(&mut self, number: usize, next: Next, flow: usize) -> Option<End> {
        if let (Next::Call(_) | Next::Enter(_) | Next::Wait(_), Some(frame)) =
            (next, self.frames.last_mut())
        {
            frame.mark = Mark { step: number, at: At::After };
        }
        match next {
            Next::To(address) | Next::Jump(address) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.address = address;
                }
            }
            Next::Call(scope) => self.call(flow, scope),
            Next::Enter(called) => self.call(called, 0),
            Next::On => {}
            Next::Wait(ms) => return Some(End::Wait(ms)),
            Next::Held => return Some(End::Held),
            Next::End => return Some(End::Done),
        }
        None
    }

    /// Counts a step or a pass, and looks at the clock.
    async fn tick(&mut self, step: &CompiledStep) -> Result<u64, Failure> {
        self.steps_run += 1;
        if self.steps_run > STEPS_RUN_MAX {
            let detail = format!("more than {STEPS_RUN_MAX} steps in one run");
            return Err(at(step, Failure::new(FailureClass::Flow, detail)));
        }
        let mut now = self.run.world.monotonic_us();
        if now.saturating_sub(self.yielded_us) > YIELD_AFTER_US {
            yield_now().await;
            now = self.run.world.monotonic_us();
            self.yielded_us = now;
        }
        let spent = u128::from(now.saturating_sub(self.run.started_us));
        if spent > self.run.settings.time_limit.as_micros() {
            return Err(at(step, timed_out(self.run.settings)));
        }
        Ok(now)
    }

    async fn step(
        &mut self,
        number: usize,
        program: &Program,
        flow: usize,
    ) -> Result<Next, Failure> {
        let step = &program.steps[number];
        let begun_us = self.tick(step).await?;
        let kept = self.keep(step).await;
        self.flows[flow].visits[number] += 1;
        self.frames.last_mut().into_iter().for_each(|frame| frame.pass(number, step));
        let result = self.reach(number, program, flow, begun_us, kept).await;
        if matches!(result, Err(_) | Ok(Next::Held)) {
            // Whoever goes on with the run comes to this step for the same time.
            self.flows[flow].visits[number] -= 1;
            self.frames.last_mut().into_iter().for_each(|frame| frame.unpass(number));
        } else if step.operation.has_effect() {
            self.done_outside = true;
        }
        result
    }

    /// A step that has been reached, before which the run was kept, or could not be.
    async fn reach(
        &mut self,
        number: usize,
        program: &Program,
        flow: usize,
        mut begun_us: u64,
        kept: Result<(), Failure>,
    ) -> Result<Next, Failure> {
        let step = &program.steps[number];
        let visit = self.flows[flow].visits[number];
        let mut notes = Notes::default();
        let mut tries = std::mem::take(&mut self.tries);
        let result = loop {
            if let Err(error) = &kept {
                break Err(error.clone());
            }
            let is_past = self.frames.last().is_some_and(|frame| frame.is_past_limit(number, step));
            if let Some(limit) = step.limit.as_ref().filter(|_| is_past) {
                let message = match limit.address {
                    Some(_) => {
                        format!("its limit is reached, the flow goes on at \"{}\"", limit.tag)
                    }
                    None => "its limit is reached, the flow ends".to_owned(),
                };
                notes.warnings.push(message);
                // Past the limit of jumps the flow goes on behind the step, as with a `goto`.
                break Ok(limit.address.map_or(Next::End, Next::Jump));
            }
            let result = match self.operate(step, program, flow, visit, &mut notes).await {
                Ok(Next::Wait(ms)) => self.may_rest().map(|()| Next::Wait(ms)),
                result => result,
            };
            let Err(error) = result else { break result };
            tries += 1;
            let Some(wait) = self.wait_before_another(step, tries, &error) else {
                break Err(error);
            };
            notes.warnings.push(format!("tried again after {} ms", wait.as_millis()));
            let done = Done { visit, begun_us, notes, error: Some(at(step, error)) };
            self.record(step, flow, done, false);
            notes = Notes::default();
            self.run.within(self.run.world.sleep(wait)).await.map_err(|error| at(step, error))?;
            begun_us = self.tick(step).await?;
        };
        if matches!(result, Ok(Next::Held)) {
            // It has done nothing to be recorded; its own `retry` goes on counting where it was.
            self.tries = tries;
            return Ok(Next::Held);
        }
        if step.operation.waits() {
            // A wait has let others have the thread.
            self.yielded_us = self.run.world.monotonic_us();
        }
        let (next, error, fatal) = match result {
            Ok(next) => (next, None, false),
            Err(error) => self.react(step, error)?,
        };
        let (next, is_stopped) = self.count_jump(next, &mut notes);
        if let Some(frame) = self.frames.last_mut() {
            // Where the flow goes on behind the step; a jump overrides it.
            frame.address = step.after;
        }
        let kept = fatal || is_stopped;
        let entered = error.is_none() && matches!(next, Next::To(_));
        let record =
            self.record(step, flow, Done { visit, begun_us, notes, error: error.clone() }, kept);
        if let (true, Some(error)) = (fatal, error) {
            return Err(error);
        }
        if let (true, Some(state)) = (entered, self.loop_state(step)) {
            state.record = record;
        }
        Ok(next)
    }

    /// Counts a jump against their limit. Past that the flow goes on behind the step instead; whether that
    /// is so for the first time, which a full trace keeps as well.
    fn count_jump(&mut self, next: Next, notes: &mut Notes) -> (Next, bool) {
        let (Next::Jump(_), Some(frame)) = (next, self.frames.last_mut()) else {
            return (next, false);
        };
        frame.jumps += 1;
        if frame.jumps <= JUMPS_MAX {
            return (next, false);
        }
        notes.warnings.push(format!("no jump: this would be more than {JUMPS_MAX}"));
        (Next::On, frame.jumps == JUMPS_MAX + 1)
    }

    /// The barrier before a step that has an effect outside: what was done before it is kept first.
    /// A step whose effect is written with the run needs none, until there is much to be written.
    ///
    /// # Errors
    /// Where the run cannot be kept.
    async fn keep(&mut self, step: &CompiledStep) -> Result<(), Failure> {
        let is_due = if step.operation.is_written_with_the_run() {
            self.run.world.is_full()
        } else {
            self.done_outside && step.operation.has_effect()
        };
        if is_due {
            self.may_rest()?;
            self.run.world.keep(self.stands()).await;
            self.done_outside = false;
        }
        Ok(())
    }

    /// The number of a flow that was called; nothing for the run's own.
    fn called(&self, flow: usize) -> Option<i64> {
        self.flows[flow].id.filter(|_| flow > 0)
    }

    fn loop_state(&mut self, step: &CompiledStep) -> Option<&mut Loop> {
        let number = step.operation.loop_number()?;
        self.frames.last_mut().and_then(|frame| frame.loops.get_mut(number))
    }

    /// After a pass of a loop: its step's record is completed when the loop ends.
    async fn end_of_pass(
        &mut self,
        number: usize,
        program: &Program,
        flow: usize,
    ) -> Result<Next, Failure> {
        let step = &program.steps[number];
        let begun_us = self.tick(step).await?;
        let visit = self.flows[flow].visits[number];
        let mut notes = Notes::default();
        let result = self.pass(step, flow, visit, &mut notes).await;
        if let Ok(Some(body)) = result {
            return Ok(Next::To(body));
        }
        let (next, error, fatal) = match result {
            Ok(_) => (Next::On, None, false),
            Err(error) => self.react(step, error)?,
        };
        let (next, is_stopped) = self.count_jump(next, &mut notes);
        let state = self.loop_state(step);
        let ended = match fatal {
            // The run may go on here.
            true => state.map(|state| state.clone()),
            false => state.map(std::mem::take),
        };
        let ended = ended.unwrap_or_default();
        notes.output("passes", || ended.passes.into());
        let done = Done { visit, begun_us, notes, error: error.clone() };
        match ended.record {
            Some(record) => self.complete(record, done),
            // The loop was entered by a `goto`.
            None => {
                self.record(step, flow, done, fatal || is_stopped);
            }
        }
        match error {
            Some(error) if fatal => Err(error),
            _ => Ok(if next == Next::On { Next::To(step.after) } else { next }),
        }
    }

    /// Adds to a record what became known later.
    fn complete(&mut self, record: usize, done: Done) {
        let now = self.run.world.monotonic_us();
        let Some(kept) = self.trace.steps.get_mut(record) else { return };
        kept.duration_us = now.saturating_sub(self.run.started_us).saturating_sub(kept.at_us);
        kept.output = done.notes.output;
        kept.warnings.extend(done.notes.warnings);
        kept.error = done.error;
        if let (Value::Object(kept), Value::Object(more)) = (&mut kept.input, done.notes.input) {
            kept.extend(more);
        }
        redact::step(kept, &self.variables.secrets());
    }

    /// Records a step, and says where; `kept` is one that a full trace takes, too.
    fn record(
        &mut self,
        step: &CompiledStep,
        flow: usize,
        done: Done,
        kept: bool,
    ) -> Option<usize> {
        let now = self.run.world.monotonic_us();
        let mut record = StepRecord {
            flow: self.called(flow),
            id: step.id.clone(),
            path: step.path.clone(),
            action: step.action.clone(),
            name: step.name.clone(),
            visit: done.visit,
            at_us: done.begun_us.saturating_sub(self.run.started_us),
            duration_us: now.saturating_sub(done.begun_us),
            input: done.notes.input,
            output: done.notes.output,
            warnings: done.notes.warnings,
            http: done.notes.http,
            error: done.error,
        };
        redact::step(&mut record, &self.variables.secrets());
        self.trace.push(record, kept)
    }
}

/// A failure with its step.
fn at(step: &CompiledStep, failure: Failure) -> Failure {
    Failure { step: Some(step.path.clone()), ..failure }
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
