//! `js`: a script whose value is stored.

use super::{Next, Notes, Surroundings};
use crate::{
    World,
    interpolate::Filler,
    program::Js,
    record::{shown, shown_value},
    scripts::VALUES,
    variables::Variables,
};
use model::{flow::script::ScriptKind, trace::Failure};
use serde_json::{Map, Value, json};

pub(crate) async fn run<W: World>(
    arguments: &Js,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut seen = Map::new();
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let bindings = filler.bindings(&arguments.script.bindings, &mut seen);
    let filled = filler.finish();
    notes.input = json!({"data": shown(&arguments.script.text)});
    if let (Value::Object(input), false) = (&mut notes.input, seen.is_empty()) {
        input.insert("variables".to_owned(), Value::Object(seen));
    }
    filled?;
    let bindings = vec![(VALUES, bindings)];
    let value = around.run.script(ScriptKind::Body, &arguments.source, bindings, variables).await?;
    notes.output(&arguments.variable, || shown_value(&value));
    variables.set(&arguments.variable, value)?;
    Ok(Next::On)
}
