//! An outside world that is written down beforehand, with a clock of its own.

use flow::{Checkpoint, Program, Request, Response, RunResult, RunSettings, World};
use futures::task::noop_waker;
use model::{
    JsonMap,
    trace::{AttemptOutcome, Failure, FailureClass, StepRecord},
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll},
    time::Duration,
};

/// What the world does with one request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A text is the body itself, all else is sent as JSON.
    #[serde(default)]
    pub body: Value,
    /// Instead of an answer.
    pub failure: Option<FailureClass>,
    /// How long it takes.
    #[serde(default)]
    pub after_ms: u64,
}

#[derive(Default)]
struct State {
    now_us: u64,
    /// When something that waits is to go on.
    wakes: Vec<u64>,
    answers: VecDeque<Scripted>,
    requests: Vec<Request>,
    /// What was kept of the run, as text, oldest first.
    kept: Vec<String>,
    /// Whether each run is broken off when it has been kept.
    breaks_off: bool,
    broken_off: bool,
}

#[derive(Default)]
pub struct ScriptedWorld {
    state: Mutex<State>,
}

impl ScriptedWorld {
    pub fn new(answers: Vec<Scripted>) -> Self {
        let state = State { answers: answers.into(), ..State::default() };
        Self { state: Mutex::new(state) }
    }

    /// The same, but each run is broken off as soon as it has been kept, and gone on with.
    pub fn that_breaks_off(answers: Vec<Scripted>) -> Self {
        let state = State { answers: answers.into(), breaks_off: true, ..State::default() };
        Self { state: Mutex::new(state) }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap().requests.clone()
    }

    /// How often the run has been kept.
    pub fn kept(&self) -> Vec<String> {
        self.state.lock().unwrap().kept.clone()
    }

    async fn wait(&self, time: Duration) {
        let until = {
            let state = self.state.lock().unwrap();
            state.now_us + u64::try_from(time.as_micros()).unwrap()
        };
        poll_fn(|_| {
            let mut state = self.state.lock().unwrap();
            if state.now_us >= until {
                return Poll::Ready(());
            }
            state.wakes.push(until);
            Poll::Pending
        })
        .await;
    }

    /// Runs a flow to its end, over its waits; whenever all wait, the clock goes on to the next who
    /// is to wake. What each part did is told as one.
    pub fn run(&self, program: &Program, variables: JsonMap, settings: &RunSettings) -> RunResult {
        let mut steps: Vec<StepRecord> = Vec::new();
        let mut part = self.part(flow::run(program, variables, settings, self));
        loop {
            let text = match part {
                Some(result) if result.outcome == AttemptOutcome::Waiting => {
                    steps.extend(result.steps);
                    self.state.lock().unwrap().now_us += result.wait_ms.unwrap() * 1_000;
                    result.checkpoint.unwrap().to_text()
                }
                Some(result) => {
                    steps.extend(result.steps);
                    return RunResult { steps, ..result };
                }
                None => self.kept().pop().unwrap(),
            };
            let checkpoint = Checkpoint::parse(&text).unwrap();
            part = self.part(flow::resume(program, checkpoint, settings, self));
        }
    }

    /// Goes on with a run, until it ends or rests.
    pub fn go_on(
        &self,
        program: &Program,
        checkpoint: Checkpoint,
        settings: &RunSettings,
    ) -> RunResult {
        self.part(flow::resume(program, checkpoint, settings, self)).unwrap()
    }

    /// Runs until the future ends; nothing where it was broken off.
    pub fn part(&self, run: impl Future<Output = RunResult>) -> Option<RunResult> {
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        let mut run = pin!(run);
        loop {
            if let Poll::Ready(result) = run.as_mut().poll(&mut context) {
                return Some(result);
            }
            let mut state = self.state.lock().unwrap();
            if std::mem::take(&mut state.broken_off) {
                state.wakes.clear();
                return None;
            }
            if let Some(next) = std::mem::take(&mut state.wakes).into_iter().min() {
                state.now_us = state.now_us.max(next);
            }
        }
    }
}

impl World for ScriptedWorld {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let answer = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(request);
            state.answers.pop_front().expect("a request for which no answer is scripted")
        };
        if answer.after_ms > 0 {
            self.wait(Duration::from_millis(answer.after_ms)).await;
        }
        if let Some(class) = answer.failure {
            return Err(Failure::new(class, "as scripted"));
        }
        let body = match answer.body {
            Value::Null => String::new(),
            Value::String(text) => text,
            json => json.to_string(),
        };
        Ok(Response {
            status: answer.status,
            headers: answer.headers.into_iter().collect(),
            body: body.into_bytes(),
        })
    }

    async fn keep(&self, checkpoint: Checkpoint) {
        let breaks_off = {
            let mut state = self.state.lock().unwrap();
            state.kept.push(checkpoint.to_text());
            state.broken_off = state.breaks_off;
            state.breaks_off
        };
        if breaks_off {
            std::future::pending::<()>().await;
        }
    }

    async fn sleep(&self, time: Duration) {
        self.wait(time).await;
    }

    fn monotonic_us(&self) -> u64 {
        self.state.lock().unwrap().now_us
    }

    fn unix_seconds(&self) -> i64 {
        1_800_000_000 + i64::try_from(self.state.lock().unwrap().now_us / 1_000_000).unwrap()
    }
}
