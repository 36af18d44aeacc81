//! Any text with placeholders is filled, from variables that hold anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

fuzz_target!(|input: &[u8]| {
    let Some((template, value)) = fuzz::halves(input) else { return };
    let mut variables = Map::new();
    variables.insert("a".into(), Value::String(value.to_owned()));
    variables.insert("b".into(), serde_json::from_str(value).unwrap_or(Value::Null));
    let steps = json!([
        {"set": {"c": template}},
        {"httpRequest": {"url": "http://crm.example/${a.uri()}", "data": {"d": template}}}
    ]);
    fuzz::run(&steps, variables, Vec::new());
});
