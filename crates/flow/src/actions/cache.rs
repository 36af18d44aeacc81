//! `cache`: values that are kept for later runs.

use super::{Next, Notes, Surroundings, entry};
use crate::{World, interpolate::Filler, record::shown, redact, variables::Variables};
use model::{
    flow::syntax::Cache,
    trace::{Failure, FailureClass},
};
use serde_json::{Map, Value, json};

pub(crate) async fn run<W: World>(
    arguments: &Cache,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let run = around.run;
    let mut filler = Filler::new(variables, &mut notes.warnings);
    match arguments {
        Cache::Get(wanted) => {
            let keys: Vec<String> = wanted.iter().map(|(_, key)| filler.text(key)).collect();
            filler.finish()?;
            let pairs = || wanted.iter().map(|(name, _)| name).zip(&keys);
            let shown_keys = pairs().map(|(name, key)| (name.clone(), shown(key)));
            notes.input = json!({"get": shown_keys.collect::<Map<_, _>>()});
            // All are looked up before any is set, so that a miss changes nothing.
            let mut values = Vec::with_capacity(keys.len());
            for (name, key) in pairs() {
                let value = run.answer(run.world.cached(key)).await?;
                values.push((name, value.ok_or_else(|| missing(key, variables))?));
            }
            for (name, value) in values {
                notes.output(name, || shown(&value));
                variables.set(name, Value::String(value))?;
            }
        }
        Cache::Set { data, ttl } => {
            let data: Vec<_> =
                data.iter().map(|(key, value)| (filler.text(key), filler.text(value))).collect();
            let ttl = filler.number(ttl, "`ttl` in s", 0..=10 * 365 * 86_400);
            filler.finish()?;
            let ttl = ttl?;
            let shown_data = data.iter().map(|(key, value)| (key.clone(), shown(value)));
            notes.input = json!({"set": shown_data.collect::<Map<_, _>>(), "ttl": ttl});
            if data.iter().any(|(key, _)| redact::shows(key, &variables.secrets())) {
                let detail = "a key of the cache holds a value that is hidden: keys are kept in clear, \
                              and shown to whoever may see the cache";
                return Err(Failure::new(FailureClass::Flow, detail));
            }
            for (key, value) in &data {
                run.answer(run.world.cache(key, value, Some(ttl).filter(|ttl| *ttl > 0))).await?;
            }
        }
        Cache::Delete(keys) => {
            let keys: Vec<String> = keys.iter().map(|key| filler.text(key)).collect();
            filler.finish()?;
            notes.input = entry("delete", keys.iter().map(|key| shown(key)).collect::<Value>());
            for key in &keys {
                run.answer(run.world.forget(key)).await?;
            }
        }
    }
    Ok(Next::On)
}

fn missing(key: &str, variables: &Variables<'_>) -> Failure {
    let key = variables.quoted(key, 100);
    Failure::new(FailureClass::Missing, format!("the cache has no key \"{key}\""))
}
