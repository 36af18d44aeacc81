//! A server under measurement: the real program on a database of its own, set up through its own
//! command line and its API.

use crate::{Result, postgres::Fresh};
use serde_json::{Value, json};
use std::{
    ffi::OsStr,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::sleep;

/// How long a server may take until it is ready, or to end.
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(120);
/// How many lines of a log are told.
const LINES: usize = 12;

/// Where the program is.
pub fn program() -> Result<PathBuf> {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.join("offhook"));
    let named = std::env::var_os("OFFHOOK_BINARY").map(PathBuf::from);
    let program = named.or_else(beside).ok_or("where the program is cannot be told")?;
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("there is no program at {}; OFFHOOK_BINARY names it", program.display()).into())
    }
}

/// A database, and the nodes that serve it.
pub struct Installation {
    pub folder: TempDir,
    program: PathBuf,
    pub database: String,
    /// Further variables of the program's environment.
    environment: Vec<(String, String)>,
    /// What runs the program: nothing, or another program with its arguments.
    pub wrapper: Vec<String>,
    pub nodes: Vec<Node>,
    token: String,
    http: reqwest::Client,
    /// Dropped after the nodes, which are named before it.
    _postgres: Option<Fresh>,
}

/// A process that serves.
pub struct Node {
    pub url: String,
    port: u16,
    child: Option<Child>,
}

impl Installation {
    /// An installation on SQLite, in a folder of its own; nothing serves it yet.
    pub fn on_sqlite(program: &Path) -> Result<Self> {
        let folder = TempDir::new()?;
        let database = format!("sqlite:{}", folder.path().join("offhook.db").display());
        Self::on(program, folder, database)
    }

    /// An installation on a new database of PostgreSQL.
    pub fn on_postgres(program: &Path, database: Fresh) -> Result<Self> {
        let mut installation = Self::on(program, TempDir::new()?, database.url.clone())?;
        installation._postgres = Some(database);
        Ok(installation)
    }

    /// An installation on the database at this URL, which is empty.
    pub fn on(program: &Path, folder: TempDir, database: String) -> Result<Self> {
        Self::wrapped(program, folder, database, Vec::new())
    }

    /// The same with another program that runs the program, from the start.
    pub fn wrapped(
        program: &Path,
        folder: TempDir,
        database: String,
        wrapper: Vec<String>,
    ) -> Result<Self> {
        let mut installation = Self {
            folder,
            program: program.into(),
            database,
            environment: Vec::new(),
            wrapper,
            nodes: Vec::new(),
            token: String::new(),
            http: crate::sender::client()?,
            _postgres: None,
        };
        installation.said(["migrate"])?;
        let scopes = ["--scope", "ingest", "--scope", "manage", "--scope", "read"];
        let asked = ["token", "add", "bench"].into_iter().chain(scopes);
        installation.token = installation.said(asked)?.trim().to_owned();
        Ok(installation)
    }

