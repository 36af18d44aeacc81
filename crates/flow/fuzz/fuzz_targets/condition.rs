//! Any condition of a hook is read, and holds or not for any variables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::JsonMap;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((condition, variables)) = fuzz::halves(input) else { return };
    let Ok(condition) = flow::Condition::compile(condition) else { return };
    let variables = match serde_json::from_str::<Value>(variables) {
        Ok(Value::Object(variables)) => variables.into_iter().collect(),
        _ => JsonMap::new(),
    };
    let _ = condition.holds(&variables);
});
