//! A world without an outside, for the interpreter alone: requests are answered at once, and nothing
//! else is there.

use flow::{
    CalendarAnswer, Checkpoint, Child, Clock, Context, Flows, GlobalValue, Installation, Keeper,
    ListEntry, Mail, Messages, Notification, Program, Publication, Query, Reference, Request,
    Requests, Response, Script, Scripts, Tokens,
};
use jiff::Timestamp;
use model::{
    JsonMap,
    trace::{Failure, FailureClass},
};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The world without an outside.
pub struct Nowhere {
    began: Instant,
    tokens: Tokens,
}

impl Default for Nowhere {
    fn default() -> Self {
        Self { began: Instant::now(), tokens: Tokens::default() }
    }
}

/// What is not there.
fn nothing<T>() -> Result<T, Failure> {
    Err(Failure::new(FailureClass::NotSetUp, "there is nothing outside"))
}

impl Context for Nowhere {
    fn global(&self, _: &str) -> Option<GlobalValue> {
        None
    }

    fn secret(&self, _: &str) -> Option<String> {
        None
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Clock for Nowhere {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random(&self) -> u64 {
        4
    }
}

impl Keeper for Nowhere {
    async fn keep(&self, _: Checkpoint) {}

    fn is_full(&self) -> bool {
        false
    }
}

impl Requests for Nowhere {
    async fn admits(&self, _: &str) -> bool {
        true
    }

    async fn send(&self, _: Request) -> Result<Response, Failure> {
        Ok(Response { status: 200, body: b"{}".to_vec(), ..Response::default() })
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    async fn sign(&self, _: &str, _: i64, _: &[u8]) -> Result<String, Failure> {
        nothing()
    }
}

impl Scripts for Nowhere {
    async fn script(&self, _: Script) -> Result<Value, Failure> {
        nothing()
    }
}

impl Installation for Nowhere {
    async fn cached(&self, _: &str) -> Result<Option<String>, Failure> {
        nothing()
    }

    async fn cache(&self, _: &str, _: &str, _: Option<u64>) -> Result<(), Failure> {
        nothing()
    }

    async fn forget(&self, _: &str) -> Result<(), Failure> {
        nothing()
    }

    async fn is_listed(&self, _: &Reference, _: &str) -> Result<bool, Failure> {
        nothing()
    }

    async fn add_to_list(&self, _: &Reference, _: ListEntry) -> Result<(), Failure> {
        nothing()
    }

    async fn calendar(&self, _: &Reference) -> Result<CalendarAnswer, Failure> {
        nothing()
    }

    async fn set_global(&self, _: &str, _: &str, _: bool) -> Result<(), Failure> {
        nothing()
    }
}

impl Messages for Nowhere {
    async fn query(&self, _: Query) -> Result<Option<JsonMap>, Failure> {
        nothing()
    }

    async fn mail(&self, _: Mail) -> Result<String, Failure> {
        nothing()
    }

    async fn publish(&self, _: Publication) -> Result<(), Failure> {
        nothing()
    }

    async fn notify(&self, _: Notification) -> Result<(), Failure> {
        nothing()
    }
}

impl Flows for Nowhere {
    async fn flow(&self, _: i64) -> Result<Arc<Program>, Failure> {
        nothing()
    }

    async fn start(&self, _: Child) -> Result<(), Failure> {
        nothing()
    }
}
