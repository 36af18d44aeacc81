//! `calendar`: whether it is working time.

use super::{Next, Notes, Surroundings};
use crate::{CalendarAnswer, World, interpolate::Filler, record::reference, variables::Variables};
use model::{flow::syntax::Calendar, trace::Failure};

pub(crate) async fn run<W: World>(
    arguments: &Calendar,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let calendar = filler.named(&arguments.calendar);
    filler.finish()?;
    let calendar = calendar?;
    notes.input = reference("calendar", &calendar);
    let answer = around.run.answer(around.run.world.calendar(&calendar)).await?;
    let said = match answer {
        CalendarAnswer::Open => "true".to_owned(),
        CalendarAnswer::Expired if arguments.extended => "expire".to_owned(),
        CalendarAnswer::Exception(name) if arguments.extended && !name.is_empty() => name,
        _ => "false".to_owned(),
    };
    notes.output(&arguments.variable, || said.clone().into());
    variables.set(&arguments.variable, said.into())?;
    Ok(Next::On)
}
