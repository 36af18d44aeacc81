//! What bounds a run.

use crate::world::{Scripted, ScriptedWorld};
use flow::{Program, RunResult, RunSettings, limits::*};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use serde_json::json;
use std::sync::Arc;

fn run(flow: &serde_json::Value, variables: JsonMap, mode: FlowMode) -> RunResult {
    let program = Arc::new(Program::load(&flow.to_string(), mode).unwrap());
    ScriptedWorld::default().run(&program, variables, &RunSettings::new("D"))
}

fn no_variables() -> JsonMap {
    JsonMap::new()
}

#[test]
fn past_the_limit_of_jumps_the_flow_goes_on_behind_the_goto() {
    let flow = json!([
        {"log": "round", "tag": "again"},
        {"goto": "again"},
        {"set": {"reached": "the end"}}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    assert_eq!(result.outcome, AttemptOutcome::Completed);
    assert_eq!(result.left.variables["reached"], "the end");
    let recorded = result.steps.len() as u64 + result.steps_dropped;
    assert_eq!(recorded, 2 * (u64::from(JUMPS_MAX) + 1) + 1);
    // The one that did not jump is seen, though the trace is full before it.
    assert_eq!(result.steps.len(), STEPS_RECORDED_MAX + 1);
    let last = result.steps.last().unwrap();
    assert_eq!((last.path.as_str(), last.visit), ("/1", JUMPS_MAX + 1));
    assert_eq!(last.warnings, ["no jump: this would be more than 1000"]);
}

#[test]
fn of_the_jumps_past_the_limit_the_first_alone_is_kept_in_a_full_trace() {
    let flow = json!([
        {"while": {"maxSteps": 5000, "condition": "true", "do": [
            {"if": {"expression": "true", "then": [{"goto": "on"}]}}, {"log": "", "tag": "on"}
        ]}}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    assert_eq!(result.outcome, AttemptOutcome::Completed);
    assert_eq!(result.steps.len(), STEPS_RECORDED_MAX + 1);
}

#[test]
fn failovers_count_as_jumps() {
    let flow = json!([
        {"set": {"a": "1"}, "tag": "again", "limit": {"max": 1, "failover": "again"}},
        {"log": "behind"}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    assert_eq!(result.outcome, AttemptOutcome::Completed);
    // Once in front of the log, which is reached without a jump.
    assert_eq!(result.steps.last().map(|step| step.action.as_str()), Some("log"));
    let flow = json!([
        {"set": {"a": "1"}, "tag": "again", "limit": {"max": 1, "failover": "again"}},
        {"goto": "again"},
        {"set": {"b": "2"}}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    assert_eq!(result.left.variables["b"], "2");
    let recorded = result.steps.len() as u64 + result.steps_dropped;
    // One pass, its goto, then failovers until the limit; behind it the goto does not jump.
    assert_eq!(recorded, 2 + u64::from(JUMPS_MAX) + 1 + 1);
}

#[test]
fn jumps_from_the_condition_of_a_loop_count_as_well() {
    // No script can be run here.
    let flow = json!([
        {"log": "round", "tag": "again"},
        {"while": {"condition": "[1].includes(1)", "do": []}, "onError": {"goto": "again"}},
        {"set": {"reached": "the end"}}
    ]);
    let program = Arc::new(Program::load(&flow.to_string(), FlowMode::Strict).unwrap());
    let world = ScriptedWorld::that_lacks(Vec::new());
    let result = world.run(&program, no_variables(), &RunSettings::new("D"));
    assert_eq!((result.outcome, result.failure), (AttemptOutcome::Completed, None));
    assert_eq!(result.left.variables["reached"], "the end");
    // The one that did not jump is seen, though the trace is full before it.
    let last = result.steps.last().unwrap();
    assert_eq!((last.path.as_str(), last.visit), ("/1", JUMPS_MAX + 1));
    assert_eq!(last.warnings, ["no jump: this would be more than 1000"]);
}

#[test]
fn each_run_of_a_function_has_its_own_jumps() {
    let flow = json!([
        {"function": {"name": "f", "actions": [
            {"log": "", "tag": "t"},
            {"if": {"expression": "'${again}' === 'yes'", "then": [{"set": {"again": "no"}}, {"goto": "t"}]}}
        ]}},
        {"while": {"maxSteps": 1500, "condition": "true", "do": [
            {"set": {"again": "yes"}}, {"execute": {"name": "f"}}
        ]}},
        {"set": {"done": "yes"}}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    assert_eq!(result.outcome, AttemptOutcome::Completed);
    assert_eq!(result.left.variables["again"], "no");
}

#[test]
fn an_attempt_ends_after_too_many_steps_even_in_lenient_mode() {
    let flow = json!([{"while": {"maxSteps": 1_000_000_000, "condition": "1", "do": []}}]);
    for mode in FlowMode::ALL {
        let result = run(&flow, no_variables(), mode);
        assert_eq!(result.outcome, AttemptOutcome::Failed);
        let failure = result.failure.unwrap();
        assert_eq!(failure.class, FailureClass::Flow);
        assert!(failure.detail.contains("100000"), "{failure}");
        assert_eq!(failure.step.as_deref(), Some("/0"));
    }
}

#[test]
fn functions_that_call_themselves_end() {
    let flow = json!([
        {"function": {"name": "f", "actions": [{"execute": {"name": "f"}}]}},
        {"execute": {"name": "f"}}
    ]);
    let failure = run(&flow, no_variables(), FlowMode::Strict).failure.unwrap();
    assert_eq!(failure.class, FailureClass::Flow);
    assert!(failure.detail.contains("64"), "{failure}");
    assert_eq!(failure.step.as_deref(), Some("/0/function/actions/0"));
}

#[test]
fn a_list_of_more_items_than_for_each_takes_is_an_error_that_names_both() {
    let over =
        |name: &str| json!([{"forEach": {"list": format!("${{{name}}}"), "do": [{"log": "x"}]}}]);
    let items = |many: usize| vec![json!(0); many];
    let million = format!("[{}0]", "0,".repeat(999_999));
    let mut variables = no_variables();
    variables.insert("many".to_owned(), items(FOR_EACH_ITEMS_MAX + 1).into());
    variables.insert("million".to_owned(), million.into());
    for (name, many) in [("many", "10001"), ("million", "1000000")] {
        let result = run(&over(name), variables.clone(), FlowMode::Strict);
        let failure = result.failure.unwrap();
        assert_eq!((failure.class, failure.limit), (FailureClass::Flow, Some(10_000)));
        let detail = format!("the list has {many} items, `forEach` takes 10000");
        assert_eq!((failure.detail, result.steps.len()), (detail, 1));
    }
    let mut variables = no_variables();
    variables.insert("most".to_owned(), items(FOR_EACH_ITEMS_MAX).into());
    assert!(run(&over("most"), variables, FlowMode::Strict).failure.is_none());
}

#[test]
fn variables_do_not_grow_without_bound() {
    let flow = json!([
        {"set": {"a": "0123456789"}},
        {"while": {"maxSteps": 40, "condition": "true", "do": [{"set": {"a": "${a}${a}"}}]}}
    ]);
    let result = run(&flow, no_variables(), FlowMode::Strict);
    let failure = result.failure.unwrap();
    assert!(failure.detail.contains("1 MiB"), "{failure}");
    assert!(result.left.variables["a"].as_str().unwrap().len() <= VARIABLES_BYTES_MAX);
}

#[test]
fn the_trace_is_bounded_in_bytes_and_keeps_the_step_that_failed() {
    let text = "x".repeat(RECORDED_TEXT_MAX);
    let flow = json!([
        {"while": {"maxSteps": 300, "condition": "true", "do": [{"log": "${text}"}]}},
        {"goto": "${nowhere}"}
    ]);
    let variables = JsonMap::from_iter([("text".to_owned(), text.into())]);
    let result = run(&flow, variables, FlowMode::Strict);
    assert!(result.steps_dropped > 100);
    assert_eq!(result.steps.last().map(|step| step.path.as_str()), Some("/1"));
    let bytes = serde_json::to_string(&result.steps).unwrap().len();
    assert!(bytes < TRACE_BYTES_MAX * 5 / 4, "{bytes}");
}

#[test]
fn large_bodies_are_recorded_in_part() {
    let body = "y".repeat(200_000);
    let answer: Scripted = serde_json::from_value(json!({"status": 200, "body": body})).unwrap();
    let flow = json!([{"httpRequest": {"url": "http://a", "data": {"b": "${big}"}}}]);
    let variables = JsonMap::from_iter([("big".to_owned(), "z".repeat(100_000).into())]);
    let program = Arc::new(Program::load(&flow.to_string(), FlowMode::Strict).unwrap());
    let world = ScriptedWorld::new(vec![answer]);
    let result = world.run(&program, variables, &RunSettings::new("D"));
    assert_eq!(world.requests()[0].body.len(), 100_008);
    let http = result.steps[0].http.as_ref().unwrap();
    assert_eq!(http.request_body.cut_from, Some(100_008));
    let answer = http.answer.as_ref().unwrap();
    assert_eq!((answer.body.text.len(), answer.body.cut_from), (64 << 10, Some(200_000)));
}

#[test]
fn the_paths_of_one_step_do_not_go_through_lists_without_bound() {
    let flow = json!([{"log": "${list.#.m}".repeat(2_000)}, {"log": "behind"}]);
    let variables = JsonMap::from_iter([("list".to_owned(), json!(vec![json!({"n": 1}); 10_000]))]);
    let result = run(&flow, variables, FlowMode::Strict);
    let failure = result.failure.unwrap();
    assert_eq!((failure.class, failure.limit), (FailureClass::Flow, Some(PATH_VISITS_MAX as u64)));
    assert_eq!(result.steps.len(), 1);
}

/// Why nothing of this is found in such an answer.
fn answered(content_type: &str, body: String, exports: serde_json::Value) -> Failure {
    let answer = json!({"status": 200, "headers": {"content-type": content_type}, "body": body});
    let world = ScriptedWorld::new(vec![serde_json::from_value(answer).unwrap()]);
    let mut request = json!({"url": "http://a", "exportVariables": exports});
    if content_type == "text/plain" {
        request["parser"] = "text".into();
    }
    let flow = json!([{"httpRequest": request}]);
    let program = Arc::new(Program::load(&flow.to_string(), FlowMode::Strict).unwrap());
    world.run(&program, no_variables(), &RunSettings::new("D")).failure.unwrap()
}

#[test]
fn an_answer_is_not_copied_without_bound_before_it_is_found_to_be_too_much() {
    let exports = |path: &str| -> JsonMap {
        (0..20).map(|number| (format!("v{number}"), path.into())).collect()
    };
    let text = "x".repeat(1_000_000);
    let xml = format!("<a>{text}</a>");
    for failure in [
        answered("text/xml", xml, exports("/a").into()),
        answered("text/plain", text, exports("^x.*").into()),
    ] {
        assert!(failure.detail.contains("more than 8 MiB of text"), "{failure}");
        assert_eq!(failure.limit, Some(STEP_TEXT_MAX as u64));
    }
}

#[test]
fn what_is_looked_for_in_a_text_or_an_answer_does_not_hold_the_thread() {
    let (pattern, text) = ("[a-m]*[a-c][a-m]{5000}[n-z]", "a".repeat(1 << 19));
    let nested = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
    let flow =
        json!([{"string": {"data": "${t}", "fn": "gomatch", "args": [pattern], "setVar": "m"}}]);
    let variables = JsonMap::from_iter([("t".to_owned(), text.clone().into())]);
    let failures = [
        run(&flow, variables, FlowMode::Strict).failure.unwrap(),
        answered("text/plain", text, json!({"m": pattern})),
        answered("text/xml", nested, json!({"m": "//a//a//b"})),
    ];
    for (failure, said) in
        failures.iter().zip(["too long for a text", "too long for a text", "look at"])
    {
        assert_eq!(failure.class, FailureClass::Flow);
        assert!(failure.detail.contains(said), "{failure}");
    }
}

#[test]
fn a_run_can_be_sent_to_another_thread() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let program = Arc::new(Program::load("[]", FlowMode::Strict).unwrap());
    let world = ScriptedWorld::default();
    let settings = RunSettings::new("D");
    drop(is_send(flow::run(&program, no_variables(), &settings, &world)));
}
