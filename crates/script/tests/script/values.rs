//! What goes in and what comes out.

use crate::support::{body, error, exception, pool, script, value};
use script::{Kind, ScriptError};
use serde_json::{Value, json};

#[tokio::test]
async fn an_expression_gives_its_value_as_json() {
    let pool = pool();
    for (source, expected) in [
        ("1 + 1", json!(2)),
        ("'a' + 'ß' + '\u{1F600}'", json!("aß😀")),
        ("{ a: [1, , null], b: undefined }", json!({"a": [1, null, null]})),
        ("undefined", Value::Null),
        ("0 / 0", Value::Null),
        ("() => 1", Value::Null),
        ("1e21", json!(1e21)),
        ("-0", json!(0)),
        ("[1, 2].map((n) => n * 2) // twice", json!([2, 4])),
        ("'abcabc'.replace(/B/gi, (b) => b + b)", json!("abbcabbc")),
        ("new Map([[1, 2]]).get(1)", json!(2)),
        ("JSON.parse('{\"__proto__\": 1}')", json!({"__proto__": 1})),
    ] {
        assert_eq!(value(&pool, source).await, expected, "{source}");
    }
}

#[tokio::test]
async fn a_body_gives_what_it_returns() {
    let pool = pool();
    assert_eq!(pool.run(&body("let n = 1;\nn++;\nreturn n;")).await.unwrap(), json!(2));
    assert_eq!(pool.run(&body("undeclared = 1; // no return")).await.unwrap(), Value::Null);
}

#[tokio::test]
async fn a_binding_is_a_value_and_never_source() {
    let pool = pool();
    let hostile = "\"); throw 1; (\"'`${x}\u{2028}\n\\";
    let mut script = script(Kind::Expression, "[v0, v1.a[0], v2 === '10']");
    script.bindings = vec![
        ("v0".to_owned(), json!(hostile)),
        ("v1".to_owned(), json!({"a": ["first"], "__proto__": {"a": [1]}})),
        ("v2".to_owned(), json!("10")),
    ];
    assert_eq!(pool.run(&script).await.unwrap(), json!([hostile, "first", true]));
}

#[tokio::test]
async fn halves_of_surrogate_pairs_are_replaced() {
    let pool = pool();
    assert_eq!(
        value(&pool, r"['\ud83d', '\ude00\\ud83d', '\\\\ud83d', '\ud83d\ude00']").await,
        json!(["\u{fffd}", "\u{fffd}\\ud83d", "\\\\ud83d", "😀"])
    );
}

#[tokio::test]
async fn an_exception_names_its_kind_message_and_line() {
    let pool = pool();
    let (message, line) = exception(&pool, "let a;\n\nreturn a.b;").await;
    assert!(message.starts_with("TypeError: "), "{message}");
    assert_eq!(line, Some(3));
    let (message, line) = exception(&pool, "return 1 +;").await;
    assert!(message.starts_with("SyntaxError: "), "{message}");
    assert_eq!(line, Some(1));
    assert_eq!(exception(&pool, "throw 'no money'").await, ("no money".to_owned(), None));
    assert_eq!(exception(&pool, "throw {a: 1}").await.0, r#"{"a":1}"#);
    assert_eq!(exception(&pool, "throw undefined").await.0, "undefined");
    assert_eq!(exception(&pool, "throw new RangeError()").await.0, "RangeError");
    let (message, line) = exception(&pool, "return missing;").await;
    assert_eq!((message.as_str(), line), ("ReferenceError: missing is not defined", Some(1)));
}

#[tokio::test]
async fn what_has_no_json_is_an_exception() {
    let pool = pool();
    let (message, _) = exception(&pool, "return 1n").await;
    assert!(message.starts_with("TypeError: ") && message.contains("BigInt"), "{message}");
    let (message, _) = exception(&pool, "const a = {}; a.a = a; return a").await;
    assert!(message.starts_with("TypeError: circular"), "{message}");
    let (message, _) = exception(&pool, "return (async () => 1)()").await;
    assert!(message.contains("promise"), "{message}");
    let (message, _) = exception(&pool, "return '\0'").await;
    assert!(!message.is_empty());
}

#[tokio::test]
async fn a_value_that_is_too_long_or_too_deep_says_so() {
    let pool = pool();
    let long = error(&pool, "return 'x'.repeat(2 ** 20)").await;
    assert!(matches!(long, ScriptError::ResultSize(_)), "{long:?}");
    assert_eq!(long.to_string(), "the script's value is longer than 1024 KiB as JSON");
    let long_in_bytes = error(&pool, "return '\\u20ac'.repeat(2 ** 19)").await;
    assert!(matches!(long_in_bytes, ScriptError::ResultSize(_)), "{long_in_bytes:?}");
    let deep = error(&pool, "let a = 1; for (let i = 0; i < 200; i++) a = [a]; return a").await;
    assert!(matches!(deep, ScriptError::ResultDepth), "{deep:?}");
    let almost = pool.run(&body("return 'x'.repeat(2 ** 20 - 2)")).await.unwrap();
    assert_eq!(almost.as_str().unwrap().len(), (1 << 20) - 2);
}
