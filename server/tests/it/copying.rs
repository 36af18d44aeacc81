//! `offhook copy`: an installation moves from one kind of database to the other and back.

use crate::{
    postgres::Cluster,
    roles::node,
    support::{OFFHOOK, Receiver, Server, until},
    takeover::ROLES,
};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    ids::QueueId,
    user::{Actor, Scope},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::process::{Command, Output, Stdio};
use storage::{
    Storage,
    copy::{COPYING, TABLES},
};
use tempfile::TempDir;

const EVENTS: &str = "/api/v1/events";
/// Events of each kind.
const MANY: usize = 20;

/// How many rows there are of everything.
async fn counts(storage: &dyn Storage) -> Vec<(&'static str, u64)> {
    let mut all = Vec::new();
    for table in TABLES {
        all.push((table.name, storage.count(table).await.unwrap()));
    }
    all
}

fn copying(from: &str, to: &str) -> Command {
    let mut command = Command::new(OFFHOOK);
    command.args(["copy", "--from", from, "--to", to]);
    command
}

/// Copies until it comes to the deliveries, which cannot be gone on with while this lock of theirs is
/// held, and kills the copy there.
async fn interrupt(cluster: &Cluster, lock: &str, mut copy: Command, from: &Server, to: &Server) {
    let mut holder = PgConnection::connect(&cluster.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("LOCK TABLE deliveries IN {lock} MODE")))
        .execute(&mut *held)
        .await
        .unwrap();
    let mut child = copy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let events = TABLES.iter().find(|table| table.name == "events").unwrap();
    let all = from.storage.count(events).await.unwrap();
    until("the events are copied", async || to.storage.count(events).await.unwrap() == all).await;
    child.kill().unwrap();
    child.wait().unwrap();
    held.rollback().await.unwrap();
    until("nobody claims the database any more", async || {
        let claims: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'")
                .fetch_one(&mut holder)
                .await
                .unwrap();
        claims == 0
    })
    .await;
    assert!(to.storage.fact(COPYING).await.unwrap().is_some(), "it had ended");
}

/// Nobody works with what is only a part of an installation.
fn refuses_to_work(with: &Server) {
    for command in [&["serve"][..], &["user", "link", "nobody"]] {
        let refused = with.command().args(command).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("has not ended"), "{said}");
    }
}

fn succeeded(copied: &Output) {
    let said = String::from_utf8_lossy(&copied.stdout);
    assert!(copied.status.success() && said.starts_with("copied and compared: "), "{copied:?}");
}

fn event(kind: &str, queue: QueueId, number: usize) -> Value {
    json!({"id": format!("{kind}-{number}"), "event": kind, "queue_id": queue,
           "data": {"attempt_id": number}})
}

#[tokio::test]
async fn an_installation_is_copied_to_postgresql_and_back_even_if_the_copy_is_interrupted() {
    let (cluster, receiver) = (Cluster::start(), Receiver::start().await);
    let (keys, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let sqlite = |name: &str| format!("sqlite:{}", files.path().join(name).display());
    let mut before = node(&sqlite("before.db"), &keys, ROLES).await;
    let token = before.token(&[Scope::Ingest, Scope::Manage]).await;
    let queue = before.queue("Support line", QueueType::Inbound).await;
    let flow = before.telling_flow("tell", receiver.addr).await;
    before.hook(queue, EventKind::Joined, flow).await;
    let parked = before.hook(queue, EventKind::Leaving, flow).await;
    before.admin.pause_hook(&Actor::operator(), parked.id).await.unwrap();
    before.up().await;
    for kind in ["joined", "leaving"] {
        let events: Vec<_> = (0..MANY).map(|number| event(kind, queue, number)).collect();
        assert_eq!(before.post(&token, EVENTS, json!(events)).await.0, 202);
    }
    let delivered = async |of: &Server| {
        of.log().await.iter().filter(|row| row.state == DeliveryState::Delivered).count()
    };
    until("what is not parked is delivered", async || delivered(&before).await == MANY).await;
    let there = node(&cluster.url(), &keys, ROLES).await;
    let to_postgres = || copying(&sqlite("before.db"), &cluster.url());
    let refused = to_postgres().output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("another offhook serves"), "{said}");
    assert!(before.terminate().await.success());

    interrupt(&cluster, "SHARE", to_postgres(), &before, &there).await;
    refuses_to_work(&there);
    succeeded(&to_postgres().output().unwrap());
    assert_eq!(counts(&*there.storage).await, counts(&*before.storage).await);
    assert_eq!(there.log().await, before.log().await);
    let refused = to_postgres().output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("make an empty one for the copy"), "{said}");

    // What was parked goes out from there, and what was sent before is known.
    let mut there = there;
    there.up().await;
    let resume = format!("/api/v1/hooks/{}/resume", parked.id);
    assert_eq!(there.post(&token, &resume, "").await.0, 200);
    there.settled().await;
    let (_, again) = there.post(&token, EVENTS, event("joined", queue, 3)).await;
    assert_eq!(again["duplicate"], json!(true), "{again}");
    assert_eq!((delivered(&there).await, receiver.received().len()), (2 * MANY, 2 * MANY));
    assert!(there.terminate().await.success());

    let mut after = node(&sqlite("after.db"), &keys, ROLES).await;
    let back = || copying(&cluster.url(), &sqlite("after.db"));
    interrupt(&cluster, "ACCESS EXCLUSIVE", back(), &there, &after).await;
    refuses_to_work(&after);
    succeeded(&back().output().unwrap());
    assert_eq!(counts(&*after.storage).await, counts(&*there.storage).await);
    assert_eq!(after.log().await, there.log().await);
    after.up().await;
    assert_eq!(after.post(&token, EVENTS, event("joined", queue, MANY)).await.0, 202);
    after.settled().await;
    assert_eq!((delivered(&after).await, receiver.received().len()), (2 * MANY + 1, 2 * MANY + 1));
}
