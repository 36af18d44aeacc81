//! Memory: idle, and with a long backlog to a receiver that is down.

use super::{Database, Rig, bar};
use bench::{
    Result,
    figures::{Figure, Target},
    sender::{Events, Sender},
};
use std::{net::TcpListener, time::Duration};
use tokio::time::sleep;

const BACKLOG: usize = 1_000_000;
const BATCH: usize = 500;
const CONNECTIONS: usize = 8;
/// How long a server does nothing before its memory is read.
const IDLE: Duration = Duration::from_secs(5);
/// How many events are made at once, so that the benchmark itself stays small.
const MADE: usize = 50_000;

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("memory", of).await;
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

    // A port where nobody listens any more.
    let down = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let queue = installation.telling(down).await?;
    let sender = Sender::to(&installation)?;
    let shown = bar(&format!("backlog, {database}"), BACKLOG);
    let mut turned_away = 0;
    for first in (0..BACKLOG).step_by(MADE) {
        let bodies = Events::to(queue).batches(first..first + MADE, BATCH);
        let progress = shown.clone();
        let flood =
            sender.flood(bodies, BATCH, CONNECTIONS, move |events| progress.inc(events)).await?;
        turned_away += flood.turned_away;
    }
    shown.finish_and_clear();
    sleep(IDLE).await;
    let (now, most) = (installation.memory(0, "VmRSS")?, installation.memory(0, "VmHWM")?);
    let note = format!("at most {most:.0} MiB; turned away {turned_away} times");
    let target = Target::AtMost(300.0);
    rig.tell(
        Figure::new("memory, 1,000,000 waiting", &on, now, "MiB").to_reach(target).noted(note),
    );
    Ok(())
}
