//! An outside world that is written down beforehand, with a clock of its own.

use flow::{Program, Request, Response, RunResult, RunSettings, World};
use futures::task::noop_waker;
use model::{
    JsonMap,
    trace::{Failure, FailureClass},
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

    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap().requests.clone()
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

    /// Runs a flow to its end; whenever all wait, the clock goes on to the next who is to wake.
    pub fn run(&self, program: &Program, variables: JsonMap, settings: &RunSettings) -> RunResult {
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        let mut run = pin!(flow::run(program, variables, settings, self));
        loop {
            if let Poll::Ready(result) = run.as_mut().poll(&mut context) {
                return result;
            }
            let mut state = self.state.lock().unwrap();
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
