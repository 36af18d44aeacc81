//! What a script leaves behind, nobody finds; what is outside, it does not.

use crate::support::{body, exception, pool, pool_with, value};
use script::{Limits, PoolSettings};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_is_left_for_the_next_script() {
    let pool = pool();
    for source in [
        "leaked = 1; globalThis.more = 2; return leaked",
        "Array.prototype.map = () => 'mine'; Object.prototype.everywhere = 1; return 1",
        "String.prototype.toUpperCase = () => 'mine'; JSON.stringify = () => '\"mine\"'; return 1",
        "Object.freeze(Object.prototype); Object.freeze(Array.prototype); return 1",
        "Math.max = undefined; delete globalThis.parseInt; Date = null; return 1",
        "Object.prototype.toJSON = () => 'mine'; return 1",
        "RegExp.prototype.exec = () => null; Symbol.for('shared').x = 1; return 1",
        "Promise.resolve().then(() => { leaked = 1 }); queueMicrotask(() => { leaked = 1 }); return 1",
        "Function.prototype.call = Function.prototype.apply = null; return 1",
    ] {
        pool.run(&body(source)).await.unwrap();
        // Every process of the lane.
        for _ in 0..4 {
            let seen = value(
                &pool,
                "[typeof leaked, typeof more, [1].map((x) => x + 1), {}.everywhere, \
                 'a'.toUpperCase(), Math.max(1, 2), typeof parseInt, typeof Date, \
                 /a/.test('a'), Object.isFrozen(Object.prototype), {}.toJSON, isNaN.call()]",
            );
            let expected = json!([
                "undefined",
                "undefined",
                [2],
                Value::Null,
                "A",
                2,
                "function",
                "function",
                true,
                false,
                Value::Null,
                true
            ]);
            assert_eq!(seen.await, expected, "{source}");
        }
    }
}

#[tokio::test]
async fn there_is_nothing_that_reaches_outside() {
    let pool = pool();
    for name in [
        "require",
        "process",
        "std",
        "os",
        "fetch",
        "XMLHttpRequest",
        "setTimeout",
        "console",
        "print",
        "Worker",
        "SharedArrayBuffer",
        "Atomics",
        "WebAssembly",
        "FinalizationRegistry",
        "performance",
        "module",
        "bjson",
        "scriptArgs",
        "load",
    ] {
        assert_eq!(value(&pool, &format!("typeof {name}")).await, json!("undefined"), "{name}");
    }
    let (message, _) = exception(&pool, "return import('std')").await;
    assert!(message.contains("promise"), "{message}");
    let (message, _) = exception(&pool, "import std from 'std'").await;
    assert!(message.starts_with("SyntaxError"), "{message}");
}

#[tokio::test]
async fn a_value_cannot_pass_itself_off_as_an_answer() {
    let pool = pool();
    let tricks = "JSON.stringify = () => 'not json'; \
                  String.prototype.toJSON = () => { throw 1 }; \
                  Object.defineProperty(Object.prototype, 'length', { value: 0 }); \
                  return { Value: 1, outcome: 'Cpu' }";
    let seen = pool.run(&body(tricks)).await.unwrap();
    assert_eq!(seen, json!({"Value": 1, "outcome": "Cpu"}));
}

/// The processes of this test that are workers.
#[cfg(target_os = "linux")]
fn workers() -> Vec<String> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().into_string().ok());
    ids.filter(|id| {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}"));
        let is_child = read("stat").is_ok_and(|stat| {
            let after_name = stat.rsplit(')').next().unwrap_or_default();
            after_name.split_whitespace().nth(1) == Some(&own)
        });
        is_child && read("cmdline").is_ok_and(|line| line.ends_with("js-worker\0"))
    })
    .collect()
}

/// Alone in its process where tests are run so; otherwise it sees workers of other tests as well,
/// for which the same must hold.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_has_no_environment_no_files_and_a_low_priority() {
    let pool = pool_with(Limits::default());
    assert_eq!(value(&pool, "1").await, json!(1));
    let all = workers();
    assert!(!all.is_empty());
    let mut looked_at = 0;
    for id in all {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}"));
        let (Ok(status), Ok(limits), Ok(environment), Ok(stat)) =
            (read("status"), read("limits"), read("environ"), read("stat"))
        else {
            continue; // It has ended.
        };
        let hard = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.trim_start_matches(name).split_whitespace().nth(1).unwrap_or_default().to_owned()
        };
        if hard("Max open files") != "1" {
            continue; // It has just been started.
        }
        looked_at += 1;
        assert_eq!(environment, "");
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
        assert_eq!(hard("Max processes"), "0");
        assert_ne!(hard("Max address space"), "unlimited");
        let nice = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(16);
        assert!(matches!(nice, Some("2" | "8")), "{nice:?}");
        let files = std::fs::read_dir(format!("/proc/{id}/fd"));
        let targets = files.into_iter().flatten().flatten();
        for target in targets.filter_map(|file| std::fs::read_link(file.path()).ok()) {
            let target = target.to_string_lossy().into_owned();
            assert!(target.starts_with("pipe:") || target == "/dev/null", "{target}");
        }
    }
    assert!(looked_at > 0);
}

#[tokio::test]
async fn a_pool_of_the_usual_settings_has_two_workers_at_least() {
    assert!(PoolSettings::of("program".into()).workers >= 2);
}
