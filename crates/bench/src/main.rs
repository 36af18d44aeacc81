//! Benchmarks, each by its name: `bench sustained latency`. Without names all short ones.
//!
//! To add one: a module in `measures` with an `async fn run(&mut Rig)`, and its name in [`Name`].

mod fill;
mod lists;
mod measures;
mod report;

use bench::{Result, figures::Report, machine::Machine};
use clap::{Parser, ValueEnum};
use measures::{
    Rig, ceiling, flows, growth, intake, latency, long_read, memory, nodes, scripts, sustained,
    variants,
};
use std::{path::PathBuf, process::ExitCode};

/// Measures a release.
#[derive(Parser)]
struct Arguments {
    /// Which benchmarks; all short ones without any
    names: Vec<Name>,
    /// Where to write what was measured as JSON
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// The bare client against the receiver
    Ceiling,
    /// Events posted while dispatch runs
    Sustained,
    /// Events that fire nothing
    Intake,
    /// From posted to received
    Latency,
    /// The interpreter, and flows of three requests
    Flows,
    /// JavaScript of flows, alone and beside hostile scripts
    Scripts,
    /// Idle, and with a long backlog
    Memory,
    /// Fan-out, slow receivers, large bodies, long flows, calls
    Variants,
    /// One, two, three nodes on one database
    Nodes,
    /// The sustained rate beside a transaction that reads for long
    LongRead,
    /// The same with a long log; takes long
    Growth,
    /// The panel's lists in a large installation
    Lists,
}

impl Name {
    /// Those that take minutes at most.
    const SHORT: [Self; 9] = [
        Self::Ceiling,
        Self::Sustained,
        Self::Intake,
        Self::Latency,
        Self::Flows,
        Self::Scripts,
        Self::Memory,
        Self::LongRead,
        Self::Lists,
    ];

    async fn run(self, rig: &mut Rig) -> Result<()> {
        match self {
            Self::Ceiling => ceiling::of(rig).await.map(drop),
            Self::Sustained => sustained::run(rig).await,
            Self::Intake => intake::run(rig).await,
            Self::Latency => latency::run(rig).await,
            Self::Flows => flows::run(rig).await,
            Self::Scripts => scripts::run(rig).await,
            Self::Memory => memory::run(rig).await,
            Self::Variants => variants::run(rig).await,
            Self::Nodes => nodes::run(rig).await,
            Self::LongRead => long_read::run(rig).await,
            Self::Growth => growth::run(rig).await,
            Self::Lists => lists::run().await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let names = if arguments.names.is_empty() { Name::SHORT.to_vec() } else { arguments.names };
    let machine = Machine::read();
    let mut rig = Rig::new()?;
    for name in names {
        println!(
            "{}",
            name.to_possible_value().map_or(String::new(), |name| name.get_name().into())
        );
        name.run(&mut rig).await?;
    }
    let report = Report { machine, figures: rig.figures };
    println!("\n{report}");
    if let Some(path) = arguments.json {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, serde_json::to_vec_pretty(&report)?)?;
        println!("as JSON: {}", path.display());
    }
    Ok(())
}
