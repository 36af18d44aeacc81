//! A PostgreSQL server of a scenario's own, to be killed and started again.

use crate::{Result, postgres::Fresh};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::sleep;

/// Where Debian has the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server. Ended when it is dropped.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

/// Where PostgreSQL's programs are, of the newest version that is installed.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).ok()?.flatten();
    let has_server = |folder: &PathBuf| folder.join("postgres").is_file();
    versions.map(|version| version.path().join("bin")).filter(has_server).max()
}

impl Cluster {
    /// Makes a server, and starts it.
    pub async fn start() -> Result<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let folder = TempDir::new()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut cluster = Self { programs, folder, port, child: None };
        if super::is_root() {
            Command::new("chown").arg("postgres").arg(cluster.folder.path()).status()?;
        }
        let made = cluster
            .program("initdb")
            .args(["--username=offhook", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("PostgreSQL's initdb failed".into());
        }
        cluster.up().await?;
        Ok(cluster)
    }

    /// A program on its data; never as root, which PostgreSQL refuses.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if super::is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.data()).current_dir(self.folder.path());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn server(&self) -> String {
        format!("postgres://offhook@127.0.0.1:{}/postgres", self.port)
    }

    /// A new database on it.
    pub fn database(&self) -> Result<Fresh> {
        Fresh::on(&self.server())
    }

    /// Starts the server, again after it was killed, and waits until it answers.
    pub async fn up(&mut self) -> Result<()> {
        let log = fs::File::create(self.folder.path().join("log"))?;
        let (port, sockets) = (self.port.to_string(), self.folder.path().to_owned());
        let mut command = self.program("postgres");
        command.args(["-p", &port, "-h", "127.0.0.1", "-c", "max_connections=300", "-k"]);
        self.child = Some(command.arg(sockets).stdout(Stdio::null()).stderr(log).spawn()?);
        let begun = Instant::now();
        loop {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err("PostgreSQL does not start".into());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Kills the server and what it has started, at once.
    pub fn kill(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let parts = children(child.id());
        child.kill()?;
        child.wait()?;
        for part in parts {
            // One that saw its parent go has gone by itself.
            Command::new("kill").args(["-s", "KILL", &part]).stderr(Stdio::null()).status()?;
        }
        Ok(())
    }
}

/// The processes that this one started.
fn children(parent: u32) -> Vec<String> {
    let list = Path::new("/proc").join(parent.to_string()).join("task").join(parent.to_string());
    let list = fs::read_to_string(list.join("children")).unwrap_or_default();
    list.split_whitespace().map(Into::into).collect()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill().ok();
    }
}