    /// Sets a variable of the environment of what is started from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.into(), value.into()));
    }

    /// The token: it may do everything that a token may.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The address of the first node.
    pub fn url(&self) -> &str {
        self.nodes.first().map_or("", |node| &node.url)
    }

    fn command(&self) -> Command {
        let mut command = match self.wrapper.split_first() {
            None => Command::new(&self.program),
            Some((wrapper, arguments)) => {
                let mut command = Command::new(wrapper);
                command.args(arguments).arg(&self.program);
                command
            }
        };
        command
            .current_dir(self.folder.path())
            .env("OFFHOOK_DATABASE_URL", &self.database)
            .env("OFFHOOK_ALLOW_TARGETS", "127.0.0.0/8")
            .env("OFFHOOK_LOG", "warn")
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// What a command of the program printed.
    fn said<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<String> {
        let output = self.command().args(arguments).output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
        }
    }

    /// Starts a further node, and waits until it is ready.
    pub async fn serve(&mut self) -> Result<()> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        self.nodes.push(Node { url: format!("http://127.0.0.1:{port}"), port, child: None });
        self.up(self.nodes.len() - 1).await
    }

    /// Starts a node again, and waits until it is ready.
    pub async fn up(&mut self, number: usize) -> Result<()> {
        self.spawn(number)?;
        self.ready(number).await
    }

    /// Starts a node, and does not wait.
    pub fn spawn(&mut self, number: usize) -> Result<()> {
        let log = self.log(number);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let listen = format!("127.0.0.1:{}", self.nodes[number].port);
        let mut command = self.command();
        command.arg("serve").env("OFFHOOK_LISTEN", listen);
        self.nodes[number].child = Some(command.stdout(Stdio::null()).stderr(log).spawn()?);
        Ok(())
    }

    /// Waits until a node is ready.
    pub async fn ready(&mut self, number: usize) -> Result<()> {
        let begun = Instant::now();
        let ready = format!("{}/readyz", self.nodes[number].url);
        let asks = || self.http.get(&ready).timeout(ANSWER).send();
        while !asks().await.is_ok_and(|answer| answer.status() == 200) {
            let ended = match &mut self.nodes[number].child {
                Some(child) => child.try_wait()?.is_some(),
                None => true,
            };
            if ended || begun.elapsed() > PATIENCE {
                return Err(format!("the server is not ready:\n{}", self.logged_last()).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Waits until the nodes have shared the work evenly.
    pub async fn shared(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let told = self.get("/api/v1/nodes").await?;
            let nodes = told["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            if share_evenly(nodes, self.nodes.len()) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the nodes do not share the work: {told}").into());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    fn log(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("node-{number}.log"))
    }

    /// What the nodes logged.
    pub fn logged(&self) -> String {
        let read = |number| std::fs::read_to_string(self.log(number)).unwrap_or_default();
        (0..self.nodes.len()).map(read).collect()
    }

    /// What they warned of, but for what failed again and again.
    pub fn warnings(&self) -> String {
        let logged = self.logged();
        let is_warning = |line: &&str| {
            let warns = line.contains(" WARN ") || line.contains(" ERROR ");
            warns && !line.contains("a commit failed") && !line.contains("says that it lives")
        };
        logged.lines().filter(is_warning).take(60).collect::<Vec<_>>().join("\n")
    }

    /// The last lines of it.
    pub fn logged_last(&self) -> String {
        let logged = self.logged();
        let lines: Vec<_> = logged.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    /// Asks the API; the answer's JSON.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let request = self.http.get(format!("{}{path}", self.url()));
        self.answered(request).await
    }

    /// Posts to the API; the answer's JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.url())).body(body.to_string());
        self.answered(request).await
    }

    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer = request.bearer_auth(&self.token).timeout(ANSWER).send().await?;
        let (status, url) = (answer.status(), answer.url().to_string());
        let body = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{url} was answered {status}: {body}").into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    /// A new inbound queue.
    pub async fn queue(&self, name: &str) -> Result<i64> {
        let queue = json!({"name": name, "type": 1, "enabled": true});
        id(&self.post("/call_center/queues", &queue).await?)
    }

    /// A new flow of these steps.
    pub async fn flow(&self, name: &str, steps: &Value) -> Result<i64> {
        let flow = json!({"name": name, "type": "service", "schema": steps});
        id(&self.post("/routing/schema", &flow).await?)
    }

    /// A new hook of the queue for what `joined` fires.
    pub async fn hook(&self, queue: i64, flow: i64) -> Result<i64> {
        let hook = json!({"schema": {"id": flow.to_string()}, "event": "joined", "enabled": true});
        id(&self.post(&format!("/call_center/queues/{queue}/hooks"), &hook).await?)
    }

    /// A queue whose one hook tells the receiver the key of each event.
    pub async fn telling(&self, receiver: SocketAddr) -> Result<i64> {
        self.running(receiver, &json!([request(receiver)])).await
    }

    /// A queue whose one hook runs these steps, which end at this receiver.
    pub async fn running(&self, receiver: SocketAddr, steps: &Value) -> Result<i64> {
        let queue = self.queue(&format!("Queue that tells {receiver}")).await?;
        let flow = self.flow(&format!("Tell {receiver}"), steps).await?;
        self.hook(queue, flow).await?;
        Ok(queue)
    }

    /// How much memory a node's process holds, in MiB, as the kernel counts it under this name
    /// (`VmRSS` now, `VmHWM` at most).
    pub fn memory(&self, number: usize, name: &str) -> Result<f64> {
        let pid = self.nodes[number].pid().ok_or("the server does not run")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        Ok(kib.ok_or("the kernel does not tell the memory of a process")? / 1_024.0)
    }

    /// How many seconds of processor time the nodes have used.
    pub fn processor(&self) -> Result<f64> {
        let mut seconds = 0.0;
        for pid in self.nodes.iter().filter_map(Node::pid) {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
            // After the name, which may hold blanks, the 12th and 13th are ticks of a hundredth.
            let after = stat.rsplit_once(')').ok_or("the kernel does not tell the time used")?.1;
            let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
            seconds += ticks.sum::<std::result::Result<f64, _>>()? / 100.0;
        }
        Ok(seconds)
    }
}

/// Whether these are so many nodes that hold all shards, and none more than its share.
fn share_evenly(nodes: &[Value], many: usize) -> bool {
    let shards = |node: &Value| {
        let [held, all] = node["shards"].as_array()?.as_slice() else { return None };
        held.as_u64().zip(all.as_u64())
    };
    let shards: Vec<_> = nodes.iter().filter_map(shards).collect();
    let [(_, all), ..] = shards[..] else { return false };
    let held = || shards.iter().map(|(held, _)| held);
    let share = all.div_ceil(many as u64);
    shards.len() == many && held().sum::<u64>() == all && held().all(|held| *held <= share)
}

/// The step that tells the receiver the event's key.
pub fn request(receiver: SocketAddr) -> Value {
    json!({"httpRequest": {
        "url": format!("http://{receiver}/"), "timeout": 10_000,
        "data": {"key": "${key}", "call": "${attempt_id}", "delivery": "${delivery_id}"}
    }})
}

fn id(made: &Value) -> Result<i64> {
    let id = &made["id"];
    let id = id.as_i64().or_else(|| id.as_str()?.parse().ok());
    id.ok_or_else(|| format!("what was made has no id: {made}").into())
}

impl Node {
    /// The number of its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Waits until the process has ended by itself.
    pub fn wait(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.wait()?;
        }
        Ok(())
    }

    /// Sends the process a signal by its name.
    pub fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().ok_or("the server does not run")?.to_string();
        let told = Command::new("kill").args(["-s", name, &pid]).status()?;
        if told.success() { Ok(()) } else { Err(format!("{name} was not sent").into()) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill().ok();
    }
}
