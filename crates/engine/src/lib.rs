//! The dispatch engine: it takes events, makes their deliveries durable, runs the flows in order,
//! retries, and writes down what happened.
//!
//! The path of an event: [`intake`] checks and matches it; the [`writer`] commits it with what
//! else has gathered, and answers; the [`dispatcher`] hears of it and asks the [`scheduler`] which
//! delivery may begin; a [`worker`] runs the flow by way of the guarded client in [`net`]; the
//! writer commits the outcome; the dispatcher hears of that.

mod arrivals;
mod backlog;
mod clock;
mod current;
mod destination;
mod dispatcher;
mod error;
mod index;
mod intake;
mod lease;
mod live;
mod messages;
mod net;
mod node;
mod programs;
mod receipt;
mod replaying;
mod replays;
mod resume;
mod room;
mod scheduler;
mod seats;
mod settings;
mod vault;
mod worker;
mod writer;

pub use error::{Busy, EngineError, Result};
pub use messages::{BadBroker, BrokerUrl};
pub use net::{AllowTargets, BadTarget};
pub use receipt::{Outcome, Receipt};
pub use room::Room;
pub use settings::Settings;
pub use vault::OpenMailProfile;

use crate::{
    backlog::Backlog,
    current::Current,
    dispatcher::{Dispatcher, Notice, Plan},
    lease::Lease,
    live::{Limits, Shared},
    messages::Messengers,
    net::Client,
    node::Node,
    programs::Programs,
    replays::Replays,
    room::Rooms,
    vault::Vault,
    worker::Worker,
    writer::{Order, Write},
};
use flow::Tokens;
use index::{Index, IndexedHook};
use model::{
    JsonMap,
    delivery::Overlay,
    ids::{DeliveryId, HookId},
    live::{Live, NodeView},
    policy::Priority,
    user::{Actor, Permission},
};
use script::{Pool, PoolSettings};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use storage::{
    Storage,
    journal::{Batch, NewEvent, Unfinished},
    nodes::{Ask, Shards},
};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// How many writes may wait for the writer before those who ask for more wait themselves.
const WRITES_WAITING: usize = 4_096;

/// How often who waits for room looks whether events are still taken.
const LOOK: Duration = Duration::from_millis(500);
/// How long the last commit may take at the end.
const FLUSH: Duration = Duration::from_secs(1);

