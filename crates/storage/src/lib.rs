//! What Offhook keeps, as narrow traits, one per consumer, and the backends behind them.
//!
//! A look-up answers `Result<Option<T>>`; times and random values come in as parameters. SQL
//! stands only in the backends. What reads the same in both stands once, in `sql/`, and is compiled
//! for each with its types; what a backend does its own way stands in its folder. To add a method:
//! put it in the trait of the consumer that needs it, in `sql/` (or in the backends), and in the
//! conformance suite under `tests/`.

pub mod address;
pub mod copy;
mod counts;
pub mod error;
mod installation;
pub mod journal;
mod kept;
pub mod key;
mod known;
pub mod many;
pub mod nodes;
pub mod overview;
#[allow(clippy::duplicate_mod, reason = "the text in `sql/` is included by each backend")]
pub mod postgres;
pub mod replays;
pub mod retention;
#[allow(clippy::duplicate_mod, reason = "the text in `sql/` is included by each backend")]
pub mod sqlite;
pub mod tail;
pub mod vault;

pub use error::{Result, StorageError};
pub use installation::{Claim, Forgotten, InstallationStore, Use};
pub use kept::{CacheStore, CalendarStore, ListStore, NoteStore};

use async_trait::async_trait;
use copy::CopyStore;
use journal::JournalStore;
use many::ManyStore;
use model::{
    call::CallRecord,
    delivery::{DeliveryDetail, DeliveryQuery, DeliveryRow, Overlay},
    destination::{DestinationKey, DestinationLimits, DestinationSettings, Forced},
    event::EventDetail,
    flow::{Flow, FlowDraft, FlowFilter, FlowRow, FlowVersion},
    hook::{Hook, HookDraft, HookFilter, HookRow, PauseReason},
    ids::{DeliveryId, EventId, FlowId, HookId, QueueId, TokenId, UserId, ViewId},
    jump::Found,
    page::{Page, Paging, Slice},
    queue::{Figures, Queue, QueueDraft, QueueFilter, QueueRow},
    time::Millis,
    user::{Role, Scope, Token, User},
    view::{SavedView, ViewList},
};
use nodes::NodeStore;
use overview::OverviewStore;
use replays::ReplayStore;
use retention::RetentionStore;
use sqlx::sqlite::SqliteConnectOptions;
use std::{path::PathBuf, str::FromStr, sync::Arc};
use tail::TailStore;
use vault::{MailProfileStore, SecretStore, VariableStore, VaultStore};

/// What the addresses of databases begin with.
const SCHEMES: [&str; 3] = ["sqlite:", "postgres://", "postgresql://"];

