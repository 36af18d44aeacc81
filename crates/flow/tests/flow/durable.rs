//! What a run keeps, and when.

use crate::world::{Scripted, ScriptedWorld};
use flow::{Checkpoint, Program, Request, RunSettings};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, FailureClass},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn answers(statuses: &[u16]) -> Vec<Scripted> {
    let answer = |status| serde_json::from_value(json!({"status": status})).unwrap();
    statuses.iter().map(answer).collect()
}

fn program(flow: &Value, mode: FlowMode) -> Arc<Program> {
    Arc::new(Program::load(&flow.to_string(), mode).unwrap())
}

fn paths(world: &ScriptedWorld) -> Vec<String> {
    world.requests().iter().map(|request| request.url.clone()).collect()
}

fn webhook_ids(world: &ScriptedWorld) -> Vec<Option<String>> {
    let id = |request: &Request| {
        let of = request.headers.iter().find(|(name, _)| name == "webhook-id");
        of.map(|(_, id)| id.clone())
    };
    world.requests().iter().map(id).collect()
}

#[test]
fn a_flow_with_one_request_keeps_nothing() {
    let flow = json!([{"set": {"a": "1"}}, {"httpRequest": {"url": "http://a/"}}, {"log": "on"}]);
    let world = ScriptedWorld::new(answers(&[200]));
    let program = program(&flow, FlowMode::Strict);
    let result = world.run(&program, JsonMap::new(), &RunSettings::new("D"));
    assert_eq!((world.times_kept(), result.checkpoint), (0, None));
    let failing = ScriptedWorld::new(answers(&[500]));
    let result = failing.run(&program, JsonMap::new(), &RunSettings::new("D"));
    assert_eq!((result.outcome, result.checkpoint), (AttemptOutcome::Failed, None));
}

#[test]
fn what_is_written_with_the_run_makes_no_barrier_until_there_is_much_of_it() {
    let set = |key: &str| json!({"cache": {"action": "set", "set": {"data": {key: "1"}}}});
    let add = json!({"listAdd": {"list": {"name": "VIP"}, "destination": "1"}});
    let request = |path: &str| json!({"httpRequest": {"url": format!("http://a/{path}")}});
    let flow = json!([set("a"), add, request("1"), {"log": "on"}, set("b")]);
    let settings = RunSettings::new("D");
    let one = program(&flow, FlowMode::Strict);
    let world = ScriptedWorld::new(answers(&[200]));
    let result = world.run(&one, JsonMap::new(), &settings);
    assert_eq!((result.outcome, world.times_kept()), (AttemptOutcome::Completed, 0));
    // What failed there goes back to its start, and has changed nothing.
    let world = ScriptedWorld::new(answers(&[500]));
    let result = world.run(&one, JsonMap::new(), &settings);
    assert_eq!((result.outcome, result.checkpoint), (AttemptOutcome::Failed, None));
    let flow =
        json!([set("a"), set("b"), set("c"), set("d"), request("1"), set("e"), request("2")]);
    let world = ScriptedWorld::new(answers(&[200, 200]));
    world.run(&program(&flow, FlowMode::Strict), JsonMap::new(), &settings);
    // Before the fourth change, since the world is full then, and before the second request.
    assert_eq!(world.times_kept(), 2);
}

#[test]
fn a_failed_run_goes_on_at_the_step_that_failed() {
    let flow = json!([
        {"httpRequest": {"url": "http://a/1"}, "_id": "one"},
        {"set": {"got": "one"}},
        {"httpRequest": {"url": "http://a/2/${got}"}, "_id": "two"},
        {"goto": "${where}"},
        {"httpRequest": {"url": "http://a/3"}, "tag": "there"}
    ]);
    let settings = RunSettings::new("D");
    let program = program(&flow, FlowMode::Strict);
    let world = ScriptedWorld::new(answers(&[200, 503, 200, 200]));
    let first = world.run(&program, JsonMap::new(), &settings);
    // The barrier before the second request has kept it; what failed there was not done.
    assert_eq!((first.outcome, first.checkpoint), (AttemptOutcome::Failed, None));
    let kept = Checkpoint::parse(&world.last_kept().unwrap()).unwrap();
    let second = world.go_on(&program, kept, &settings);
    // Now the second request is done, and a fault of the flow comes after it.
    assert_eq!(second.failure.map(|failure| failure.class), Some(FailureClass::Flow));
    assert_eq!(paths(&world), ["http://a/1", "http://a/2/one", "http://a/2/one"]);
    let ids = webhook_ids(&world);
    assert_eq!(ids[1], ids[2]);
    let rest = second.checkpoint.unwrap();
    // A person mends the variable that the flow lacks, and the run goes on with that step.
    let mut text: Value = serde_json::from_str(&rest.to_text()).unwrap();
    text["variables"]["where"] = "there".into();
    let third = world.go_on(&program, Checkpoint::parse(&text.to_string()).unwrap(), &settings);
    assert_eq!(third.outcome, AttemptOutcome::Completed);
    assert_eq!(third.steps[0].path, "/3");
    assert_eq!(paths(&world).last().map(String::as_str), Some("http://a/3"));
}

