//! The disk is full, and then has room again: a small file system in memory, mounted for the
//! occasion and for the program alone.

use crate::{
    Result,
    chaos::{
        Setting, Verdict,
        load::Traffic,
        namespace::Disk,
        trial::{Trial, well},
    },
    installation::Installation,
};
use std::{fs, time::Duration};
use tempfile::TempDir;
use tokio::time::sleep;

/// The disk's size, and what fills it at first, in MiB: all but 4, and the 16 of the write-ahead log.
const SIZE: usize = 128;
const BALLAST: usize = 108;

pub async fn full(setting: &Setting) -> Result<Verdict> {
    let traffic = Traffic {
        calls: 100,
        events: setting.size(10, 20),
        first: 0,
        senders: 16,
        pause: Duration::ZERO,
        ballast: 8_000,
    };
    let folder = TempDir::new()?;
    let disk = Disk::mount(folder.path(), SIZE)?;
    let ballast = disk.path(&folder.path().join("ballast"));
    let database = format!("sqlite:{}", folder.path().join("offhook.db").display());
    let program = &setting.program;
    let mut installation =
        Installation::wrapped(program, TempDir::new()?, database, disk.wrapper())?;
    // Without the warning that keeps the disk from getting full: here it does.
    installation.set("OFFHOOK_FREE_MIB_MIN", "0");
    let trial = Trial::start(installation, well()).await?;
    fs::write(&ballast, vec![0; BALLAST << 20])?;
    let load = trial.load(traffic)?;
    // Full is when the sender gets nowhere for a while.
    let accepted = load.stalls().await?;
    sleep(Duration::from_secs(setting.size(1, 30))).await;
    fs::remove_file(&ballast)?;
    let mut verdict = trial.end(load, 0).await?;
    verdict.notes.push(format!("{accepted} accepted until it was full"));
    Ok(verdict)
}
