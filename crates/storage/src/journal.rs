//! What the engine writes and reads: accepted events, their deliveries, ended attempts.

use crate::{
    Result,
    nodes::{Incarnation, Shards},
};
use async_trait::async_trait;
use model::{
    calendar::Calendar,
    delivery::{Begun, DeliveryState},
    destination::DestinationSettings,
    effect::Effect,
    event::Event,
    flow::{FlowMode, FlowVersion},
    hook::Hook,
    ids::{DeliveryId, EventId, FlowId, HookId, ListId, QueueId, ReplayId},
    queue::Queue,
    replay::AtStep,
    time::Millis,
    trace::{Attempt, Failure},
    warning::Warning,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::Range, sync::Arc};
use tokio::sync::watch;

/// The engine's side of storage.
#[async_trait]
pub trait JournalStore: Send + Sync {
    /// Writes everything in one transaction. Others see it from then on, but it is not to be answered
    /// for before a [`sync`](Self::sync) that was begun later has answered.
    /// After an error nothing of it is written, or its answer was lost; it may be committed again,
    /// but for its events and replays, which may stand in the log. Fails with
    /// [`StorageError::Fenced`](crate::StorageError::Fenced) where it has completions and its
    /// incarnation has ended.
    async fn commit(&self, batch: &Batch) -> Result<Committed>;
    /// Whether a batch that only keeps runs is committed beside another, and not after it.
    fn keeps_apart(&self) -> bool;
    /// Answers when all that was committed before has reached the disk. Fails where the disk could not
    /// keep it; then it may be asked again. One at a time.
    async fn sync(&self) -> Result<()>;
    /// How much is unfinished in these shards.
    async fn backlog(&self, shards: Shards) -> Result<Counted>;
    /// Unfinished deliveries, in the order of acceptance.
    async fn unfinished(&self, stretch: &Stretch) -> Result<Vec<OpenDelivery>>;
    /// Those of the deliveries with these row numbers that are unfinished, in the order of acceptance.
    async fn unfinished_among(&self, seqs: &[i64]) -> Result<Vec<OpenDelivery>>;
    /// Unfinished deliveries of these shards that fall due after that moment and row number and
    /// until `until`, the earliest first.
    async fn due(
        &self,
        after: (Millis, i64),
        until: Millis,
        shards: Shards,
        limit: u32,
    ) -> Result<Vec<OpenDelivery>>;
    /// Has some of the unfinished deliveries of these shards fall due, and hold their lanes, so many
    /// milliseconds earlier, which fall due after that moment and row number: the earliest. The last
    /// of them, as it was; nothing where there were none. Where it is done under an incarnation that
    /// has ended, it fails with [`StorageError::Fenced`](crate::StorageError::Fenced).
    async fn set_back(
        &self,
        after: (Millis, i64),
        ms: i64,
        shards: Shards,
        under: Option<Incarnation>,
    ) -> Result<Option<(Millis, i64)>>;
    /// Looks at some of the unfinished deliveries of these shards that fall due after that moment and
    /// row number, the earliest, and has those fall due now that are tried again because a request to
    /// this host failed, but for those of these flows. Nothing where there were none to look at; fenced
    /// as [`Self::set_back`].
    async fn hurry(
        &self,
        host: &str,
        but: &[FlowId],
        after: (Millis, i64),
        now: Millis,
        shards: Shards,
        under: Option<Incarnation>,
    ) -> Result<Option<Hurried>>;
    /// Has an unfinished delivery that falls due then do so earlier, whoever holds it.
    async fn hurry_one(&self, seq: i64, due: Millis, earlier: Millis) -> Result<()>;
    /// The row numbers of what is unfinished there, in these shards, beyond that one; the first
    /// `limit` of them, in order.
    async fn numbers_of(
        &self,
        of: Unfinished,
        shards: Shards,
        after: i64,
        limit: u32,
    ) -> Result<Vec<i64>>;
    /// Notes of those of the deliveries with these row numbers that are unfinished that they are
    /// called off: who takes them up ends them, as [`Unfinished::CalledOff`]. Of how many that had
    /// not been noted.
    async fn note_called_off(&self, seqs: &[i64]) -> Result<u64>;
    /// Calls off at most `limit` of what is unfinished there, in these shards, but what runs; their
    /// row numbers, and whose they were. Where it is done under an incarnation that has ended, it
    /// fails with [`StorageError::Fenced`](crate::StorageError::Fenced).
    async fn cancel(
        &self,
        of: Unfinished,
        shards: Shards,
        running: &[DeliveryId],
        limit: u32,
        now: Millis,
        under: Option<Incarnation>,
    ) -> Result<Vec<(i64, Lot)>>;
    /// What is kept of the run of the delivery with this row number.
    async fn kept_run(&self, seq: i64) -> Result<Option<KeptRun>>;
    /// Makes a dead delivery due again, at that time, where its run rests; its attempts so far count in
    /// no schedule of retries. Whether it was dead.
    async fn resume(&self, id: DeliveryId, due: Millis) -> Result<bool>;
    /// How the run of a child begins; nothing for any other delivery.
    async fn start_of(&self, id: DeliveryId) -> Result<Option<Start>>;
    /// The steps at which the run of this delivery was kept, in the order in which it came to them.
    async fn kept_steps(&self, id: DeliveryId) -> Result<KeptSteps>;
    /// How many children this delivery has.
    async fn children_of(&self, id: DeliveryId) -> Result<u64>;
    /// One delivery as the engine needs it to run it, whatever its state.
    async fn open_delivery(&self, id: DeliveryId) -> Result<Option<OpenDelivery>>;
    /// What is set up, with the revision it stands at.
    async fn configuration(&self) -> Result<Configuration>;
    /// One version of a flow.
    async fn flow_version(&self, id: FlowId, number: u32) -> Result<Option<FlowVersion>>;
    /// The revision of what is set up in the database, raised by every change, whichever
    /// process made it.
    async fn revision(&self) -> Result<i64>;
    /// Told of each change that this process makes, before the change is answered.
    fn changes(&self) -> watch::Receiver<i64>;
}