/// Whether there is a backend for addresses like this one.
pub fn is_supported(url: &str) -> bool {
    SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// The file that a database is kept in; nothing where a server keeps it.
pub fn file_of(url: &str) -> Option<PathBuf> {
    if !url.starts_with("sqlite:") {
        return None;
    }
    Some(SqliteConnectOptions::from_str(url).ok()?.get_filename().to_owned())
}

/// Opens the database at this address: `sqlite:PATH`, made if it is not there, or
/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which is there.
pub async fn open(url: &str) -> Result<Arc<dyn Storage>> {
    if !is_supported(url) {
        let detail = "it begins with sqlite: or postgres://".into();
        return Err(StorageError::Address { url: address::without_password(url), detail });
    }
    if url.starts_with("sqlite:") {
        Ok(Arc::new(sqlite::SqliteStorage::open(url).await?))
    } else {
        Ok(Arc::new(postgres::PostgresStorage::open(url).await?))
    }
}

/// Everything that is kept.
pub trait Storage:
    QueueStore
    + HookStore
    + ManyStore
    + FlowStore
    + UserStore
    + TokenStore
    + SessionStore
    + LogStore
    + JournalStore
    + InstallationStore
    + JumpStore
    + ViewStore
    + DestinationStore
    + OverviewStore
    + TailStore
    + ReplayStore
    + RetentionStore
    + NodeStore
    + VaultStore
    + VariableStore
    + SecretStore
    + MailProfileStore
    + CopyStore
    + CacheStore
    + ListStore
    + CalendarStore
    + NoteStore
{
}

/// Queues.
#[async_trait]
pub trait QueueStore: Send + Sync {
    /// A page of the list, each with the figures since `since`.
    async fn queues(
        &self,
        filter: &QueueFilter,
        paging: Paging,
        since: Millis,
    ) -> Result<Page<QueueRow>>;
    /// A page of the list, each queue whole.
    async fn whole_queues(&self, filter: &QueueFilter, paging: Paging) -> Result<Page<Queue>>;
    async fn queue(&self, id: QueueId) -> Result<Option<Queue>>;
    async fn create_queue(&self, draft: &QueueDraft, now: Millis) -> Result<Queue>;
    /// Changes name, description and state of a queue that still is as it `was`, and variables and
    /// extras where the draft has them; the type stays. Fails with [`StorageError::Meanwhile`]
    /// where it is another by now.
    async fn change_queue(
        &self,
        was: &Queue,
        draft: &QueueDraft,
        now: Millis,
    ) -> Result<Option<Queue>>;
    async fn set_queue_enabled(
        &self,
        id: QueueId,
        enabled: bool,
        now: Millis,
    ) -> Result<Option<Queue>>;
    /// Pauses the queue: the deliveries of all its hooks are parked.
    async fn pause_queue(&self, id: QueueId) -> Result<Option<Queue>>;
    /// Lets the queue go on, if it is paused; what was parked is released at this rate a second.
    async fn resume_queue(
        &self,
        id: QueueId,
        release_per_s: Option<u32>,
        now: Millis,
    ) -> Result<Option<Queue>>;
    /// Deletes the queue and its hooks; what they were about to deliver still is.
    async fn delete_queue(&self, id: QueueId) -> Result<Option<Queue>>;
    /// What the queue did since then.
    async fn queue_figures(&self, id: QueueId, since: Millis) -> Result<Figures>;
}

/// Hooks.
#[async_trait]
pub trait HookStore: Send + Sync {
    /// A page of the list, each with its newest delivery and the day before `now`.
    async fn hooks(
        &self,
        filter: &HookFilter,
        paging: Paging,
        now: Millis,
    ) -> Result<Page<HookRow>>;
    async fn hook(&self, id: HookId) -> Result<Option<Hook>>;
    /// Fails with [`StorageError::Taken`] where queue, event and flow stand together already.
    async fn create_hook(&self, queue: QueueId, draft: &HookDraft, now: Millis) -> Result<Hook>;
    /// Changes a hook that still is as it `was`. Fails with [`StorageError::Meanwhile`] where it is
    /// another by now, and as [`Self::create_hook`] does.
    async fn change_hook(&self, was: &Hook, draft: &HookDraft, now: Millis)
    -> Result<Option<Hook>>;
    async fn set_hook_enabled(
        &self,
        id: HookId,
        enabled: bool,
        now: Millis,
    ) -> Result<Option<Hook>>;
    /// Pauses the hook, or lets it go on.
    async fn set_hook_paused(
        &self,
        id: HookId,
        paused: Option<PauseReason>,
    ) -> Result<Option<Hook>>;
    /// Lets the hook go on, if it is paused; what was parked is released at this rate a second.
    async fn resume_hook(
        &self,
        id: HookId,
        release_per_s: Option<u32>,
        now: Millis,
    ) -> Result<Option<Hook>>;
    /// Deletes the hook; what it was about to deliver still is.
    async fn delete_hook(&self, id: HookId) -> Result<Option<Hook>>;
}

/// Flows and their versions.
#[async_trait]
pub trait FlowStore: Send + Sync {
    async fn flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Page<FlowRow>>;
    /// A page of the list, each flow whole, with its newest version.
    async fn whole_flows(&self, filter: &FlowFilter, paging: Paging) -> Result<Page<Flow>>;
    /// The flow with this version, or with its newest.
    async fn flow(&self, id: FlowId, version: Option<u32>) -> Result<Option<Flow>>;
    /// The flow's versions, newest first.
    async fn flow_versions(&self, id: FlowId) -> Result<Vec<FlowVersion>>;
    /// Fails with [`StorageError::Taken`] where the name is in use.
    async fn create_flow(&self, draft: &FlowDraft, by: &str, now: Millis) -> Result<Flow>;
    /// Saves a new version on top of `base`. Fails with [`StorageError::Stale`] where a newer
    /// version than `base` exists, with [`StorageError::Taken`] where the name is in use.
    async fn save_flow(
        &self,
        id: FlowId,
        base: u32,
        draft: &FlowDraft,
        by: &str,
        now: Millis,
    ) -> Result<Option<Flow>>;
    /// Changes a flow that still is as it `was`, with its newest version; a new version is made
    /// where steps or mode are others. Fails with [`StorageError::Meanwhile`] where it is not so
    /// any more, with [`StorageError::Taken`] where the name is in use.
    async fn change_flow(
        &self,
        was: &Flow,
        draft: &FlowDraft,
        by: &str,
        now: Millis,
    ) -> Result<Option<Flow>>;
    /// Deletes the flow with its versions. Fails with [`StorageError::InUse`] while a hook or an
    /// unfinished delivery runs it, or it is the failure flow of another.
    async fn delete_flow(&self, id: FlowId) -> Result<Option<Flow>>;
    /// The flow that runs when a delivery of this one dies, if there is one.
    async fn failure_flow(&self, id: FlowId) -> Result<Option<FlowId>>;
    /// Says whether there is such a flow.
    async fn set_failure_flow(&self, id: FlowId, to: Option<FlowId>, now: Millis) -> Result<bool>;
}

/// A user, as needed to sign them in.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub user: User,
    pub password_hash: String,
    /// Sessions that began before are none any more.
    pub sessions_since: Millis,
}

