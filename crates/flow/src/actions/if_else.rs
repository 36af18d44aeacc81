//! Whether a condition holds: `if` and `while`.

use super::{Notes, Surroundings};
use crate::{
    World, interpolate::Filler, program::Condition, record::shown, scripts, variables::Variables,
};
use model::{
    flow::{
        expression::{Form, Value as JsValue},
        script::ScriptKind,
    },
    trace::{Failure, FailureClass},
};
use serde_json::{Map, Value};

/// Whether an expression's value is truthy. It goes into the record with the values of its
/// variables and its own.
pub(crate) async fn holds<W: World>(
    argument: &str,
    condition: &Condition,
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<bool, Failure> {
    let mut seen = Map::new();
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let (native, bindings) = match condition.expression.form() {
        Form::Native(native) => {
            let value = filler.expression(native, &mut seen);
            (Some(value.map(|value| (value.is_truthy(), recorded(&value)))), Value::Null)
        }
        Form::Script(script) => (None, filler.bindings(&script.bindings, &mut seen)),
    };
    let filled = filler.finish();
    let mut input = Map::with_capacity(2);
    input.insert(argument.to_owned(), Value::String(condition.expression.text().to_owned()));
    if !seen.is_empty() {
        input.insert("variables".to_owned(), Value::Object(seen));
    }
    notes.input = Value::Object(input);
    let (holds, value) = match (native, &condition.source) {
        (Some(given), _) => {
            let given = given?;
            filled?;
            given
        }
        (None, Some(source)) => {
            filled?;
            let given = around
                .run
                .script(
                    ScriptKind::Expression,
                    source,
                    vec![(scripts::VALUES, bindings)],
                    variables,
                )
                .await?;
            let (holds, value) = scripts::given(given)
                .ok_or_else(|| Failure::new(FailureClass::Flow, "the script gave no value"))?;
            (holds, crate::record::shown_value(&value))
        }
        (None, None) => return Err(Failure::new(FailureClass::Flow, "the script is missing")),
    };
    notes.output("value", || value);
    Ok(holds)
}

fn recorded(value: &JsValue<'_>) -> Value {
    match value {
        JsValue::Null => Value::Null,
        JsValue::Bool(value) => Value::Bool(*value),
        // JSON has no NaN and no infinity, and shows 1 as 1.0.
        JsValue::Number(_) | JsValue::Undefined | JsValue::Text(_) => shown(&value.to_text()),
    }
}
