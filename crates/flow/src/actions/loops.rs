//! `while` and `forEach`: steps that are run again.

use super::{Next, Notes, Surroundings, entry, if_else};
use crate::{
    World,
    interpolate::Filler,
    limits::FOR_EACH_ITEMS_MAX,
    program::{ForEach, While},
    record::shown_value,
    variables::{Variables, is_deep, too_deep},
};
use model::{
    flow::template::ValueTemplate,
    trace::{Failure, FailureClass},
};
use serde_json::Value;

/// A loop that is being run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loop {
    pub(crate) passes: u64,
    /// How many passes there may be; nothing until the loop has been entered at its beginning, or
    /// by a `goto` has come to the end of a pass.
    pub(crate) max: Option<u64>,
    /// What is still to come, the next item last.
    pub(crate) items: Vec<Value>,
    /// Where the record of its step stands in the trace.
    pub(crate) record: Option<usize>,
}

/// Begins the first pass, which asks no condition.
pub(crate) fn enter_while(
    arguments: &While,
    state: Option<&mut Loop>,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let max = max_steps(arguments, variables, notes)?;
    notes.input = entry("maxSteps", max);
    if let Some(state) = state {
        *state = Loop { passes: 1, max: Some(max), ..Loop::default() };
    }
    Ok(Next::To(arguments.body))
}

/// After a pass: where the next one begins, if there is one.
pub(crate) async fn end_of_while<W: World>(
    arguments: &While,
    state: &mut Loop,
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Option<usize>, Failure> {
    let max = match state.max {
        Some(max) => max,
        None => {
            state.passes = 1;
            max_steps(arguments, variables, notes)?
        }
    };
    state.max = Some(max);
    if !if_else::holds("condition", &arguments.condition, variables, around, notes).await? {
        return Ok(None);
    }
    if state.passes >= max {
        notes.warnings.push(format!("the loop ended after its {max} passes (`maxSteps`)"));
        return Ok(None);
    }
    state.passes += 1;
    Ok(Some(arguments.body))
}

fn max_steps(
    arguments: &While,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<u64, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let max = filler.number(&arguments.max_steps, "`maxSteps`", 1..=u64::MAX);
    filler.finish()?;
    max
}

/// Begins with the first item, if there is one.
pub(crate) fn enter_for_each(
    arguments: &ForEach,
    after: usize,
    state: Option<&mut Loop>,
    variables: &mut Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let items = items(&arguments.list, variables, notes)?;
    notes.input = entry("items", items.len());
    let Some(state) = state else { return Ok(Next::End) };
    *state = Loop { items, ..Loop::default() };
    state.items.reverse();
    match next_item(arguments, state, variables)? {
        Some(body) => Ok(Next::To(body)),
        None => {
            notes.output("passes", || 0.into());
            Ok(Next::To(after))
        }
    }
}

/// Gives the variable its next item: where the pass begins, if there is one.
pub(crate) fn next_item(
    arguments: &ForEach,
    state: &mut Loop,
    variables: &mut Variables<'_>,
) -> Result<Option<usize>, Failure> {
    let Some(item) = state.items.last().cloned() else { return Ok(None) };
    variables.set(&arguments.variable, item)?;
    state.items.pop();
    state.passes += 1;
    Ok(Some(arguments.body))
}

/// The items of a list that is one, or a text that holds one.
fn items(
    list: &ValueTemplate,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<Vec<Value>, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let filled = filler.value(list, true);
    filler.finish()?;
    let list = match filled {
        Value::String(text) if text.trim().is_empty() => Value::Array(Vec::new()),
        Value::String(text) => serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text)),
        Value::Null => Value::Array(Vec::new()),
        other => other,
    };
    let Value::Array(items) = list else {
        notes.input = entry("list", shown_value(&list));
        return Err(Failure::new(FailureClass::Flow, "`list` is no list"));
    };
    // Those that are still to come are kept with the run as well.
    if items.iter().any(is_deep) {
        return Err(too_deep("an item of the list"));
    }
    if items.len() > FOR_EACH_ITEMS_MAX {
        let detail =
            format!("the list has {} items, `forEach` takes {FOR_EACH_ITEMS_MAX}", items.len());
        return Err(Failure {
            limit: Some(FOR_EACH_ITEMS_MAX as u64),
            ..Failure::new(FailureClass::Flow, detail)
        });
    }
    Ok(items)
}
