//! What a program sees of the file system, changed for it alone: a mount namespace within a user
//! namespace, which needs no root.

use crate::Result;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

/// Runs a program that may mount, and whose mounts nobody else sees.
pub const UNSHARED: [&str; 3] = ["unshare", "--map-root-user", "--mount"];

/// Whether that can be had here. Some systems and containers admit it to nobody but root, or not at
/// all.
pub fn may_mount() -> bool {
    let [unshare, options @ ..] = UNSHARED;
    let mut tried = Command::new(unshare);
    tried.args(options).args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"]).stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success())
}

/// A small file system in memory, mounted on a folder for those who enter.
pub struct Disk {
    keeper: Child,
    /// The keeper ends when this is closed.
    _held: Option<ChildStdin>,
}

impl Disk {
    /// One of so many MiB on this folder.
    pub fn mount(folder: &Path, mib: usize) -> Result<Self> {
        let [unshare, options @ ..] = UNSHARED;
        let script =
            format!("mount -t tmpfs -o size={mib}m tmpfs \"$0\" && echo mounted && exec cat");
        let mut keeper = Command::new(unshare);
        keeper.args(options).args(["sh", "-c", &script]).arg(folder);
        let mut keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = keeper.stdout.take().and_then(|out| BufReader::new(out).lines().next());
        let held = keeper.stdin.take();
        let disk = Self { keeper, _held: held };
        match said {
            Some(Ok(_)) => Ok(disk),
            _ => Err("the file system was not mounted".into()),
        }
    }

    /// What runs a program among those who see it.
    pub fn wrapper(&self) -> Vec<String> {
        let target = self.keeper.id().to_string();
        let enter = ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", &target];
        enter.map(String::from).into()
    }

    /// The way to a file of it for those who do not.
    pub fn path(&self, inside: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.keeper.id()));
        root.join(inside.strip_prefix("/").unwrap_or(inside))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.keeper.kill().ok();
        self.keeper.wait().ok();
    }
}
