//! A server of its own for each test, a receiver, and what a test sets up.

mod receiver;

pub use receiver::{Received, Receiver};

use admin::{Admin, NothingRuns};
use bench::postgres::Fresh;
use model::{
    catalog::{EventKind, QueueType},
    delivery::{DeliveryDetail, DeliveryQuery, DeliveryRow, Overlay},
    flow::{FlowDraft, FlowKind, FlowMode},
    hook::{Hook, HookDraft},
    ids::{DeliveryId, FlowId, QueueId},
    page::Cursor,
    policy::Policy,
    queue::QueueDraft,
    user::{Actor, Scope},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};
use storage::{Storage, nodes::Shards};
use tempfile::TempDir;
use tokio::time::sleep;

/// The program under test.
pub const OFFHOOK: &str = env!("CARGO_BIN_EXE_offhook");
/// How long anything that should happen may take; generous, since it is no measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Which database each server gets: `sqlite`, as usual, or `postgres`, one made for it on the server
/// that `OFFHOOK_TEST_POSTGRES` names.
const DATABASE: &str = "OFFHOOK_TEST_DATABASE";

/// A port of the loopback that nobody listens on, answered once. It is none of those that the system
/// gives to connections (from 32,768) or to the scripts' servers (from 20,000), so that nothing takes
/// it before whom it is for.
pub fn free_port() -> u16 {
    const PORTS: std::ops::Range<u16> = 10_000..20_000;
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    // Another process of tests begins elsewhere.
    let begin = u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + (begin + given) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A database of its own, and the program serving it.
pub struct Server {
    pub folder: TempDir,
    pub url: String,
    /// Its address.
    database: String,
    port: u16,
    child: Option<Child>,
    allow: String,
    /// Further variables of the program's environment.
    environment: Vec<(&'static str, String)>,
    pub admin: Admin,
    pub storage: Arc<dyn Storage>,
    pub http: reqwest::Client,
    /// The database, where it was made on a PostgreSQL server; it goes with this.
    made: Option<Fresh>,
}

impl Server {
    /// A new installation whose flows may call the loopback, served.
    pub async fn start() -> Self {
        let mut server = Self::prepare().await;
        server.up().await;
        server
    }

    /// A new installation whose flows may call the loopback; it is not served yet, so that what a
    /// test sets up first is known from the start. Its database is of the kind that the
    /// environment says.
    pub async fn prepare() -> Self {
        match std::env::var(DATABASE).as_deref() {
            Err(_) | Ok("sqlite") => Self::prepare_on_sqlite().await,
            Ok("postgres") => Self::prepare_on_postgres().await,
            Ok(other) => panic!("{DATABASE} is {other:?}, and neither sqlite nor postgres"),
        }
    }

    /// The same on SQLite, whatever the environment says: for what is about its file.
    pub async fn prepare_on_sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let database = format!("sqlite:{}", folder.path().join("offhook.db").display());
        Self::prepare_on(folder, database).await
    }

    async fn prepare_on_postgres() -> Self {
        let server = std::env::var("OFFHOOK_TEST_POSTGRES");
        let made = Fresh::on(&server.expect("run by scripts/postgres.sh")).unwrap();
        let mut server = Self::prepare_on(TempDir::new().unwrap(), made.url.clone()).await;
        server.made = Some(made);
        server
    }

    /// The same on the database at this address.
    pub async fn prepare_on(folder: TempDir, database: String) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let storage = storage::open(&database).await.unwrap();
        storage.migrate().await.unwrap();
        let port = free_port();
        Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            child: None,
            allow: "127.0.0.0/8".into(),
            environment: Vec::new(),
            admin: Admin::new(storage.clone(), Arc::new(NothingRuns)),
            storage,
            folder,
            database,
            http: reqwest::Client::new(),
            made: None,
        }
    }

    /// What flows may call, in place of the loopback.
    pub fn allow_only(&mut self, targets: &str) {
        self.allow = targets.to_owned();
    }

    /// Sets a variable of the program's environment.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    /// A command of the program on this installation.
    pub fn command(&self) -> Command {
        let mut command = Command::new(OFFHOOK);
        command
            .current_dir(self.folder.path())
            .env("OFFHOOK_DATABASE_URL", &self.database)
            .env("OFFHOOK_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("OFFHOOK_ALLOW_TARGETS", &self.allow)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Starts serving, and waits until it is ready.
    pub async fn up(&mut self) {
        let before = self.logged().len();
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .unwrap();
        let child = self.command().arg("serve").stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let child = self.child.insert(child);
        let ready = format!("{}/readyz", self.url);
        let begun = Instant::now();
        while !self.http.get(&ready).send().await.is_ok_and(|answer| answer.status() == 200) {
            let ended = child.try_wait().unwrap();
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{}", log());
            assert!(begun.elapsed() < PATIENCE, "waited in vain for the server\n{}", log());
            sleep(Duration::from_millis(20)).await;
        }
        // On PostgreSQL it is ready a moment before it holds what there is to run.
        if self.made.is_some() {
            until("the server holds what there is to run", async || {
                self.logged().get(before..).is_some_and(|new| new.contains("taken up"))
            })
            .await;
        }
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Sends the process a signal: `TERM`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let told = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(told.success());
    }

    /// Asks the process to end, and answers its exit status.
    pub async fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        let mut child = self.child.take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// A new token's secret.
    pub async fn token(&self, scopes: &[Scope]) -> String {
        let name = format!("token {scopes:?}");
        self.admin.create_token(&Actor::operator(), &name, scopes).await.unwrap().secret
    }

    /// A new queue.
    pub async fn queue(&self, name: &str, kind: QueueType) -> QueueId {
        let draft = QueueDraft {
            name: name.into(),
            kind,
            description: String::new(),
            enabled: true,
            variables: None,
            extras: None,
        };
        self.admin.create_queue(&Actor::operator(), draft).await.unwrap().id
    }

    /// A new strict flow.
    pub async fn flow(&self, name: &str, steps: Value) -> FlowId {
        let draft = FlowDraft {
            name: name.into(),
            kind: FlowKind::Service,
            description: String::new(),
            mode: FlowMode::Strict,
            source: steps.to_string(),
            extras: None,
        };
        self.admin.create_flow(&Actor::operator(), draft).await.unwrap().id
    }

    /// A flow that tells the receiver which delivery of which event it is.
    pub async fn telling_flow(&self, name: &str, receiver: SocketAddr) -> FlowId {
        let steps = json!([{"httpRequest": {
            "url": format!("http://{receiver}/{}", name.replace(' ', "-")),
            "timeout": 5000,
            "data": {"delivery": "${delivery_id}", "event": "${event}", "queue": "${queue_id}",
                     "call": "${attempt_id}"}
        }}]);
        self.flow(name, steps).await
    }

    /// A new hook.
    pub async fn hook(&self, queue: QueueId, event: EventKind, flow: FlowId) -> Hook {
        self.conditional_hook(queue, event, flow, "").await
    }

    /// A new hook with a policy.
    pub async fn hook_with(
        &self,
        queue: QueueId,
        event: EventKind,
        flow: FlowId,
        policy: Policy,
    ) -> Hook {
        let draft = HookDraft { policy, ..hook_draft(event, flow) };
        self.admin.create_hook(&Actor::operator(), queue, draft).await.unwrap()
    }

    /// A new hook with a condition.
    pub async fn conditional_hook(
        &self,
        queue: QueueId,
        event: EventKind,
        flow_id: FlowId,
        condition: &str,
    ) -> Hook {
        let draft = HookDraft { condition: condition.into(), ..hook_draft(event, flow_id) };
        self.admin.create_hook(&Actor::operator(), queue, draft).await.unwrap()
    }

    /// Asks the API; the status and the JSON that was answered.
    pub async fn ask(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: impl ToString,
    ) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url));
        answer(request.body(body.to_string()).bearer_auth(token)).await
    }

    /// Posts to the API; the status and the JSON that was answered.
    pub async fn post(&self, token: &str, path: &str, body: impl ToString) -> (u16, Value) {
        self.ask(Method::POST, token, path, body).await
    }

    /// Posts a body with these headers; the status and the JSON that was answered.
    pub async fn post_as(
        &self,
        token: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> (u16, Value) {
        let mut request = self.http.post(format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.bearer_auth(token)).await
    }

    /// Reads from the API; the status and the JSON that was answered.
    pub async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        answer(self.http.get(format!("{}{path}", self.url)).bearer_auth(token)).await
    }

    /// The whole log, oldest first.
    pub async fn log(&self) -> Vec<DeliveryRow> {
        let mut all = Vec::new();
        let mut cursor = Cursor::Newest;
        loop {
            let query = DeliveryQuery { cursor, size: 200, ..DeliveryQuery::default() };
            let slice = self.storage.deliveries(&query, &Overlay::default()).await.unwrap();
            all.extend(slice.items);
            match slice.older {
                Some(seq) => cursor = Cursor::Before(seq),
                None => break,
            }
        }
        all.reverse();
        all
    }

    /// Waits until nothing is left to be delivered.
    pub async fn settled(&self) {
        until("everything is delivered", async || {
            self.storage.backlog(Shards::ALL).await.unwrap().lots.is_empty()
        })
        .await;
    }

    /// Waits until the delivery is as the test wants it.
    pub async fn delivery_that(
        &self,
        id: DeliveryId,
        wanted: impl Fn(&DeliveryDetail) -> bool,
    ) -> DeliveryDetail {
        let begun = Instant::now();
        loop {
            let detail = self.storage.delivery(id, &Overlay::default()).await.unwrap().unwrap();
            if wanted(&detail) {
                return detail;
            }
            assert!(begun.elapsed() < PATIENCE, "not as wanted: {detail:#?}\n{}", self.logged());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the server logged.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let log = self.logged();
        assert!(
            std::thread::panicking() || !log.contains("panicked"),
            "the server panicked: {log}"
        );
    }
}

fn hook_draft(event: EventKind, flow_id: FlowId) -> HookDraft {
    HookDraft {
        event,
        flow_id,
        condition: String::new(),
        enabled: true,
        ordered: true,
        max_hold_ms: 30_000,
        policy: Policy::default(),
        extras: None,
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Waits until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The files of Rust in a folder and those in it.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}
