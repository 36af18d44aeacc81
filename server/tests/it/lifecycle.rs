//! Starting, stopping, and the commands beside it.

use crate::support::{OFFHOOK, Receiver, Server, until};
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    user::Scope,
};
use serde_json::json;
use std::{io::Write, process::Command, process::Stdio};

#[tokio::test]
async fn a_termination_lets_what_runs_end() {
    let (mut server, receiver) = (Server::prepare().await, Receiver::start().await);
    let token = server.token(&[Scope::Ingest, Scope::Read]).await;
    let queue = server.queue("Support line", QueueType::Inbound).await;
    let steps = json!([
        {"softSleep": 1500},
        {"httpRequest": {"url": format!("http://{}/slept", receiver.addr)}}
    ]);
    let flow = server.flow("sleep", steps).await;
    server.hook(queue, EventKind::Joined, flow).await;
    server.up().await;
    let event = json!({"event": "joined", "queue_id": queue});
    server.post(&token, "/api/v1/events", event).await;
    until("it runs", async || {
        let (_, running) = server.get(&token, "/api/v1/deliveries?state=running").await;
        !running["items"].as_array().unwrap().is_empty()
    })
    .await;
    assert!(server.terminate().await.success());
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(server.log().await[0].state, DeliveryState::Delivered);
    let logged = server.logged();
    assert!(
        logged.contains("INFO") && !logged.contains('\u{1b}'),
        "a file is no terminal: {logged}"
    );
}

#[tokio::test]
async fn a_token_made_while_the_server_runs_is_printed_alone_and_works() {
    let server = Server::start().await;
    let made = server.command().args(["token", "add", "crm", "--scope", "read,ingest"]).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{made:?}");
    let secret = String::from_utf8(made.stdout).unwrap();
    assert_eq!(secret.lines().count(), 1);
    let (status, _) = server.get(secret.trim(), "/api/v1/queues").await;
    assert_eq!(status, 200);
    let again = server.command().args(["token", "add", "crm", "--scope", "read"]).output().unwrap();
    assert!(!again.status.success());
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("/name: is in use already"), "{said}");
    let bad = server.command().args(["token", "add", "x", "--scope", "all"]).output().unwrap();
    assert!(String::from_utf8(bad.stderr).unwrap().contains("one of ingest, manage, read"));
}

#[tokio::test]
async fn a_user_is_made_with_a_password_from_standard_input() {
    let server = Server::start().await;
    let add = |password: &'static str| {
        let mut child = server
            .command()
            .args(["user", "add", "olena", "--role", "editor", "--password-stdin"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let short = add("short\n");
    assert!(!short.status.success());
    assert!(String::from_utf8(short.stderr).unwrap().contains("has 10 to 200 characters"));
    assert!(add("correct horse battery\n").status.success());
    let users = server.storage.users("").await.unwrap();
    assert_eq!((users.len(), users[0].login.as_str()), (1, "olena"));
}

#[test]
fn settings_are_printed_and_bad_ones_named() {
    let printed = Command::new(OFFHOOK).arg("config").output().unwrap();
    assert!(String::from_utf8(printed.stdout).unwrap().contains("#listen = \"127.0.0.1:3000\""));
    let version = Command::new(OFFHOOK).arg("version").output().unwrap();
    assert!(String::from_utf8(version.stdout).unwrap().starts_with("offhook 0."));
    let bad =
        Command::new(OFFHOOK).args(["serve", "--allow-targets", "http://x"]).output().unwrap();
    assert!(!bad.status.success());
    let said = String::from_utf8(bad.stderr).unwrap();
    assert!(said.contains("the setting allow_targets is \"http://x\""), "{said}");
}

#[tokio::test]
async fn the_sample_is_loaded_once_and_a_second_time_changes_nothing() {
    let server = Server::start().await;
    let load = || server.command().args(["sample", "--receiver", "127.0.0.1:39417"]).output();
    let first = load().unwrap();
    assert!(first.status.success(), "{first:?}");
    let before = server.storage.configuration().await.unwrap();
    assert_eq!((before.queues.len(), before.flows.len()), (8, 8));
    assert!(!before.hooks.is_empty());
    assert!(load().unwrap().status.success());
    assert_eq!(server.storage.configuration().await.unwrap().revision, before.revision);
}

#[test]
fn import_reports_on_every_step_and_saves_what_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let sound = write(
        "sound.json",
        r#"{"name": "Old", "schema": [{"ewt": {}}, {"if": {"expression": "${amd_result} == 'MASHINE'", "then": []}}]}"#,
    );
    let broken = write("broken.json", r#"[{"logg": "a"}, {"goto": "b"}]"#);
    let database = format!("sqlite:{}", folder.path().join("offhook.db").display());
    let import = |more: &[&str]| {
        Command::new(OFFHOOK)
            .env("OFFHOOK_DATABASE_URL", &database)
            .arg("import")
            .args(more)
            .args([&sound, &broken])
            .output()
            .unwrap()
    };
    let checked = import(&["--check"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(!checked.status.success());
    assert!(said.contains("/0 ewt: does not run here"), "{said}");
    assert!(
        said.contains("/1 if: runs, and differs on purpose") && said.contains("MACHINE"),
        "{said}"
    );
    assert!(said.contains("did you mean \"log\"?") && !said.contains("saved as"), "{said}");
    let saved = import(&[]);
    let said = String::from_utf8_lossy(&saved.stdout).into_owned();
    assert!(said.contains("saved as flow") && said.contains("not saved"), "{said}");
    let why = String::from_utf8_lossy(&saved.stderr).into_owned();
    assert!(why.contains("one file was not saved"), "{why}");
}

#[test]
fn what_is_sealed_is_forgotten_when_a_person_insists() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("offhook.db").display());
    let forget = |more: &[&str]| {
        let mut command = Command::new(OFFHOOK);
        let command = command.env("OFFHOOK_DATABASE_URL", &database).arg("forget-sealed");
        command.args(more).output().unwrap()
    };
    let asked = forget(&[]);
    assert!(!asked.status.success());
    assert!(String::from_utf8_lossy(&asked.stderr).contains("--yes"));
    let done = forget(&["--yes"]);
    assert!(done.status.success());
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("0 secrets, 0 variables, 0 mail passwords"), "{said}");
}
