//! On what a run was measured.

use serde::Serialize;
use std::{
    fmt::{Display, Formatter, Result as Formatted},
    io::{self, Write},
    process::Command,
    time::Instant,
};

/// The facts that another run must share to be compared.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_mib: u64,
    pub kernel: String,
    /// The git revision of the sources, with a `+` where they were changed.
    pub revision: String,
    /// What else ran: the load of the last minute before the run.
    pub load_before: f64,
    /// How long the disk of the temporary folder takes to keep 4 KiB for good, in microseconds, the
    /// median: no event is answered sooner. Nothing where that cannot be measured.
    pub sync_us: Option<u64>,
    /// Settings of the environment that steer the program or the benchmark.
    pub settings: Vec<String>,
}

impl Machine {
    /// What can be read of this one; what cannot stays empty.
    pub fn read() -> Self {
        let file = |path| std::fs::read_to_string(path).unwrap_or_default();
        let member = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()))
                .unwrap_or_default()
        };
        let memory = member(&file("/proc/meminfo"), "MemTotal");
        let kib = memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok());
        let load = file("/proc/loadavg");
        let settings = std::env::vars().filter(|(name, _)| name.starts_with("OFFHOOK_"));
        Self {
            processor: member(&file("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mib: kib.unwrap_or(0) / 1_024,
            kernel: file("/proc/sys/kernel/osrelease").trim().to_owned(),
            revision: revision(),
            load_before: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
            sync_us: sync_us().ok(),
            // Names alone: a value may hold a password.
            settings: settings.map(|(name, _)| name).collect(),
        }
    }
}

/// How many times the disk is asked.
const SYNCS: usize = 100;

fn sync_us() -> io::Result<u64> {
    let mut file = tempfile::tempfile()?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[0; 4_096])?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(u64::try_from(took[SYNCS / 2].as_micros()).unwrap_or(u64::MAX))
}

fn revision() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(revision) = git(&["rev-parse", "--short", "HEAD"]) else { return String::new() };
    let changed = git(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
    format!("{revision}{}", if changed { "+" } else { "" })
}

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        let Self { processor, cores, memory_mib, kernel, revision, load_before, .. } = self;
        writeln!(f, "{cores} cores, {processor}; {memory_mib} MiB; Linux {kernel}")?;
        write!(f, "revision {revision}; load before the run {load_before}")?;
        match self.sync_us {
            Some(us) => writeln!(f, "; the disk keeps 4 KiB in {us} µs"),
            None => writeln!(f),
        }
    }
}
