//! On PostgreSQL: the sustained rate while somebody else's transaction reads for long, so that no dead
//! row is cleared away.

use super::{Database, Rig, sustained};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::Installation,
    sender::Events,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const EVENTS: usize = 50_000;
/// For how long it reads, unless `OFFHOOK_BENCH_READ` says otherwise.
const READS: Duration = Duration::from_secs(60);
const VARIABLE: &str = "OFFHOOK_BENCH_READ";
/// The share of the rate that is to be kept.
const KEPT: f64 = 0.75;

/// Measures it.
pub async fn run(rig: &mut Rig) -> Result<()> {
    let on = Database::Postgres.to_string();
    if let Err(error) = of(rig, &on).await {
        rig.tell(Figure::missing("sustained beside a long read", on, error));
    }
    Ok(())
}

async fn of(rig: &mut Rig, on: &str) -> Result<()> {
    let reads = match std::env::var(VARIABLE) {
        Ok(said) => Duration::from_secs(said.parse()?),
        Err(_) => READS,
    };
    let mut installation = rig.installation(Database::Postgres)?;
    installation.serve().await?;
    let alone = flood(&installation, "alone").await?;
    rig.tell(Figure::new("sustained, nobody reads for long", on, alone, "events/s"));
    let _reader = Reader::begin(&installation.database)?;
    let begun = Instant::now();
    let mut beside = flood(&installation, "beside a long read").await?;
    while begun.elapsed() < reads {
        beside = flood(&installation, "beside a long read").await?;
    }
    let note = format!("the last {EVENTS} of {:.0} s of reading", begun.elapsed().as_secs_f64());
    let figure = Figure::new("sustained beside a long read", on, beside, "events/s").noted(note);
    rig.tell(figure.to_reach(Target::AtLeast(alone * KEPT)));
    Ok(())
}

async fn flood(installation: &Installation, how: &str) -> Result<f64> {
    Ok(sustained::flood(installation, &format!("sustained, {how}"), EVENTS, Events::to).await?.rate)
}

/// A transaction that sees the database as it was when it began, until this is dropped.
struct Reader(Child);

impl Reader {
    fn begin(database: &str) -> Result<Self> {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", database]);
        let child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut reader = Self(child.map_err(|error| format!("psql cannot be run: {error}"))?);
        let (stdin, stdout) = (reader.0.stdin.as_mut(), reader.0.stdout.as_mut());
        let (stdin, stdout) = stdin.zip(stdout).ok_or("psql is not to be spoken to")?;
        stdin
            .write_all(b"BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT COUNT(*) FROM queues;\n")?;
        stdin.flush()?;
        let mut line = String::new();
        // What it answers shows that it has begun.
        if BufReader::new(stdout).read_line(&mut line)? == 0 {
            return Err("psql has ended before it read anything".into());
        }
        Ok(reader)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
