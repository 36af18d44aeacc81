//! Benchmarks, each by its name: `bench lists`. A benchmark fills a database in a temporary folder,
//! times what a person waits for, and prints a table.
//!
//! To add one: a module with an `async fn run()`, and its name in [`run`].

mod fill;
mod lists;
mod report;

use std::{error::Error, process::ExitCode};

/// Whatever goes wrong ends the benchmark.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

const NAMES: &str = "lists";

#[tokio::main]
async fn main() -> ExitCode {
    let names: Vec<_> = std::env::args().skip(1).collect();
    let names = if names.is_empty() { vec![NAMES.to_owned()] } else { names };
    for name in names {
        if let Err(error) = run(&name).await {
            eprintln!("error: {name}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

async fn run(name: &str) -> Result<()> {
    match name {
        "lists" => lists::run().await,
        _ => Err(format!("there is no such benchmark; there are: {NAMES}").into()),
    }
}
