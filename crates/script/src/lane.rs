//! A lane: processes of one priority, and the order in which scripts get them.

use crate::{
    process::{Gone, Process},
    wire::{Answer, Setup},
};
use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// How long a process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// At most so many processes as there are turns; started when they are first needed.
pub struct Lane {
    program: PathBuf,
    setup: Setup,
    turns: Semaphore,
    /// The one that has waited longest comes first: it had the most time to make interpreters.
    idle: Mutex<VecDeque<Process>>,
}

/// The right to use one process of a lane.
pub struct Turn<'l>(&'l Lane, #[expect(dead_code, reason = "held")] SemaphorePermit<'l>);

/// Why there was no answer.
#[derive(Debug)]
pub enum NoAnswer {
    Gone(Gone),
    Wall,
    Start(io::Error),
}

impl Lane {
    pub fn new(program: PathBuf, setup: Setup, processes: usize) -> Self {
        Self { program, setup, turns: Semaphore::new(processes), idle: Mutex::default() }
    }

    /// Waits until it is this caller's turn, in the order of asking.
    pub async fn turn(&self) -> Result<Turn<'_>, NoAnswer> {
        let permit = self.turns.acquire().await.map_err(io::Error::other);
        permit.map(|permit| Turn(self, permit)).map_err(NoAnswer::Start)
    }

    fn start(&self) -> io::Result<Process> {
        Process::start(&self.program, self.setup)
    }

    fn idle<T>(&self, act: impl FnOnce(&mut VecDeque<Process>) -> T) -> T {
        act(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A process that is ready.
    async fn process(&self) -> io::Result<Process> {
        // One that ended as it cleared up is no fault of what runs next.
        while let Some(mut process) = self.idle(VecDeque::pop_front) {
            if let Ok(Ok(())) = timeout(READY_WITHIN, process.ready()).await {
                return Ok(process);
            }
        }
        let mut process = self.start()?;
        timeout(READY_WITHIN, process.ready()).await.map_err(io::Error::from)??;
        Ok(process)
    }
}

impl Turn<'_> {
    /// Has a request answered within `wall`. A caller that drops this kills the process, and with
    /// it what it runs.
    pub async fn run(&self, request: &[u8], wall: Duration) -> Result<Answer, NoAnswer> {
        let lane = self.0;
        let mut process = lane.process().await.map_err(NoAnswer::Start)?;
        match timeout(wall, process.ask(request)).await {
            Ok(Ok(answer)) => {
                lane.idle(|idle| idle.push_back(process));
                Ok(answer)
            }
            ended => {
                drop(process);
                // The next script need not wait for it to start; where that fails, it will be told.
                if let Ok(process) = lane.start() {
                    lane.idle(|idle| idle.push_back(process));
                }
                Err(ended.map_or(NoAnswer::Wall, |gone| match gone {
                    Err(gone) => NoAnswer::Gone(gone),
                    Ok(_) => NoAnswer::Wall,
                }))
            }
        }
    }
}
