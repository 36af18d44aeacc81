//! The pool: scripts in, values out.

use crate::{
    lane::{Lane, NoAnswer, Turn},
    process::Gone,
    script::{Script, ScriptError},
    slow::{SlowSources, SourceKey},
    wire::{self, Answer, Outcome, Request, Setup},
};
use serde_json::{Value, value::to_raw_value};
use std::{io, path::PathBuf, sync::Arc, time::Duration};

/// How far the processes of quick scripts stand behind the rest of the program.
const QUICK_NICENESS: i32 = 2;
/// How far those of slow ones do: a seventh of a core where the rest wants all of it. Much less, and
/// what is slow would not end within its time on a busy machine.
const SLOW_NICENESS: i32 = 8;

/// What a pool is to be.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// The program that calls [`crate::work`] when its argument is [`crate::WORKER`].
    pub program: PathBuf,
    /// Scripts that may run at once in each of the two lanes.
    pub workers: usize,
    pub limits: Limits,
}

/// What one script may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Processor time.
    pub cpu: Duration,
    /// Time from when a process takes the script up; waiting for a process does not count.
    pub wall: Duration,
    /// In bytes.
    pub memory: usize,
    /// The length of its value as JSON, in bytes.
    pub result: usize,
    /// The processor time within which a script is quick.
    pub quick: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu: Duration::from_secs(1),
            wall: Duration::from_secs(30),
            memory: 64 << 20,
            result: 1 << 20,
            quick: Duration::from_millis(5),
        }
    }
}

impl PoolSettings {
    /// As many workers as there are cores, but two at least, and the usual limits.
    pub fn of(program: PathBuf) -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        Self { program, workers, limits: Limits::default() }
    }
}

/// Runs scripts. Clones share the processes, which end with the last of them.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    limits: Limits,
    quick: Lane,
    slow: Lane,
    slow_sources: SlowSources,
}

impl Pool {
    /// Makes a pool; its processes start when they are first needed.
    pub fn new(settings: PoolSettings) -> Self {
        let PoolSettings { program, workers, limits } = settings;
        let setup = |niceness| Setup { memory: limits.memory, result: limits.result, niceness };
        Self(Arc::new(Inner {
            limits,
            quick: Lane::new(program.clone(), setup(QUICK_NICENESS), workers),
            slow: Lane::new(program, setup(SLOW_NICENESS), workers),
            slow_sources: SlowSources::default(),
        }))
    }

    /// Runs a script in a fresh interpreter. What has no JSON (`undefined`, `NaN`, a function) is
    /// null.
    ///
    /// It begins among the quick scripts. One that is not done within [`Limits::quick`] is stopped,
    /// and begun again among the slow ones, where it gets all of its time: so what is slow, however
    /// much of it there is, keeps no place of what is quick. Its source begins there from then on,
    /// until it is quick again.
    ///
    /// Dropping the future stops the script.
    ///
    /// # Errors
    /// The limit that it met, the exception that it threw, or that no process could run it.
    pub async fn run(&self, script: &Script) -> Result<Value, ScriptError> {
        let inner = &*self.0;
        let limits = &inner.limits;
        let key = SourceKey::of(&script.source);
        if !inner.slow_sources.contains(key) {
            let turn = inner.quick.turn().await.map_err(|why| no_answer(why, limits))?;
            // Another script of this source may have been found slow while this one waited.
            if !inner.slow_sources.contains(key) {
                let quick = limits.quick.min(limits.cpu);
                match ask(&turn, script, quick, limits).await {
                    Err(ScriptError::Cpu(_)) if quick < limits.cpu => {
                        inner.slow_sources.insert(key);
                    }
                    ended => return value(ended?, script, limits),
                }
            }
        }
        let turn = inner.slow.turn().await.map_err(|why| no_answer(why, limits))?;
        let answer = ask(&turn, script, limits.cpu, limits).await?;
        if u128::from(answer.cpu_us) < limits.quick.as_micros() {
            inner.slow_sources.remove(key);
        }
        value(answer, script, limits)
    }
}

/// Runs it once. An answer that says that the processor time was used up is an error here.
async fn ask(
    turn: &Turn<'_>,
    script: &Script,
    cpu: Duration,
    limits: &Limits,
) -> Result<Answer, ScriptError> {
    let request = request(script, cpu).map_err(ScriptError::Start)?;
    match turn.run(&request, limits.wall).await {
        Ok(Answer { outcome: Outcome::Cpu, .. }) => Err(ScriptError::Cpu(cpu)),
        Ok(answer) => Ok(answer),
        Err(NoAnswer::Gone(Gone::Cpu)) => Err(ScriptError::Cpu(cpu)),
        Err(why) => Err(no_answer(why, limits)),
    }
}

fn request(script: &Script, cpu: Duration) -> io::Result<Vec<u8>> {
    let mut bindings = Vec::with_capacity(script.bindings.len());
    for (name, value) in &script.bindings {
        bindings.push((name.clone(), to_raw_value(value)?));
    }
    wire::frame(&Request {
        kind: script.kind,
        source: script.source.clone(),
        bindings,
        zone: script.zone.clone(),
        cpu_us: u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX),
    })
}

fn no_answer(why: NoAnswer, limits: &Limits) -> ScriptError {
    match why {
        NoAnswer::Gone(Gone::Cpu) => ScriptError::Cpu(limits.cpu),
        NoAnswer::Gone(Gone::Lost(how)) => ScriptError::Lost(how),
        NoAnswer::Wall => ScriptError::Wall(limits.wall),
        NoAnswer::Start(error) => ScriptError::Start(error),
    }
}

fn value(answer: Answer, script: &Script, limits: &Limits) -> Result<Value, ScriptError> {
    Err(match answer.outcome {
        // It is JSON: all that can be wrong with it is its depth.
        Outcome::Value(json) => match serde_json::from_str(json.get()) {
            Ok(value) => return Ok(value),
            Err(_) => ScriptError::ResultDepth,
        },
        Outcome::Cpu => ScriptError::Cpu(limits.cpu),
        Outcome::Memory => ScriptError::Memory(limits.memory),
        Outcome::Recursion => ScriptError::Recursion,
        Outcome::ResultSize => ScriptError::ResultSize(limits.result),
        Outcome::Zone => ScriptError::Zone(script.zone.clone()),
        Outcome::Exception { message, line } => ScriptError::Exception { message, line },
    })
}
