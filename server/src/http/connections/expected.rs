//! A body that has to come.

use super::Patience;
use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
};
use futures::StreamExt;
use hyper::body::{Frame, Incoming, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until, timeout},
};

/// How much of a body that nobody reads on is listened to, in bytes, and for how long: who is cut off in
/// the middle of a sentence does not hear the answer.
const LISTENED: usize = 64 << 20;
const LISTENED_FOR: Duration = Duration::from_secs(10);

/// Whether a body was given up. Handlers would take it for one that is malformed.
#[derive(Clone, Default)]
pub struct Stalled(Arc<AtomicBool>);

impl Stalled {
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body that fails when nothing of it comes for a while, or when it comes too slowly. What is left of
/// one that nobody reads to its end is listened to.
pub struct Expected {
    body: Option<Incoming>,
    patience: Patience,
    /// When it was asked for, and how many bytes of it came since.
    began: Option<Instant>,
    came: u64,
    /// Until when it is waited for; only while it is.
    until: Option<Pin<Box<Sleep>>>,
    stalled: Stalled,
    /// Whether the sender goes on by itself.
    comes: bool,
}

impl Expected {
    /// A body of which the sender says whether it waits to be asked for it.
    pub fn new(body: Incoming, is_asked_for: bool, patience: Patience, stalled: Stalled) -> Self {
        let (began, until) = (None, None);
        Self { body: Some(body), patience, began, came: 0, until, stalled, comes: !is_asked_for }
    }

    /// Until when the next of it has to come.
    fn deadline(&mut self) -> Instant {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let of_all = self.patience.body + Duration::from_secs(self.came / self.patience.slowest);
        (now + self.patience.body).min(began + of_all)
    }
}

impl HttpBody for Expected {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.comes = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) {
            self.until = None;
            self.comes = matches!(frame, Some(Ok(_)));
            if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
                self.came += data.len() as u64;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let deadline = self.deadline();
        let until = self.until.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        ready!(until.as_mut().poll(cx));
        self.comes = false;
        self.stalled.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| self.comes && !body.is_end_stream());
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            runtime.spawn(timeout(LISTENED_FOR, listen(body)));
        }
    }
}

/// Reads on, and keeps nothing.
async fn listen(body: Incoming) {
    let (mut chunks, mut heard) = (Body::new(body).into_data_stream(), 0);
    while let Some(Ok(chunk)) = chunks.next().await
        && heard < LISTENED
    {
        heard += chunk.len();
    }
}
