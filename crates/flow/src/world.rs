//! The outside world as a flow sees it: a trait, so that flows run in tests without any.

use crate::Checkpoint;
use model::trace::Failure;
use std::{future::Future, time::Duration};

/// A request that a step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Absolute, `http` or `https`.
    pub url: String,
    /// In order, `webhook-id` and `webhook-timestamp` included.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// For everything, the answer's body included.
    pub timeout: Duration,
}

/// What came back: any status, the whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What a flow needs of the outside. Dropping a future cancels what it does.
pub trait World: Sync {
    /// Sends a request. Any status is a `Response`; a `Failure` means that no whole answer came.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Failure>> + Send;
    /// Keeps a run as it stands, so that it goes on from here whatever happens: what came before is
    /// not done again. Answers when that has reached the disk.
    fn keep(&self, checkpoint: Checkpoint) -> impl Future<Output = ()> + Send;
    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
    /// Microseconds on a clock that only goes forward, from any start.
    fn monotonic_us(&self) -> u64;
    /// Seconds since 1970, for `webhook-timestamp`.
    fn unix_seconds(&self) -> i64;
}