/// What one transaction writes.
#[derive(Debug, Default)]
pub struct Batch {
    /// The incarnation that ran what is completed; nothing where nodes do not share the database.
    pub under: Option<Incarnation>,
    /// Whether other nodes are to hear of the new deliveries.
    pub tells: bool,
    pub events: Vec<NewEvent>,
    /// New deliveries of events that are in the log already.
    pub replays: Vec<NewDelivery>,
    /// Where those of these replays begin that do not begin with their flow.
    pub beginnings: Vec<(DeliveryId, Beginning)>,
    pub completions: Vec<Completion>,
    /// Runs that are kept as they stand while they go on, by their delivery's row number.
    pub runs: Vec<(i64, KeptRun)>,
    /// What these completions and runs change of what the installation keeps, in their order.
    pub effects: Vec<Effect>,
    /// Deliveries that these completions and runs begin.
    pub children: Vec<NewChild>,
    /// Steps of jobs that replay.
    pub replay_steps: Vec<ReplayStep>,
}

impl Batch {
    /// Whether it writes down what only the holder of a delivery may.
    pub fn is_fenced(&self) -> bool {
        !self.completions.is_empty() || !self.runs.is_empty()
    }
}

/// A run at rest: where a delivery goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptRun {
    /// How many attempts count in no schedule of retries: they ended in a wait, or before a person
    /// resumed the delivery.
    pub uncounted: u32,
    /// As `flow::Checkpoint` writes it; nothing where the run begins anew.
    pub checkpoint: Option<String>,
    /// The versions of the flows that it has called: it stays on them.
    pub called: BTreeMap<FlowId, u32>,
    /// How many bytes of it the log has: see [`KeptSteps`].
    pub logged_bytes: u32,
    /// The attempt that has kept it so, and puts it into the log when it ends; nothing where there is
    /// no room.
    pub logged_by: Option<u32>,
}

/// Where a replay begins, and what is kept of the run that it goes on with.
#[derive(Debug, Clone)]
pub struct Beginning {
    pub at: AtStep,
    pub run: KeptRun,
}

/// The steps at which an attempt has kept its run, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSteps {
    pub steps: Vec<KeptStep>,
    /// How many there was no room for.
    #[serde(default)]
    pub left_out: u32,
}

/// A step at which a run was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptStep {
    #[serde(flatten)]
    pub at: AtStep,
    /// Whether the run stood behind the step, which is a wait.
    #[serde(default)]
    pub behind: bool,
    /// As it is in [`KeptRun`].
    pub checkpoint: String,
    #[serde(default)]
    pub called: BTreeMap<FlowId, u32>,
}

/// What becomes of what is kept of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RunChange {
    /// It stays as it is.
    #[default]
    Leave,
    Keep(KeptRun),
    /// The run has ended.
    Forget,
}

/// A stretch of the log that a job has walked, and what it makes of it. It is written as a whole,
/// and only where the job runs and still stands where the stretch begins.
#[derive(Debug, Clone)]
pub struct ReplayStep {
    pub replay: ReplayId,
    /// The job's cursor before and after.
    pub from: i64,
    pub to: i64,
    /// How many deliveries it found.
    pub found: u32,
    pub deliveries: Vec<NewDelivery>,
    /// Whether the job has ended with it.
    pub done: bool,
    pub at: Millis,
}

/// Whose a delivery is: what is counted and read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lot {
    pub shard: Shard,
    pub flow: FlowId,
    pub hook: HookId,
}

/// How much was unfinished at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// By lot, in no order.
    pub lots: Vec<(Lot, u64)>,
    /// The highest row number that had been given to a delivery.
    pub newest: i64,
}

