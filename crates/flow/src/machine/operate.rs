//! From an operation to the action that does it.

use super::{Loaded, Machine};
use crate::{
    ChildCall, World,
    actions::{
        Next, Notes, Surroundings, cache, calendar, execute, global, goto, http_request, if_else,
        js, list, log, loops, mail, math, note, publish, schema, set, sleep, sql, switch, text,
        timezone, un_set,
    },
    program::{CompiledStep, Operation, Program},
};
use model::trace::{Failure, FailureClass};

impl<W: World> Machine<'_, W> {
    /// Does what a step says.
    pub(super) async fn operate(
        &mut self,
        step: &CompiledStep,
        program: &Program,
        flow: usize,
        visit: u32,
        notes: &mut Notes,
    ) -> Result<Next, Failure> {
        let called = self.called(flow);
        let surroundings = Surroundings { run: &self.run, flow: called, id: &step.id, visit };
        let around = &surroundings;
        let variables = &mut self.variables;
        match &step.operation {
            Operation::Set(values) => set::run(values, variables, notes),
            Operation::UnSet(names) => un_set::run(names, variables, notes),
            Operation::If { condition, then, otherwise } => {
                let holds =
                    if_else::holds("expression", condition, variables, around, notes).await?;
                notes.output("branch", || if holds { "then" } else { "else" }.into());
                Ok(Next::To(if holds { *then } else { *otherwise }))
            }
            Operation::Switch(arguments) => switch::run(arguments, step.after, variables, notes),
            Operation::While(arguments) => {
                let state = self.frames.last_mut().map(|frame| &mut frame.loops[arguments.number]);
                loops::enter_while(arguments, state, variables, notes)
            }
            Operation::ForEach(arguments) => {
                let state = self.frames.last_mut().map(|frame| &mut frame.loops[arguments.number]);
                loops::enter_for_each(arguments, step.after, state, variables, notes)
            }
            Operation::Goto { tag, address } => {
                let scope = self.frames.last().map_or(0, |frame| frame.scope);
                goto::run(tag, *address, &program.scopes[scope], variables, notes)
            }
            Operation::Execute(arguments) => {
                let name = execute::name(arguments, variables, notes)?;
                let depth = self.frames.len();
                let scope = execute::find(&name, program, depth, variables)?;
                if arguments.detached {
                    let call = ChildCall::Function { flow: around.flow, name };
                    return around.start(call, variables).await;
                }
                Ok(Next::Call(scope))
            }
            Operation::Schema(arguments) => {
                let id = schema::number(arguments, variables, notes)?;
                if arguments.detached {
                    return around.start(ChildCall::Flow(id), variables).await;
                }
                let running = self.frames.iter().map(|frame| frame.flow);
                schema::check(id, running.map(|flow| (flow, self.flows[flow].id)))?;
                if let Some(known) = self.flows.iter().position(|flow| flow.id == Some(id)) {
                    return Ok(Next::Enter(known));
                }
                let called = self.run.answer(self.run.world.flow(id)).await?;
                self.flows.push(Loaded::new(Some(id), called));
                Ok(Next::Enter(self.flows.len() - 1))
            }
            Operation::List(arguments) => list::run(arguments, variables, around, notes).await,
            Operation::Log(line) => log::run(line, variables, notes),
            Operation::Js(arguments) => js::run(arguments, variables, around, notes).await,
            Operation::Text(arguments) => text::run(arguments, variables, around, notes).await,
            Operation::Math(arguments) => math::run(arguments, variables, around, notes).await,
            Operation::Dump => {
                notes.input = crate::record::shown_all(variables.map());
                Ok(Next::On)
            }
            Operation::Sleep(time) => sleep::run(time, variables, around, notes).await,
            Operation::Timezone(zone) => timezone::run(zone, variables, notes),
            Operation::Calendar(arguments) => {
                calendar::run(arguments, variables, around, notes).await
            }
            Operation::Cache(arguments) => cache::run(arguments, variables, around, notes).await,
            Operation::ListAdd(arguments) => list::add(arguments, variables, around, notes).await,
            Operation::Global(values) => global::run(values, variables, around, notes).await,
            Operation::Sql(arguments) => sql::run(arguments, variables, around, notes).await,
            Operation::Mail(arguments) => mail::run(arguments, variables, around, notes).await,
            Operation::Publish(arguments) => {
                publish::run(arguments, variables, around, notes).await
            }
            Operation::Notification(arguments) => {
                note::run(arguments, variables, around, notes).await
            }
            Operation::HttpRequest(request) => {
                http_request::run(request, variables, around, notes).await
            }
            Operation::Break => Ok(Next::End),
            Operation::Nothing => Ok(Next::On),
            Operation::Unknown => {
                let detail = format!("the action `{}` is not known here", step.action);
                Err(Failure::new(FailureClass::Flow, detail))
            }
            Operation::NeedsCore => {
                let detail = format!("`{}` needs the contact centre's own core", step.action);
                Err(Failure::new(FailureClass::Flow, detail))
            }
        }
    }

    /// After a pass of a loop: where its next pass begins, if there is one.
    pub(super) async fn pass(
        &mut self,
        step: &CompiledStep,
        flow: usize,
        visit: u32,
        notes: &mut Notes,
    ) -> Result<Option<usize>, Failure> {
        let called = self.called(flow);
        let around = Surroundings { run: &self.run, flow: called, id: &step.id, visit };
        let number = step.operation.loop_number();
        let frame = self.frames.last_mut();
        let Some(state) = frame.zip(number).map(|(frame, number)| &mut frame.loops[number]) else {
            return Ok(None);
        };
        match &step.operation {
            Operation::While(arguments) => {
                loops::end_of_while(arguments, state, &self.variables, &around, notes).await
            }
            Operation::ForEach(arguments) => {
                loops::next_item(arguments, state, &mut self.variables)
            }
            _ => Ok(None),
        }
    }
}
