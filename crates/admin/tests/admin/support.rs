//! An installation in a folder of its own, and who asks for things.

use admin::{Admin, AdminError, Cancelling, Running};
use model::{
    catalog::{EventKind, QueueType},
    delivery::Overlay,
    flow::{Flow, FlowDraft, FlowKind, FlowMode},
    hook::{DEFAULT_MAX_HOLD_MS, Hook, HookDraft},
    ids::{DeliveryId, FlowId, HookId, QueueId, TokenId, UserId},
    live::Live,
    policy::Policy,
    problem::Problem,
    queue::{Queue, QueueDraft},
    time::Millis,
    user::{Actor, Grant, Role, Scope},
};
use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use storage::{Storage, journal::Unfinished, key::Key};
use tempfile::TempDir;

/// What the engine would say: what runs now, and what stands before it; and what it was told to
/// call off.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<DeliveryId>>, pub Mutex<Option<Live>>, pub Mutex<Vec<Unfinished>>);

impl Running for Told {
    fn overlay(&self) -> Overlay {
        Overlay::running(self.0.lock().unwrap().clone())
    }

    fn live(&self) -> Option<Live> {
        self.1.lock().unwrap().clone()
    }

    fn cancel(&self, _: &Actor, of: Unfinished) -> Cancelling<'_> {
        self.2.lock().unwrap().push(of);
        Box::pin(async { Ok(1) })
    }
}

/// An installation that nobody has set up yet.
pub struct House {
    pub admin: Admin,
    pub storage: Arc<dyn Storage>,
    pub running: Arc<Told>,
    folder: TempDir,
}

impl House {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("offhook.db").display());
        let storage = storage::open(&url).await.unwrap();
        storage.migrate().await.unwrap();
        let running = Arc::new(Told::default());
        let admin = Admin::new(storage.clone(), running.clone()).with_key(Key::random());
        Self { admin, storage, running, folder }
    }

    /// The folder of everything that is kept.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every byte that is kept, file by file.
    pub fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.folder()).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
    }

    pub async fn queue(&self, name: &str) -> Queue {
        self.admin.create_queue(&editor(), queue_draft(name)).await.unwrap()
    }

    pub async fn flow(&self, name: &str) -> Flow {
        self.admin.create_flow(&editor(), flow_draft(name)).await.unwrap()
    }

    pub async fn hook(&self, queue: QueueId, flow: FlowId, event: EventKind) -> Hook {
        self.admin.create_hook(&editor(), queue, hook_draft(flow, event)).await.unwrap()
    }
}

pub fn user(name: &str, id: i64, role: Role) -> Actor {
    Actor { name: name.into(), grant: Grant::User(UserId(id), role) }
}

pub fn token(scopes: &[Scope]) -> Actor {
    Actor { name: "token".into(), grant: Grant::Token(scopes.to_vec()) }
}

pub fn viewer() -> Actor {
    user("vera", 101, Role::Viewer)
}

pub fn editor() -> Actor {
    user("ed", 102, Role::Editor)
}

pub fn administrator() -> Actor {
    user("ann", 103, Role::Admin)
}

pub fn queue_draft(name: &str) -> QueueDraft {
    QueueDraft {
        name: name.into(),
        kind: QueueType::Inbound,
        description: String::new(),
        enabled: true,
        variables: None,
        extras: None,
    }
}

pub fn flow_draft(name: &str) -> FlowDraft {
    FlowDraft {
        name: name.into(),
        kind: FlowKind::Service,
        description: String::new(),
        mode: FlowMode::Strict,
        source: r#"[{"log": "hello"}]"#.into(),
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

/// The problems of an input that was refused, as `pointer: detail`.
pub fn problems<T: Debug>(refused: Result<T, AdminError>) -> Vec<String> {
    match refused {
        Err(AdminError::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
        other => panic!("not refused for its input: {other:?}"),
    }
}

/// What it does not go with, as it is said.
pub fn conflict<T: Debug>(refused: Result<T, AdminError>) -> String {
    match refused {
        Err(AdminError::Conflict(said)) => said,
        other => panic!("no conflict: {other:?}"),
    }
}

/// How a thing is said not to be there.
pub fn not_found<T: Debug>(refused: Result<T, AdminError>) -> String {
    match refused {
        Err(error @ AdminError::NotFound { .. }) => error.to_string(),
        other => panic!("found: {other:?}"),
    }
}

/// The time now, as the use cases take it.
pub fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Millis(since.as_millis() as i64)
}

/// Ids under which nothing is.
pub const NO_QUEUE: QueueId = QueueId(9_999);
pub const NO_HOOK: HookId = HookId(9_999);
pub const NO_FLOW: FlowId = FlowId(9_999);
pub const NO_USER: UserId = UserId(9_999);
pub const NO_TOKEN: TokenId = TokenId(9_999);
