//! `schema`: runs another flow.

use super::{Notes, entry};
use crate::{interpolate::Filler, limits::FLOW_DEPTH_MAX, variables::Variables};
use model::{
    flow::syntax::Schema,
    trace::{Failure, FailureClass},
};

/// The number of the flow that is called.
pub(crate) fn number(
    arguments: &Schema,
    variables: &Variables<'_>,
    notes: &mut Notes,
) -> Result<i64, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let text = filler.name(&arguments.id);
    filler.finish()?;
    let number = text.parse::<i64>();
    notes.input = match number {
        Ok(number) => entry("id", number),
        Err(_) => entry("id", text.clone()),
    };
    number.map_err(|_| {
        Failure::new(
            FailureClass::Flow,
            format!("`id` is the number of a flow, this is \"{text}\""),
        )
    })
}

/// Refuses a flow that is running already, and too many inside one another. `running` is the flow
/// of each scope that is being run, by its place and its number.
pub(crate) fn check(
    id: i64,
    running: impl Iterator<Item = (usize, Option<i64>)>,
) -> Result<(), Failure> {
    let mut depth = 0;
    let mut last = None;
    for (flow, number) in running {
        if number == Some(id) {
            let detail = format!("flow {id} is running already: it cannot call itself");
            return Err(Failure::new(FailureClass::Flow, detail));
        }
        depth += usize::from(last != Some(flow));
        last = Some(flow);
    }
    if depth > FLOW_DEPTH_MAX {
        let detail = format!("flows call one another more than {FLOW_DEPTH_MAX} deep");
        return Err(Failure {
            limit: Some(FLOW_DEPTH_MAX as u64),
            ..Failure::new(FailureClass::Flow, detail)
        });
    }
    Ok(())
}
