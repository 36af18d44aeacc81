//! `execute`: runs a function of the flow.

use super::{Notes, entry};
use crate::{
    interpolate::Filler, limits::CALL_DEPTH_MAX, program::Program, record::shown,
    variables::Variables,
};
use model::{
    flow::syntax::Execute,
    trace::{Failure, FailureClass},
};

/// The name of the function that is called.
pub(crate) fn name(
    arguments: &Execute,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<String, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let name = filler.text(&arguments.name);
    filler.finish()?;
    notes.input = entry("name", shown(&name));
    Ok(name)
}

/// The function's scope. `depth` is how many scopes are being run.
pub(crate) fn find(
    name: &str,
    program: &Program,
    depth: usize,
    variables: &Variables<'_>,
) -> Result<usize, Failure> {
    if depth >= CALL_DEPTH_MAX {
        let detail = format!("functions call one another more than {CALL_DEPTH_MAX} deep");
        return Err(Failure {
            limit: Some(CALL_DEPTH_MAX as u64),
            ..Failure::new(FailureClass::Flow, detail)
        });
    }
    program.functions.get(name).copied().ok_or_else(|| {
        let name = variables.quoted(name, 100);
        Failure::new(FailureClass::Flow, format!("no function \"{name}\" is declared"))
    })
}