#[test]
fn a_number_is_the_same_when_the_run_goes_on() {
    let program = program(&json!([{"softSleep": 5000}, {"log": "on"}]), FlowMode::Strict);
    let numbers = json!([31.245270191439438, 121.48791951161945, 0.1, 3.0]);
    let variables = JsonMap::from_iter([("numbers".to_owned(), numbers.clone())]);
    let result = ScriptedWorld::default().run(&program, variables, &RunSettings::new("D"));
    assert_eq!(result.left.variables["numbers"], numbers);
}

#[test]
fn what_nests_so_deeply_that_it_could_not_be_read_again_comes_into_no_variable() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let flow = json!([
        {"httpRequest": {"url": "http://a/", "exportVariables": {"a": "deep"}}},
        {"forEach": {"list": "${a}", "do": [{"softSleep": 5000}]}}
    ]);
    let program = program(&flow, FlowMode::Strict);
    for (levels, goes) in [(64, true), (65, false), (120, false)] {
        let body = format!(r#"{{"deep": {}}}"#, nested(levels));
        let answer = serde_json::from_value(json!({"status": 200, "body": body})).unwrap();
        let world = ScriptedWorld::new(vec![answer]);
        let result = world.run(&program, JsonMap::new(), &RunSettings::new("D"));
        assert_eq!(result.outcome == AttemptOutcome::Completed, goes, "{levels}");
        let trace = serde_json::to_string(&json!({"steps": result.steps})).unwrap();
        assert!(serde_json::from_str::<Value>(&trace).is_ok(), "{levels}");
    }
    let variables = JsonMap::from_iter([("text".to_owned(), nested(100).into())]);
    let flow = json!([{"forEach": {"list": "${text}", "do": [{"softSleep": 5000}]}}]);
    let program = self::program(&flow, FlowMode::Strict);
    let result = ScriptedWorld::default().run(&program, variables, &RunSettings::new("D"));
    let failure = result.failure.unwrap();
    assert!(failure.detail.contains("an item of the list nests more than 64"), "{failure}");
}

#[test]
fn what_does_not_fit_the_flow_is_refused_and_says_why() {
    let flow = json!([{"softSleep": 5000, "_id": "rest"}, {"log": "on"}]);
    let before = program(&flow, FlowMode::Strict);
    let world = ScriptedWorld::default();
    let settings = RunSettings::new("D");
    let waiting = world.part(flow::run(&before, JsonMap::new(), &settings, &world)).unwrap();
    assert_eq!((waiting.outcome, waiting.wait_ms), (AttemptOutcome::Waiting, Some(5_000)));
    let other = program(&json!([{"log": "on", "_id": "other"}]), FlowMode::Strict);
    let result = world.go_on(&other, waiting.checkpoint.unwrap(), &settings);
    let failure = result.failure.unwrap();
    assert!(failure.detail.contains("no step \"rest\""), "{failure}");
    let failure = Checkpoint::parse("{}").unwrap_err();
    assert!(failure.detail.contains("missing field"), "{failure}");
}

#[test]
fn a_run_rests_before_a_request_for_which_there_is_no_room_and_does_nothing_twice() {
    let flow = json!([
        {"httpRequest": {"url": "http://a/1"}},
        {"set": {"count": "${count}1"}},
        {"while": {"condition": "${turns} !== 'xx'", "do": [
            {"set": {"turns": "${turns}x"}},
            {"httpRequest": {"url": "http://b/${turns}${count}"}, "_id": "two"}
        ]}}
    ]);
    let settings = RunSettings::new("D");
    let program = program(&flow, FlowMode::Strict);
    let world = ScriptedWorld::new(answers(&[200, 200, 200]));
    world.hold("http://b/x1");
    world.hold("http://b/xx1");
    let first = world.part(flow::run(&program, JsonMap::new(), &settings, &world)).unwrap();
    assert_eq!((first.outcome, first.failure), (AttemptOutcome::Held, None));
    let last = first.steps.last().map(|step| step.action.as_str());
    assert_eq!(last, Some("set"), "what has not run is not recorded");
    let second = world.go_on(&program, first.checkpoint.unwrap(), &settings);
    assert_eq!((second.outcome, second.wait_ms), (AttemptOutcome::Held, None));
    let third = world.go_on(&program, second.checkpoint.unwrap(), &settings);
    assert_eq!(third.outcome, AttemptOutcome::Completed);
    assert_eq!(paths(&world), ["http://a/1", "http://b/x1", "http://b/xx1"]);
    assert_eq!(third.steps[0].visit, 2, "it is reached for the second time once");
}

