//! Any path is looked for in any answer that says it is XML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, json};

fuzz_target!(|input: &[u8]| {
    let Some((path, text)) = fuzz::halves(input) else { return };
    let steps = json!([
        {"httpRequest": {"url": "http://crm.example/", "exportVariables": {"found": path}}}
    ]);
    let answer: fuzz::Scripted = serde_json::from_value(json!({
        "status": 200, "headers": {"content-type": "text/xml"}, "body": text
    }))
    .expect("an answer");
    fuzz::run(&steps, Map::new(), vec![answer]);
});
