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

fn main() -> ExitCode {
    // A process that runs the scripts of flows has no use for what is set up for all else.
    if std::env::args_os().nth(1).is_some_and(|command| command == script::WORKER) {
        return script::work();
    }
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    cli::run().await
}
