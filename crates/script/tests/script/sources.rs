//! What the `string` and the `math` of flows leave to JavaScript, by the sources that they send.

use crate::support::{body, pool, script};
use model::flow::script::{Script as Read, ScriptKind};
use script::{Kind, Pool, Script, ScriptError};
use serde_json::{Value, json};

/// The flows' own file: they do not show it, and a copy of it could come to differ.
#[allow(dead_code, reason = "what else the flows make of scripts")]
#[path = "../../../flow/src/scripts.rs"]
pub mod sent;

fn bound(mut script: Script, bindings: impl IntoIterator<Item = (&'static str, Value)>) -> Script {
    script.bindings = bindings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    script
}

/// As `string` has a method run.
fn of_text(data: &str, method: &str, given: Value) -> Script {
    bound(body(sent::TEXT_METHOD), [("d", json!(data)), ("f", json!(method)), ("a", given)])
}

/// As `math` has a function run.
fn of_math(function: &str, given: Value) -> Script {
    bound(body(sent::MATH), [("f", json!(function)), ("a", given)])
}

/// The message of the exception that a script ends at.
async fn refused(pool: &Pool, script: &Script) -> String {
    match pool.run(script).await {
        Err(ScriptError::Exception { message, .. }) => message,
        other => panic!("{script:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_method_of_a_text_does_what_javascript_does() {
    let pool = pool();
    for (data, method, given, expected) in [
        ("straße", "toUpperCase", json!([]), json!("STRASSE")),
        ("😀é", "toUpperCase", json!([]), json!("😀É")),
        ("banana", "indexOf", json!(["an"]), json!(1)),
        ("banana", "indexOf", json!(["an", 2]), json!(3)),
        ("banana", "indexOf", json!(["x"]), json!(-1)),
        ("banana", "slice", json!([1, -1]), json!("anan")),
        ("banana", "slice", json!(["-2"]), json!("na")),
        ("😀ab", "slice", json!([2]), json!("ab")),
        ("a,b,c", "split", json!([","]), json!(["a", "b", "c"])),
        ("a,b,c", "split", json!([",", 2]), json!(["a", "b"])),
        ("a-b-c", "replace", json!(["-", "+"]), json!("a+b-c")),
        ("a", "replace", json!(["a", "<$&$&>"]), json!("<aa>")),
        ("'); evil()", "concat", json!(["\"`${x}"]), json!("'); evil()\"`${x}")),
    ] {
        let value = pool.run(&of_text(data, method, given.clone())).await;
        assert_eq!(value.unwrap(), expected, "{data}.{method}{given}");
    }
}

#[tokio::test]
async fn an_argument_between_slashes_is_a_pattern_with_its_flags() {
    let pool = pool();
    for (data, method, given, expected) in [
        ("Banana", "replace", json!(["/an/g", "AN"]), json!("BANANa")),
        ("Banana", "replace", json!(["/AN/", "-"]), json!("Banana")),
        ("Banana", "replace", json!(["/AN/i", "-"]), json!("B-ana")),
        ("+380 (44) 12", "replace", json!(["/[^0-9]/g", ""]), json!("3804412")),
        ("one\ntwo", "replace", json!(["/^(\\w)/gm", "<$1>"]), json!("<o>ne\n<t>wo")),
        ("a/b/c", "replace", json!(["/\\//g", "-"]), json!("a-b-c")),
        ("a/b", "replace", json!(["/a/b/", "-"]), json!("-")),
        ("tel +380 44", "match", json!(["/(\\d+) (\\d+)/"]), json!(["380 44", "380", "44"])),
        ("a1b22", "match", json!(["/\\d+/g"]), json!(["1", "22"])),
        ("abc", "match", json!(["/x/"]), Value::Null),
        ("a;b,c", "split", json!(["/[;,]/"]), json!(["a", "b", "c"])),
        ("banana", "search", json!(["/n/"]), json!(2)),
        // These are texts.
        ("https://a/b", "split", json!(["//"]), json!(["https:", "a/b"])),
        ("/api/users/7", "replace", json!(["/api/users", ""]), json!("/7")),
        ("/an/1", "replace", json!(["/an/1", "-"]), json!("-")),
        ("an/g", "replace", json!(["an/g", "-"]), json!("-")),
    ] {
        let value = pool.run(&of_text(data, method, given.clone())).await;
        assert_eq!(value.unwrap(), expected, "{data}.{method}{given}");
    }
}

#[tokio::test]
async fn a_method_that_there_is_not_and_a_pattern_that_is_none_are_exceptions() {
    let pool = pool();
    for method in ["explode", "length", "", "__proto__"] {
        let message = refused(&pool, &of_text("abc", method, json!([]))).await;
        assert_eq!(message, format!("Error: there is no string function {method}"));
    }
    for pattern in ["/(/", "/a/gg"] {
        let message = refused(&pool, &of_text("abc", "replace", json!([pattern, ""]))).await;
        assert!(message.starts_with("SyntaxError: "), "{pattern}: {message}");
    }
}

#[tokio::test]
async fn a_function_of_math_gives_its_number_as_javascript_writes_it() {
    let pool = pool();
    for (function, given, expected) in [
        ("max", json!([1, "42", "0x10"]), "42"),
        ("max", json!([]), "-Infinity"),
        ("min", json!([3, -1.5, 2]), "-1.5"),
        ("round", json!([2.5]), "3"),
        ("round", json!([-2.5]), "-2"),
        ("sqrt", json!([16]), "4"),
        ("hypot", json!([3, 4]), "5"),
        ("clz32", json!([1]), "31"),
        ("sin", json!([0]), "0"),
        ("PI", json!([]), "3.141592653589793"),
        // As a text, which the flow stores as an empty one: JSON has no such number.
        ("sqrt", json!([-1]), "NaN"),
        ("round", json!(["many"]), "NaN"),
        ("max", json!([1, "x"]), "NaN"),
        ("hypot", json!(["x"]), "NaN"),
    ] {
        let value = pool.run(&of_math(function, given.clone())).await;
        assert_eq!(value.unwrap(), json!(expected), "{function}{given}");
    }
}

#[tokio::test]
async fn a_function_that_math_has_not_itself_is_an_exception() {
    let pool = pool();
    for function in ["explode", "", "constructor", "toString", "__proto__"] {
        let message = refused(&pool, &of_math(function, json!([1]))).await;
        assert_eq!(message, format!("Error: there is no Math.{function}"));
    }
}

#[tokio::test]
async fn an_expression_gives_whether_it_holds_and_its_value_in_words() {
    let pool = pool();
    for (text, expected) in [
        ("[1, 2].includes(2);", json!([true, true])),
        ("'abc'.indexOf('x') // ;", json!([true, "-1"])),
        ("''.trim()", json!([false, ""])),
        ("undefined", json!([false, "undefined"])),
        ("[null][0] // no value", json!([false, null])),
        ("{ a: 1 }", json!([true, "[object Object]"])),
        ("1, 0", json!([false, "0"])),
        ("[].push(1), 'b' // the last counts;", json!([true, "b"])),
        ("'a'.trim(), ''", json!([false, ""])),
    ] {
        let read = Read::parse(text, ScriptKind::Expression).unwrap();
        let source = sent::of_expression(&read);
        let value = pool.run(&script(Kind::Expression, &source)).await.unwrap();
        assert_eq!(value, expected, "{text}");
        let (truthy, words) = sent::given(value).unwrap();
        assert_eq!(json!([truthy, words]), expected, "{text}");
    }
}
