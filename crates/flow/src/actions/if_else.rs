//! `if`: one of two branches.

use super::{Next, Notes};
use crate::{interpolate::Filler, record::shown, variables::Variables};
use model::{
    flow::expression::{Expression, Value as JsValue},
    trace::Failure,
};
use serde_json::{Map, Value};

pub(crate) fn run(
    expression: &Expression,
    then: usize,
    otherwise: usize,
    variables: &Variables,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let holds = holds("expression", expression, variables, notes)?;
    if let Value::Object(output) = &mut notes.output {
        output.insert("branch".to_owned(), if holds { "then" } else { "else" }.into());
    }
    Ok(Next::To(if holds { then } else { otherwise }))
}

/// Whether an expression's value is truthy. It goes into the record with the values of its
/// variables and its own.
pub(super) fn holds(
    argument: &str,
    expression: &Expression,
    variables: &Variables,
    notes: &mut Notes,
) -> Result<bool, Failure> {
    let mut seen = Map::new();
    let mut filler = Filler::new(variables.map(), &mut notes.warnings);
    let value = filler.expression(expression, &mut seen);
    let finished = filler.finish();
    let mut input = Map::with_capacity(2);
    input.insert(argument.to_owned(), Value::String(expression.text().to_owned()));
    if !seen.is_empty() {
        input.insert("variables".to_owned(), Value::Object(seen));
    }
    notes.input = Value::Object(input);
    let value = value?;
    finished?;
    let mut output = Map::with_capacity(2);
    output.insert("value".to_owned(), recorded(&value));
    notes.output = Value::Object(output);
    Ok(value.is_truthy())
}

fn recorded(value: &JsValue<'_>) -> Value {
    match value {
        JsValue::Null => Value::Null,
        JsValue::Bool(value) => Value::Bool(*value),
        // JSON has no NaN and no infinity, and shows 1 as 1.0.
        JsValue::Number(_) | JsValue::Undefined | JsValue::Text(_) => shown(&value.to_text()),
    }
}
