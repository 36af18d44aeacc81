//! What is not done twice, and what ends, however a run fails and rests.

use crate::world::{Outside, Scripted, ScriptedWorld};
use flow::{Checkpoint, Program, RunSettings, limits::STEPS_RUN_MAX};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, FailureClass},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn program(flow: &Value, mode: FlowMode) -> Arc<Program> {
    Arc::new(Program::load(&flow.to_string(), mode).unwrap())
}

fn answered(times: usize) -> Vec<Scripted> {
    let answer: Value = json!({"status": 200});
    (0..times).map(|_| serde_json::from_value(answer.clone()).unwrap()).collect()
}

fn urls(world: &ScriptedWorld) -> Vec<String> {
    world.requests().iter().map(|request| request.url.clone()).collect()
}

/// Steps that leave a variable of 512 KiB, which is more than can be kept between two requests.
fn much() -> [Value; 2] {
    [
        json!({"set": {"a": "0123456789abcdef"}}),
        json!({"while": {"maxSteps": 15, "condition": "true", "do": [
            {"set": {"a": "${a}${a}"}}
        ]}}),
    ]
}

#[test]
fn a_request_is_not_sent_again_where_more_than_can_be_kept_came_after_it() {
    let [set, double] = much();
    let flow = json!([
        {"httpRequest": {"url": "http://a/1"}}, set, double,
        {"goto": "${where}"},
        {"httpRequest": {"url": "http://a/2"}, "tag": "there"}
    ]);
    let (program, settings) = (program(&flow, FlowMode::Strict), RunSettings::new("D"));
    let world = ScriptedWorld::new(answered(2));
    let first = world.run(&program, JsonMap::new(), &settings);
    assert_eq!(first.failure.and_then(|failure| failure.step).as_deref(), Some("/3"));
    let mut text: Value = serde_json::from_str(&first.checkpoint.unwrap().to_text()).unwrap();
    text["variables"]["where"] = "there".into();
    let rest = Checkpoint::parse(&text.to_string()).unwrap();
    assert_eq!(world.go_on(&program, rest, &settings).outcome, AttemptOutcome::Completed);
    assert_eq!(urls(&world), ["http://a/1", "http://a/2"]);
}

#[test]
fn a_barrier_that_cannot_keep_the_run_fails_its_step_and_is_passed_when_the_run_is_resumed() {
    let [set, double] = much();
    let request = |path: &str| json!({"httpRequest": {"url": format!("http://a/{path}")}});
    let flow = json!([request("1"), set, double, request("2")]);
    let (program, settings) = (program(&flow, FlowMode::Strict), RunSettings::new("D"));
    let world = ScriptedWorld::new(answered(2));
    let first = world.run(&program, JsonMap::new(), &settings);
    let failure = first.failure.unwrap();
    assert_eq!((failure.class, failure.step.as_deref()), (FailureClass::Flow, Some("/3")));
    let second = world.go_on(&program, first.checkpoint.unwrap(), &settings);
    assert_eq!(second.outcome, AttemptOutcome::Completed);
    assert_eq!(urls(&world), ["http://a/1", "http://a/2"]);
}

#[test]
fn a_wait_over_which_too_much_is_to_be_kept_fails_its_step_like_any_other() {
    let [set, double] = much();
    let flow = json!([set, double, {"softSleep": 5_000}, {"set": {"a": "on"}}]);
    let settings = RunSettings::new("D");
    let lenient = program(&flow, FlowMode::Lenient);
    let result = ScriptedWorld::default().run(&lenient, JsonMap::new(), &settings);
    assert_eq!(result.outcome, AttemptOutcome::CompletedWithErrors);
    assert_eq!(result.left.variables["a"], "on");
    let failure = result.failure.unwrap();
    assert_eq!(failure.step.as_deref(), Some("/2"));
    assert!(failure.detail.contains("256 KiB"), "{failure}");
}

#[test]
fn a_loop_whose_condition_fails_goes_on_with_the_passes_that_it_has_left() {
    let flow = json!([
        {"while": {"maxSteps": 2, "condition": "wanted(${n})", "do": [
            {"httpRequest": {"url": "http://a/"}}
        ]}}
    ]);
    let (program, settings) = (program(&flow, FlowMode::Strict), RunSettings::new("D"));
    let outside: Outside = serde_json::from_value(json!({"scripts": [
        {"value": [true, true]}, {"failure": "interrupted"}, {"value": [true, true]}
    ]}))
    .unwrap();
    let world = ScriptedWorld::with(answered(2), outside);
    let first = world.run(&program, JsonMap::new(), &settings);
    let failure = first.failure.unwrap();
    assert_eq!(failure.class, FailureClass::Interrupted);
    assert_eq!(urls(&world).len(), 2);
    let second = world.go_on(&program, first.checkpoint.unwrap(), &settings);
    assert_eq!((second.outcome, urls(&world).len()), (AttemptOutcome::Completed, 2));
}

#[test]
fn an_item_that_could_not_be_taken_is_still_to_come() {
    let large = "x".repeat(600 << 10);
    let flow = json!([
        {"httpRequest": {"url": "http://a/"}},
        {"set": {"filled": "${large}"}},
        {"forEach": {"list": ["1", "${large}"], "as": "item", "do": [{"log": "${item}"}]}}
    ]);
    let (program, settings) = (program(&flow, FlowMode::Strict), RunSettings::new("D"));
    let world = ScriptedWorld::new(answered(1));
    let variables = JsonMap::from_iter([("large".to_owned(), large[..345 << 10].into())]);
    let first = world.run(&program, variables, &settings);
    assert_eq!(first.outcome, AttemptOutcome::Failed);
    let mut text: Value = serde_json::from_str(&first.checkpoint.unwrap().to_text()).unwrap();
    text["variables"]["filled"] = "".into();
    let rest = Checkpoint::parse(&text.to_string()).unwrap();
    let second = world.go_on(&program, rest, &settings);
    assert_eq!(second.outcome, AttemptOutcome::Completed);
    assert_eq!(second.steps.iter().filter(|step| step.action == "log").count(), 1);
}

#[test]
fn a_run_that_waits_again_and_again_ends() {
    let flow = json!([
        {"while": {"maxSteps": 1_000_000_000_000_u64, "condition": "true", "do": [
            {"softSleep": 2_001}
        ]}}
    ]);
    let program = program(&flow, FlowMode::Strict);
    let result = ScriptedWorld::default().run(&program, JsonMap::new(), &RunSettings::new("D"));
    let failure = result.failure.unwrap();
    assert_eq!(failure.detail, format!("more than {STEPS_RUN_MAX} steps in one run"));
}

#[test]
fn a_flow_ends_with_a_goto_that_breaks() {
    let flow = json!([
        {"goto": "there", "break": true}, {"set": {"next": "1"}}, {"set": {"gone": "1"}, "tag": "there"}
    ]);
    let program = program(&flow, FlowMode::Strict);
    let result = ScriptedWorld::default().run(&program, JsonMap::new(), &RunSettings::new("D"));
    assert_eq!((result.outcome, result.steps.len()), (AttemptOutcome::Completed, 1));
    assert!(result.left.variables.is_empty());
}