/// Users, and the link at which the first one is made.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// All users whose login holds the text.
    async fn users(&self, search: &str) -> Result<Vec<User>>;
    async fn user(&self, id: UserId) -> Result<Option<User>>;
    /// The user of a session that began then, unless they were made or their password was changed since.
    async fn user_of_session(&self, id: UserId, began: Millis) -> Result<Option<User>>;
    async fn user_by_login(&self, login: &str) -> Result<Option<Account>>;
    /// Fails with [`StorageError::Taken`] where the login is in use.
    async fn create_user(
        &self,
        login: &str,
        role: Role,
        password_hash: &str,
        now: Millis,
    ) -> Result<User>;
    /// Fails with [`StorageError::LastAdmin`] where no administrator would be left.
    async fn set_user_role(&self, id: UserId, role: Role) -> Result<Option<User>>;
    /// Changes the password, ends the sessions that have begun, and deletes the links that sign the user
    /// in; the user, and since when their sessions count.
    async fn set_user_password(
        &self,
        id: UserId,
        password_hash: &str,
        now: Millis,
    ) -> Result<Option<(User, Millis)>>;
    async fn touch_user(&self, id: UserId, now: Millis) -> Result<()>;
    /// Deletes the user. Fails with [`StorageError::LastAdmin`] for the last administrator.
    async fn delete_user(&self, id: UserId) -> Result<Option<User>>;
    /// Whether an administrator exists.
    async fn has_admin(&self) -> Result<bool>;
    /// Keeps the hash of a set-up link, in place of any earlier one.
    async fn put_setup_link(&self, hash: &str, expires_at: Millis) -> Result<()>;
    /// Whether the link may still be used.
    async fn setup_link_is_open(&self, hash: &str, now: Millis) -> Result<bool>;
    /// Uses the link up and makes the first administrator, in one transaction; nothing if the
    /// link is used up, too old, or an administrator exists.
    async fn use_setup_link(
        &self,
        hash: &str,
        login: &str,
        password_hash: &str,
        now: Millis,
    ) -> Result<Option<User>>;
    /// Keeps the hash of a link that signs the user in once.
    async fn put_sign_in_link(&self, id: UserId, hash: &str, expires_at: Millis) -> Result<()>;
    /// Uses the link up; its user, and since when their sessions count, if it was there and not too old.
    async fn use_sign_in_link(&self, hash: &str, now: Millis) -> Result<Option<(User, Millis)>>;
}

/// API tokens.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// All tokens whose name holds the text.
    async fn tokens(&self, search: &str) -> Result<Vec<Token>>;
    async fn token_by_hash(&self, hash: &str) -> Result<Option<Token>>;
    /// Fails with [`StorageError::Taken`] where the name is in use.
    async fn create_token(
        &self,
        name: &str,
        scopes: &[Scope],
        hint: &str,
        hash: &str,
        now: Millis,
    ) -> Result<Token>;
    async fn touch_token(&self, id: TokenId, now: Millis) -> Result<()>;
    async fn delete_token(&self, id: TokenId) -> Result<Option<Token>>;
}

/// Sessions of the panel: a key, bytes, and when they end.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Keeps a new session; false where the key is in use.
    async fn insert_session(&self, key: &str, data: &[u8], expires_at: Millis) -> Result<bool>;
    /// Replaces a session that is kept. One that has been deleted stays so, whatever a request
    /// begun before still has to say.
    async fn put_session(&self, key: &str, data: &[u8], expires_at: Millis) -> Result<()>;
    /// The session, unless it has ended.
    async fn session(&self, key: &str, now: Millis) -> Result<Option<(Vec<u8>, Millis)>>;
    async fn delete_session(&self, key: &str) -> Result<()>;
    /// Deletes the sessions that have ended.
    async fn sweep_sessions(&self, now: Millis) -> Result<u64>;
}

