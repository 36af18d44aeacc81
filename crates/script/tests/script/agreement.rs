//! What is evaluated natively means what QuickJS says it means.

use crate::{
    sources::sent,
    support::{body, pool, script},
};
use model::flow::{
    expression::{self, DateHelper, Environment, Form, Value as Native},
    script::Binding,
    template::Placeholder,
};
use proptest::{
    collection::vec, prelude::*, sample::select, strategy::Union, test_runner::TestRunner,
};
use script::{Kind, Script};
use serde_json::{Value, json};
use std::borrow::Cow;

/// An expression as a flow has it, and the same with names in the places of placeholders.
type Pair = (String, String);

/// The names of the variables.
const NAMES: [&str; 3] = ["a", "b", "c"];

/// Texts on which conversions may differ.
const TEXTS: [&str; 46] = [
    "",
    " ",
    "0",
    "-0",
    "1",
    "10",
    "9",
    "+5",
    "-5",
    "+-5",
    "-",
    "+",
    ".",
    ".5",
    "5.",
    "5e",
    "5e1",
    "1e3",
    "1E+3",
    "1e400",
    "-1e400",
    "1e-400",
    "0x10",
    "0X1f",
    "-0x10",
    "0x",
    "0b11",
    "0b2",
    "0o17",
    "017",
    "1_0",
    "Infinity",
    "-Infinity",
    "infinity",
    "inf",
    "NaN",
    "null",
    "true",
    " \n5\t",
    "\u{feff}5\u{a0}",
    "\u{85}5",
    "\u{180e}1",
    "9007199254740993",
    "ä",
    "\u{ffee}",
    "😀",
];

fn same(text: impl Into<String>) -> Pair {
    let text = text.into();
    (text.clone(), text)
}

fn join(parts: &[Pair]) -> Pair {
    parts
        .iter()
        .fold(Pair::default(), |(native, script), part| (native + &part.0, script + &part.1))
}

/// A text between quotes, with placeholders in it.
fn quoted() -> impl Strategy<Value = Pair> {
    let plain = prop_oneof![
        select(&TEXTS[..]).prop_map(|text| same(text.replace('\n', "\\n"))),
        select(vec![
            "\\'",
            "\\\"",
            "\\\\",
            "\\x41",
            "\\u0042",
            "\\u{1F600}",
            "\\ud83d\\ude00",
            "\\q"
        ])
        .prop_map(same),
    ];
    let placeholder = select(&NAMES[..]).prop_map(|name| (format!("${{{name}}}"), name.to_owned()));
    (select(vec!['\'', '"']), vec((plain, proptest::option::of(placeholder)), 1..3)).prop_map(
        |(quote, parts)| {
            let quote = quote.to_string();
            let (mut native, mut script) = (quote.clone(), format!("({quote}"));
            for (plain, placeholder) in parts {
                native += &plain.0;
                script += &plain.1;
                if let Some((written, name)) = placeholder {
                    native += &written;
                    script += &format!("{quote} + {name} + {quote}");
                }
            }
            (native + &quote, script + &quote + ")")
        },
    )
}

fn leaf() -> impl Strategy<Value = Pair> {
    let number = select(vec![
        "0",
        "1",
        "2",
        "10",
        "0.1",
        "0.2",
        ".5",
        "5.",
        "1e3",
        "1e21",
        "1e-7",
        "123456789012345680000",
        "9007199254740993",
        "0x1F",
        "0b101",
        "0o17",
        "1.7976931348623157e308",
        "5e-324",
        "1e400",
    ]);
    let word = select(vec!["true", "false", "null", "undefined", "NaN", "Infinity"]);
    let variable = select(&NAMES[..]).prop_map(|name| (format!("${{{name}}}"), name.to_owned()));
    prop_oneof![number.prop_map(same), word.prop_map(same), variable, quoted()]
}

fn expression() -> impl Strategy<Value = Pair> {
    let operators =
        ["||", "&&", "===", "!==", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"];
    leaf().prop_recursive(5, 32, 3, move |inner| {
        let unary = (select(vec!["!", "- ", "+ "]), inner.clone());
        let binary = (inner.clone(), select(operators.to_vec()), inner.clone());
        Union::new([
            unary.prop_map(|(sign, operand)| join(&[same(sign), operand])).boxed(),
            binary
                .prop_map(|(left, sign, right)| join(&[left, same(format!(" {sign} ")), right]))
                .boxed(),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(of, then, other)| join(&[of, same(" ? "), then, same(" : "), other]))
                .boxed(),
            inner.prop_map(|inner| join(&[same("("), inner, same(")")])).boxed(),
        ])
    })
}

/// The values of the variables.
struct Values<'v>(&'v [String]);

impl<'v> Environment<'v> for Values<'v> {
    fn variable(&mut self, placeholder: &Placeholder) -> Option<Cow<'v, str>> {
        let at = NAMES.iter().position(|name| *name == placeholder.name)?;
        Some(Cow::Borrowed(self.0[at].as_str()))
    }

    fn date(&mut self, _: &DateHelper) -> Native<'v> {
        Native::Undefined
    }
}

