//! An outside world that is written down beforehand, with a clock of its own.

// By its path, because the fuzzers take this file by its own.
#[path = "world/outside.rs"]
mod outside;

use flow::{
    Checkpoint, Clock, Context as Names, GlobalValue, Keeper, Program, Request, Requests, Response,
    RunResult, RunSettings, Tokens,
};
use futures::task::noop_waker;
use jiff::Timestamp;
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
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

/// What there is outside, beside answers to requests.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outside {
    /// The time at which the case begins; 2027-01-15 08:00 UTC, a Friday, if it does not say.
    pub now: Option<String>,
    pub globals: BTreeMap<String, String>,
    pub secrets: BTreeMap<String, String>,
    pub cache: BTreeMap<String, String>,
    /// Lists by name, and the numbers in them.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Calendars by name: `open`, `closed`, `expired`, or the name of an exception.
    pub calendars: BTreeMap<String, String>,
    /// What scripts come to, in order: `{"value": …}` or `{"failure": …}`.
    pub scripts: VecDeque<Done>,
    /// What databases, mail servers, brokers and the panel come to, in order.
    pub messages: VecDeque<Done>,
    /// How long a database takes for an answer.
    pub query_ms: u64,
    /// Flows by number.
    pub flows: BTreeMap<i64, Value>,
    /// Whether requests can be signed.
    pub signs: bool,
    /// Where chance falls, from 0 up to 1; in the middle if it does not say.
    pub chance: Option<f64>,
}

/// What something came to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Value(Value),
    Failure(FailureClass),
}

impl Done {
    fn result(self) -> Result<Value, Failure> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Failure(class) => Err(Failure::new(class, "as scripted")),
        }
    }
}

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
    /// Whether that is only what was read of a longer body.
    #[serde(default)]
    pub cut: bool,
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
    /// Where there is no room, once for each.
    full: Vec<(String, usize)>,
    outside: Outside,
    /// Encrypted variables of the installation.
    hidden: BTreeMap<String, String>,
    /// What was done outside but for requests, in a line each.
    acts: Vec<Value>,
    /// How many of them had been done when the run was kept last.
    acts_kept: usize,
    /// How often the run was kept, and what was kept of it last, as text: all of it may be much.
    times_kept: usize,
    last_kept: Option<String>,
    /// Whether each run is broken off when it has been kept.
    breaks_off: bool,
    broken_off: bool,
    /// Whether what is not written down fails; else it is a mistake of the test.
    may_lack: bool,
}

#[derive(Default)]
pub struct ScriptedWorld {
    state: Mutex<State>,
    tokens: Tokens,
}

impl ScriptedWorld {
    pub fn new(answers: Vec<Scripted>) -> Self {
        let state = State { answers: answers.into(), ..State::default() };
        Self { state: Mutex::new(state), tokens: Tokens::default() }
    }

    /// A world in which these answers are all there is; what else is asked for fails.
    pub fn that_lacks(answers: Vec<Scripted>) -> Self {
        let world = Self::new(answers);
        world.state().may_lack = true;
        world
    }

    pub fn with(answers: Vec<Scripted>, outside: Outside) -> Self {
        let state = State { answers: answers.into(), outside, ..State::default() };
        Self { state: Mutex::new(state), tokens: Tokens::default() }
    }

    /// The same, but each run is broken off as soon as it has been kept, and gone on with.
    pub fn that_breaks_off(answers: Vec<Scripted>, outside: Outside) -> Self {
        let world = Self::with(answers, outside);
        world.state().breaks_off = true;
        world
    }

    /// Has no room for the next request to this address.
    pub fn hold(&self, url: &str) {
        self.hold_after(0, url);
    }

    /// Has no room for a request to this address when so many have been let through.
    pub fn hold_after(&self, admitted: usize, url: &str) {
        self.state().full.push((url.to_owned(), admitted));
    }

    /// How often the run has been kept.
    pub fn times_kept(&self) -> usize {
        self.state().times_kept
    }

