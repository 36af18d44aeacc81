//! The binary `offhook`: panel, API and engine in one.

#![recursion_limit = "512"]

mod cli;
mod config;
mod http;
mod receiver;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
