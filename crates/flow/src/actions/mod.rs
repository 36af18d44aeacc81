//! The actions, one in each file: what a step does to the variables and the outside world.

pub(crate) mod cache;
pub(crate) mod calendar;
pub(crate) mod execute;
pub(crate) mod global;
pub(crate) mod goto;
pub(crate) mod http_request;
pub(crate) mod if_else;
pub(crate) mod js;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod loops;
pub(crate) mod mail;
pub(crate) mod math;
pub(crate) mod note;
pub(crate) mod publish;
pub(crate) mod schema;
pub(crate) mod set;
pub(crate) mod sleep;
pub(crate) mod sql;
pub(crate) mod switch;
pub(crate) mod text;
pub(crate) mod timezone;
pub(crate) mod un_set;

use crate::{Child, ChildCall, RunSettings, Script, World, variables::Variables};
use futures::future::{Either, select};
use jiff::tz::TimeZone;
use model::{
    flow::{FlowMode, script::ScriptKind},
    trace::{Exchange, Failure, FailureClass, step_in_run},
};
use serde_json::{Map, Value};
use std::{pin::pin, sync::Arc, time::Duration};

/// Where the flow goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Behind the step.
    On,
    /// At an address inside or behind the step.
    To(usize),
    /// At a tag's address; counted against the limit of jumps.
    Jump(usize),
    /// In a scope of the same flow, then behind the step.
    Call(usize),
    /// In another flow, by its place among those that take part; then behind the step.
    Enter(usize),
    /// Behind the step, after so many milliseconds.
    Wait(u64),
    /// At the step itself, later: it may not do yet what it is for.
    Held,
    /// Nowhere: the flow ends.
    End,
}

/// What a step leaves in its record.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) input: Value,
    pub(crate) output: Value,
    pub(crate) warnings: Vec<String>,
    pub(crate) http: Option<Exchange>,
}

impl Notes {
    /// Adds to the output.
    pub(crate) fn output(&mut self, name: &str, value: impl FnOnce() -> Value) {
        match &mut self.output {
            Value::Object(output) => {
                output.insert(name.to_owned(), value());
            }
            output => *output = entry(name, value()),
        }
    }
}

/// An object with one key, for a record.
pub(crate) fn entry(name: &str, value: impl Into<Value>) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert(name.to_owned(), value.into());
    Value::Object(map)
}

/// What stays the same in a run.
pub(crate) struct Run<'a, W> {
    pub(crate) world: &'a W,
    pub(crate) settings: &'a RunSettings,
    /// One attempt has one mode: that of the flow it began with.
    pub(crate) mode: FlowMode,
    /// When the attempt began, by the world's clock.
    pub(crate) started_us: u64,
}

impl<W: World> Run<'_, W> {
    /// Waits for a future, at most until the attempt's time is over, and drops it then.
    ///
    /// # Errors
    /// When the attempt's time is over.
    pub(crate) fn within<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Failure>> {
        // On the heap: each step would have room for all that any step waits for otherwise.
        let future = Box::pin(future);
        async move {
            let spent = self.world.monotonic_us().saturating_sub(self.started_us);
            let left = self.settings.time_limit.saturating_sub(Duration::from_micros(spent));
            match select(future, pin!(self.world.sleep(left))).await {
                Either::Left((output, _)) => Ok(output),
                Either::Right(_) => Err(timed_out(self.settings)),
            }
        }
    }

    /// The same for what may fail by itself.
    pub(crate) fn answer<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<T, Failure>> {
        let within = self.within(future);
        async move { within.await? }
    }

    /// Has a script run.
    pub(crate) async fn script(
        &self,
        kind: ScriptKind,
        source: &Arc<str>,
        bindings: Vec<(&'static str, Value)>,
        variables: &Variables<'_>,
    ) -> Result<Value, Failure> {
        let zone = variables.zone.iana_name().unwrap_or("UTC").to_owned();
        let script = Script { kind, source: Arc::clone(source), bindings, zone };
        self.answer(self.world.script(script)).await
    }
}

/// What a step that waits for the outside world needs.
pub(crate) struct Surroundings<'a, W> {
    pub(crate) run: &'a Run<'a, W>,
    /// The flow that the step is of, where that was called by another.
    pub(crate) flow: Option<i64>,
    /// The step's `_id` and how often it was reached.
    pub(crate) id: &'a str,
    pub(crate) visit: u32,
}

impl<W: World> Surroundings<'_, W> {
    /// The step's name within the run.
    pub(crate) fn step(&self) -> String {
        step_in_run(self.flow, self.id)
    }

    /// What a receiver tells a repeat by: the same for each repeat of a step, another for each visit.
    pub(crate) fn webhook_id(&self) -> String {
        let delivery = &self.run.settings.delivery;
        format!("{delivery}_{}_{}", self.step(), self.visit)
    }

    /// Starts a run that goes on by itself.
    pub(crate) async fn start(
        &self,
        call: ChildCall,
        variables: &Variables<'_>,
    ) -> Result<Next, Failure> {
        let zone = Some(&variables.zone).filter(|zone| **zone != TimeZone::UTC);
        let child = Child {
            call,
            inherited: variables.inherited(),
            zone: zone.and_then(|zone| zone.iana_name()).map(str::to_owned),
            step: self.step(),
            visit: self.visit,
        };
        self.run.answer(self.run.world.start(child)).await?;
        Ok(Next::On)
    }
}

/// The failure of an attempt whose time is over.
pub(crate) fn timed_out(settings: &RunSettings) -> Failure {
    let limit = u64::try_from(settings.time_limit.as_millis()).unwrap_or(u64::MAX);
    Failure {
        limit: Some(limit),
        ..Failure::new(
            FailureClass::TimedOut,
            format!("the attempt took longer than its time limit of {limit} ms"),
        )
    }
}
