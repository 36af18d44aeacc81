//! Databases of PostgreSQL, each made for one measurement and dropped after it.

use crate::Result;
use std::{
    env,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The variables that name a database of a server on which others may be made, the first that is
/// set: one for benchmarks, and the one that the tests use.
const VARIABLES: [&str; 2] = ["OFFHOOK_BENCH_POSTGRES", "OFFHOOK_TEST_POSTGRES"];
static MADE: AtomicUsize = AtomicUsize::new(0);

/// A new, empty database.
pub struct Fresh {
    server: String,
    name: String,
    pub url: String,
}

impl Fresh {
    /// Makes one on the server that the environment names.
    pub fn make() -> Result<Self> {
        let server = VARIABLES.into_iter().find_map(|name| env::var(name).ok());
        Self::on(&server.ok_or_else(|| format!("{} names no server", VARIABLES[0]))?)
    }

    /// Makes one on the server of this database.
    pub fn on(server: &str) -> Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("offhook_bench_{}_{number}", std::process::id());
        let (place, _) = server.rsplit_once('/').ok_or("the URL names no database")?;
        let url = format!("{place}/{name}");
        let made = Self { server: server.to_owned(), name, url };
        made.client("createdb")?;
        Ok(made)
    }

    fn client(&self, program: &str) -> Result<()> {
        let maintenance = format!("--maintenance-db={}", self.server);
        let mut command = Command::new(program);
        if program == "dropdb" {
            command.arg("--force");
        }
        let output = command.arg(maintenance).arg(&self.name).output();
        let output = output.map_err(|error| format!("{program} cannot be run: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into())
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // A server that has gone has taken it along.
        self.client("dropdb").ok();
    }
}
