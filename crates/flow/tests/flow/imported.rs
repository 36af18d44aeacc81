//! What only an imported flow may have: it does what it does in the original.

use crate::world::ScriptedWorld;
use flow::{Program, RunResult, RunSettings};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, FailureClass},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn run(flow: &Value, mode: FlowMode) -> RunResult {
    let program = Arc::new(Program::load(&flow.to_string(), mode).unwrap());
    ScriptedWorld::new(Vec::new()).run(&program, JsonMap::new(), &RunSettings::new("D"))
}

/// What the steps `log` have said.
fn logged(flow: &Value) -> Vec<String> {
    let result = run(flow, FlowMode::Strict);
    assert_eq!(result.outcome, AttemptOutcome::Completed, "{result:#?}");
    let logs = result.steps.iter().filter(|step| step.action == "log");
    logs.map(|step| step.input.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_unknown_action_is_its_steps_error_when_it_is_run() {
    let flow = json!([{"sendFax": {"to": "1"}}, {"log": "on"}]);
    let strict = run(&flow, FlowMode::Strict);
    let failure = strict.failure.unwrap();
    assert_eq!((failure.class, failure.step.as_deref()), (FailureClass::Flow, Some("/0")));
    assert_eq!(failure.detail, "the action `sendFax` is not known here");
    let lenient = run(&flow, FlowMode::Lenient);
    assert_eq!(lenient.outcome, AttemptOutcome::CompletedWithErrors);
    let actions: Vec<_> = lenient.steps.iter().map(|step| step.action.as_str()).collect();
    assert_eq!(actions, ["sendFax", "log"]);
    let passed_over = json!([{"sendFax": {}, "disabled": true}, {"log": "on"}]);
    assert_eq!(logged(&passed_over), ["on"]);
}

#[test]
fn of_two_steps_with_one_tag_the_last_is_gone_to() {
    let flow = json!([
        {"goto": "t"}, {"log": "a", "tag": "t"}, {"log": "b", "tag": "t"}, {"log": "c"}
    ]);
    assert_eq!(logged(&flow), ["b", "c"]);
    // One that others stand in is read to its end behind them.
    let outer = json!([
        {"goto": "t"},
        {"log": "a"},
        {"if": {"expression": "1", "then": [{"log": "b"}, {"log": "c", "tag": "t"}]}, "tag": "t"}
    ]);
    assert_eq!(logged(&outer), ["b", "c"]);
}

#[test]
fn of_two_functions_with_one_name_the_last_is_called() {
    let function = |text: &str| json!({"function": {"name": "f", "actions": [{"log": text}]}});
    let flow = json!([function("a"), {"execute": {"name": "f"}}, function("b"), function("c")]);
    assert_eq!(logged(&flow), ["c"]);
}
