//! Ends the process when a script has used up its processor time inside a built-in, where the
//! interpreter does not ask whether it may go on.

use rustix::{
    process::{Signal, getpid, kill_process},
    time::{ClockId, clock_gettime},
};
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// By how much the interpreter's own check comes first, in µs: the process survives that.
const GRACE_US: u64 = 5_000;

/// A thread that watches one script after the other.
pub struct Watchdog(Arc<Shared>);

#[derive(Default)]
struct Shared {
    watched: Mutex<Watched>,
    begun: Condvar,
}

#[derive(Default)]
struct Watched {
    /// The processor time of the process at which it is ended, in µs; nothing between scripts.
    until_us: Option<u64>,
    /// Whether the thread waits to be told that a script begins.
    waits: bool,
}

/// The processor time of the script that runs; it is watched until this is dropped.
pub struct Cpu<'w> {
    watchdog: &'w Watchdog,
    began_us: u64,
    limit_us: u64,
}

impl Watchdog {
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let watching = shared.clone();
        thread::Builder::new().stack_size(64 << 10).spawn(move || watching.watch())?;
        Ok(Self(shared))
    }

    /// Watches a script that begins now.
    pub fn watch(&self, limit_us: u64) -> Cpu<'_> {
        let began_us = cpu_us();
        let mut watched = self.0.lock();
        watched.until_us = Some(began_us.saturating_add(limit_us).saturating_add(GRACE_US));
        if watched.waits {
            self.0.begun.notify_one();
        }
        Cpu { watchdog: self, began_us, limit_us }
    }
}

impl Cpu<'_> {
    /// The processor time since it began, in µs.
    pub fn used_us(&self) -> u64 {
        cpu_us().saturating_sub(self.began_us)
    }

    /// The processor time of the process at which the script is to be stopped, in µs.
    pub fn until_us(&self) -> u64 {
        self.began_us.saturating_add(self.limit_us)
    }
}

impl Drop for Cpu<'_> {
    fn drop(&mut self) {
        self.watchdog.0.lock().until_us = None;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        loop {
            let mut watched = self.lock();
            let until = loop {
                if let Some(until) = watched.until_us {
                    break until;
                }
                watched.waits = true;
                watched = self.begun.wait(watched).unwrap_or_else(PoisonError::into_inner);
                watched.waits = false;
            };
            let left_us = until.saturating_sub(cpu_us());
            if left_us == 0 {
                // As the kernel would do under a limit of whole seconds.
                kill_process(getpid(), Signal::XCPU).ok();
            }
            drop(watched);
            // Processor time does not pass faster than time: nothing can be due before. Scripts that
            // begin meanwhile need not wake this thread up.
            thread::sleep(Duration::from_micros(left_us.max(1_000)));
        }
    }
}

/// The processor time of the process, in µs.
pub fn cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000
}
