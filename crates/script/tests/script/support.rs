//! Pools and scripts for the tests.

use script::{Kind, Limits, Pool, PoolSettings, Script, ScriptError};
use serde_json::Value;
use std::{path::PathBuf, time::Duration};

/// A pool of two workers in each lane, of the build that is tested.
pub fn pool_with(limits: Limits) -> Pool {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_js-worker"));
    Pool::new(PoolSettings { program, workers: 2, limits })
}

pub fn pool() -> Pool {
    pool_with(Limits { wall: Duration::from_secs(3600), ..Limits::default() })
}

/// One whose scripts may use 100 ms of processor time, however long the machine takes to give it.
pub fn strict_pool() -> Pool {
    let (cpu, wall) = (Duration::from_millis(100), Duration::from_secs(3600));
    pool_with(Limits { cpu, wall, ..Limits::default() })
}

pub fn script(kind: Kind, source: &str) -> Script {
    Script { kind, source: source.to_owned(), bindings: Vec::new(), zone: "UTC".to_owned() }
}

pub fn body(source: &str) -> Script {
    script(Kind::Body, source)
}

/// The value of an expression.
pub async fn value(pool: &Pool, source: &str) -> Value {
    pool.run(&script(Kind::Expression, source)).await.unwrap_or_else(|e| panic!("{source}: {e}"))
}

/// What a body ends at.
pub async fn error(pool: &Pool, source: &str) -> ScriptError {
    match pool.run(&body(source)).await {
        Ok(value) => panic!("{source}: gave {value}"),
        Err(error) => error,
    }
}

/// The message and the line of the exception that a body throws.
pub async fn exception(pool: &Pool, source: &str) -> (String, Option<u32>) {
    match error(pool, source).await {
        ScriptError::Exception { message, line } => (message, line),
        other => panic!("{source}: {other:?}"),
    }
}
