//! The commands.

mod chores;
mod copy;
mod import;
mod manage;
mod sample;
mod serve;
mod simulate;

use crate::config::{self, Config, Given};
use admin::{Admin, NothingRuns};
use clap::{Parser, Subcommand};
use std::{error::Error, io::IsTerminal, process::ExitCode, sync::Arc};
use storage::{Forgotten, Storage, Use, copy::check_ended};
use tracing_subscriber::EnvFilter;

/// When something happens in a queue, run the flow that a person chose, and be able to say what
/// happened.
#[derive(Parser)]
#[command(name = "offhook", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    given: Given,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run panel, API and engine
    Serve,
    /// Bring the database up to date
    Migrate,
    /// Copy everything from one database to another
    Copy(copy::Args),
    /// Forget secrets, encrypted variables and mail passwords whose key is lost
    ForgetSealed {
        /// Really: what is forgotten cannot be read again
        #[arg(long)]
        yes: bool,
    },
    /// Print a commented settings file with the defaults
    Config,
    /// Print the version
    Version,
    /// Manage users
    User {
        #[command(subcommand)]
        act: manage::User,
    },
    /// Manage API tokens
    Token {
        #[command(subcommand)]
        act: manage::Token,
    },
    /// Make flows of files, and report what becomes of each step
    Import(import::Args),
    /// Load the sample contact centre
    Sample(sample::Args),
    /// Play a contact centre's traffic through the public API
    Simulate(simulate::Args),
}

/// Runs the command; a failure is said on standard error with its causes.
pub async fn run() -> ExitCode {
    // The one cryptography provider of the whole program.
    rustls::crypto::ring::default_provider().install_default().ok();
    let cli = Cli::parse();
    match carry_out(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("offhook: {error}");
            let mut cause = error.source();
            while let Some(one) = cause {
                eprintln!("  because: {one}");
                cause = one.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(cli: Cli) -> Result<(), Box<dyn Error>> {
    match cli.command {
        Command::Config => print!("{}", config::DEFAULT_FILE),
        Command::Version => println!("offhook {}", env!("CARGO_PKG_VERSION")),
        Command::Copy(args) => {
            log_to_stderr("warn");
            copy::run(args).await?;
        }
        Command::Simulate(args) => {
            log_to_stderr("warn");
            simulate::run(args).await?;
        }
        Command::Serve => {
            let config = Config::load(&cli.given)?;
            log_to_stderr(&config.log.0);
            serve::run(config).await?;
        }
        Command::Migrate => {
            let storage = storage::open(&Config::load(&cli.given)?.database_url).await?;
            let applied = storage.migrate().await?;
            if applied.is_empty() {
                println!("the database is up to date");
            }
            applied.iter().for_each(|name| println!("applied {name}"));
        }
        Command::ForgetSealed { yes: false } => {
            return Err(
                "it forgets all secrets, encrypted variables and mail passwords, for good: say \
                        --yes, or put the key file in its place"
                    .into(),
            );
        }
        Command::ForgetSealed { yes: true } => {
            let storage = open(&cli.given).await?;
            let _claim = storage.claim(Use::Alone).await?;
            let Forgotten { secrets, variables, passwords } = storage.forget_sealed().await?;
            println!(
                "forgotten: {secrets} secrets, {variables} variables, {passwords} mail passwords; the \
                 next start makes a new key"
            );
        }
        Command::User { act } => {
            let public_url = Config::load(&cli.given)?.public_url;
            manage::user(open(&cli.given).await?, act, public_url.as_str()).await?;
        }
        Command::Token { act } => manage::token(open(&cli.given).await?, act).await?,
        Command::Import(args) if args.only_reports() => import::run(args, None).await?,
        Command::Import(args) => {
            let admin = Admin::new(open(&cli.given).await?, Arc::new(NothingRuns));
            import::run(args, Some(&admin)).await?;
        }
        Command::Sample(args) => {
            let storage = open(&cli.given).await?;
            let admin = Admin::new(storage.clone(), Arc::new(NothingRuns));
            sample::run(args, &admin, &*storage).await?;
        }
    }
    Ok(())
}

/// Opens the database, brought up to date.
async fn open(given: &Given) -> Result<Arc<dyn Storage>, Box<dyn Error>> {
    let config = Config::load(given)?;
    log_to_stderr("warn");
    let storage = storage::open(&config.database_url).await?;
    for name in storage.migrate().await? {
        eprintln!("applied {name}");
    }
    check_ended(&*storage).await?;
    Ok(storage)
}

/// Logs to standard error, in colours where somebody sees them; the filter has been checked where it
/// comes from a person.
fn log_to_stderr(filter: &str) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(!plain && std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}
