//! What the engine writes and reads: accepted events, their deliveries, ended attempts.

use crate::Result;
use async_trait::async_trait;
use model::{
    delivery::DeliveryState,
    event::Event,
    flow::{FlowMode, FlowVersion},
    hook::Hook,
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId},
    queue::Queue,
    time::Millis,
    trace::{Attempt, Failure},
    warning::Warning,
};
use std::sync::Arc;
use tokio::sync::watch;

/// The engine's side of storage.
#[async_trait]
pub trait JournalStore: Send + Sync {
    /// Commits everything in one transaction: what it answers for has reached the disk.
    /// After an error nothing of it is written, and it may be committed again.
    async fn commit(&self, batch: &Batch) -> Result<Committed>;
    /// Every delivery that is not final, but those parked with a paused hook, in the order of
    /// acceptance.
    async fn unfinished(&self) -> Result<Vec<OpenDelivery>>;
    /// The parked deliveries of a hook, in the order of acceptance.
    async fn parked(&self, hook: HookId) -> Result<Vec<OpenDelivery>>;
    /// One delivery as the engine needs it to run it, whatever its state.
    async fn open_delivery(&self, id: DeliveryId) -> Result<Option<OpenDelivery>>;
    /// Queues, hooks and newest flow versions, with the revision they stand at.
    async fn configuration(&self) -> Result<Configuration>;
    /// One version of a flow.
    async fn flow_version(&self, id: FlowId, number: u32) -> Result<Option<FlowVersion>>;
    /// The revision of queues, hooks and flows in the database, raised by every change, whichever
    /// process made it.
    async fn revision(&self) -> Result<i64>;
    /// Told of each change that this process makes, before the change is answered.
    fn changes(&self) -> watch::Receiver<i64>;
}

/// What one transaction writes.
#[derive(Debug, Default)]
pub struct Batch {
    pub events: Vec<NewEvent>,
    /// New deliveries of events that are in the log already.
    pub replays: Vec<NewDelivery>,
    pub completions: Vec<Completion>,
}

/// An event to accept, with the deliveries that its hooks ask for.
#[derive(Debug)]
pub struct NewEvent {
    pub event: Arc<Event>,
    /// A digest of what the sender said, to tell a repeat from a conflict.
    pub fingerprint: [u8; 16],
    pub deliveries: Vec<NewDelivery>,
}

/// A delivery to write down.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub event_id: EventId,
    pub hook_id: HookId,
    pub queue_id: QueueId,
    pub flow_id: FlowId,
    pub flow_version: u32,
    /// `Pending`, `Parked` or `Skipped`.
    pub state: DeliveryState,
    pub warning: Option<Warning>,
    pub replay_of: Option<DeliveryId>,
    pub test: bool,
    pub created_at: Millis,
}

/// A change of a delivery, mostly by an ended attempt.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The delivery's row number. A batch changes a delivery once.
    pub seq: i64,
    pub delivery_id: DeliveryId,
    pub queue_id: QueueId,
    pub hook_id: HookId,
    pub state: DeliveryState,
    /// The attempt that ended, if one did.
    pub attempt: Option<Attempt>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// When the next attempt is due.
    pub next_at: Option<Millis>,
    pub hold_until: Option<Millis>,
    pub out_of_order: bool,
    pub test: bool,
    pub at: Millis,
}

/// What a commit came to, in the order of the batch.
#[derive(Debug, Default)]
pub struct Committed {
    pub events: Vec<EventReceipt>,
    /// The row numbers of the replays.
    pub replays: Vec<i64>,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventReceipt {
    /// New; the row numbers of its deliveries, in their order.
    Accepted { deliveries: Vec<i64> },
    /// The same content came before under this id, and got this answer.
    Duplicate { id: EventId, deliveries: u32, skipped: u32 },
    /// Other content came before under this id.
    Conflict { id: EventId },
}

/// A delivery as the engine needs it to run it.
#[derive(Debug, Clone)]
pub struct OpenDelivery {
    pub seq: i64,
    pub id: DeliveryId,
    pub event: Arc<Event>,
    pub hook_id: HookId,
    pub flow_id: FlowId,
    pub flow_version: u32,
    pub state: DeliveryState,
    /// Attempts that have ended.
    pub attempts: u32,
    pub next_at: Option<Millis>,
    pub hold_until: Option<Millis>,
    pub out_of_order: bool,
    pub test: bool,
}

/// Queues, hooks and the newest versions of flows.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    pub revision: i64,
    pub queues: Vec<Queue>,
    pub hooks: Vec<Hook>,
    pub flows: Vec<PublishedFlow>,
}

/// A flow's newest version.
#[derive(Debug, Clone)]
pub struct PublishedFlow {
    pub id: FlowId,
    pub name: String,
    pub number: u32,
    pub mode: FlowMode,
    pub source: String,
}