/// A part of what is unfinished, in the order of acceptance.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// Of this flow; of all where there is none.
    pub flow: Option<FlowId>,
    /// Of these hooks alone, if there are any.
    pub only: Vec<HookId>,
    /// But those of these hooks.
    pub without: Vec<HookId>,
    /// Whether it passes others of the flow by, so that each is to tell behind which one it stands; and
    /// of which hooks that is not to be, and behind which row number alone.
    pub ahead: bool,
    pub beside: Vec<HookId>,
    pub since: i64,
    /// Whether it has only just been accepted and is read in order, so that nothing of its lane can
    /// have overtaken it: that is not looked for then.
    pub fresh: bool,
    /// Nothing that holds its lane at the first of these times no more, and falls due later than at the
    /// second.
    pub awake: Option<(Millis, Millis)>,
    /// Of these shards.
    pub shards: Shards,
    /// Beyond this row number, and up to that one where there is one.
    pub after: i64,
    pub until: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Deliveries that were to fall due later, as far as they have been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hurried {
    /// When the last of them was to fall due, and its row number.
    pub last: (Millis, i64),
    /// The row numbers of those that are due now.
    pub seqs: Vec<i64>,
}

/// Whose unfinished deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfinished {
    Queue(QueueId),
    Hook(HookId),
    Delivery(DeliveryId),
    /// Those that were called off when they could not be ended.
    CalledOff,
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
    /// `Pending` or `Skipped`.
    pub state: DeliveryState,
    pub warning: Option<Warning>,
    pub replay_of: Option<DeliveryId>,
    /// The delivery whose run begins it.
    pub parent: Option<DeliveryId>,
    pub test: bool,
    pub created_at: Millis,
    /// The shard of its lane.
    pub shard: Shard,
}

/// A delivery that a run begins beside itself, of its own event and hook. The same child is written
/// once, however often it is begun.
#[derive(Debug, Clone)]
pub struct NewChild {
    /// Has its parent.
    pub delivery: NewDelivery,
    pub start: Start,
}

/// How the run of a child begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// With its parent and the step it is one child.
    pub begun: Begun,
    /// How many parents it has above one another.
    pub depth: u32,
    /// The variables that it gets, as the engine keeps them.
    pub inherited: String,
    /// The IANA name of the time zone, where its parent had chosen one.
    pub zone: Option<String>,
}

/// One of the parts that all lanes are spread over, so that nodes can share them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(pub u8);

impl Shard {
    /// How many there are.
    pub const COUNT: u8 = 64;
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
    /// Where that has kept its run.
    pub kept_steps: KeptSteps,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// When the next attempt is due.
    pub next_at: Option<Millis>,
    pub hold_until: Option<Millis>,
    pub out_of_order: bool,
    pub run: RunChange,
    pub test: bool,
    /// How many milliseconds after its event was accepted it came to its first receiver. It is said
    /// once of a delivery, by its first attempt, and not at all where nobody answered that.
    pub reached_after_ms: Option<i64>,
    pub at: Millis,
}

/// What a commit came to, in the order of the batch.
#[derive(Debug, Default)]
pub struct Committed {
    pub events: Vec<EventReceipt>,
    /// The row numbers of the replays.
    pub replays: Vec<i64>,
    /// The row numbers of what each step made; nothing where the step was not taken.
    pub replay_steps: Vec<Option<Vec<i64>>>,
    /// The row numbers of the children; nothing for one that had been begun before.
    pub children: Vec<Option<i64>>,
    /// All row numbers that it gave to deliveries.
    pub numbers: Range<i64>,
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
    /// Whether a later one of its lane has begun before it, as it is written down; and as the log shows,
    /// where it keeps order with others at all.
    pub out_of_order: bool,
    pub overtaken: bool,
    /// Whether something is kept of its run.
    pub rests: bool,
    pub test: bool,
    /// The delivery whose run has begun it.
    pub parent: Option<DeliveryId>,
    /// When it was made: with its event, or by a replay.
    pub created_at: Millis,
    pub shard: Shard,
    /// The last one that is unfinished and stands before it among what its call sends to its flow, but
    /// those of hooks that are left out; told of what is read ahead alone.
    pub behind: Option<i64>,
}

/// Queues, hooks, the newest versions of flows, what is set for destinations, and what flows name.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    pub revision: i64,
    pub queues: Vec<Queue>,
    pub hooks: Vec<Hook>,
    pub flows: Vec<PublishedFlow>,
    pub destinations: Vec<DestinationSettings>,
    /// Lists of numbers, by their names.
    pub lists: Vec<(ListId, String)>,
    pub calendars: Vec<Calendar>,
}

/// A flow's newest version.
#[derive(Debug, Clone)]
pub struct PublishedFlow {
    pub id: FlowId,
    pub name: String,
    pub number: u32,
    pub mode: FlowMode,
    pub source: String,
    /// The flow that runs when a delivery of this one dies.
    pub failure_flow: Option<FlowId>,
}
