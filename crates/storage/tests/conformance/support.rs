//! The backends under test, and small makers of what the tests keep.

use crate::server;
pub use model::delivery::Overlay;
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    delivery::{DeliveryQuery, DeliveryRow, DeliveryState},
    event::Event,
    flow::{Flow, FlowDraft, FlowKind, FlowMode},
    hook::{DEFAULT_MAX_HOLD_MS, Hook, HookDraft},
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    page::{Cursor, Paging, Slice, Sort},
    policy::Policy,
    queue::{Queue, QueueDraft},
    time::Millis,
    trace::{Attempt, AttemptOutcome, Failure},
    warning::{Warning, WarningKind},
};
use std::{
    any::Any,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use storage::{
    Storage,
    journal::{
        Batch, Committed, Completion, EventReceipt, KeptSteps, NewDelivery, NewEvent, OpenDelivery,
        RunChange, Shard, Stretch,
    },
};
use tempfile::TempDir;
use uuid::Uuid;

/// Every backend, with the maker of a database of its own.
pub const BACKENDS: &[(&str, Factory)] = &[("SQLite", sqlite), ("PostgreSQL", postgres)];

type Factory = fn(Schema) -> Pin<Box<dyn Future<Output = Database> + Send>>;

/// What a new database has in it.
#[derive(Clone, Copy, PartialEq)]
pub enum Schema {
    /// Nothing.
    None,
    /// All tables, empty, where that is quicker than making them.
    UpToDate,
}

/// A database, which goes when this is dropped.
pub struct Database {
    pub url: String,
    _keep: Box<dyn Any + Send>,
}

impl Database {
    /// Opens it as a process would; opened twice, it stands for two processes.
    pub async fn open(&self) -> Arc<dyn Storage> {
        let store = self.open_unmigrated().await;
        store.migrate().await.unwrap();
        store
    }

    /// Opens it without bringing it up to date.
    pub async fn open_unmigrated(&self) -> Arc<dyn Storage> {
        storage::open(&self.url).await.unwrap()
    }
}

fn sqlite(_: Schema) -> Pin<Box<dyn Future<Output = Database> + Send>> {
    Box::pin(async {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        Database { url, _keep: Box::new(folder) }
    })
}

fn postgres(schema: Schema) -> Pin<Box<dyn Future<Output = Database> + Send>> {
    Box::pin(async move {
        let made = server::Made::new(schema).await;
        Database { url: made.url(), _keep: Box::new(made) }
    })
}

/// Runs the test on every backend, with an empty database that is up to date.
pub async fn on_every_backend(test: impl AsyncFn(Arc<dyn Storage>)) {
    on_every_database(async |database| test(database.open().await).await).await;
}

/// Runs the test on every backend, with a database that it opens itself.
pub async fn on_every_database(test: impl AsyncFn(Database)) {
    on_every(Schema::UpToDate, test).await;
}

/// Runs the test on every backend, with a database without a table.
pub async fn on_every_bare_database(test: impl AsyncFn(Database)) {
    on_every(Schema::None, test).await;
}

async fn on_every(schema: Schema, test: impl AsyncFn(Database)) {
    for (name, make) in BACKENDS {
        println!("on {name}");
        test(make(schema).await).await;
    }
}

/// 2026-11-22T09:30:00Z: the start of a minute, in the middle of an hour.
pub const NOW: Millis = Millis(1_795_339_800_000);
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// A UUIDv7-like id of this time; ids of one time are in the order of their making.
pub fn uuid_at(at: Millis) -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128(((at.0 as u128) << 80) | (0x7 << 76) | (0x2 << 62) | u128::from(next))
}

