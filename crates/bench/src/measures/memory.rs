//! Memory: idle, and with a long backlog, and one of heavy events, to a receiver that is down.

use super::{Database, Rig, bar};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::Installation,
    sender::{Events, Sender},
};
use std::{net::TcpListener, time::Duration};
use tokio::time::sleep;

const BACKLOG: usize = 1_000_000;
const BATCH: usize = 500;
const CONNECTIONS: usize = 8;
/// Heavy events: how many, how many bytes each, how many to a body.
const HEAVY: usize = 5_000;
const WEIGHT: usize = 200 << 10;
const HEAVY_BATCH: usize = 20;
/// How many of them are made at once.
const HEAVY_MADE: usize = 500;
/// How long a server does nothing before its memory is read.
const IDLE: Duration = Duration::from_secs(5);
/// How many events are made at once, so that the benchmark itself stays small.
const MADE: usize = 50_000;

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("memory", of).await;
    rig.on_each("memory, heavy events", of_heavy).await;
    Ok(())
}

async fn of(rig: &mut Rig, database: Database) -> Result<()> {
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    let on = database.to_string();
    sleep(IDLE).await;
    let idle = installation.memory(0, "VmRSS")?;
    let target = Target::AtMost(60.0);
    rig.tell(Figure::new("memory, idle", &on, idle, "MiB").to_reach(target));

    let what = format!("backlog, {database}");
    let turned_away = fill(&mut installation, &what, BACKLOG, MADE, BATCH, 0).await?;
    sleep(IDLE).await;
    let (now, most) = (installation.memory(0, "VmRSS")?, installation.memory(0, "VmHWM")?);
    let note = format!("at most {most:.0} MiB; turned away {turned_away} times");
    let target = Target::AtMost(300.0);
    rig.tell(
        Figure::new("memory, 1,000,000 waiting", &on, now, "MiB").to_reach(target).noted(note),
    );
    Ok(())
}

async fn of_heavy(rig: &mut Rig, database: Database) -> Result<()> {
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    let what = format!("heavy backlog, {database}");
    fill(&mut installation, &what, HEAVY, HEAVY_MADE, HEAVY_BATCH, WEIGHT).await?;
    sleep(IDLE).await;
    let (now, most) = (installation.memory(0, "VmRSS")?, installation.memory(0, "VmHWM")?);
    let name = format!("memory, {HEAVY} of {} KiB waiting", WEIGHT >> 10);
    let figure =
        Figure::new(name, database.to_string(), now, "MiB").to_reach(Target::AtMost(300.0));
    rig.tell(figure.noted(format!("at most {most:.0} MiB")));
    Ok(())
}

/// Posts so many events for a port where nobody listens, with so many bytes of ballast each, made and
/// posted so many at once; how often they were turned away.
async fn fill(
    installation: &mut Installation,
    what: &str,
    events: usize,
    made: usize,
    batch: usize,
    ballast: usize,
) -> Result<usize> {
    let down = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let queue = installation.telling(down).await?;
    let sender = Sender::to(installation)?;
    let shown = bar(what, events);
    let mut turned_away = 0;
    for first in (0..events).step_by(made) {
        let shape = Events { ballast, ..Events::to(queue) };
        let bodies = shape.batches(first..first + made, batch);
        let progress = shown.clone();
        let flood =
            sender.flood(bodies, batch, CONNECTIONS, move |events| progress.inc(events)).await?;
        turned_away += flood.turned_away;
    }
    shown.finish_and_clear();
    Ok(turned_away)
}
