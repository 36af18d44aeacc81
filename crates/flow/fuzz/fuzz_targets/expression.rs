//! Any expression is read, and comes to something or to an error, with variables that hold anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

fuzz_target!(|input: &[u8]| {
    let Some((expression, value)) = fuzz::halves(input) else { return };
    let mut variables = Map::new();
    variables.insert("a".into(), Value::String(value.to_owned()));
    variables.insert("b".into(), serde_json::from_str(value).unwrap_or(Value::Null));
    let steps = json!([
        {"if": {"expression": expression, "then": [{"set": {"c": "1"}}], "else": []}},
        {"while": {"condition": expression, "do": [{"unSet": ["a"]}], "maxSteps": 3}}
    ]);
    fuzz::run(&steps, variables, Vec::new());
});
