//! `execute`: runs a function of the flow.

use super::{Next, Notes, entry};
use crate::{
    interpolate::Filler, limits::CALL_DEPTH_MAX, program::Program, record::shown,
    variables::Variables,
};
use model::{
    flow::template::Template,
    trace::{Failure, FailureClass},
};

/// `depth` is the number of functions that are being run.
pub(crate) fn run(
    name: &Template,
    program: &Program,
    depth: usize,
    variables: &Variables,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables.map(), &mut notes.warnings);
    let name = filler.text(name);
    filler.finish()?;
    notes.input = entry("name", shown(&name));
    if depth >= CALL_DEPTH_MAX {
        let detail = format!("functions call one another more than {CALL_DEPTH_MAX} deep");
        return Err(Failure::new(FailureClass::Flow, detail));
    }
    program.functions.get(&name).copied().map(Next::Call).ok_or_else(|| {
        let name: String = name.chars().take(100).collect();
        Failure::new(FailureClass::Flow, format!("no function \"{name}\" is declared"))
    })
}
