//! `global`: variables of the installation.

use super::{Next, Notes, Surroundings};
use crate::{World, interpolate::Filler, record::shown, redact::HIDDEN, variables::Variables};
use model::{flow::syntax::Global, trace::Failure};
use serde_json::{Map, Value};

pub(crate) async fn run<W: World>(
    values: &[(String, Global)],
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let texts: Vec<String> = values.iter().map(|(_, global)| filler.text(&global.value)).collect();
    filler.finish()?;
    let shown = values.iter().zip(&texts).map(|((name, global), text)| {
        (name.clone(), if global.encrypt { HIDDEN.into() } else { shown(text) })
    });
    notes.input = Value::Object(shown.collect::<Map<_, _>>());
    for ((name, global), text) in values.iter().zip(&texts) {
        let run = around.run;
        run.answer(run.world.set_global(name, text, global.encrypt)).await?;
    }
    Ok(Next::On)
}
