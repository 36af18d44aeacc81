use super::*;
use model::{
    destination::DestinationLimits,
    policy::{Policy, PolicyChange},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::to_value(documented(NodeRoles::ALL).1).unwrap()
}

/// Every value under this key, wherever it stands.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key));
            members.values().for_each(|member| under(member, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
        _ => {}
    }
}

/// Where the answers to unknown paths hang.
const FALLBACKS: [&str; 7] =
    ["/", "/api/v1", "/api/v1/", "/call_center", "/call_center/", "/routing", "/routing/"];

#[test]
fn the_document_names_every_route_that_the_router_has() {
    let (router, document) = documented(NodeRoles::ALL);
    // The router shows its routes only to debuggers.
    let shown = format!("{router:?}");
    let routes: BTreeSet<_> = shown
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with('/') && !text.contains("__private"))
        .filter(|text| !FALLBACKS.contains(text))
        .collect();
    let named: BTreeSet<_> = document.paths.paths.keys().map(String::as_str).collect();
    assert!(named.len() > 5, "{named:?}");
    assert_eq!(routes, named);
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    under(&document, "$ref", &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_has_words_and_an_example_and_what_wants_a_token_says_how_it_refuses() {
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let what = format!("{method} {path}");
            for member in ["summary", "description", "operationId"] {
                assert!(operation[member].is_string(), "{what}: {member}");
            }
            let answers = operation["responses"].as_object().unwrap();
            let mut examples = Vec::new();
            under(operation, "example", &mut examples);
            under(operation, "examples", &mut examples);
            assert!(!examples.is_empty(), "{what}: an example");
            if operation["security"] != json!([{}]) {
                for status in ["401", "403", "503"] {
                    assert!(answers.contains_key(status), "{what}: {status}");
                }
            }
        }
    }
}

#[test]
fn every_link_leads_from_an_answer_to_an_operation() {
    let document = document();
    let mut links = Vec::new();
    under(&document["paths"], "links", &mut links);
    let all: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| &operation["operationId"])
        .map(|id| id.as_str().unwrap())
        .collect();
    let links: Vec<_> =
        links.iter().flat_map(|links| links.as_object().unwrap().values()).collect();
    assert_eq!(links.len(), super::links::COUNT);
    for link in links {
        assert!(all.contains(link["operationId"].as_str().unwrap()), "{link}");
    }
}

#[test]
fn every_schema_that_the_document_defines_is_described() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
    }
}

/// Whether these limits are taken.
fn are_limits(limits: Value) -> bool {
    let read = serde_json::from_value::<DestinationLimits>(limits);
    read.is_ok_and(|limits| limits.problems().is_empty())
}

/// Whether this is taken for a policy, as a whole and as a change.
fn is_policy(given: Value) -> bool {
    let whole = serde_json::from_value::<Policy>(given.clone());
    let change = serde_json::from_value::<PolicyChange>(given);
    let changed = change.map(|change| change.applied_to(&Policy::default()));
    let [whole, changed] =
        [whole, changed].map(|read| read.is_ok_and(|policy| policy.problems("").is_empty()));
    assert_eq!(whole, changed);
    whole
}

/// Asserts that a number is taken exactly within the bounds of its schema.
fn assert_bounded(what: &str, schema: &Value, step: f64, is_taken: impl Fn(f64) -> bool) {
    let bound = |bound: &str| schema[bound].as_f64().unwrap();
    let (low, high) = (bound("minimum"), bound("maximum"));
    assert!(is_taken(low) && is_taken(high), "{what}");
    assert!(!is_taken(low - step), "{what} below {low}");
    assert!(!is_taken(high + step), "{what} beyond {high}");
}

#[test]
fn a_limit_is_taken_exactly_within_the_bounds_that_the_document_names() {
    let document = document();
    let limits = &document["components"]["schemas"]["DestinationLimits"]["properties"];
    let limits = limits.as_object().unwrap();
    assert_eq!(limits.len(), 5);
    for (name, schema) in limits {
        let step = if name == "rate_per_s" { 0.000_1 } else { 1.0 };
        assert_bounded(name, schema, step, |number| are_limits(json!({name: number})));
    }
}

#[test]
fn a_policy_is_taken_exactly_within_the_bounds_that_the_document_names() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for kind in ["Policy", "PolicyChange"] {
        let members = &schemas[kind]["properties"];
        for name in ["max_age_ms", "attempt_limit_ms"] {
            assert_bounded(name, &members[name], 1.0, |number| is_policy(json!({name: number})));
        }
        let waits = &members["retry_waits_ms"];
        let is_wait = |wait: f64| is_policy(json!({"retry_waits_ms": [0, wait]}));
        assert_bounded("a wait", &waits["items"], 1.0, is_wait);
        let most = waits["maxItems"].as_u64().unwrap() as usize;
        let are_waits = |many: usize| is_policy(json!({"retry_waits_ms": vec![1; many]}));
        assert!(are_waits(0) && are_waits(most) && !are_waits(most + 1));
        let types = |name: &str| members[name]["type"].clone();
        assert_eq!(types("max_age_ms"), json!(["integer", "null"]));
        assert_eq!(types("retry_waits_ms"), json!(["array", "null"]));
    }
    let nullable = |kind: &str| {
        let schema = &schemas[kind]["properties"]["priority"];
        schema["oneOf"].as_array().is_some_and(|any| any.contains(&json!({"type": "null"})))
    };
    assert!(nullable("PolicyChange") && !nullable("Policy"));
    let null = json!({"priority": null});
    assert!(serde_json::from_value::<PolicyChange>(null.clone()).is_ok());
    assert!(serde_json::from_value::<Policy>(null).is_err());
}
