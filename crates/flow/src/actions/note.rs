//! `notification`: a note to users of the panel.

use super::{Next, Notes, Surroundings, text::listed};
use crate::{
    Notification, World,
    interpolate::Filler,
    record::{shown, shown_value},
    variables::Variables,
};
use model::{
    flow::syntax::Notification as Arguments,
    trace::{Failure, FailureClass},
};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn run<W: World>(
    arguments: &Arguments,
    variables: &Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let users = listed(filler.value(&arguments.users, true));
    let message = filler.text(&arguments.message);
    let timeout = filler.number(&arguments.timeout, "`timeout` in s", 0..=3_600);
    filler.finish()?;
    let shown_users: Vec<_> = users.iter().map(shown_value).collect();
    notes.input =
        json!({"userIds": shown_users, "message": shown(&message), "type": arguments.kind});
    let number = |user: &Value| match user {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let users = users.iter().map(number).collect::<Option<Vec<_>>>().filter(|u| !u.is_empty());
    let users = users.ok_or_else(|| {
        Failure::new(FailureClass::Flow, "`userIds` is a list of the numbers of users")
    })?;
    let timeout = Some(Duration::from_secs(timeout?)).filter(|timeout| !timeout.is_zero());
    let note = Notification { users, message, kind: arguments.kind.clone(), timeout };
    around.run.answer(around.run.world.notify(note)).await?;
    Ok(Next::On)
}
