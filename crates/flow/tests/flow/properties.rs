//! What holds for any text.

use crate::world::ScriptedWorld;
use flow::{Condition, Program, RunSettings, limits::STEPS_RUN_MAX};
use model::{
    JsonMap,
    flow::{
        FlowMode,
        check::{Severity, check, with_ids},
        expression::{self, DateHelper, Environment, Form},
        json,
        path::Path,
        template::{Placeholder, Template},
        xpath::XPath,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};

/// Pieces that a text is made of, so that it comes near to the languages it is read as.
fn text_of(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Steps of a flow that may go round in every way there is. One that is refused (a tag that is not
/// there, a function that is declared twice) says nothing.
fn steps() -> impl Strategy<Value = Vec<Value>> {
    let tag = || prop::sample::select(&["a", "b", "c"][..]);
    let leaf = prop_oneof![
        tag().prop_map(|tag| json!({"goto": tag})),
        tag().prop_map(|tag| json!({"log": tag, "tag": tag})),
        tag().prop_map(|tag| json!({"log": "x", "limit": {"max": 2, "failover": tag}})),
        (tag(), "[0-9]{1,2}").prop_map(|(name, value)| json!({"set": {(name): value}})),
        tag().prop_map(|name| json!({"execute": {"name": name}})),
        Just(json!({"break": ""})),
        (0..100_u32).prop_map(|ms| json!({"softSleep": ms})),
        Just(json!({"httpRequest": {"url": "http://a/"}, "onError": {"goto": "a"}})),
    ];
    let step = leaf.prop_recursive(4, 40, 5, move |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..5);
        prop_oneof![
            (some(), some()).prop_map(|(then, other)| {
                json!({"if": {"expression": "${a} < 50", "then": then, "else": other}})
            }),
            some().prop_map(|steps| json!({"while": {"condition": "${a} != 7", "do": steps}})),
            some().prop_map(|steps| json!({"forEach": {"list": [1, 2, 3], "do": steps}})),
            (tag(), some()).prop_map(|(name, steps)| {
                json!({"function": {"name": name, "actions": steps}})
            }),
        ]
    });
    prop::collection::vec(step, 0..8)
}

const JSON_PIECES: &[&str] = &[
    "[", "]", "{", "}", ",", ":", "\"", "\"a\"", "\\u00e9", "\\ud83d", "\\ude00", "\\n", "1", "-",
    "0", ".5", "e9", "true", "null", " ", "\n",
];

const FLOW_PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"log\":",
    "\"${a}\"",
    "\"if\":",
    "\"expression\":",
    "\"then\":",
    "\"set\":",
    "\"goto\":",
    "\"tag\":",
    "\"t\"",
    "{\"log\":\"a\"}",
    "\"while\":",
    "\"_id\":",
    "\"break\":",
    "true",
    "5",
    "[{\"start\":\"\"}]",
];

const EXPRESSION_PIECES: &[&str] = &[
    "${a}",
    "'b'",
    "\"${b}\"",
    "1",
    "0x1F",
    "1e3",
    " + ",
    "-",
    "*",
    "/",
    "%",
    "===",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "!",
    "(",
    ")",
    " ? ",
    " : ",
    "true",
    "null",
    "undefined",
    "NaN",
    "'",
    "\\",
    "$",
    "=",
    "&hour(",
    "&time_of_day(9:00-18:00)",
    "[",
    "]",
    "`",
    ".x",
    "/",
];

const CONDITION_PIECES: &[&str] = &[
    "a",
    "b",
    "1",
    "'x'",
    " == ",
    " > ",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "[",
    "]",
    ".b",
    "has(",
    "size(",
    "-",
    "+",
    "/",
    "%",
    " in ",
    "?",
    ":",
    "{",
    "}",
    ",",
    "exists(x, ",
    "\\",
    "'",
];

const PATH_PIECES: &[&str] = &[
    "a", "b", "0", ".", "#", "#(", ")", ")#", "==", "!=", ">", "%", "\"x\"", "1", "\\", "*", "/",
    "//", "@", "[", "]", "[1]", "='v'", "text()", ":", "|",
];

