//! The main job on PostgreSQL.

use crate::{
    backpressure::refusal,
    gate::Gate,
    panel::{Browser, cookie},
    support::{Receiver, Server, free_port, until},
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    user::{Actor, Role, Scope},
};
use serde_json::json;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::sleep;

const EVENTS: &str = "/api/v1/events";
const PASSWORD: &str = "correct horse battery";

/// A PostgreSQL server of a test's own.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    pub fn start() -> Self {
        let Ok(programs) = std::env::var("POSTGRES_BIN") else {
            panic!(
                "this test needs PostgreSQL's programs: run it as\n    \
                 bash scripts/postgres.sh cargo test -p server\n\
                 or set POSTGRES_BIN to their folder"
            )
        };
        let port = free_port();
        let cluster = Self { folder: TempDir::new().unwrap(), programs: programs.into(), port };
        if is_root() {
            let chown = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status();
            assert!(chown.unwrap().success());
        }
        cluster.run("initdb", &["--username=offhook", "--auth=trust", "--encoding=UTF8"]);
        cluster.up();
        cluster
    }

    pub fn url(&self) -> String {
        format!("postgres://offhook@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn up(&self) {
        let options = format!("-p {} -h 127.0.0.1 -k ''", self.port);
        let log = self.folder.path().join("log").display().to_string();
        self.run("pg_ctl", &["--wait", "--silent", "--log", &log, "--options", &options, "start"]);
    }

    /// Ends it at once, as a crash would.
    pub fn down(&self) {
        self.run("pg_ctl", &["--wait", "--silent", "--mode=immediate", "stop"]);
    }

    /// Keeps its data as they are; it does not run.
    fn keep(&self) {
        self.copy("data", "kept");
    }

    /// Has the data again that were kept, as a server that takes over without the last commits.
    fn fall_back(&self) {
        std::fs::remove_dir_all(self.folder.path().join("data")).unwrap();
        self.copy("kept", "data");
    }

    fn copy(&self, from: &str, to: &str) {
        let copied =
            Command::new("cp").args(["-a", from, to]).current_dir(self.folder.path()).status();
        assert!(copied.unwrap().success());
    }

    /// Runs one of its programs on its data; as somebody else than root, which they refuse.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let data = self.folder.path().join("data");
        command.args(arguments).arg("--pgdata").arg(data).current_dir("/");
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "{program:?} {arguments:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.folder.path().join("data/postmaster.pid").exists() {
            self.down();
        }
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

#[tokio::test]
async fn the_main_job_is_done_on_postgresql() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let mut server = Server::prepare_on(TempDir::new().unwrap(), cluster.url()).await;
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let password = PASSWORD.to_owned();
    server.admin.create_user(&Actor::operator(), "olena", Role::Admin, password).await.unwrap();
    server.up().await;

    let browser = Browser::new(&server);
    let set = browser.sign_in("OLENA", PASSWORD).await;
    assert_eq!(browser.leads("/account", cookie(&set).0).await, "", "the session is kept");
    assert_eq!(browser.leads("/account", "").await, "/sign-in?next=/account");

    // Another process than the one that serves makes them.
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    let event = |number: i64| {
        json!({"id": format!("s-{number}"), "event": "joined", "queue_id": queue,
               "data": {"attempt_id": number}})
    };
    let mut number = 0;
    until("the hook is in force", async || {
        number += 1;
        server.post(&token, EVENTS, &event(number)).await.1["deliveries"] == 1
    })
    .await;
    server.settled().await;
    let (_, again) = server.post(&token, EVENTS, &event(number)).await;
    assert_eq!(again["duplicate"], json!(true), "{again}");
    assert_eq!(receiver.received().len(), 1);
    let row = server.log().await.remove(0);
    assert_eq!(row.state, DeliveryState::Delivered);
    let (status, detail) = server.get(&token, &format!("/api/v1/deliveries/{}", row.id)).await;
    assert_eq!(status, 200);
    let http = &detail["attempts"][0]["steps"][0]["http"];
    assert_eq!(http["answer"]["status"], json!(200));
    let (status, found) =
        server.get(&token, &format!("/api/v1/deliveries?search=s-{number}")).await;
    assert_eq!((status, found["items"].as_array().map(Vec::len)), (200, Some(1)));

    // Other nodes may serve it as well, but nobody may copy it meanwhile.
    let elsewhere = TempDir::new().unwrap();
    let to = format!("sqlite:{}", elsewhere.path().join("copy.db").display());
    let mut copy = server.command();
    let copy = copy.args(["copy", "--from", &cluster.url(), "--to", &to]).output().unwrap();
    let said = String::from_utf8_lossy(&copy.stderr).into_owned();
    assert!(!copy.status.success() && said.contains("another offhook serves"), "{said}");
}