/// An object of these pairs.
pub fn object<const N: usize>(pairs: [(&str, serde_json::Value); N]) -> JsonMap {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn page(page: u32, size: u32) -> Paging {
    Paging { page, size }
}

pub fn sort(text: &str) -> Sort {
    Sort::parse(text)
}

pub fn queue_draft(name: &str) -> QueueDraft {
    QueueDraft {
        name: name.into(),
        kind: QueueType::Inbound,
        description: format!("about {name}"),
        enabled: true,
        variables: None,
        extras: None,
    }
}

pub fn flow_draft(name: &str) -> FlowDraft {
    FlowDraft {
        name: name.into(),
        kind: FlowKind::Service,
        description: format!("about {name}"),
        mode: FlowMode::Strict,
        source: "[]".into(),
        extras: None,
    }
}

pub fn hook_draft(flow: FlowId, event: EventKind) -> HookDraft {
    HookDraft {
        event,
        flow_id: flow,
        condition: String::new(),
        enabled: true,
        ordered: true,
        max_hold_ms: DEFAULT_MAX_HOLD_MS,
        policy: Policy::default(),
        extras: None,
    }
}

/// A queue, a flow, and a hook that runs it when an event of this kind happens.
pub struct Wired {
    pub queue: Queue,
    pub flow: Flow,
    pub hook: Hook,
}

/// Sets up a queue, a flow and a hook, named after `name`.
pub async fn wired(store: &dyn Storage, name: &str, event: EventKind) -> Wired {
    let queue = store.create_queue(&queue_draft(name), NOW).await.unwrap();
    let flow = store.create_flow(&flow_draft(name), "olena", NOW).await.unwrap();
    let hook = store.create_hook(queue.id, &hook_draft(flow.id, event), NOW).await.unwrap();
    Wired { queue, flow, hook }
}

impl Wired {
    /// An event of the hook's kind at this time, without a sender's id.
    pub fn event(&self, at: Millis) -> Event {
        Event {
            id: EventId(uuid_at(at)),
            queue_id: self.queue.id,
            kind: self.hook.event,
            sender_id: None,
            call_attempt: None,
            occurred_at: at.plus(-40),
            accepted_at: at,
            data: object([("destination", "+380441234567".into())]),
            variables: object([("region", "Київ".into())]),
            test: false,
        }
    }

    /// The delivery that the hook asks for at this event.
    pub fn delivery(&self, event: &Event) -> NewDelivery {
        NewDelivery {
            id: DeliveryId(uuid_at(event.accepted_at)),
            event_id: event.id,
            hook_id: self.hook.id,
            queue_id: self.queue.id,
            flow_id: self.flow.id,
            flow_version: 1,
            state: DeliveryState::Pending,
            warning: None,
            replay_of: None,
            parent: None,
            test: event.test,
            created_at: event.accepted_at,
            shard: Shard(0),
        }
    }

    /// An event at this time with the one delivery of the hook.
    pub fn new_event(&self, at: Millis) -> NewEvent {
        let event = self.event(at);
        let deliveries = vec![self.delivery(&event)];
        NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries }
    }

    /// The same with a sender's id; `content` stands for what the sender said.
    pub fn sent(&self, at: Millis, sender_id: &str, content: u8) -> NewEvent {
        let event = Event { sender_id: Some(sender_id.into()), ..self.event(at) };
        let deliveries = vec![self.delivery(&event)];
        NewEvent { event: Arc::new(event), fingerprint: [content; 16], deliveries }
    }

    /// Accepts an event with one delivery in this state, and answers the delivery.
    pub async fn accept(&self, store: &dyn Storage, at: Millis, state: DeliveryState) -> Accepted {
        let mut new = self.new_event(at);
        new.deliveries[0].state = state;
        accept(store, new).await
    }

    /// What becomes of a delivery of this hook; one that was delivered tells how long after [`NOW`]
    /// it reached its receiver.
    pub fn completion(&self, of: &Accepted, state: DeliveryState, at: Millis) -> Completion {
        Completion {
            seq: of.seq,
            delivery_id: of.id,
            queue_id: self.queue.id,
            hook_id: self.hook.id,
            state,
            attempt: None,
            kept_steps: KeptSteps::default(),
            failure: None,
            next_at: None,
            hold_until: None,
            out_of_order: false,
            run: RunChange::Leave,
            test: false,
            reached_after_ms: (state == DeliveryState::Delivered).then_some(at.0 - NOW.0),
            at,
        }
    }
}

/// A delivery that has been written down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accepted {
    pub seq: i64,
    pub id: DeliveryId,
    pub event_id: EventId,
}

/// Accepts one event that has one delivery.
pub async fn accept(store: &dyn Storage, new: NewEvent) -> Accepted {
    let (id, event_id) = (new.deliveries[0].id, new.event.id);
    let committed = commit(store, vec![new]).await;
    let EventReceipt::Accepted { deliveries } = &committed.events[0] else {
        panic!("not accepted: {committed:?}")
    };
    Accepted { seq: deliveries[0], id, event_id }
}

/// Commits events.
pub async fn commit(store: &dyn Storage, events: Vec<NewEvent>) -> Committed {
    store.commit(&Batch { events, ..Batch::default() }).await.unwrap()
}

/// Commits completions.
pub async fn complete(store: &dyn Storage, completions: Vec<Completion>) {
    store.commit(&Batch { completions, ..Batch::default() }).await.unwrap();
}

/// Everything unfinished, in the order of acceptance.
pub async fn open(store: &dyn Storage) -> Vec<OpenDelivery> {
    store.unfinished(&Stretch { limit: 1_000, ..Stretch::default() }).await.unwrap()
}

/// An attempt of this number that ended so.
pub fn attempt(number: u32, outcome: AttemptOutcome, failure: Option<Failure>) -> Attempt {
    Attempt {
        number,
        started_at: NOW.plus(i64::from(number)),
        duration_us: 1_000 * u64::from(number),
        outcome,
        failure,
        steps: Vec::new(),
        steps_dropped: 0,
    }
}

/// A condition that names a field which is not there.
pub fn no_field() -> Warning {
    Warning::about(WarningKind::NoField, "reason", "the event has no field `reason`")
}

/// The newest rows of the log that this filter leaves.
pub async fn log(store: &dyn Storage, query: DeliveryQuery) -> Slice<DeliveryRow> {
    store.deliveries(&query, &Overlay::default()).await.unwrap()
}

/// A stretch of the whole log.
pub fn stretch(cursor: Cursor, size: u32) -> DeliveryQuery {
    DeliveryQuery { cursor, size, ..DeliveryQuery::default() }
}

/// The row numbers of rows, as they stand.
pub fn seqs(rows: &[DeliveryRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq).collect()
}

/// Ids for places where nothing is.
pub const NO_QUEUE: QueueId = QueueId(9_999);
pub const NO_HOOK: HookId = HookId(9_999);
pub const NO_FLOW: FlowId = FlowId(9_999);