/// A world in which every variable has the same text.
struct Always<'a>(&'a str);

impl<'a> Environment<'a> for Always<'a> {
    fn variable(&mut self, _: &Placeholder) -> Option<Cow<'a, str>> {
        Some(self.0.into())
    }

    fn date(&mut self, helper: &DateHelper) -> expression::Value<'a> {
        helper.at(jiff::civil::date(2026, 2, 28).at(23, 59, 59, 0))
    }
}

proptest! {
    #[test]
    fn the_json_reader_agrees_with_serde_json(source in text_of(JSON_PIECES)) {
        let ours = json::read(&source, 128).map(|document| document.root.to_value());
        match serde_json::from_str::<Value>(&source) {
            Ok(theirs) => prop_assert_eq!(ours.ok(), Some(theirs)),
            Err(_) => prop_assert!(ours.is_err()),
        }
    }

    #[test]
    fn the_json_reader_reads_what_serde_json_writes(value in json_value(), pretty: bool) {
        let source = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        let theirs: Value = serde_json::from_str(&source).unwrap();
        prop_assert_eq!(json::read(&source, 128).unwrap().root.to_value(), theirs);
    }

    #[test]
    fn no_text_makes_the_check_panic(source in text_of(FLOW_PIECES)) {
        let checked = check(&source);
        let errors = checked.problems.iter().any(|p| p.severity == Severity::Error);
        prop_assert_eq!(checked.steps.is_none(), errors);
        match with_ids(&source) {
            Ok(given) => {
                prop_assert!(check(&given).problems.iter().all(|p| !p.message.contains("_id")));
                prop_assert_eq!(with_ids(&given), Ok(given));
            }
            Err(_) => prop_assert!(errors),
        }
    }

    #[test]
    fn no_text_makes_a_program_panic(source in text_of(FLOW_PIECES), lenient: bool) {
        let mode = if lenient { FlowMode::Lenient } else { FlowMode::Strict };
        if let Ok(program) = Program::load(&source, mode) {
            let world = ScriptedWorld::that_lacks(Vec::new());
            world.run(&Arc::new(program), JsonMap::new(), &RunSettings::new("D"));
        }
    }

    #[test]
    fn a_flow_that_is_accepted_ends_within_its_limits(steps in steps(), lenient: bool) {
        let mode = if lenient { FlowMode::Lenient } else { FlowMode::Strict };
        let source = Value::Array(steps).to_string();
        let Ok(program) = Program::load(&source, mode) else { return Ok(()) };
        let world = ScriptedWorld::that_lacks(Vec::new());
        let result = world.run(&Arc::new(program), JsonMap::new(), &RunSettings::new("D"));
        let run = result.steps.len() as u64 + result.steps_dropped;
        prop_assert!(run <= STEPS_RUN_MAX, "{} steps of {}", run, source);
    }

    #[test]
    fn no_text_makes_an_expression_panic(source in text_of(EXPRESSION_PIECES), value: String) {
        if let Ok(expression) = expression::parse(&source)
            && let Form::Native(native) = expression.form()
        {
            prop_assert!(native.eval(&mut Always(&value)).is_ok());
        }
    }

    #[test]
    fn no_value_of_a_variable_is_parsed(value: String) {
        let same = expression::parse("${a} === \"${a}\" && '${a}' === ${a}").unwrap();
        let Form::Native(same) = same.form() else { panic!() };
        prop_assert!(same.eval(&mut Always(&value)).unwrap().is_truthy());
    }

    #[test]
    fn no_text_makes_a_path_panic(source in text_of(PATH_PIECES)) {
        let _ = Path::parse(&source);
        let _ = XPath::parse(&source);
        let _ = Template::parse(&format!("${{{source}}}"));
    }

    #[test]
    fn no_text_makes_a_condition_panic(source in text_of(CONDITION_PIECES)) {
        if let Ok(condition) = Condition::compile(&source) {
            let variables = serde_json::json!({"a": {"b": [1, "x"]}, "b": 2.5});
            let Value::Object(variables) = variables else { return Ok(()) };
            let _ = condition.holds(&variables);
        }
    }
}