#[tokio::test]
async fn a_text_that_the_database_cannot_hold_is_refused_and_costs_no_other_event() {
    let cluster = Cluster::start();
    let mut server = Server::prepare_on(TempDir::new().unwrap(), cluster.url()).await;
    let token = server.token(&[Scope::Ingest, Scope::Read, Scope::Manage]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    server.up().await;
    let event = |id: &str| json!({"id": id, "event": "joined", "queue_id": queue});
    let events = json!([event("one"), event("t\0o"), event("three")]);
    let (status, answer) = server.post(&token, EVENTS, events).await;
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
    assert_eq!(answer["items"][1]["error"]["errors"][0]["pointer"], json!("/1/id"), "{answer}");

    for path in ["/api/v1/deliveries?search=%00", "/api/v1/deliveries?text=%00&from=0"] {
        let (status, problem) = server.get(&token, path).await;
        assert_eq!(status, 400, "{path}: {problem}");
        assert!(problem.to_string().contains("U+0000"), "{path}: {problem}");
    }
    let (status, problem) = server.post(&token, "/api/v1/replays?search=%00", "").await;
    assert_eq!(status, 400, "{problem}");
    for path in ["/api/v1/lists?search=%00", "/call_center/queues?q=%00", "/routing/schema?q=%00"] {
        let (status, answer) = server.get(&token, path).await;
        assert!(status < 500, "{path}: {answer}");
    }
    let answer =
        Browser::new(&server).form("session/sign-in", &[("login", "\0"), ("password", "x")]);
    let answer = answer.send().await.unwrap();
    assert!(!answer.status().is_server_error(), "{answer:?}");
    assert!(!server.logged().contains("ERROR"), "{}", server.logged());
}

#[tokio::test]
async fn while_postgresql_is_away_events_are_refused_with_a_reason_and_afterwards_it_goes_on() {
    let (cluster, gate) = (Cluster::start(), Gate::start("/held").await);
    let mut server = Server::prepare_on(TempDir::new().unwrap(), cluster.url()).await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    for (event, path) in [(EventKind::Joined, "held"), (EventKind::Leaving, "told")] {
        let url = format!("http://{}/{path}", gate.addr);
        let steps = json!([{"httpRequest": {"url": url, "timeout": 30_000}}]);
        let flow = server.flow(path, steps).await;
        server.hook(queue, event, flow).await;
    }
    server.up().await;
    let of = |event: &str| json!({"event": event, "queue_id": queue});
    assert_eq!(server.post(&token, EVENTS, of("joined")).await.0, 202);
    until("a request is under way", async || gate.asked() == ["/held"]).await;

    cluster.down();
    let (detail, after) = refusal(&server, &token, &of("leaving")).await;
    assert!(detail.contains("database"), "{detail}");
    assert_eq!(after, "1");
    // What has been done is written down when that can be, and not done again.
    let before = server.logged().len();
    gate.open();
    until("what has been done cannot be written", async || {
        server.logged()[before..].contains("a commit failed")
    })
    .await;
    assert_eq!(refusal(&server, &token, &of("leaving")).await.1, "1");
    cluster.up();
    until("events are taken again", async || {
        server.post(&token, EVENTS, of("leaving")).await.0 == 202
    })
    .await;
    server.settled().await;
    assert_eq!(gate.asked(), ["/held", "/told"]);
    let log = server.log().await;
    let ended: Vec<_> = log.iter().map(|row| (row.state, row.attempts)).collect();
    assert_eq!(ended, [(DeliveryState::Delivered, 1); 2]);
}

#[tokio::test]
async fn what_comes_after_a_failover_that_lost_the_last_commits_is_delivered() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let mut server = Server::prepare_on(TempDir::new().unwrap(), cluster.url()).await;
    let token = server.token(&[Scope::Ingest]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let flow = server.telling_flow("tell", receiver.addr).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    // Without an id, which would be known again.
    let event = json!({"event": "joined", "queue_id": queue});
    let posted = async |many| {
        // A connection of the test's own that has been cut is found out when it was idle for a second.
        sleep(Duration::from_millis(1_200)).await;
        for _ in 0..many {
            until("it is accepted", async || server.post(&token, EVENTS, &event).await.0 == 202)
                .await;
        }
        server.settled().await;
    };
    posted(2).await;
    cluster.down();
    cluster.keep();
    cluster.up();
    posted(3).await;
    // The node says that it lives once a second, and hears of what has been given by then.
    sleep(Duration::from_millis(2_500)).await;
    cluster.down();
    cluster.fall_back();
    cluster.up();
    until("it sees that something is lost", async || {
        server.logged().contains("the database has lost what was written last")
    })
    .await;
    posted(2).await;
    assert_eq!((receiver.received().len(), server.log().await.len()), (7, 4));
}
