//! `mq`: a message to a broker.

use super::{Next, Notes, Surroundings};
use crate::{
    Publication, World,
    interpolate::Filler,
    record::{shown, shown_value},
    variables::Variables,
};
use model::{
    flow::syntax::Publish,
    trace::{Failure, FailureClass},
};
use serde_json::{Value, json};

pub(crate) async fn run<W: World>(
    arguments: &Publish,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let exchange = filler.text(&arguments.exchange);
    let topic = filler.text(&arguments.topic);
    let body = filler.value(&arguments.body, true);
    filler.finish()?;
    notes.input =
        json!({"exchange": shown(&exchange), "topic": shown(&topic), "body": shown_value(&body)});
    let message = Publication { exchange, topic, body };
    match (around.run.answer(around.run.world.publish(message)).await, &arguments.set_error) {
        (Ok(()), _) => {}
        (Err(error), Some(variable)) if error.class != FailureClass::TimedOut => {
            notes.output(variable, || shown(&error.detail));
            variables.set(variable, Value::String(error.detail))?;
        }
        (Err(error), _) => return Err(error),
    }
    Ok(Next::On)
}