/// The delivery log, as it is read.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// A stretch of the log, newest first. What runs or is held back at this moment, as
    /// the overlay says, is shown, and found, as such. A search for text looks at a bounded number of
    /// deliveries; where it stops before its end, the stretch says how far it came, and its cursors
    /// lead on from there.
    async fn deliveries(
        &self,
        query: &DeliveryQuery,
        overlay: &Overlay,
    ) -> Result<Slice<DeliveryRow>>;
    async fn delivery(&self, id: DeliveryId, overlay: &Overlay) -> Result<Option<DeliveryDetail>>;
    /// The newest events of a call with their deliveries: at most so many of each, newest first.
    async fn call(&self, number: i64, size: u32, overlay: &Overlay) -> Result<CallRecord>;
    /// An event with the first 200 of its deliveries, in the order of acceptance.
    async fn event(&self, id: EventId, overlay: &Overlay) -> Result<Option<EventDetail>>;
    /// What happened in each of `bars` equal spans between two times, from the counters; narrowed
    /// to one queue or one hook where given.
    async fn histogram(
        &self,
        queue: Option<QueueId>,
        hook: Option<HookId>,
        from: Millis,
        to: Millis,
        bars: u32,
    ) -> Result<Vec<Figures>>;
}

/// What a few typed letters lead to. `search` is trimmed; at most `limit` are answered, the best
/// first.
#[async_trait]
pub trait JumpStore: Send + Sync {
    /// The queue of this number, and queues whose name holds every word.
    async fn find_queues(&self, search: &str, limit: u32) -> Result<Vec<Found>>;
    /// The flow of this number, and flows whose name holds every word.
    async fn find_flows(&self, search: &str, limit: u32) -> Result<Vec<Found>>;
    /// The hook of this number, and hooks whose queue, event and flow together hold every word.
    async fn find_hooks(&self, search: &str, limit: u32) -> Result<Vec<Found>>;
    /// The call of this number, if it made a delivery; deliveries and events by their id or its
    /// first eight digits or more; events by the sender's id. At most `limit` of each.
    async fn find_logged(&self, search: &str, limit: u32) -> Result<Vec<Found>>;
}

/// The views that people have saved, each of one person.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// A person's views, of one list or of all, by name.
    async fn views(&self, user: UserId, list: Option<ViewList>) -> Result<Vec<SavedView>>;
    /// Saves a view; nothing where the person has `most` of them already. Fails with
    /// [`StorageError::Taken`] where they have one of this list and name.
    async fn create_view(
        &self,
        user: UserId,
        list: ViewList,
        name: &str,
        query: &str,
        most: u32,
        now: Millis,
    ) -> Result<Option<SavedView>>;
    /// Gives the person's view of this list and name another query, if there is one.
    async fn replace_view(
        &self,
        user: UserId,
        list: ViewList,
        name: &str,
        query: &str,
    ) -> Result<Option<SavedView>>;
    /// Deletes one of the person's views.
    async fn delete_view(&self, user: UserId, id: ViewId) -> Result<Option<SavedView>>;
}

/// What people have set for destinations. One without a row is as any.
#[async_trait]
pub trait DestinationStore: Send + Sync {
    /// All that is set, by key.
    async fn destinations(&self) -> Result<Vec<DestinationSettings>>;
    async fn destination(&self, key: &DestinationKey) -> Result<Option<DestinationSettings>>;
    /// Sets the limits, all of them; what is forced stays so.
    async fn set_destination_limits(
        &self,
        key: &DestinationKey,
        limits: &DestinationLimits,
        now: Millis,
    ) -> Result<DestinationSettings>;
    /// Forces the breaker, or leaves it to itself.
    async fn force_destination(
        &self,
        key: &DestinationKey,
        forced: Option<Forced>,
        now: Millis,
    ) -> Result<DestinationSettings>;
    /// Notes that what waits for the destination is to go out at once; one forced open is not any
    /// more.
    async fn drain_destination(
        &self,
        key: &DestinationKey,
        now: Millis,
    ) -> Result<DestinationSettings>;
    /// Forgets its limits, which are as of any again; where a person has stopped it, it stays so.
    async fn reset_destination(&self, key: &DestinationKey) -> Result<Option<DestinationSettings>>;
}
