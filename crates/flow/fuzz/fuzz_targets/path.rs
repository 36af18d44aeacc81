//! Any path finds something or nothing in any JSON, and in what is no JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::flow::path::Path;
use serde_json::{Map, Value, json};

fuzz_target!(|input: &[u8]| {
    let Some((path, text)) = fuzz::halves(input) else { return };
    let _ = Path::parse(path);
    let mut variables = Map::new();
    variables.insert("root".into(), Value::String(text.to_owned()));
    let steps = json!([
        {"set": {"found": format!("${{root.{path}}}")}},
        {"httpRequest": {"url": "http://crm.example/", "exportVariables": {"found": path}}}
    ]);
    let answer: fuzz::Scripted =
        serde_json::from_value(json!({"status": 200, "body": text})).expect("an answer");
    fuzz::run(&steps, variables, vec![answer]);
});
