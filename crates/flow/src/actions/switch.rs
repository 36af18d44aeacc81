//! `switch`: the steps of the case that a text is exactly.

use super::{Next, Notes, entry};
use crate::{interpolate::Filler, program::Switch, record::shown, variables::Variables};
use model::trace::Failure;

pub(crate) fn run(
    switch: &Switch,
    after: usize,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let value = filler.text(&switch.variable);
    filler.finish()?;
    notes.input = entry("variable", shown(&value));
    let (case, address) = match (switch.cases.get(&value), switch.default) {
        (Some(address), _) => (shown(&value), *address),
        (None, Some(address)) => ("default".into(), address),
        (None, None) => (serde_json::Value::Null, after),
    };
    notes.output = entry("case", case);
    Ok(Next::To(address))
}
