//! Scripts that want to hold the machine up, or the pool. Each ends at the limit that it meets.

use crate::support::{body, error, exception, pool, pool_with, strict_pool, value};
use script::{Limits, Pool, PoolSettings, ScriptError};
use serde_json::json;
use std::{path::PathBuf, time::Duration};

/// The pool works as before.
async fn lives(pool: &Pool) {
    assert_eq!(value(pool, "6 * 7").await, json!(42));
}

#[tokio::test]
async fn a_loop_without_end_meets_the_limit_of_processor_time() {
    let pool = strict_pool();
    for source in ["for (;;);", "while (true) { try { throw 1 } catch { continue } }"] {
        let error = error(&pool, source).await;
        assert!(matches!(error, ScriptError::Cpu(_)), "{source}: {error:?}");
        assert_eq!(error.to_string(), "the script used more than 100 ms of processor time");
    }
    lives(&pool).await;
}

#[tokio::test]
async fn a_built_in_that_does_not_ask_whether_it_may_go_on_is_killed() {
    let pool = strict_pool();
    for source in [
        "return new Array(2 ** 32 - 1).join('')",
        "return new Array(2 ** 32 - 1).sort()",
        "return Array.prototype.sort.call({ length: 2 ** 32 - 1 })",
        "return [].concat(new Array(2 ** 32 - 1), new Array(2 ** 32 - 1))",
        "return new Array(2 ** 32 - 1).reverse()",
        "return new Array(2 ** 32 - 1).indexOf(1)",
        "return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)",
        "return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)",
        "return 'a'.repeat(2 ** 24).split('')",
        "const a = 'a'.repeat(2 ** 20); return (a + 'b' + a).split(a + 'c').length + \
         a.repeat(8).indexOf(a + 'b')",
        "let a = ['a'.repeat(2 ** 10)]; for (;;) a = a.concat(a)",
        "return new Array(2 ** 32 - 1).fill(1)",
        "return new Array(2 ** 32 - 1).lastIndexOf(1)",
        "return JSON.stringify(new Array(2 ** 32 - 1))",
        "return new Array(2 ** 32 - 1)",
        "return String.raw({ raw: { length: 2 ** 53 - 1 } })",
        "return (2n ** 20000000n).toString()",
    ] {
        let error = error(&pool, source).await;
        // Which limit comes first is a matter of the built-in.
        let named = matches!(
            error,
            ScriptError::Cpu(_) | ScriptError::Memory(_) | ScriptError::Exception { .. }
        );
        assert!(named, "{source}: {error:?}");
        lives(&pool).await;
    }
}

#[tokio::test]
async fn the_join_of_a_huge_array_meets_the_limit_of_processor_time() {
    let pool = strict_pool();
    let error = error(&pool, "return new Array(2 ** 32 - 1).join('')").await;
    assert!(matches!(error, ScriptError::Cpu(_)), "{error:?}");
    lives(&pool).await;
}

#[tokio::test]
async fn a_script_that_eats_memory_meets_its_limit() {
    // An interpreter built without optimisation fills it too slowly for the usual limit.
    let (cpu, wall) = (Duration::from_secs(3600), Duration::from_secs(3600));
    let pool = pool_with(Limits { cpu, wall, ..Limits::default() });
    for source in [
        "const a = []; for (;;) a.push({})",
        "let o = {}; for (;;) o = { o }",
        "let s = 'x'; for (;;) s += s",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'x' + i)",
        "const a = []; for (;;) try { a.push('x'.repeat(2 ** 20)) } catch (e) { throw e }",
        "return 'x'.repeat(2 ** 27)",
    ] {
        let error = error(&pool, source).await;
        // Strings have a longest length of their own, below what memory there is.
        let too_long = |message: &str| {
            message.contains("string too long") || message.contains("invalid string length")
        };
        let named = match &error {
            ScriptError::Memory(bytes) => *bytes == 64 << 20,
            ScriptError::Exception { message, .. } => too_long(message),
            _ => false,
        };
        assert!(named, "{source}: {error:?}");
        lives(&pool).await;
    }
}

#[tokio::test]
async fn recursion_meets_the_limit_of_depth() {
    let pool = pool();
    for source in [
        "const f = () => f() + 1; return f()",
        "const a = []; let b = a; for (let i = 0; i < 1e5; i++) { b[0] = []; b = b[0] } return a",
        "return JSON.parse('['.repeat(1e6))",
        "return eval('('.repeat(1e6))",
        "const o = { toJSON() { return JSON.stringify(o) } }; return o",
        "const o = { get a() { return o.a } }; return o",
    ] {
        let error = error(&pool, source).await;
        assert!(matches!(error, ScriptError::Recursion), "{source}: {error:?}");
        lives(&pool).await;
    }
}