/// The type, the text and the truth of what an expression gives here.
fn native(text: &str, values: &[String]) -> Value {
    let expression = expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let Form::Native(native) = expression.form() else {
        panic!("{text} is not evaluated natively")
    };
    let value = native.eval(&mut Values(values)).unwrap();
    let kind = match &value {
        Native::Undefined => "undefined",
        Native::Null => "object",
        Native::Bool(_) => "boolean",
        Native::Number(_) => "number",
        Native::Text(_) => "string",
    };
    json!([kind, value.to_text(), value.is_truthy()])
}

/// The same of many, as QuickJS sees it.
fn in_javascript(expressions: &[Pair], values: &[String]) -> Script {
    let told = |(_, script): &Pair| format!("(v => [typeof v, String(v), !!v])({script})");
    let all: Vec<_> = expressions.iter().map(told).collect();
    let mut script = script(Kind::Expression, &format!("[{}]", all.join(",\n")));
    let names = NAMES.map(str::to_owned);
    script.bindings = names.into_iter().zip(values.iter().map(|value| json!(value))).collect();
    script
}

/// How often a property is tried.
fn cases() -> ProptestConfig {
    let many = std::env::var("PROPTEST_CASES").ok().and_then(|many| many.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(many.unwrap_or(256)) }
}

/// The methods of a text that need no engine, as long as they are given nothing that does.
const METHODS: [&str; 19] = [
    "toUpperCase",
    "toLowerCase",
    "trim",
    "trimStart",
    "trimEnd",
    "concat",
    "slice",
    "substring",
    "substr",
    "indexOf",
    "lastIndexOf",
    "includes",
    "startsWith",
    "endsWith",
    "repeat",
    "padStart",
    "padEnd",
    "split",
    "replace",
];

/// What a method is given: a place, a piece of text, or what is neither.
fn argument() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-9..9_i64).prop_map(Value::from),
        2 => select(vec![1.0, 1.5, -0.0, -2.7, 1e21, 1e-7]).prop_map(Value::from),
        2 => any::<bool>().prop_map(Value::from),
        2 => Just(Value::Null),
        4 => select(&TEXTS[..]).prop_map(Value::from),
        4 => "[a-c]{0,2}".prop_map(Value::from),
        1 => vec(Just(json!("a")), 0..2).prop_map(Value::from),
    ]
}

#[test]
fn native_methods_of_text_and_quickjs_agree() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async { pool() });
    let data = prop_oneof![select(&TEXTS[..]).prop_map(str::to_owned), "[a-c ]{0,8}"];
    let call = (data, select(&METHODS[..]), vec(argument(), 0..3));
    let outcome = TestRunner::new(cases()).run(&vec(call, 1..24), |calls| {
        let native: Vec<_> =
            calls.iter().map(|(data, method, given)| flow::text_method(data, method, given)).collect();
        let told = calls.iter().map(|(data, method, given)| json!([data, method, given]));
        // What cannot be called is an error here, too, or left to the engine.
        let source = format!(
            "return calls.map(([d, f, a]) => {{ try {{ return [(() => {{ {} }})()] }} catch {{ return [] }} }})",
            sent::TEXT_METHOD
        );
        let mut all = body(&source);
        all.bindings = vec![("calls".to_owned(), told.collect())];
        let there = runtime.block_on(pool.run(&all));
        let there = there.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for ((call, native), there) in calls.iter().zip(native).zip(there.as_array().unwrap()) {
            match native {
                Ok(Some(value)) => prop_assert_eq!(&json!([value]), there, "{:?}", call),
                Ok(None) => {}
                Err(_) => prop_assert_eq!(&json!([]), there, "{:?}", call),
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn of_a_comma_the_last_counts_as_in_quickjs() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async { pool() });
    let text = select(&TEXTS[..]).prop_map(str::to_owned);
    let cases_of = (vec(expression(), 2..4), vec(text, NAMES.len()));
    let outcome = TestRunner::new(cases()).run(&cases_of, |(parts, values)| {
        let joined = parts.iter().map(|(native, _)| native.as_str()).collect::<Vec<_>>().join(", ");
        let read = expression::parse(&joined).unwrap_or_else(|error| panic!("{joined}: {error}"));
        let Form::Script(read) = read.form() else { panic!("{joined} is evaluated natively") };
        let mut whole = script(Kind::Expression, &sent::of_expression(read));
        let values_of = read.bindings.iter().map(|binding| match binding {
            Binding::Variable(name) => Values(&values).variable(name).map(|value| json!(value)),
            Binding::Date(_) => None,
        });
        whole.bindings = vec![(sent::VALUES.to_owned(), values_of.collect())];
        let there = runtime.block_on(pool.run(&whole));
        let there = there.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let last = native(&parts[parts.len() - 1].0, &values);
        prop_assert_eq!(&last[2], &there[0], "{} with {:?}", joined, &values);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn native_expressions_and_quickjs_agree() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async { pool() });
    let text = prop_oneof![4 => select(&TEXTS[..]).prop_map(str::to_owned), 1 => ".{0,6}"];
    let cases_of = (vec(expression(), 1..24), vec(text, NAMES.len()));
    let outcome = TestRunner::new(cases()).run(&cases_of, |(expressions, values)| {
        let there = runtime.block_on(pool.run(&in_javascript(&expressions, &values)));
        let there = there.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (at, (text, _)) in expressions.iter().enumerate() {
            prop_assert_eq!(&native(text, &values), &there[at], "{} with {:?}", text, &values);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