    /// What was kept of it last.
    pub fn last_kept(&self) -> Option<String> {
        self.state().last_kept.clone()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// What was done outside but for requests.
    pub fn acts(&self) -> Vec<Value> {
        self.state().acts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Notes what was done, and gives what was written down for it, if anything is needed.
    fn act(&self, what: Value) -> Result<Value, Failure> {
        let mut state = self.state();
        state.acts.push(what);
        let done = state.outside.messages.pop_front();
        drop(state);
        done.map_or(Ok(Value::Null), Done::result)
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

    /// Gives an encrypted variable of the installation this value from now on.
    pub fn set_hidden(&self, name: &str, value: &str) {
        self.state().hidden.insert(name.to_owned(), value.to_owned());
    }

    /// Runs a flow to its end, over its waits; whenever all wait, the clock goes on to the next who
    /// is to wake. What each part did is told as one.
    pub fn run(
        &self,
        program: &Arc<Program>,
        variables: JsonMap,
        settings: &RunSettings,
    ) -> RunResult {
        let mut steps = Vec::new();
        let last = self.run_in_parts(program, variables, settings, |part| steps.extend(part));
        RunResult { steps, ..last }
    }

    /// The same, where the steps of each part are told apart.
    pub fn run_in_parts(
        &self,
        program: &Arc<Program>,
        variables: JsonMap,
        settings: &RunSettings,
        mut tell: impl FnMut(Vec<StepRecord>),
    ) -> RunResult {
        let mut part = self.part(flow::run(program, variables, settings, self));
        loop {
            let text = match part {
                Some(result) if result.outcome == AttemptOutcome::Waiting => {
                    tell(result.steps);
                    self.state.lock().unwrap().now_us += result.wait_ms.unwrap() * 1_000;
                    result.checkpoint.unwrap().to_text()
                }
                Some(mut result) => {
                    tell(std::mem::take(&mut result.steps));
                    return result;
                }
                None => self.last_kept().unwrap(),
            };
            let checkpoint = Checkpoint::parse(&text).unwrap();
            part = self.part(flow::resume(program, checkpoint, settings, self));
        }
    }

    /// Goes on with a run, until it ends or rests.
    pub fn go_on(
        &self,
        program: &Arc<Program>,
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

impl Names for ScriptedWorld {
    fn global(&self, name: &str) -> Option<GlobalValue> {
        let state = self.state();
        let hidden = state.hidden.get(name).cloned();
        let encrypted = hidden.is_some();
        let value = hidden.or_else(|| state.outside.globals.get(name).cloned())?;
        Some(GlobalValue { value, encrypted })
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.state().outside.secrets.get(name).cloned()
    }

    fn now(&self) -> Timestamp {
        let state = self.state();
        let given = state.outside.now.as_ref().map(|now| now.parse().unwrap());
        let start = given.unwrap_or(Timestamp::from_second(1_800_000_000).unwrap());
        start + Duration::from_micros(state.now_us)
    }
}

impl Clock for ScriptedWorld {
    async fn sleep(&self, time: Duration) {
        self.wait(time).await;
    }

    fn monotonic_us(&self) -> u64 {
        self.state().now_us
    }

    fn random(&self) -> u64 {
        let chance = self.state().outside.chance.unwrap_or(0.5);
        (chance * 2f64.powi(64)) as u64
    }
}

impl Keeper for ScriptedWorld {
    async fn keep(&self, checkpoint: Checkpoint) {
        let breaks_off = {
            let mut state = self.state.lock().unwrap();
            state.times_kept += 1;
            state.last_kept = Some(checkpoint.to_text());
            state.acts_kept = state.acts.len();
            state.broken_off = state.breaks_off;
            state.breaks_off
        };
        if breaks_off {
            std::future::pending::<()>().await;
        }
    }

    fn is_full(&self) -> bool {
        let state = self.state();
        state.acts.len() >= state.acts_kept + 3
    }
}

impl Requests for ScriptedWorld {
    async fn admits(&self, url: &str) -> bool {
        let mut state = self.state();
        let Some(place) = state.full.iter().position(|(full, _)| full == url) else { return true };
        match &mut state.full[place].1 {
            0 => {
                state.full.swap_remove(place);
                false
            }
            admitted => {
                *admitted -= 1;
                true
            }
        }
    }

    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let answer = {
            let mut state = self.state();
            state.requests.push(request);
            match state.answers.pop_front() {
                None if state.may_lack => return Err(none()),
                answer => answer.expect("a request for which no answer is scripted"),
            }
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
            cut: answer.cut,
        })
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    async fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> Result<String, Failure> {
        if self.state().outside.signs {
            return Ok(format!("v1,{id}.{timestamp_s}.{}", body.len()));
        }
        Err(Failure::new(FailureClass::NotSetUp, "no key"))
    }
}

fn none() -> Failure {
    Failure::new(FailureClass::Flow, "there is none of that name")
}