#[tokio::test]
async fn catastrophic_patterns_meet_the_limit_of_processor_time() {
    let pool = strict_pool();
    for source in [
        "return /^(a+)+$/.test('a'.repeat(40) + '!')",
        "return 'a'.repeat(60).replace(/(a|aa)+$b/, '')",
        "return /(x+x+)+y/.exec('x'.repeat(50))",
    ] {
        let error = error(&pool, source).await;
        assert!(matches!(error, ScriptError::Cpu(_)), "{source}: {error:?}");
        lives(&pool).await;
    }
}

#[tokio::test]
async fn what_runs_while_the_value_is_read_has_the_same_limits() {
    let pool = strict_pool();
    for source in [
        "return { get a() { for (;;); } }",
        "return { toJSON() { for (;;); } }",
        "return [1, { toJSON: () => new Array(2 ** 32 - 1).join('') }]",
    ] {
        let error = error(&pool, source).await;
        assert!(matches!(error, ScriptError::Cpu(_)), "{source}: {error:?}");
    }
    let own = pool.run(&body("return { toJSON() { return { own: 1 } } }")).await.unwrap();
    assert_eq!(own, json!({"own": 1}));
    let (message, _) = exception(&pool, "return { get a() { throw new Error('mine') } }").await;
    assert_eq!(message, "Error: mine");
    lives(&pool).await;
}

#[tokio::test]
async fn exceptions_with_tricks_are_told_or_meet_a_limit() {
    let pool = strict_pool();
    for source in [
        "throw { toString() { throw this } , toJSON() { throw this } }",
        "throw { toString() { return {} }, toJSON() { return undefined } }",
        "throw Symbol('s'), 1",
        "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw e } }); throw e",
        "const e = new Error(); e.message = Object.create(null); throw e",
        "throw Object.create(null)",
        "throw () => 1",
        "throw '\\ud83d'",
        "const e = new Error('x'); e.stack = 'script:99999999999999999999'; throw e",
    ] {
        let (message, line) = exception(&pool, source).await;
        assert!(!message.is_empty() && line.is_none_or(|line| line == 1), "{source}: {message}");
    }
    let (message, _) = exception(&pool, "throw new Error('x'.repeat(1e6))").await;
    assert_eq!(message.len(), 500);
    let (message, _) = exception(
        &pool,
        "String = Error = JSON = Reflect = null; Function.prototype.call = () => 'no';
         Array.prototype[Symbol.iterator] = null; throw new TypeError('still told')",
    )
    .await;
    assert_eq!(message, "TypeError: still told");
    for source in [
        "throw { toJSON() { for (;;); } }",
        "const e = new Error(); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e",
        "const e = new Error(); e.message = { toString() { return new Array(2 ** 32 - 1).join() } }; throw e",
    ] {
        let error = error(&pool, source).await;
        assert!(matches!(error, ScriptError::Cpu(_)), "{source}: {error:?}");
    }
    lives(&pool).await;
}

#[tokio::test]
async fn a_limit_cannot_be_caught() {
    let pool = strict_pool();
    let error = error(&pool, "for (;;) try { for (;;); } catch {} finally { for (;;); }").await;
    assert!(matches!(error, ScriptError::Cpu(_)), "{error:?}");
    // That of depth is an exception like others, and harmless once it is caught.
    let caught = body("const f = () => f(); try { f() } catch (e) { return e.name }");
    assert_eq!(pool.run(&caught).await.unwrap(), json!("RangeError"));
}

#[tokio::test]
async fn a_script_that_gets_no_processor_meets_the_limit_of_time() {
    let limits = Limits {
        cpu: Duration::from_secs(3600),
        wall: Duration::from_millis(200),
        quick: Duration::from_secs(3600),
        ..Limits::default()
    };
    let pool = pool_with(limits);
    let error = error(&pool, "for (;;);").await;
    assert!(matches!(error, ScriptError::Wall(_)), "{error:?}");
    assert_eq!(error.to_string(), "the script did not end within 200 ms");
    lives(&pool).await;
}

#[tokio::test]
async fn a_dropped_future_gives_its_place_back() {
    let limits = Limits {
        cpu: Duration::from_secs(3600),
        wall: Duration::from_secs(3600),
        ..Limits::default()
    };
    let pool = pool_with(limits);
    for _ in 0..4 {
        let endless = body("return new Array(2 ** 32 - 1).join('')");
        let run = tokio::time::timeout(Duration::from_millis(50), pool.run(&endless)).await;
        assert!(run.is_err());
    }
    lives(&pool).await;
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_an_error_and_no_hang() {
    for program in ["/nonexistent/program", "/bin/false"] {
        let program = PathBuf::from(program);
        let pool = Pool::new(PoolSettings { program, workers: 1, limits: Limits::default() });
        let error = error(&pool, "return 1").await;
        assert!(matches!(error, ScriptError::Start(_)), "{error:?}");
    }
}
