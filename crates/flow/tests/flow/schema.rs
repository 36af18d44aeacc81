//! The JSON Schema against the check: they are two readers of the same descriptions.

use model::flow::{
    check::{FlowProblem, check},
    language::{Runs, actions, schema::flow_schema},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

fn is_sound(flow: &Value) -> bool {
    !check(&flow.to_string()).problems.iter().any(FlowProblem::is_error)
}

#[test]
fn the_schema_is_one_and_admits_every_example_and_every_case() {
    let schema = flow_schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let examples = actions()
        .filter(|action| action.runs == Runs::Here)
        .map(|action| format!("[{}]", action.example).parse().unwrap());
    let folder = Path::new("tests/cases");
    let cases = fs::read_dir(folder).unwrap().flat_map(|file| {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        cases.into_iter().map(|case| case["flow"].clone())
    });
    let flows: Vec<Value> = examples.chain(cases).collect();
    assert!(flows.len() > 50);
    for flow in flows {
        let faults: Vec<_> = validator.iter_errors(&flow).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{flow}\n{faults:#?}");
    }
}

#[test]
fn what_the_schema_refuses_the_check_refuses_and_the_other_way_round() {
    let validator = jsonschema::draft202012::new(&flow_schema()).unwrap();
    let refused = [
        json!({}),
        json!([{}]),
        json!(["log"]),
        json!([{"tag": "a"}]),
        json!([{"log": "a", "start": ""}]),
        json!([{"log": "a", "colour": "b"}]),
        json!([{"log": []}]),
        json!([{"set": []}]),
        json!([{"unSet": {}}]),
        json!([{"softSleep": -1}]),
        json!([{"softSleep": 1.5}]),
        json!([{"goto": ""}]),
        json!([{"if": {"then": []}}]),
        json!([{"if": {"expression": "1", "then": {}}}]),
        json!([{"switch": {"variable": "a", "case": {"x": {}}}}]),
        json!([{"while": {"condition": "1", "maxSteps": 0}}]),
        json!([{"httpRequest": {}}]),
        json!([{"httpRequest": {"url": "http://a", "method": "FETCH"}}]),
        json!([{"httpRequest": {"url": "http://a", "timeout": 0}}]),
        json!([{"httpRequest": {"url": "http://a", "headers": {"a b": "c"}}}]),
        json!([{"httpRequest": {"url": "http://a", "headers": {"a": []}}}]),
        json!([{"log": "a", "disabled": "yes"}]),
        json!([{"log": "a", "limit": {"failover": "x"}}]),
    ];
    for flow in refused {
        assert!(!validator.is_valid(&flow), "{flow}");
        assert!(!is_sound(&flow), "{flow}");
    }
    let admitted = [
        json!([]),
        // As the original's editor writes what is left out.
        json!([{"httpRequest": {"url": "http://a", "method": "", "timeout": "", "exportCookie": "",
                                "responseCode": "", "insecureSkipVerify": ""}, "tag": ""}]),
        json!([{"log": "a", "limit": {"max": 3, "failover": ""}}]),
        json!([{"break": ""}, {"break": true}, {"log": 5, "break": true}]),
        json!([{"httpRequest": {"url": "${base}/x", "method": " get ", "timeout": "50", "data": null}}]),
        json!([{"if": {"expression": "1", "thn": []}}]),
        json!([{"sleep": "${ms}"}, {"unSet": "a"}, {"trigger": {"a": [1]}}, {"ewt": {"x": 1}}]),
    ];
    for flow in admitted {
        assert!(validator.is_valid(&flow), "{flow}");
        assert!(is_sound(&flow), "{flow}");
    }
}
