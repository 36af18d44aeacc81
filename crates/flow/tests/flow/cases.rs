//! Runs the cases of `tests/cases`.

use crate::world::{Outside, Scripted, ScriptedWorld};
use flow::{Program, RunResult, RunSettings};
use model::{
    JsonMap,
    flow::FlowMode,
    trace::{AttemptOutcome, FailureClass, StepRecord},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write, fs, path::Path, sync::Arc, time::Duration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What holds.
    name: String,
    #[serde(default)]
    mode: FlowMode,
    flow: Value,
    #[serde(default)]
    variables: JsonMap,
    #[serde(default)]
    answers: Vec<Scripted>,
    #[serde(default)]
    outside: Outside,
    #[serde(default = "half_a_minute")]
    time_limit_ms: u64,
    #[serde(default)]
    redact: Vec<String>,
    expect: Expected,
}

fn half_a_minute() -> u64 {
    30_000
}

/// What is absent is not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    outcome: AttemptOutcome,
    failure: Option<ExpectedFailure>,
    requests: Option<Vec<ExpectedRequest>>,
    /// What was done outside but for requests; of each the members that are named here.
    acts: Option<Vec<JsonMap>>,
    /// Texts that stand nowhere in the trace.
    #[serde(default)]
    hidden: Vec<String>,
    /// All variables, in any order.
    variables: Option<JsonMap>,
    /// One line for each step, see `line`.
    trace: Option<Vec<String>>,
    /// Parts of the warnings, in order, of all steps.
    warnings: Option<Vec<String>>,
    /// Values by JSON pointer into the list of records.
    records: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedFailure {
    class: FailureClass,
    step: Option<String>,
    /// A part of it.
    detail: Option<String>,
    host: Option<String>,
    status: Option<u16>,
    retry_after_ms: Option<u64>,
    limit: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRequest {
    method: Option<String>,
    url: Option<String>,
    /// Some of them; null for one that must not be there.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// As text, or as JSON to be found in the body.
    body: Option<Value>,
    timeout_ms: Option<u64>,
}

#[test]
fn every_case_holds() {
    let folder = Path::new("tests/cases");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut count = 0;
    let mut faults = String::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let cases: Vec<Case> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        for case in cases {
            count += 1;
            if let Err(fault) = hold(&case) {
                let file = file.file_name().unwrap().display();
                writeln!(faults, "{file}: {}\n    {fault}\n", case.name).unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(count >= 150, "only {count} cases were found");
}

fn hold(case: &Case) -> Result<(), String> {
    let source = serde_json::to_string_pretty(&case.flow).unwrap();
    let program = Program::load(&source, case.mode).map_err(|p| format!("refused: {p:#?}"))?;
    let program = Arc::new(program);
    let world = ScriptedWorld::with(case.answers.clone(), case.outside.clone());
    let settings = RunSettings {
        delivery: "D".to_owned(),
        time_limit: Duration::from_millis(case.time_limit_ms),
        redact: case.redact.clone(),
        flow: Some(1),
        ..RunSettings::new("")
    };
    let result = world.run(&program, case.variables.clone(), &settings);
    same_when_broken_off(case, &program, &settings, &world, &result)?;
    let expect = &case.expect;
    let lines: Vec<String> = result.steps.iter().map(line).collect();
    let context = format!("\n    trace: {lines:#?}\n    failure: {:?}", result.failure);
    same("outcome", &result.outcome, &expect.outcome).map_err(|fault| fault + &context)?;
    if let Some(trace) = &expect.trace {
        same("trace", &lines, trace)?;
    }
    match (&expect.failure, &result.failure) {
        (None, None) => {}
        (None, Some(_)) if expect.outcome == AttemptOutcome::CompletedWithErrors => {}
        (Some(expected), Some(failure)) => {
            same("class", &failure.class, &expected.class)?;
            let at = |what: &str| format!("{what} of the failure");
            if expected.step.is_some() {
                same(&at("step"), &failure.step, &expected.step)?;
            }
            if expected.host.is_some() {
                same(&at("host"), &failure.host, &expected.host)?;
            }
            if expected.limit.is_some() {
                same(&at("limit"), &failure.limit, &expected.limit)?;
            }
            same(&at("status"), &failure.status, &expected.status)?;
            same(&at("retry_after_ms"), &failure.retry_after_ms, &expected.retry_after_ms)?;
            let detail = expected.detail.as_deref().unwrap_or_default();
            if !failure.detail.contains(detail) {
                return Err(format!("the detail is {:?}, expected {detail:?}", failure.detail));
            }
        }
        (expected, found) => {
            return Err(format!("failure: {found:?}, expected one: {}", expected.is_some()));
        }
    }
    if let Some(variables) = &expect.variables {
        same(
            "variables",
            &Value::Object(result.left.variables),
            &Value::Object(variables.clone()),
        )?;
    }
    if let Some(warnings) = &expect.warnings {
        let found: Vec<_> = result.steps.iter().flat_map(|step| &step.warnings).collect();
        let fits = found.len() == warnings.len()
            && found.iter().zip(warnings).all(|(found, part)| found.contains(part.as_str()));
        if !fits {
            return Err(format!("warnings: {found:#?}, expected {warnings:#?}"));
        }
    }
    if let Some(expected) = &expect.acts {
        let acts = world.acts();
        same("number of acts", &acts.len(), &expected.len())
            .map_err(|f| format!("{f}: {acts:#?}"))?;
        for (index, (act, expected)) in acts.iter().zip(expected).enumerate() {
            for (name, value) in expected {
                let found = act.get(name).unwrap_or(&Value::Null);
                same(&format!("{name} of act {index}"), found, value)?;
            }
        }
    }
    let records = serde_json::to_value(&result.steps).unwrap();
    let shown = records.to_string();
    if let Some(secret) = expect.hidden.iter().find(|secret| shown.contains(secret.as_str())) {
        return Err(format!("\"{secret}\" stands in the trace: {records:#}"));
    }
    for (pointer, expected) in expect.records.iter().flatten() {
        let found = records.pointer(pointer).unwrap_or(&Value::Null);
        same(&format!("record {pointer}"), found, expected)?;
    }
    let Some(expected) = &expect.requests else { return Ok(()) };
    let requests = world.requests();
    same("number of requests", &requests.len(), &expected.len())?;
    for (index, (request, expected)) in requests.iter().zip(expected).enumerate() {
        let at = |what: &str| format!("{what} of request {index}");
        if let Some(method) = &expected.method {
            same(&at("method"), &request.method, method)?;
        }
        if let Some(url) = &expected.url {
            same(&at("url"), &request.url, url)?;
        }
        if let Some(timeout) = expected.timeout_ms {
            same(&at("timeout"), &request.timeout, &Duration::from_millis(timeout))?;
        }
        for (name, value) in &expected.headers {
            let mut found =
                request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
            let first = found.next().map(|(_, value)| value.clone());
            same(&at(&format!("header {name}")), &first, value)?;
            same(&at(&format!("second header {name}")), &found.next(), &None)?;
        }
        let body = String::from_utf8_lossy(&request.body).into_owned();
        match &expected.body {
            None => {}
            Some(Value::String(text)) => same(&at("body"), &body, text)?,
            Some(json) => {
                let body: Value = serde_json::from_str(&body).map_err(|e| e.to_string())?;
                same(&at("body"), &body, json)?;
            }
        }
    }
    Ok(())
}

/// A run that is broken off at each of its barriers comes to the same, and asks nothing twice.
fn same_when_broken_off(
    case: &Case,
    program: &Arc<Program>,
    settings: &RunSettings,
    world: &ScriptedWorld,
    whole: &RunResult,
) -> Result<(), String> {
    let kept = world.times_kept();
    // Each part has a time limit of its own.
    if kept == 0 || whole.failure.as_ref().is_some_and(|one| one.class == FailureClass::TimedOut) {
        return Ok(());
    }
    let broken = ScriptedWorld::that_breaks_off(case.answers.clone(), case.outside.clone());
    let result = broken.run(program, case.variables.clone(), settings);
    let what = |what: &str| format!("{what} of the run that is broken off {kept} times");
    same(&what("requests"), &broken.requests(), &world.requests())?;
    same(&what("acts"), &broken.acts(), &world.acts())?;
    same(&what("outcome"), &result.outcome, &whole.outcome)?;
    same(&what("failure"), &result.failure, &whole.failure)?;
    same(&what("variables"), &result.left.variables, &whole.left.variables)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found:#?}\n    expected: {expected:#?}"))
}

/// A record in one line: `/2/if/then/0 httpRequest 200`, ` !class` behind it for an error.
fn line(record: &StepRecord) -> String {
    let flow = record.flow.map(|flow| format!("{flow}:")).unwrap_or_default();
    let mut line = format!("{flow}{} {}", record.path, record.action);
    let output = |name: &str| record.output.get(name).cloned().unwrap_or_default();
    match record.action.as_str() {
        "if" => write!(line, " {}", output("branch").as_str().unwrap_or("neither")).unwrap(),
        "switch" => write!(line, " {}", output("case")).unwrap(),
        "while" | "forEach" => write!(line, " x{}", output("passes")).unwrap(),
        "log" => write!(line, ": {}", record.input.as_str().unwrap_or_default()).unwrap(),
        "httpRequest" => {
            if let Some(answer) = record.http.as_ref().and_then(|http| http.answer.as_ref()) {
                write!(line, " {}", answer.status).unwrap();
            }
        }
        _ => {}
    }
    if let Some(error) = &record.error {
        write!(line, " !{}", error.class).unwrap();
    }
    line
}
