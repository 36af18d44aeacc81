//! What pool and worker say to each other: a length of four bytes, little-endian, and so many bytes
//! of JSON. The pool sends [`Setup`] once. The worker sends an empty frame whenever it is ready; to
//! each [`Request`] it sends one [`Answer`].

use crate::script::Kind;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{self, Read, Write};

/// How the worker is to be, for as long as it lives.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Setup {
    /// What one script may use, in bytes.
    pub memory: usize,
    /// How long a value may be as JSON, in bytes.
    pub result: usize,
    /// By how much it stands behind others that want the processor: 0 to 19.
    pub niceness: i32,
}

/// A script to run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub kind: Kind,
    pub source: String,
    pub bindings: Vec<(String, Box<RawValue>)>,
    pub zone: String,
    /// The processor time that it may use, in µs.
    pub cpu_us: u64,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The processor time that was used, in µs.
    pub cpu_us: u64,
    pub outcome: Outcome,
}

/// The value as JSON, or why there is none.
#[derive(Debug, Serialize, Deserialize)]
pub enum Outcome {
    Value(Box<RawValue>),
    Cpu,
    Memory,
    Recursion,
    ResultSize,
    Zone,
    Exception { message: String, line: Option<u32> },
}

/// A frame with this message.
pub fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| io::ErrorKind::FileTooLarge)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Reads a frame's content; nothing at the end of the stream.
pub fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// Says that the worker is ready.
pub fn write_ready(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&[0; 4])
}
