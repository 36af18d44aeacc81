//! The actions, one in each file: what a step does to the variables and the outside world.

pub(crate) mod execute;
pub(crate) mod goto;
pub(crate) mod http_request;
pub(crate) mod if_else;
pub(crate) mod log;
pub(crate) mod set;
pub(crate) mod sleep;
pub(crate) mod switch;
pub(crate) mod un_set;
pub(crate) mod while_loop;

use crate::{RunSettings, World};
use futures::future::{Either, select};
use model::{
    flow::FlowMode,
    trace::{Exchange, Failure, FailureClass},
};
use serde_json::{Map, Value};
use std::{pin::pin, time::Duration};

/// Where the flow goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Behind the step.
    On,
    /// At an address inside or behind the step.
    To(usize),
    /// At a tag's address; counted against the limit of jumps.
    Jump(usize),
    /// In a function's scope, then behind the step.
    Call(usize),
    /// Behind the step, after so many milliseconds.
    Wait(u64),
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

/// An object with one key, for a record.
pub(crate) fn entry(name: &str, value: impl Into<Value>) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert(name.to_owned(), value.into());
    Value::Object(map)
}

/// What a step that waits for the outside world needs.
pub(crate) struct Surroundings<'a, W> {
    pub(crate) world: &'a W,
    pub(crate) settings: &'a RunSettings,
    pub(crate) mode: FlowMode,
    /// The step's `_id` and how often it was reached.
    pub(crate) id: &'a str,
    pub(crate) visit: u32,
    /// When the attempt began, by the world's clock.
    pub(crate) started_us: u64,
}

impl<W: World> Surroundings<'_, W> {
    /// Waits for a future, at most until the attempt's time is over, and drops it then.
    ///
    /// # Errors
    /// When the attempt's time is over.
    pub(crate) async fn within<F: Future>(&self, future: F) -> Result<F::Output, Failure> {
        let spent = self.world.monotonic_us().saturating_sub(self.started_us);
        let left = self.settings.time_limit.saturating_sub(Duration::from_micros(spent));
        match select(pin!(future), pin!(self.world.sleep(left))).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(timed_out(self.settings)),
        }
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
