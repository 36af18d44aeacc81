//! One run of a scenario: an installation with one hook, its receiver, and the count at the end.

use super::{
    Event, Verdict,
    load::{Load, Traffic},
    receiver::{Arrival, Manner, Receiver, Temper},
};
use crate::{Result, installation::Installation};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long nothing may happen before what is missing counts as lost: a breaker that was probed in vain
/// twice is open for up to 132 s, and where three of ten requests fail, chance may have it so.
const PATIENCE: Duration = Duration::from_secs(150);
/// How long to listen for more when everything seems to be over.
const QUIET: Duration = Duration::from_millis(700);
/// How long a request of the flow may take, in ms.
const REQUEST_MS: u64 = 2_000;

/// An installation under load, and the receiver of its hook.
pub struct Trial {
    pub installation: Installation,
    pub receiver: Receiver,
    pub queue: i64,
}

/// A receiver that answers well.
pub fn well() -> Temper {
    Arc::new(|_, _| Manner::Well)
}

impl Trial {
    /// Serves the installation, and hooks a receiver to it.
    pub async fn start(installation: Installation, temper: Temper) -> Result<Self> {
        Self::start_at(installation, temper, "127.0.0.1").await
    }

    /// The same with a receiver that is called by this host.
    pub async fn start_at(
        mut installation: Installation,
        temper: Temper,
        host: &str,
    ) -> Result<Self> {
        let receiver = Receiver::start(temper).await?;
        installation.serve().await?;
        let steps = json!([{"httpRequest": {
            "url": format!("http://{host}:{}/", receiver.addr.port()), "timeout": REQUEST_MS,
            "data": {"key": "${key}", "call": "${attempt_id}"}
        }}]);
        let flow = installation.flow("Tell", &steps).await?;
        let queue = installation.queue("Chaos").await?;
        installation.hook(queue, flow).await?;
        Ok(Self { installation, receiver, queue })
    }

    /// Begins to send.
    pub fn load(&self, traffic: Traffic) -> Result<Load> {
        Load::start(&self.installation, self.queue, traffic)
    }

    /// Waits until everything was accepted.
    pub async fn accepts(&self, load: &mut Load) -> Result<()> {
        let accepted = load.ends().await;
        accepted.map_err(|error| format!("{error}\n{}", self.installation.logged_last()).into())
    }

    /// Waits until everything was accepted and has been delivered, or nothing moves any more, and
    /// counts.
    pub async fn end(self, mut load: Load, may_repeat: usize) -> Result<Verdict> {
        self.accepts(&mut load).await?;
        self.count(load.so_far(), load.turned_away(), may_repeat).await
    }

    /// Waits until all of these have been delivered, or nothing moves any more, and counts.
    pub async fn count(
        self,
        accepted: Vec<Event>,
        turned_away: u64,
        may_repeat: usize,
    ) -> Result<Verdict> {
        self.delivered(&accepted).await?;
        let mut verdict = Verdict::of(&accepted, &self.receiver.arrivals(), may_repeat);
        for (event, id) in &verdict.late {
            // A `webhook-id` is the delivery's id and the step's.
            let delivery = id.split('_').next().unwrap_or_default();
            let delivery = self.ask(&format!("/api/v1/deliveries/{delivery}")).await?;
            if delivery["row"]["out_of_order"] != true {
                verdict.out_of_order.push(*event);
            }
        }
        if verdict.repeated.len() > may_repeat {
            verdict.notes.push(format!("logged: {}", self.installation.warnings()));
        }
        if turned_away > 0 {
            verdict.notes.push(format!("{turned_away} posts sent again"));
        }
        let logged = self.installation.logged();
        if logged.contains("panicked") {
            let last = self.installation.logged_last();
            return Err(format!("the server panicked:\n{last}").into());
        }
        Ok(verdict)
    }

    /// Waits until all have been answered well and the log knows of nothing that is under way.
    async fn delivered(&self, accepted: &[Event]) -> Result<()> {
        let (mut arrived, mut since) = (0, Instant::now());
        loop {
            let arrivals = self.receiver.arrivals();
            if missing(accepted, &arrivals) == 0 && self.is_settled().await? {
                sleep(QUIET).await;
                return Ok(());
            }
            if arrivals.len() != arrived {
                (arrived, since) = (arrivals.len(), Instant::now());
            }
            if since.elapsed() > PATIENCE {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until all of these have been answered well, whatever else is under way.
    pub async fn arrive(&self, accepted: &[Event]) -> Result<()> {
        let begun = Instant::now();
        loop {
            let left = missing(accepted, &self.receiver.arrivals());
            if left == 0 {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{left} of {} events do not arrive", accepted.len()).into());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the log shows nothing that is still to be done.
    async fn is_settled(&self) -> Result<bool> {
        let open = "/api/v1/deliveries?state=pending&state=running&state=retrying&size=1";
        let open = self.ask(open).await?;
        Ok(open["items"].as_array().is_some_and(Vec::is_empty))
    }

    /// Asks the API until it answers: what went wrong may not be over at once.
    async fn ask(&self, path: &str) -> Result<Value> {
        let begun = Instant::now();
        loop {
            match self.installation.get(path).await {
                Err(_) if begun.elapsed() < PATIENCE => sleep(Duration::from_millis(200)).await,
                answer => return answer,
            }
        }
    }
}

/// How many of these have not been answered well.
fn missing(accepted: &[Event], arrivals: &[Arrival]) -> usize {
    let done = arrivals.iter().filter(|one| one.heard().is_some()).map(|one| one.event);
    let done: HashSet<_> = done.collect();
    accepted.iter().copied().filter(|event| !done.contains(event)).count()
}
