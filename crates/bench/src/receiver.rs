//! The receiver of a benchmark: what flows call. It runs on threads of its own, so that neither the
//! sender nor the report holds it up, and notes when each key arrived.

use crate::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, runtime::Runtime, time::sleep};

/// Threads that receive.
const THREADS: usize = 2;
/// How often it is looked whether everything has arrived.
const LOOK: Duration = Duration::from_millis(2);

/// When each key arrived. Keys are numbers from 0.
pub struct Arrivals {
    begun: Instant,
    /// Microseconds since `begun`, plus one; 0 is not yet.
    first: Vec<AtomicU64>,
    seen: AtomicUsize,
    repeated: AtomicUsize,
    latest: AtomicU64,
}

impl Arrivals {
    /// Room for so many keys.
    pub fn of(keys: usize) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            first: (0..keys).map(|_| AtomicU64::new(0)).collect(),
            seen: AtomicUsize::new(0),
            repeated: AtomicUsize::new(0),
            latest: AtomicU64::new(0),
        })
    }

    fn note(&self, body: &[u8]) {
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX - 1) + 1;
        self.latest.fetch_max(now, Ordering::Relaxed);
        let Some(slot) = key(body).and_then(|key| self.first.get(key)) else { return };
        match slot.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => self.seen.fetch_add(1, Ordering::Relaxed),
            Err(_) => self.repeated.fetch_add(1, Ordering::Relaxed),
        };
    }

    /// How many keys have arrived.
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }

    /// How many arrivals were not the first of their key.
    pub fn repeated(&self) -> usize {
        self.repeated.load(Ordering::Relaxed)
    }

    /// When the key arrived first.
    pub fn at(&self, key: usize) -> Option<Instant> {
        let at = self.first.get(key)?.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.begun + Duration::from_micros(at))
    }

    /// When anything arrived last.
    pub fn latest(&self) -> Instant {
        self.begun + Duration::from_micros(self.latest.load(Ordering::Relaxed).saturating_sub(1))
    }

    /// How much has arrived, repeats and all.
    pub fn total(&self) -> usize {
        self.seen() + self.repeated()
    }

    /// Waits until so many keys have arrived; an error when none came for `patience`.
    pub async fn all(
        &self,
        keys: usize,
        patience: Duration,
        progress: impl Fn(usize),
    ) -> Result<()> {
        self.until(keys, Self::seen, patience, progress).await
    }

    /// Waits until so much has arrived, counted in this way.
    pub async fn until(
        &self,
        keys: usize,
        count: impl Fn(&Self) -> usize,
        patience: Duration,
        progress: impl Fn(usize),
    ) -> Result<()> {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let seen = count(self);
            progress(seen);
            if seen >= keys {
                return Ok(());
            }
            if seen != last {
                (last, since) = (seen, Instant::now());
            }
            if since.elapsed() > patience {
                return Err(format!("{seen} of {keys} arrived, and then no more").into());
            }
            sleep(LOOK).await;
        }
    }
}

/// The number under `"key"` in a body of JSON, as a number or a text.
fn key(body: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"\"key\":";
    let at = body.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let digits = body[at..].iter().skip_while(|byte| matches!(byte, b' ' | b'"'));
    let mut key: Option<usize> = None;
    for digit in digits.take_while(|byte| byte.is_ascii_digit()) {
        key = key.unwrap_or(0).checked_mul(10)?.checked_add(usize::from(digit - b'0'));
    }
    key
}

/// How it answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// How long an answer takes.
    pub delay: Duration,
}

/// A receiver that listens on the loopback until it is dropped.
pub struct Receiver {
    pub addr: SocketAddr,
    // Dropped in the background: it must not be waited for inside another runtime.
    runtime: Option<Runtime>,
}

impl Receiver {
    /// Listens, and notes what arrives.
    pub fn start(arrivals: Arc<Arrivals>, manner: Manner) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("receiver")
            .enable_all()
            .build()?;
        let mut receiver = Self { addr: ([127, 0, 0, 1], 0).into(), runtime: Some(runtime) };
        receiver.addr = receiver.also(arrivals, manner)?;
        Ok(receiver)
    }

    /// Listens in another place, too.
    pub fn also(&self, arrivals: Arc<Arrivals>, manner: Manner) -> Result<SocketAddr> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = self.runtime.as_ref().ok_or("the receiver has ended")?;
        runtime.spawn(async move {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).ok();
                let arrivals = arrivals.clone();
                tokio::spawn(async move {
                    let answer = |request| answer(request, arrivals.clone(), manner);
                    let io = TokioIo::new(stream);
                    http1::Builder::new().serve_connection(io, service_fn(answer)).await.ok();
                });
            }
        });
        Ok(addr)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    arrivals: Arc<Arrivals>,
    manner: Manner,
) -> std::result::Result<Response<Full<Bytes>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    arrivals.note(&body);
    if !manner.delay.is_zero() {
        sleep(manner.delay).await;
    }
    let answer = Full::new(Bytes::from_static(br#"{"ok":true}"#));
    let mut answer = Response::new(answer);
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_as_a_number_and_as_a_text() {
        assert_eq!(key(br#"{"a": 1, "key": 42, "b": 3}"#), Some(42));
        assert_eq!(key(br#"{"key":"7"}"#), Some(7));
        assert_eq!(key(br#"{"key":"none"}"#), None);
        assert_eq!(key(br#"{"keys":1}"#), None);
    }

    #[test]
    fn the_first_arrival_counts_and_the_others_are_repeats() {
        let arrivals = Arrivals::of(2);
        for body in [&br#"{"key":1}"#[..], br#"{"key":1}"#, br#"{"key":9}"#] {
            arrivals.note(body);
        }
        assert_eq!((arrivals.seen(), arrivals.repeated()), (1, 1));
        assert!(arrivals.at(1).is_some() && arrivals.at(0).is_none() && arrivals.at(9).is_none());
    }
}