/// A handle to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    storage: Arc<dyn Storage>,
    current: Arc<Current>,
    writer: mpsc::Sender<Write>,
    /// To the writer of runs that are kept alone.
    keeper: mpsc::Sender<Write>,
    notices: mpsc::UnboundedSender<Notice>,
    worker: Arc<Worker>,
    shared: Shared,
    slots: Arc<Semaphore>,
    concurrency: u32,
    rooms: Rooms,
    stop: Arc<watch::Sender<bool>>,
    lease: Arc<Lease>,
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("what is kept cannot be read")]
    Storage(#[from] storage::StorageError),
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// The engine's tasks, to be waited for at the end.
pub struct Tasks {
    writers: Vec<JoinHandle<()>>,
    dispatcher: JoinHandle<()>,
    replays: JoinHandle<()>,
    /// With what ends it; nothing where the database is not shared.
    node: Option<(JoinHandle<()>, oneshot::Sender<()>)>,
}

impl Engine {
    /// Starts the engine, and with it everything that had not ended when it last stopped.
    pub async fn start(
        storage: Arc<dyn Storage>,
        settings: Settings,
    ) -> Result<(Self, Tasks), StartError> {
        let messengers = Messengers::new(settings.allow_targets.clone(), settings.broker);
        let client = Client::new(settings.allow_targets, settings.allow_insecure_tls)
            .map_err(|error| StartError::Client(error.to_string()))?;
        let current = Arc::new(Current::load(storage.clone()).await?);
        let vault = Arc::new(Vault::load(storage.clone(), settings.key).await?);
        // What commits need is opened now: when events come, no more files may be had.
        storage.commit(&Batch::default()).await?;
        storage.sync().await?;
        let (writer, writes) = mpsc::channel(WRITES_WAITING);
        let (notices, heard) = mpsc::unbounded_channel();
        let mut inboxes = vec![writes];
        let mut keeper = writer.clone();
        if storage.keeps_apart() {
            let (apart, keeps) = mpsc::channel(WRITES_WAITING);
            inboxes.push(keeps);
            keeper = apart;
        }
        let (stop, stopping) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(settings.concurrency));
        let shared = Shared::new(Limits {
            backlog_max: settings.backlog_max,
            free_bytes_min: settings.free_bytes_min,
        });
        let index = current.get().await?;
        let mut plan = Plan::new(Backlog::new(index.paused()));
        plan.scheduler.share(settings.concurrency);
        let news = storage.news();
        let lease = Arc::new(if news.is_some() { Lease::none() } else { Lease::alone() });
        if lease.is_alone() {
            let under = lease.under().unwrap_or_default();
            dispatcher::catch_up(&*storage, Shards::ALL, under, usize::MAX).await?;
            plan.take_up(Shards::ALL, &storage.backlog(Shards::ALL).await?, &index);
            tracing::info!(deliveries = plan.backlog.total(), "takes up what had not ended");
        }
        let (freed, frees) = mpsc::unbounded_channel();
        let worker = Arc::new(Worker {
            client,
            messengers,
            tokens: Tokens::default(),
            scripts: Pool::new(PoolSettings::of(settings.program)),
            programs: Programs::new(storage.clone()),
            vault,
            storage: storage.clone(),
            writer: writer.clone(),
            keeper: keeper.clone(),
            tell: notices.clone(),
            redact: settings.redact,
            attempt_limit: settings.attempt_limit,
            lease: lease.clone(),
        });
        let dispatcher = Dispatcher {
            storage: storage.clone(),
            current: current.clone(),
            worker: worker.clone(),
            shared: shared.clone(),
            writer: writer.clone(),
            notices: heard,
            slots: slots.clone(),
            stopping,
            lease: lease.clone(),
            freed,
            seats: seats::start(storage.clone(), lease.clone(), notices.clone()),
            plan,
        };
        let replays = Replays {
            storage: storage.clone(),
            current: current.clone(),
            worker: worker.clone(),
            shared: shared.clone(),
            writer: writer.clone(),
            stopping: stop.subscribe(),
        };
        let node = match news {
            None => None,
            Some(news) => {
                let mut node = Node {
                    storage: storage.clone(),
                    lease: lease.clone(),
                    shared: shared.clone(),
                    node: settings.node,
                    dispatcher: notices.clone(),
                    freed: frees,
                    stopping: stop.subscribe(),
                    memory: node::Memory::default(),
                };
                node.register().await?;
                let (leave, leaving) = oneshot::channel();
                Some((tokio::spawn(node.run(news, leaving)), leave))
            }
        };
        let write = |inbox| {
            let (storage, notices) = (storage.clone(), notices.clone());
            tokio::spawn(writer::run(storage, inbox, notices, shared.clone(), lease.clone()))
        };
        let tasks = Tasks {
            node,
            replays: tokio::spawn(replays.run()),
            writers: inboxes.into_iter().map(write).collect(),
            dispatcher: tokio::spawn(dispatcher.run(index)),
        };
        let engine = Self {
            storage,
            current,
            writer,
            keeper,
            notices,
            worker,
            shared,
            slots,
            concurrency: u32::try_from(settings.concurrency).unwrap_or(u32::MAX),
            rooms: Rooms::default(),
            stop: Arc::new(stop),
            lease,
        };
        Ok((engine, tasks))
    }

    /// Waits for room for a post that takes so many bytes of memory once it is read. One that takes more
    /// than there is has all of it.
    ///
    /// # Errors
    /// When nothing is taken for the moment.
    pub async fn room(&self, bytes: usize) -> Result<Room> {
        self.check_takes()?;
        tokio::select! {
            room = self.rooms.take(bytes) => room,
            busy = self.busy() => Err(busy),
        }
    }

    /// Waits until no events are taken.
    async fn busy(&self) -> EngineError {
        loop {
            sleep(LOOK).await;
            if let Err(busy) = self.check_takes() {
                return busy;
            }
        }
    }

    /// Fails when no events are taken for the moment.
    fn check_takes(&self) -> Result<()> {
        self.shared.busy().map_or(Ok(()), |busy| Err(EngineError::Busy(busy)))
    }

    /// Takes posted events; each is accepted, or refused with its faults, on its own. Answers when
    /// what was accepted is on disk.
    pub async fn accept(
        &self,
        actor: &Actor,
        bodies: Vec<Value>,
        room: Room,
    ) -> Result<Vec<Outcome>> {
        actor.require(Permission::Ingest)?;
        let mut index = self.current.get().await?;
        // Another process may have made the queue a moment ago.
        if bodies.iter().any(|body| intake::names_unknown_queue(body, &index)) {
            index = self.current.look().await?.unwrap_or(index);
        }
        let now = clock::now();
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(bodies.len());
        let mut events = Vec::with_capacity(bodies.len());
        for body in bodies {
            match intake::check(body, &index) {
                Err(problems) => outcomes.push(Some(Outcome::Invalid(problems))),
                Ok(posted) => {
                    let Some(queue) = index.queue(posted.queue_id) else { continue };
                    events.push(intake::match_hooks(posted, queue, now));
                    outcomes.push(None);
                }
            }
        }
        let mut receipts = self.commit(events, room, &index).await?.into_iter();
        Ok(outcomes.into_iter().filter_map(|outcome| outcome.or_else(|| receipts.next())).collect())
    }

    /// Fires one hook with an event that a person made up. It is marked as a test, counts in no
    /// statistic, and is not held by other deliveries' order.
    pub async fn send_test(
        &self,
        actor: &Actor,
        hook: HookId,
        data: JsonMap,
        variables: JsonMap,
    ) -> Result<DeliveryId> {
        actor.require(Permission::Edit)?;
        let index = self.current.get().await?;
        let no_hook = || EngineError::NotFound { what: "hook", id: hook.to_string() };
        let hook = index.hook(hook).ok_or_else(no_hook)?;
        let queue = index.queue(hook.hook.queue_id).ok_or_else(no_hook)?;
        let body = json!({
            "event": hook.hook.event, "queue_id": hook.hook.queue_id,
            "data": data, "variables": variables,
        });
        let posted = intake::check(body, &index).map_err(EngineError::Invalid)?;
        let new = intake::test_delivery(posted, queue, hook, clock::now());
        let id = new.deliveries.first().map(|delivery| delivery.id).ok_or_else(no_hook)?;
        self.commit(vec![new], self.rooms.take(0).await?, &index).await?;
        Ok(id)
    }

    /// Calls off what is unfinished there, whichever node holds it; an attempt that runs is the
    /// last of its delivery, also after a crash. How many were called off.
    pub async fn cancel(&self, actor: &Actor, of: Unfinished) -> Result<u64> {
        actor.require(Permission::Edit)?;
        let (answer, answered) = oneshot::channel();
        self.tell(Notice::Cancel { of, answer: Some(answer) })?;
        Ok(answered.await.map_err(|_| stopped())??)
    }

    /// What runs and what is held back at this moment, to be laid over the log.
    pub fn overlay(&self) -> Overlay {
        self.shared.overlay()
    }

    /// The nodes that share the database; nothing where it is not shared.
    pub fn nodes(&self) -> Option<Vec<NodeView>> {
        (!self.lease.is_alone()).then(|| self.shared.nodes(clock::now()))
    }

    /// What stands before the engine.
    pub fn live(&self) -> Live {
        self.shared.live()
    }

    /// Whether the engine takes events.
    pub fn is_ready(&self) -> bool {
        !*self.stop.borrow() && !self.writer.is_closed() && !self.keeper.is_closed()
    }

    /// Stops: nothing new begins; what runs gets `grace` to end and to be written down. What has
    /// not ended by then counts as interrupted, as after a crash, and runs again at the next
    /// start.
    pub async fn stop(self, tasks: Tasks, grace: Duration) {
        self.stop.send_replace(true);
        let ended = timeout(grace, async {
            tasks.replays.await.ok();
            tasks.dispatcher.await.ok();
            self.slots.acquire_many(self.concurrency).await.ok();
        });
        if ended.await.is_err() {
            let left = self.concurrency as usize - self.slots.available_permits();
            tracing::warn!(attempts = left, "interrupted; they run again at the next start");
        }
        let flushed = timeout(FLUSH, async {
            for writer in [&self.keeper, &self.writer] {
                let (answer, flushed) = oneshot::channel();
                writer.send(Write::Flush(answer)).await.ok();
                flushed.await.ok();
            }
        });
        if flushed.await.is_err() {
            tracing::warn!("what ended last is not written down; it runs again at the next start");
        }
        tasks.writers.iter().for_each(JoinHandle::abort);
        if let Some((node, leave)) = tasks.node {
            drop(leave);
            node.await.ok();
            if let Some(under) = self.lease.under()
                && let Err(error) = self.storage.leave(under).await
            {
                tracing::warn!(%error, "what this node held is taken over later");
            }
        }
    }

    /// Asks the other nodes.
    async fn ask(&self, ask: Ask) -> Result<()> {
        Ok(self.storage.ask(self.lease.under().unwrap_or_default(), ask).await?)
    }

    async fn open(&self, id: DeliveryId) -> Result<storage::journal::OpenDelivery> {
        let open = self.storage.open_delivery(id).await?;
        open.ok_or_else(|| EngineError::NotFound { what: "delivery", id: id.to_string() })
    }

    fn tell(&self, notice: Notice) -> Result<()> {
        self.notices.send(notice).map_err(|_| stopped())
    }

    async fn write(&self, write: Write) -> Result<()> {
        if *self.stop.borrow() {
            return Err(stopped());
        }
        self.writer.send(write).await.map_err(|_| stopped())
    }

    /// Has new events written, and says what became of each.
    async fn commit(
        &self,
        events: Vec<NewEvent>,
        Room(room): Room,
        index: &Index,
    ) -> Result<Vec<Outcome>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let counted: Vec<_> = events.iter().map(Receipt::of).collect();
        let orders = events.iter().map(|new| orders(new, index)).collect();
        let (answer, answered) = oneshot::channel();
        self.write(Write::Accept { events, orders, room, answer }).await?;
        let receipts = answered.await.map_err(|_| stopped())?.map_err(EngineError::Unavailable)?;
        Ok(receipts
            .into_iter()
            .zip(counted)
            .map(|(receipt, new)| Outcome::of(receipt, new))
            .collect())
    }
}

/// The order of a hook that has gone meanwhile.
const UNKNOWN: Order = Order { ordered: true, max_hold_ms: 0, priority: Priority::Normal };

fn stopped() -> EngineError {
    EngineError::Unavailable("the server is stopping".into())
}

fn orders(new: &NewEvent, index: &Index) -> Vec<Order> {
    let order = |hook: &Arc<IndexedHook>| Order {
        ordered: hook.hook.ordered,
        max_hold_ms: hook.hook.max_hold_ms,
        priority: hook.hook.policy.priority,
    };
    let hooks = new.deliveries.iter().map(|delivery| index.hook(delivery.hook_id));
    hooks.map(|hook| hook.map_or(UNKNOWN, order)).collect()
}
