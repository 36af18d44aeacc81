//! `softSleep`: waits. A long wait holds no worker: the run is put to rest.

use super::{Next, Notes, Surroundings, entry};
use crate::{World, interpolate::Filler, limits::HELD_WAIT_MAX_MS, variables::Variables};
use model::{flow::syntax::Number, settings::SLEEP_MAX_MS, trace::Failure};
use std::time::Duration;

pub(crate) async fn run<W: World>(
    time: &Number,
    variables: &Variables<'_>,
    surroundings: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let time = filler.number(time, "the time to wait in ms", 0..=SLEEP_MAX_MS);
    filler.finish()?;
    let time = time?;
    notes.input = entry("ms", time);
    if time > HELD_WAIT_MAX_MS {
        return Ok(Next::Wait(time));
    }
    if time > 0 {
        let wait = surroundings.run.world.sleep(Duration::from_millis(time));
        surroundings.run.within(wait).await?;
    }
    Ok(Next::On)
}
