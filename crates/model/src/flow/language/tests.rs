use super::*;
use crate::flow::check::check;
use std::collections::HashSet;

/// An action's example among the steps that it needs: a tag, a function.
fn flow_of(action: &Description) -> String {
    format!(
        r#"[{}, {{"log": "x", "tag": "report"}}, {{"function": {{"name": "{}", "actions": []}}}}]"#,
        action.example,
        if action.name == "function" { "other" } else { "report" },
    )
}

#[test]
fn every_example_is_a_step_of_its_action_without_a_problem() {
    for action in actions().filter(|action| action.runs == Runs::Here) {
        let checked = check(&flow_of(action));
        assert_eq!(checked.problems, [], "{}", action.name);
        let steps = checked.steps.unwrap();
        assert_eq!(steps[0].action.name(), action.name, "what is described is not built");
    }
}

#[test]
fn every_action_and_argument_is_described_in_words() {
    let mut names = HashSet::new();
    for action in actions() {
        assert!(names.insert(action.name), "{} is described twice", action.name);
        assert!(!action.summary.is_empty() && !action.summary.ends_with('.'), "{}", action.name);
        for argument in action.arguments() {
            worded(action.name, argument);
        }
    }
    for key in META {
        worded("", key);
    }
}

fn worded(of: &str, argument: &Argument) {
    let name = argument.name;
    assert!(argument.help.ends_with('.'), "{of}.{name}: {}", argument.help);
    assert!(!(argument.required && argument.default.is_some()), "{of}.{name}");
    if let Kind::Object(inner) = &argument.kind {
        inner.iter().for_each(|inner| worded(name, inner));
    }
}

#[test]
fn every_default_is_of_its_own_kind() {
    let defaults = |arguments: &'static [Argument]| {
        arguments.iter().filter_map(|argument| Some((argument.name, argument.default?)))
    };
    for action in actions() {
        for (name, default) in defaults(action.arguments()) {
            let mut step: serde_json::Value = serde_json::from_str(action.example).unwrap();
            step[action.name][name] = serde_json::from_str(default).unwrap();
            let source = format!(
                r#"[{step}, {{"log": "x", "tag": "report"}}, {{"function": {{"name": "report", "actions": []}}}}]"#
            );
            let errors: Vec<_> =
                check(&source).problems.into_iter().filter(|problem| problem.is_error()).collect();
            assert_eq!(errors, [], "{}.{name}", action.name);
        }
    }
}

#[test]
fn the_schema_names_every_action_once() {
    let schema = schema::flow_schema();
    let properties = schema["$defs"]["step"]["properties"].as_object().unwrap();
    for action in actions() {
        for name in [&action.name].into_iter().chain(action.other_names) {
            assert!(properties.contains_key(*name), "{name}");
        }
    }
    assert_eq!(schema["$defs"]["step"]["oneOf"].as_array().unwrap().len(), actions().count());
}