#[test]
fn a_step_that_is_tried_again_by_its_own_rule_rests_too_and_counts_on() {
    let retry = json!({"attempts": 3, "delay_ms": 10});
    let flow = json!([
        {"httpRequest": {"url": "http://a/1"}, "retry": retry},
        {"httpRequest": {"url": "http://a/2"}, "retry": retry}
    ]);
    let program = program(&flow, FlowMode::Strict);
    let world = ScriptedWorld::new(answers(&[500, 500, 200, 500, 500, 500]));
    let settings = RunSettings::new("D");
    world.hold_after(1, "http://a/1");
    let first = world.part(flow::run(&program, JsonMap::new(), &settings, &world)).unwrap();
    assert_eq!((first.outcome, first.failure), (AttemptOutcome::Held, None));
    assert_eq!(world.requests().len(), 1);
    assert_eq!(first.steps.len(), 1, "the try that failed is recorded");

    let checkpoint = first.checkpoint.unwrap();
    assert_eq!(Checkpoint::parse(&checkpoint.to_text()).unwrap(), checkpoint);
    world.hold_after(2, "http://a/2");
    let second = world.go_on(&program, checkpoint, &settings);
    assert_eq!((second.outcome, world.requests().len()), (AttemptOutcome::Held, 5));
    assert_eq!(second.steps.len(), 4, "the second try and the third, and two of the next step");

    let third = world.go_on(&program, second.checkpoint.unwrap(), &settings);
    let failure = third.failure.expect("the third try was the last");
    assert_eq!((failure.status, world.requests().len()), (Some(500), 6));
    assert_eq!(paths(&world)[3..], ["http://a/2"; 3]);
    let ids = webhook_ids(&world);
    assert!(ids[..3].iter().all(|id| *id == ids[0]) && ids[3..].iter().all(|id| *id == ids[3]));
    assert_ne!(ids[0], ids[3]);
}

/// A flow whose request needs a token, and the token's answer before those of these statuses.
fn with_a_token(statuses: &[u16]) -> (Value, ScriptedWorld) {
    let auth = json!({"type": "oauth2", "tokenUrl": "http://t/", "clientId": "me",
                      "clientSecret": "x"});
    let flow = json!([{"httpRequest": {"url": "http://a/", "auth": auth}}]);
    let token = json!({"status": 200, "body": {"access_token": "tok", "expires_in": 3600}});
    let mut scripted: Vec<Scripted> = vec![serde_json::from_value(token).unwrap()];
    scripted.extend(answers(statuses));
    (flow, ScriptedWorld::new(scripted))
}

#[test]
fn runs_of_one_world_share_the_tokens_that_they_have_fetched() {
    let (flow, world) = with_a_token(&[200, 200]);
    let program = program(&flow, FlowMode::Strict);
    for delivery in ["D", "E"] {
        let settings = RunSettings::new(delivery);
        let result = world.run(&program, JsonMap::new(), &settings);
        assert_eq!(result.outcome, AttemptOutcome::Completed);
    }
    assert_eq!(paths(&world), ["http://t/", "http://a/", "http://a/"]);
}

#[test]
fn fetching_a_token_is_held_like_any_request() {
    let (flow, world) = with_a_token(&[200]);
    let program = program(&flow, FlowMode::Strict);
    let settings = RunSettings::new("D");

    world.hold_after(0, "http://t/");
    let first = world.part(flow::run(&program, JsonMap::new(), &settings, &world)).unwrap();
    assert_eq!((first.outcome, world.requests().len()), (AttemptOutcome::Held, 0));

    // Who had room to fetch the token does so before it asks for any to send the request.
    world.hold_after(0, "http://a/");
    let second = world.go_on(&program, first.checkpoint.unwrap(), &settings);
    assert_eq!((second.outcome, paths(&world).len()), (AttemptOutcome::Held, 1));

    let third = world.go_on(&program, second.checkpoint.unwrap(), &settings);
    assert_eq!(third.outcome, AttemptOutcome::Completed);
    assert_eq!(paths(&world), ["http://t/", "http://a/"]);
}

#[test]
fn a_secret_that_was_used_before_a_wait_stays_hidden_when_it_has_changed() {
    let flow = json!([
        {"set": {"a": "$${key}"}, "_id": "set"}, {"softSleep": 5000, "_id": "rest"},
        {"log": "${a}"}
    ]);
    let (program, settings) = (program(&flow, FlowMode::Strict), RunSettings::new("D"));
    let world = ScriptedWorld::default();
    world.set_hidden("key", "before");
    let waiting = world.part(flow::run(&program, JsonMap::new(), &settings, &world)).unwrap();
    let kept = waiting.checkpoint.unwrap();
    assert!(kept.may_hold_secrets());
    // What an older release has kept names what it has used.
    let mut older: Value = serde_json::from_str(&kept.to_text()).unwrap();
    older.as_object_mut().unwrap().remove("hidden").expect("what is hidden is kept");
    older["used"] = json!([{"global": "key"}]);
    let older = Checkpoint::parse(&older.to_string()).unwrap();
    assert!(older.may_hold_secrets());
    for (kept, now) in [(older, "before"), (kept, "after")] {
        world.set_hidden("key", now);
        let result = world.go_on(&program, kept, &settings);
        let steps = serde_json::to_string(&result.steps).unwrap();
        assert!(steps.contains("[redacted]") && !steps.contains("before"), "{steps}");
        assert_eq!(result.left.variables["a"], "before");
    }
}
