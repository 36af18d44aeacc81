//! One worker process, as the pool holds it. Dropping it kills it.

use crate::wire::{self, Answer, Setup};
use rustix::process::Signal;
use std::{
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// What an answer holds beside its value, at most, in bytes.
const AROUND: usize = 8 << 10;

pub struct Process {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it has still to be told before the first request.
    setup: Option<Vec<u8>>,
    answer_max: usize,
}

/// Why a process did not answer.
#[derive(Debug)]
pub enum Gone {
    /// It ended itself because the script used up its processor time inside a built-in.
    Cpu,
    /// Anything else, in words.
    Lost(String),
}

impl Process {
    /// Starts one; when it is ready [`Process::ready`] says.
    pub fn start(program: &Path, setup: Setup) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(crate::WORKER)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A terminal's Ctrl-C is for the server, which lets what runs end.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, answers) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            requests,
            answers: BufReader::new(answers),
            setup: Some(wire::frame(&setup)?),
            answer_max: setup.result + AROUND,
        })
    }

    /// Waits until it can take a request. An error means that it is gone, through no fault of what
    /// is to run next.
    pub async fn ready(&mut self) -> io::Result<()> {
        if let Some(setup) = self.setup.take() {
            self.requests.write_all(&setup).await?;
        }
        match self.answers.read_u32_le().await? {
            0 => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Sends a request and waits for its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Gone> {
        match self.exchange(request).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.gone(&error).await),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.requests.write_all(request).await?;
        let length = self.answers.read_u32_le().await? as usize;
        if length > self.answer_max {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its answer is too long"));
        }
        let mut bytes = vec![0; length];
        self.answers.read_exact(&mut bytes).await?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    async fn gone(&mut self, error: &io::Error) -> Gone {
        // Where its pipes are closed it has ended, or is about to.
        self.child.start_kill().ok();
        match self.child.wait().await {
            Ok(status) if status.signal() == Some(Signal::XCPU.as_raw()) => Gone::Cpu,
            Ok(status) if is_by_itself(status) => Gone::Lost(status.to_string()),
            _ => Gone::Lost(error.to_string()),
        }
    }
}

/// Whether it was not us who killed it.
fn is_by_itself(status: ExitStatus) -> bool {
    status.signal() != Some(Signal::KILL.as_raw())
}
