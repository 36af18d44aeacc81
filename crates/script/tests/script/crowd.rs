//! Many at once.

use crate::support::{body, script, strict_pool};
use futures::future::join_all;
use script::{Kind, ScriptError};
use serde_json::json;

const HOSTILE: [&str; 4] = [
    "for (;;);",
    "return new Array(2 ** 32 - 1).join('')",
    "const a = []; for (;;) a.push({})",
    "return /^(a+)+$/.test('a'.repeat(40) + '!')",
];

#[tokio::test]
async fn two_hundred_hostile_scripts_take_nothing_from_the_rest() {
    let pool = strict_pool();
    // Half of them differ, so that none is known to be slow before it has run.
    let hostile = (0..200).map(|number| {
        let differs = if number % 2 == 0 { format!("// {number}\n") } else { String::new() };
        let script = body(&format!("{differs}{}", HOSTILE[number / 2 % HOSTILE.len()]));
        let pool = pool.clone();
        tokio::spawn(async move { pool.run(&script).await })
    });
    let hostile: Vec<_> = hostile.collect();
    let normal = (0..500).map(|number| {
        let mut script = script(Kind::Expression, "value.toUpperCase() + value.length");
        script.bindings = vec![("value".to_owned(), json!(format!("n{number}")))];
        let pool = pool.clone();
        tokio::spawn(async move { (number, pool.run(&script).await) })
    });
    let normal: Vec<_> = normal.collect();
    for ended in join_all(normal).await {
        let (number, value) = ended.unwrap();
        let text = format!("N{number}");
        let length = text.len();
        assert_eq!(value.unwrap(), json!(format!("{text}{length}")));
    }
    for ended in join_all(hostile).await {
        let error = ended.unwrap().unwrap_err();
        assert!(matches!(error, ScriptError::Cpu(_) | ScriptError::Memory(_)), "{error:?}");
    }
}
