//! The task by which this process is one of the nodes that share a database: it says that it lives,
//! takes its share of the work, and hears what the others ask.

use crate::{
    clock::Moment,
    dispatcher::Notice,
    lease::Lease,
    live::{Rates, Shared},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use storage::{
    Storage, StorageError,
    nodes::{Ask, Incarnation, NewNode, News, NodeRow, Shards},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval, timeout},
};

/// How often it says that it lives.
const BEAT: Duration = Duration::from_secs(1);
/// How long anything of that may take.
const BEAT_MAX: Duration = Duration::from_secs(3);
/// How often what no node holds is counted.
const COUNTED_AGAIN: Duration = Duration::from_secs(5);

/// This process as one of several nodes.
pub struct Node {
    pub storage: Arc<dyn Storage>,
    pub lease: Arc<Lease>,
    pub shared: Shared,
    pub node: NewNode,
    pub dispatcher: mpsc::UnboundedSender<Notice>,
    /// Shards of which nothing runs any more, and under which incarnation that was so.
    pub freed: mpsc::UnboundedReceiver<(Incarnation, Shards)>,
    /// Whether it takes nothing new any more.
    pub stopping: watch::Receiver<bool>,
    pub memory: Memory,
}

/// What it keeps in mind between two beats.
#[derive(Default)]
pub struct Memory {
    rates: Rates,
    /// The newest ask that was heard.
    asked: Option<i64>,
    /// When what no node holds was counted last.
    counted: Option<Instant>,
}

impl Node {
    /// Begins an incarnation.
    pub async fn register(&mut self) -> storage::Result<()> {
        let sent = Moment::now();
        // What was asked before it began is none of its business, and may not have been.
        self.memory.asked = None;
        let under = self.storage.register(&self.node).await?;
        tracing::info!(node = %self.node.name, incarnation = under.0, "registered");
        self.lease.begin(under, sent);
        Ok(())
    }

