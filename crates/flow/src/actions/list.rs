//! `list` and `listAdd`: lists of numbers.

use super::{Next, Notes, Surroundings};
use crate::{
    ListEntry, World,
    interpolate::Filler,
    program::List,
    record::{reference, shown},
    variables::Variables,
};
use jiff::Timestamp;
use model::{
    flow::syntax::ListAdd,
    trace::{Failure, FailureClass},
};
use serde_json::Value;

/// Runs steps if a number is in a list.
pub(crate) async fn run<W: World>(
    arguments: &List,
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let list = filler.named(&arguments.list);
    let destination = filler.text(&arguments.destination);
    filler.finish()?;
    let list = list?;
    notes.input = reference("list", &list);
    note(notes, "destination", &destination);
    let run = around.run;
    let listed = run.answer(run.world.is_listed(&list, destination.trim())).await?;
    notes.output("listed", || listed.into());
    Ok(if listed { Next::Call(arguments.scope) } else { Next::On })
}

/// Adds a number to a list.
pub(crate) async fn add<W: World>(
    arguments: &ListAdd,
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let list = filler.named(&arguments.list);
    let destination = filler.text(&arguments.destination);
    let description = arguments.description.as_ref().map(|text| filler.text(text));
    let expires = match &arguments.expire_at {
        Some(time) => filler.number(time, "`expireAt` in ms since 1970", 0..=u64::MAX),
        None => Ok(0),
    };
    filler.finish()?;
    let (list, expires) = (list?, expires?);
    notes.input = reference("list", &list);
    note(notes, "destination", &destination);
    if let Some(description) = &description {
        note(notes, "description", description);
    }
    let destination = destination.trim().to_owned();
    if destination.is_empty() {
        return Err(Failure::new(FailureClass::Flow, "`destination` is empty"));
    }
    let far = || Failure::new(FailureClass::Flow, "`expireAt` lies too far ahead");
    let expires_at = match expires {
        0 => None,
        ms => {
            let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            Some(time.ok_or_else(far)?)
        }
    };
    let entry = ListEntry { destination, description: description.unwrap_or_default(), expires_at };
    around.run.answer(around.run.world.add_to_list(&list, entry)).await?;
    Ok(Next::On)
}

fn note(notes: &mut Notes, name: &str, text: &str) {
    if let Value::Object(input) = &mut notes.input {
        input.insert(name.to_owned(), shown(text));
    }
}
