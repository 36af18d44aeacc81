//! `set`: assigns variables. All values are made before any is assigned, as in the original.

use super::{Next, Notes};
use crate::{
    interpolate::Filler,
    record::shown,
    variables::{Variables, text_of},
};
use model::{flow::template::ValueTemplate, trace::Failure};
use serde_json::{Map, Value};

pub(crate) fn run(
    values: &[(String, ValueTemplate)],
    variables: &mut Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let texts: Vec<String> = values
        .iter()
        .map(|(_, template)| match template {
            ValueTemplate::Fixed(value) => text_of(value).into_owned(),
            ValueTemplate::Text(text) => filler.text(text),
            nested => text_of(&filler.value(nested, false)).into_owned(),
        })
        .collect();
    filler.finish()?;
    let mut input = Map::with_capacity(values.len());
    for ((name, _), text) in values.iter().zip(texts) {
        input.insert(name.clone(), shown(&text));
        variables.set(name, Value::String(text))?;
    }
    notes.input = Value::Object(input);
    Ok(Next::On)
}
