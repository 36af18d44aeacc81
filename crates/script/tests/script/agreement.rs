//! What is evaluated natively means what QuickJS says it means.

use crate::support::{pool, script};
use model::flow::{
    expression::{self, DateHelper, Environment, Form, Value as Native},
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

#[test]
fn native_expressions_and_quickjs_agree() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async { pool() });
    let text = prop_oneof![4 => select(&TEXTS[..]).prop_map(str::to_owned), 1 => ".{0,6}"];
    let cases = (vec(expression(), 1..24), vec(text, NAMES.len()));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) };
    let outcome = TestRunner::new(config).run(&cases, |(expressions, values)| {
        let there = runtime.block_on(pool.run(&in_javascript(&expressions, &values)));
        let there = there.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (at, (text, _)) in expressions.iter().enumerate() {
            prop_assert_eq!(&native(text, &values), &there[at], "{} with {:?}", text, &values);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
