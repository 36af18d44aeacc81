//! What is measured, each in a file of its name.

pub mod ceiling;
pub mod flows;
pub mod growth;
pub mod intake;
pub mod latency;
pub mod long_read;
pub mod memory;
pub mod nodes;
pub mod scripts;
pub mod sustained;
pub mod variants;

use bench::{
    Result,
    figures::Figure,
    installation::{Installation, program},
    postgres::Fresh,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{fmt, path::PathBuf, time::Duration};

/// How long nothing may arrive before a benchmark gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A database to measure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// What the benchmarks of one run share.
pub struct Rig {
    program: PathBuf,
    pub figures: Vec<Figure>,
    /// Requests/s of the bare client, once measured.
    ceiling: Option<f64>,
    /// Events/s sustained on each database, once measured.
    sustained: Vec<(Database, f64)>,
}

impl Rig {
    /// Finds the program.
    pub fn new() -> Result<Self> {
        let program = program()?;
        Ok(Self { program, figures: Vec::new(), ceiling: None, sustained: Vec::new() })
    }

    /// Tells a figure, and keeps it for the report.
    pub fn tell(&mut self, figure: Figure) {
        println!("  {}", figure.to_string().trim_end());
        self.figures.push(figure);
    }

    /// A new installation on this database, which nothing serves yet.
    pub fn installation(&self, database: Database) -> Result<Installation> {
        match database {
            Database::Sqlite => Installation::on_sqlite(&self.program),
            Database::Postgres => Installation::on_postgres(&self.program, Fresh::make()?),
        }
    }

    /// Measures on each database, and tells which could not be measured.
    pub async fn on_each(
        &mut self,
        name: &str,
        measure: impl AsyncFn(&mut Self, Database) -> Result<()>,
    ) {
        for database in Database::ALL {
            if let Err(error) = measure(self, database).await {
                self.tell(Figure::missing(name, database.to_string(), error));
            }
        }
    }
}

/// A bar on the screen, where there is one.
pub fn bar(what: &str, length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length as u64).with_message(what.to_owned());
    let style = "  {msg:28} {bar:30} {pos:>9}/{len} {per_sec:>14} {eta:>5}";
    bar.with_style(ProgressStyle::with_template(style).unwrap_or(ProgressStyle::default_bar()))
}
