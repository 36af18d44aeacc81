//! The binary `offhook`: panel, API and engine in one.

#![recursion_limit = "512"]

mod cli;
mod config;
mod http;
mod receiver;

use std::process::ExitCode;

/// What one thread allocates another frees, for each event and each attempt; glibc's allocator
/// spends a third of the engine's time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
