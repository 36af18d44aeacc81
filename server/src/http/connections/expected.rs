//! A body that has to come.

use axum::{
    BoxError,
    body::{Bytes, HttpBody},
};
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
use tokio::time::{Sleep, sleep};

/// Whether a body was given up. Handlers would take it for one that is malformed.
#[derive(Clone, Default)]
pub struct Stalled(Arc<AtomicBool>);

impl Stalled {
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body that fails when nothing of it comes for a while.
pub struct Expected {
    body: Incoming,
    /// How long nothing may come.
    silent_max: Duration,
    /// Until when it is waited for; only while it is.
    until: Option<Pin<Box<Sleep>>>,
    stalled: Stalled,
}

impl Expected {
    pub fn new(body: Incoming, silent_max: Duration, stalled: Stalled) -> Self {
        Self { body, silent_max, until: None, stalled }
    }
}

impl HttpBody for Expected {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.until = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let silent_max = self.silent_max;
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(silent_max)));
        ready!(until.as_mut().poll(cx));
        self.stalled.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
