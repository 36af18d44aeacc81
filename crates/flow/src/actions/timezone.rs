//! `timezone`: the time zone of date helpers and scripts.

use super::{Next, Notes, entry};
use crate::{interpolate::Filler, variables::Variables};
use jiff::tz::TimeZone;
use model::{
    flow::syntax::Named,
    trace::{Failure, FailureClass},
};

pub(crate) fn run(
    zone: &Named,
    variables: &mut Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let name = zone.name.as_ref().map(|name| filler.name(name)).filter(|name| !name.is_empty());
    let id = zone.id.as_ref().map(|id| filler.name(id));
    filler.finish()?;
    let Some(name) = name else {
        notes.input = entry("id", id.unwrap_or_default());
        let detail = "the numbers of time zones are the original's: give `name`, like Europe/Kyiv";
        return Err(Failure::new(FailureClass::Flow, detail));
    };
    notes.input = entry("name", name.clone());
    variables.zone = TimeZone::get(&name).map_err(|_| {
        Failure::new(FailureClass::Flow, format!("there is no time zone \"{name}\""))
    })?;
    Ok(Next::On)
}
