//! `sql`: the first row of an answer.

use super::{Next, Notes, Surroundings, text::listed};
use crate::{
    Query, World,
    interpolate::Filler,
    record::{shown, shown_value},
    variables::Variables,
};
use model::{
    flow::{check::TIMEOUT_MAX_MS, syntax::Sql},
    trace::{Failure, FailureClass},
};
use serde_json::json;
use std::time::Duration;

pub(crate) async fn run<W: World>(
    arguments: &Sql,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let address = filler.text(&arguments.dns);
    let statement = filler.text(&arguments.query);
    let parameters = listed(filler.value(&arguments.params, true));
    let timeout = filler.number(&arguments.timeout, "`timeout` in ms", 1..=TIMEOUT_MAX_MS);
    filler.finish()?;
    let shown_parameters: Vec<_> = parameters.iter().map(shown_value).collect();
    notes.input = json!({"query": shown(&statement), "params": shown_parameters});
    let timeout = Duration::from_millis(timeout?);
    let run = around.run;
    let query = Query { driver: arguments.driver, address, statement, parameters, timeout };
    let asked = async {
        match futures::future::select(
            std::pin::pin!(run.world.query(query)),
            std::pin::pin!(run.world.sleep(timeout)),
        )
        .await
        {
            futures::future::Either::Left((answer, _)) => answer,
            futures::future::Either::Right(_) => Err(Failure {
                limit: u64::try_from(timeout.as_millis()).ok(),
                ..Failure::new(FailureClass::Timeout, "the database did not answer in time")
            }),
        }
    };
    let Some(row) = run.answer(asked).await? else {
        notes.output("rows", || 0.into());
        return Ok(Next::On);
    };
    for (name, value) in row {
        notes.output(&name, || shown_value(&value));
        variables.set(&name, value)?;
    }
    Ok(Next::On)
}
