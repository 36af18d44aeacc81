//! `goto`: goes on at the step with a tag, wherever it is nested in its scope.

use super::{Next, Notes, entry};
use crate::{interpolate::Filler, program::Scope, record::shown, variables::Variables};
use model::{
    flow::template::Template,
    trace::{Failure, FailureClass},
};

pub(crate) fn run(
    tag: &Template,
    address: Option<usize>,
    scope: &Scope,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let tag = filler.text(tag);
    filler.finish()?;
    notes.input = entry("tag", shown(&tag));
    address.or_else(|| scope.tags.get(&tag).copied()).map(Next::Jump).ok_or_else(|| {
        let tag = variables.quoted(&tag, 100);
        Failure::new(FailureClass::Flow, format!("no step here has the tag \"{tag}\""))
    })
}
