//! The disk is full, and then has room again: a small file system in memory, mounted for the
//! occasion.

use crate::{
    Result,
    chaos::{
        Setting, Verdict,
        load::Traffic,
        trial::{Trial, well},
    },
    installation::Installation,
};
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::sleep;

/// The disk's size, and what fills it at first, in MiB: all but 4, and the 16 of the write-ahead log.
const SIZE: usize = 128;
const BALLAST: usize = 108;
/// How long the disk may take to fill.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn full(setting: &Setting) -> Result<Verdict> {
    let traffic = Traffic {
        calls: 100,
        events: setting.size(10, 20),
        first: 0,
        senders: 16,
        pause: Duration::ZERO,
        ballast: 8_000,
    };
    let disk = Disk::mount()?;
    let ballast = disk.folder.path().join("ballast");
    let database = format!("sqlite:{}", disk.folder.path().join("offhook.db").display());
    let mut installation = Installation::on(&setting.program, TempDir::new()?, database)?;
    // Without the warning that keeps the disk from getting full: here it does.
    installation.set("OFFHOOK_FREE_MIB_MIN", "0");
    let trial = Trial::start(installation, well()).await?;
    fs::write(&ballast, vec![0; BALLAST << 20])?;
    let load = trial.load(traffic)?;
    // Full is when the sender gets nowhere for a while.
    let begun = Instant::now();
    let mut accepted = usize::MAX;
    while load.accepted() != accepted {
        if begun.elapsed() > PATIENCE {
            return Err("the disk did not fill up".into());
        }
        accepted = load.accepted();
        sleep(Duration::from_secs(1)).await;
    }
    if accepted == traffic.total() {
        return Err("everything was accepted before the disk was full".into());
    }
    sleep(Duration::from_secs(setting.size(1, 30))).await;
    fs::remove_file(&ballast)?;
    let mut verdict = trial.end(load, false).await?;
    verdict.notes.push(format!("{accepted} accepted until it was full"));
    Ok(verdict)
}

/// A mounted file system, unmounted at the end.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn mount() -> Result<Self> {
        let folder = TempDir::new()?;
        let options = format!("size={SIZE}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path());
        if mount.status()?.success() {
            Ok(Self { folder })
        } else {
            Err("a file system is mounted by root alone".into())
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may have ended only a moment ago.
        Command::new("umount").arg("--lazy").arg(self.folder.path()).status().ok();
    }
}
