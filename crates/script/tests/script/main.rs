//! Scripts in real worker processes, through the pool.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod crowd;
mod hostile;
mod isolation;
mod sources;
mod support;
mod values;
mod zones;
