//! `log`: a line in the trace.

use super::{Next, Notes};
use crate::{interpolate::Filler, record::shown, variables::Variables};
use model::{flow::template::Template, trace::Failure};

pub(crate) fn run(
    text: &Template,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let line = filler.text(text);
    filler.finish()?;
    notes.input = shown(&line);
    Ok(Next::On)
}
