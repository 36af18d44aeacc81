//! The sender of a benchmark: it posts events over a pool of connections.

use crate::{Result, installation::Installation};
use bytes::Bytes;
use reqwest::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

/// How long to wait where the server says "not now" and not for how long.
const NOT_NOW: Duration = Duration::from_millis(100);

/// A sender with its token.
#[derive(Clone)]
pub struct Sender {
    http: reqwest::Client,
    /// The events' address on each node, in turn.
    events: Arc<[String]>,
    turn: Arc<AtomicUsize>,
    bearer: String,
}

#[derive(Deserialize)]
struct Answer {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
}

/// What a flood came to.
#[derive(Debug, Clone, Copy)]
pub struct Flood {
    /// When the first post was sent.
    pub begun: Instant,
    /// From then to the last answer.
    pub took: Duration,
    /// How often the server answered 503.
    pub turned_away: usize,
}

impl Sender {
    /// A sender to all nodes of an installation.
    pub fn to(installation: &Installation) -> Result<Self> {
        let nodes = installation.nodes.iter();
        Ok(Self {
            http: client()?,
            events: nodes.map(|node| format!("{}/api/v1/events", node.url)).collect(),
            turn: Arc::default(),
            bearer: format!("Bearer {}", installation.token()),
        })
    }

    /// Posts until it is accepted, and answers how often it was not.
    pub async fn post(&self, body: Bytes, events: usize) -> Result<usize> {
        let mut turned_away = 0;
        loop {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.events.len();
            let request = self.http.post(&self.events[turn]).body(body.clone());
            let answer = request
                .header(header::AUTHORIZATION, &self.bearer)
                .header(header::CONTENT_TYPE, "application/json")
                .send()
                .await?;
            let status = answer.status();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                turned_away += 1;
                let after = answer.headers().get(header::RETRY_AFTER);
                let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
                sleep(after.map_or(NOT_NOW, Duration::from_secs)).await;
                continue;
            }
            let body = answer.bytes().await?;
            let kept = match serde_json::from_slice::<Answer>(&body) {
                Ok(many) => many.accepted + many.duplicates == events && many.rejected == 0,
                Err(_) => events == 1,
            };
            if status != StatusCode::ACCEPTED || !kept {
                let body = String::from_utf8_lossy(&body).chars().take(400).collect::<String>();
                return Err(format!("a post was answered {status}: {body}").into());
            }
            return Ok(turned_away);
        }
    }

    /// Posts all bodies of so many events each, over so many connections at once.
    pub async fn flood(
        &self,
        bodies: Vec<Bytes>,
        events: usize,
        connections: usize,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<Flood> {
        let bodies: Arc<[Bytes]> = bodies.into();
        let next = Arc::new(AtomicUsize::new(0));
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (sender, progress) = (self.clone(), progress.clone());
            let (bodies, next) = (bodies.clone(), next.clone());
            tasks.spawn(async move {
                let mut turned_away = 0;
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    turned_away += sender.post(body.clone(), events).await?;
                    progress(events as u64);
                }
                Ok::<_, crate::Error>(turned_away)
            });
        }
        let mut turned_away = 0;
        while let Some(ended) = tasks.join_next().await {
            turned_away += ended??;
        }
        Ok(Flood { begun, took: begun.elapsed(), turned_away })
    }
}

/// The client that senders use, and that is measured as the ceiling.
pub fn client() -> Result<reqwest::Client> {
    rustls::crypto::ring::default_provider().install_default().ok();
    Ok(reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1_024).build()?)
}

/// Which queue events go to, and what is in them.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    pub queue: i64,
    /// How many events in a row belong to one call.
    pub of_a_call: usize,
    /// Bytes of ballast in each.
    pub ballast: usize,
}

impl Events {
    /// Small events, each of its own call.
    pub fn to(queue: i64) -> Self {
        Self { queue, of_a_call: 1, ballast: 0 }
    }

    /// The event with this key.
    pub fn event(&self, key: usize) -> Value {
        let mut event = json!({
            "id": format!("bench-{key}"), "event": "joined", "queue_id": self.queue,
            "data": {"channel": "call", "attempt_id": key / self.of_a_call + 1,
                     "destination": "+380441234567"},
            "variables": {"key": key},
        });
        if self.ballast > 0 {
            event["variables"]["ballast"] = "x".repeat(self.ballast).into();
        }
        event
    }

    /// One event as a body of its own.
    pub fn single(&self, key: usize) -> Bytes {
        self.event(key).to_string().into()
    }

    /// The events of these keys in bodies of so many each.
    pub fn batches(&self, keys: std::ops::Range<usize>, size: usize) -> Vec<Bytes> {
        let keys: Vec<_> = keys.collect();
        let batch = |keys: &[usize]| {
            let events = keys.iter().map(|key| self.event(*key)).collect();
            Bytes::from(Value::Array(events).to_string())
        };
        keys.chunks(size).map(batch).collect()
    }
}