    /// Runs until the other half of `leaving` is dropped: for as long as something of this node
    /// runs, others are not to take it for dead.
    pub async fn run(mut self, news: News, mut leaving: oneshot::Receiver<()>) {
        let (shared, tell) = (self.shared.clone(), self.dispatcher.clone());
        let forwarding = tokio::spawn(forward(news.deliveries, shared, tell));
        let mut asks = news.asks;
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (lease, under) = (self.lease.clone(), self.lease.under());
            tokio::select! {
                _ = &mut leaving => break,
                () = lease.ended(under.unwrap_or_default()), if under.is_some() => {}
                Some((under, shards)) = self.freed.recv() => self.free(under, shards).await,
                Ok(()) = asks.changed() => {
                    // Those that are not heard in time are heard with the next beat.
                    if timeout(BEAT_MAX, self.hear_asks()).await.is_err() {
                        tracing::warn!("what other nodes ask cannot be read yet: no answer");
                    }
                }
                _ = beat.tick() => self.tick().await,
            }
            if let Some(under) = under.filter(|under| self.lease.under() != Some(*under)) {
                self.dispatcher.send(Notice::Lost(under)).ok();
            }
        }
        forwarding.abort();
    }

    async fn tick(&mut self) {
        let Some(under) = self.lease.under() else {
            match timeout(BEAT_MAX, self.register()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "this node cannot register yet"),
                Err(_) => tracing::error!("this node cannot register yet: no answer"),
            }
            return;
        };
        match timeout(BEAT_MAX, self.beat(under)).await {
            Ok(Ok(())) => {}
            Ok(Err(StorageError::Fenced)) => self.lease.lose(under),
            Ok(Err(error)) => tracing::warn!(%error, "this node cannot say that it lives"),
            Err(_) => tracing::warn!("this node cannot say that it lives: no answer"),
        }
    }

    async fn beat(&mut self, under: Incarnation) -> storage::Result<()> {
        let sent = Moment::now();
        let status = self.shared.status(&mut self.memory.rates);
        let known = self.shared.newest();
        let beat = self.storage.beat(under, &status).await?;
        if beat.newest < known {
            tracing::error!(
                known,
                now = beat.newest,
                "the database has lost what was written last; all is read from it again"
            );
            self.shared.begin_anew(beat.newest);
            return Err(StorageError::Fenced);
        }
        self.shared.knows(beat.newest);
        self.lease.renew(under, sent);
        self.dispatcher.send(Notice::Newest(beat.newest)).ok();
        // What was asked before it began is none of its business.
        if *self.memory.asked.get_or_insert(beat.ask) < beat.ask {
            self.hear_asks().await;
        }
        if *self.stopping.borrow() {
            return Ok(());
        }
        let sharing = self.storage.share(under, self.lease.may_fence()).await?;
        self.dispatcher.send(Notice::Shared { under, sharing }).ok();
        let nodes = self.storage.nodes().await?;
        self.count_unheld(&nodes);
        self.shared.show_nodes(nodes, under);
        Ok(())
    }

    /// What nobody holds nobody counts: where no node runs deliveries the database is asked now and then,
    /// beside the beats.
    fn count_unheld(&mut self, nodes: &[NodeRow]) {
        if nodes.iter().any(|node| !node.fenced && node.shards > 0) {
            self.memory.counted = None;
            return self.shared.show_unheld(0);
        }
        if self.memory.counted.is_some_and(|at| at.elapsed() < COUNTED_AGAIN) {
            return;
        }
        self.memory.counted = Some(Instant::now());
        let (storage, shared) = (self.storage.clone(), self.shared.clone());
        tokio::spawn(async move {
            match storage.unended().await {
                Ok(unended) => shared.show_unheld(unended.deliveries),
                Err(error) => tracing::warn!(%error, "what is unfinished cannot be counted"),
            }
        });
    }

    /// Frees shards, and says so before it tells again how they lie.
    async fn free(&self, under: Incarnation, shards: Shards) {
        match timeout(BEAT_MAX, self.storage.free(under, shards)).await {
            Ok(Ok(())) => {}
            // They stay this node's, and are handed on later.
            Ok(Err(error)) => tracing::warn!(%error, "shards are not handed on yet"),
            Err(_) => tracing::warn!("shards are not handed on yet: no answer"),
        }
        self.dispatcher.send(Notice::Freed { under, shards }).ok();
    }

    async fn hear_asks(&mut self) {
        let Some(after) = self.memory.asked else { return };
        let asks = match self.storage.asks(after).await {
            Ok(asks) => asks,
            Err(error) => {
                tracing::warn!(%error, "what other nodes ask cannot be read yet");
                return;
            }
        };
        for asked in asks {
            if Some(asked.by) != self.lease.under()
                && let Err(error) = self.hear(asked.ask).await
            {
                tracing::warn!(%error, "what another node asks cannot be done");
                if let StorageError::Database(_) = error {
                    return;
                }
            }
            self.memory.asked = Some(asked.number);
        }
    }

    async fn hear(&self, ask: Ask) -> storage::Result<()> {
        let notice = match ask {
            Ask::Hurry(id) | Ask::Resume(id) => {
                let Some(open) = self.storage.open_delivery(id).await? else { return Ok(()) };
                let open = Box::new(open);
                match ask {
                    Ask::Resume(_) => Notice::Back(open),
                    _ => Notice::Hurry { open, answer: oneshot::channel().0 },
                }
            }
            Ask::Cancel(of) => Notice::Cancel { of, answer: None },
        };
        self.dispatcher.send(notice).ok();
        Ok(())
    }
}

/// Tells of what other nodes accept.
async fn forward(
    mut newest: watch::Receiver<i64>,
    shared: Shared,
    tell: mpsc::UnboundedSender<Notice>,
) {
    while newest.changed().await.is_ok() {
        let number = *newest.borrow_and_update();
        // Where the database has less by the next beat, it has lost this.
        shared.knows(number);
        if tell.send(Notice::Newest(number)).is_err() {
            return;
        }
    }
}
