//! Failures, injected into the real server: `chaos kills torn`. Without names all of them. Ends
//! with 1 when anything was lost, repeated without a cause, doubled, or out of order.

use bench::{
    Result,
    chaos::{Form, Scenario, Setting},
    installation::program,
};
use clap::{Parser, ValueEnum};
use std::{process::ExitCode, time::Instant};

/// Injects failures, and counts what came of it at the receiver.
#[derive(Parser)]
struct Arguments {
    /// Which scenarios; all without any
    scenarios: Vec<Scenario>,
    /// Seconds for each, as in the tests
    #[arg(long)]
    short: bool,
    /// What the random choices depend on
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything held.
async fn run(arguments: Arguments) -> Result<bool> {
    let form = if arguments.short { Form::Short } else { Form::Long };
    let setting = Setting { program: program()?, form, seed: arguments.seed };
    let asked = arguments.scenarios;
    let scenarios = if asked.is_empty() { Scenario::ALL.to_vec() } else { asked };
    println!("seed {}", setting.seed);
    let mut all_hold = true;
    for scenario in scenarios {
        let name = scenario.to_possible_value();
        let name = name.map_or(String::new(), |name| name.get_name().to_owned());
        if let Some(lacking) = scenario.lacks() {
            println!("{name:19} not run: {lacking}");
            continue;
        }
        let begun = Instant::now();
        let (holds, told) = match scenario.run(&setting).await {
            Ok(verdict) => (verdict.holds(), verdict.to_string()),
            Err(error) => (false, error.to_string()),
        };
        let word = if holds { "holds" } else { "FAILS" };
        println!("{name:19} {word} {:>4.0} s {told}", begun.elapsed().as_secs_f64());
        all_hold &= holds;
    }
    Ok(all_hold)
}
