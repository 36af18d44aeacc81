//! The receiver's name does not resolve at first. For the server alone other files stand in the place
//! of those that say what names mean.

use crate::{
    Result,
    chaos::{
        Setting, Verdict,
        load::{Load, Traffic},
        namespace::UNSHARED,
        trial::{Trial, well},
    },
    installation::Installation,
};
use model::destination::DEFAULT_MIN_CALLS;
use std::{fs, path::Path, time::Duration};
use tokio::time::sleep;

const HOST: &str = "receiver.chaos.test";
const HOSTS: &str = "127.0.0.1 localhost\n";

pub async fn fails_then_works(setting: &Setting) -> Result<Verdict> {
    let traffic = Traffic {
        // The long form has the breaker open, too, for half a minute. In the short one fewer fail at
        // first than it looks at.
        calls: setting.size(u64::from(DEFAULT_MIN_CALLS) - 1, 200),
        events: 3,
        first: 0,
        senders: 8,
        pause: Duration::ZERO,
        ballast: 0,
    };
    let mut installation = Installation::on_sqlite(&setting.program)?;
    let hosts = installation.folder.path().join("hosts");
    fs::write(&hosts, HOSTS)?;
    // Nobody is asked but this file: no network, and an answer at once.
    let switch = installation.folder.path().join("nsswitch.conf");
    fs::write(&switch, "hosts: files\n")?;
    installation.wrapper = namespace(&[(&hosts, "/etc/hosts"), (&switch, "/etc/nsswitch.conf")]);
    let trial = Trial::start_at(installation, well(), HOST).await?;
    let mut load = trial.load(traffic)?;
    trial.accepts(&mut load).await?;
    sleep(Duration::from_secs(setting.size(1, 20))).await;
    let accepted = unresolved(&trial, &load).await?;
    // In place: the file is mounted, not its path.
    fs::write(&hosts, format!("{HOSTS}127.0.0.1 {HOST}\n"))?;
    let mut verdict = trial.end(load, 0).await?;
    verdict.notes.push(format!("{accepted} accepted while the name did not resolve"));
    Ok(verdict)
}

/// Fails where the name was no hindrance; how many events were accepted meanwhile.
async fn unresolved(trial: &Trial, load: &Load) -> Result<usize> {
    let (accepted, arrived) = (load.accepted(), trial.receiver.arrivals().len());
    if accepted == 0 || arrived > 0 {
        return Err(format!("{arrived} requests for {accepted} events came without a name").into());
    }
    let failed = trial.installation.get("/api/v1/deliveries?failure=dns&size=1").await?;
    match failed["items"].as_array().is_none_or(Vec::is_empty) {
        true => Err("no attempt failed for its receiver's name".into()),
        false => Ok(accepted),
    }
}

/// What runs a program with these files in the place of others.
fn namespace(files: &[(&Path, &str)]) -> Vec<String> {
    let mount = |(file, place): &(&Path, &str)| {
        let file = file.display();
        format!("if [ -e {place} ]; then mount --bind '{file}' {place} || exit 1; fi; ")
    };
    let script = files.iter().map(mount).collect::<String>() + r#"exec "$0" "$@""#;
    let shell = UNSHARED.into_iter().chain(["sh", "-c"]).map(String::from);
    shell.chain([script]).collect()
}
