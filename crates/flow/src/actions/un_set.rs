//! `unSet`: removes variables.

use super::{Next, Notes};
use crate::{interpolate::Filler, record::shown, variables::Variables};
use model::{flow::template::Template, trace::Failure};
use serde_json::Value;

pub(crate) fn run(
    names: &[Template],
    variables: &mut Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let names: Vec<String> = names.iter().map(|name| filler.text(name)).collect();
    filler.finish()?;
    for name in &names {
        variables.remove(name);
    }
    notes.input = Value::Array(names.iter().map(|name| shown(name)).collect());
    Ok(Next::On)
}
