//! A sender that does not give up: it posts each call's events in order, each again under the same
//! id until it is accepted, and keeps what was.

use super::Event;
use crate::{Result, installation::Installation, sender::client};
use reqwest::header;
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// Between two tries.
const AGAIN: Duration = Duration::from_millis(100);
/// How long an event may be turned away.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long nothing is accepted before that counts as the end of it.
const STALLED: Duration = Duration::from_secs(1);

/// How much is sent, and how.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    pub calls: u64,
    /// Events of each call, and the number of the first of them.
    pub events: u64,
    pub first: u64,
    /// How many post at once.
    pub senders: u64,
    /// Between two posts of one sender.
    pub pause: Duration,
    /// Bytes of ballast in each event.
    pub ballast: usize,
}

impl Traffic {
    /// How many events there are.
    pub fn total(&self) -> usize {
        usize::try_from(self.calls * self.events).unwrap_or(usize::MAX)
    }
}

/// Traffic under way.
pub struct Load {
    /// How many events there are.
    total: usize,
    accepted: Arc<Mutex<Vec<Event>>>,
    turned_away: Arc<AtomicU64>,
    /// Of the accepted ones those that had been accepted before.
    known: Arc<AtomicU64>,
    senders: JoinSet<Result<()>>,
}

struct Post {
    http: reqwest::Client,
    /// The events' address on each node; an event that is turned away goes to the next one.
    urls: Vec<String>,
    token: String,
    queue: i64,
    ballast: String,
}

impl Load {
    /// Begins to send to all nodes.
    pub fn start(installation: &Installation, queue: i64, traffic: Traffic) -> Result<Self> {
        let post = Arc::new(Post {
            http: client()?,
            urls: installation
                .nodes
                .iter()
                .map(|node| format!("{}/api/v1/events", node.url))
                .collect(),
            token: installation.token().to_owned(),
            queue,
            ballast: "x".repeat(traffic.ballast),
        });
        let accepted = Arc::<Mutex<Vec<Event>>>::default();
        let (turned_away, known) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let mut senders = JoinSet::new();
        for sender in 0..traffic.senders {
            let (post, accepted) = (post.clone(), accepted.clone());
            let (turned_away, known) = (turned_away.clone(), known.clone());
            senders.spawn(async move {
                for number in traffic.first..traffic.first + traffic.events {
                    for call in (sender..traffic.calls).step_by(traffic.senders as usize) {
                        let event = Event { call, number };
                        let (tries, before) = post.until_accepted(event).await?;
                        turned_away.fetch_add(tries, Ordering::Relaxed);
                        known.fetch_add(u64::from(before), Ordering::Relaxed);
                        accepted.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                        sleep(traffic.pause).await;
                    }
                }
                Ok(())
            });
        }
        Ok(Self { total: traffic.total(), accepted, turned_away, known, senders })
    }

    /// How many were accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Those that were accepted so far.
    pub fn so_far(&self) -> Vec<Event> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often a post was turned away or not answered, and sent again.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    /// How many of the accepted ones the server knew already.
    pub fn known(&self) -> u64 {
        self.known.load(Ordering::Relaxed)
    }

    /// Waits until so many were accepted.
    pub async fn reaches(&self, accepted: usize) -> Result<()> {
        let begun = Instant::now();
        while self.accepted() < accepted {
            if begun.elapsed() > PATIENCE {
                return Err(format!("only {} events were accepted", self.accepted()).into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Waits until nothing is accepted any more, though there is more; how many were by then.
    pub async fn stalls(&self) -> Result<usize> {
        let begun = Instant::now();
        loop {
            let accepted = self.accepted();
            sleep(STALLED).await;
            if accepted == self.total {
                return Err("everything is accepted all the same".into());
            }
            if accepted == self.accepted() {
                return Ok(accepted);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{accepted} events were accepted, and more are").into());
            }
        }
    }

    /// Waits until everything was accepted.
    pub async fn ends(&mut self) -> Result<()> {
        while let Some(sender) = self.senders.join_next().await {
            sender??;
        }
        Ok(())
    }
}

impl Post {
    /// Posts an event until it is accepted; how often it was not, and whether the server knew it.
    async fn until_accepted(&self, event: Event) -> Result<(u64, bool)> {
        let Event { call, number } = event;
        let body = json!({
            "id": format!("chaos-{call}-{number}"), "event": "joined", "queue_id": self.queue,
            "data": {"channel": "call", "attempt_id": call},
            "variables": {"key": number, "ballast": self.ballast},
        })
        .to_string();
        let begun = Instant::now();
        for tries in 0.. {
            let url = &self.urls[(tries + call) as usize % self.urls.len()];
            let request = self.http.post(url).bearer_auth(&self.token).body(body.clone());
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let said = match request.timeout(ANSWER).send().await {
                Ok(answer) if answer.status().is_success() => match answer.text().await {
                    Ok(body) => return Ok((tries, body.contains("\"duplicate\":true"))),
                    Err(error) => error.to_string(),
                },
                Ok(answer) if answer.status().is_client_error() => {
                    let (status, body) = (answer.status(), answer.text().await?);
                    return Err(format!("{event:?} was refused, {status}: {body}").into());
                }
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            };
            if begun.elapsed() > PATIENCE {
                return Err(format!("{event:?} is turned away for too long: {said}").into());
            }
            sleep(AGAIN).await;
        }
        unreachable!("it is tried until its time is over")
    }
}
