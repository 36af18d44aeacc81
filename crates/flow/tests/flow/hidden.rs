//! What is hidden stays so in what a failure quotes.

use crate::world::ScriptedWorld;
use flow::{Program, RunSettings};
use model::{JsonMap, flow::FlowMode};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a flow of one step leaves in the log that fails with the secret in it.
fn told(step: &Value) -> String {
    let program = Program::load(&json!([step]).to_string(), FlowMode::Strict).unwrap();
    let world = ScriptedWorld::that_lacks(Vec::new());
    world.set_hidden("key", "hidden-for-good");
    world.set_hidden("address", "htps://u:p@crm.example/hook/T0KEN");
    let variables = JsonMap::from_iter([("scheme".to_owned(), "ftp".into())]);
    let result = world.run(&Arc::new(program), variables, &RunSettings::new("D"));
    let failure = result.failure.expect("the step fails");
    serde_json::to_string(&(&result.steps, failure)).unwrap()
}

#[test]
fn no_beginning_of_a_secret_is_left_where_a_text_is_cut() {
    // Six characters of the secret would be left where so many are quoted.
    let over = |most: usize| format!("{}$${{key}}", "x".repeat(most - 6));
    for step in [
        json!({"goto": over(100)}),
        json!({"execute": {"name": over(100)}}),
        json!({"string": {"data": "a", "fn": "base64", "args": [over(40)], "setVar": "b"}}),
        json!({"cache": {"action": "get", "get": {"a": over(100)}}}),
        json!({"softSleep": over(40)}),
        json!({"timezone": {"name": over(200)}}),
        json!({"schema": {"id": over(200)}}),
        json!({"httpRequest": {"url": format!("${{scheme}}://{}", over(194))}}),
    ] {
        let told = told(&step);
        assert!(told.contains("xxx") && !told.contains("hid"), "{step}: {told}");
    }
}

#[test]
fn a_secret_that_is_a_url_with_a_password_is_hidden_whole() {
    let told = told(&json!({"httpRequest": {"url": "$${address}"}}));
    assert!(told.contains("does not begin with") && !told.contains("T0KEN"), "{told}");
}
