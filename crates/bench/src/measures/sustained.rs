//! The sustained rate: events posted while what they fire is delivered, with the whole log kept.

use super::{Database, PATIENCE, Rig, bar, ceiling};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::{Installation, request},
    receiver::{Arrivals, Manner, Receiver},
    sender::{Events, Sender},
};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub const EVENTS: usize = 100_000;
pub const BATCH: usize = 100;
pub const CONNECTIONS: usize = 8;

/// The share of the ceiling to reach.
fn share(database: Database) -> f64 {
    match database {
        Database::Sqlite => 0.25,
        Database::Postgres => 0.15,
    }
}

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("sustained rate", async |rig, database| of(rig, database).await.map(drop)).await;
    Ok(())
}

/// Measures it once for a database, however often it is asked for.
pub async fn of(rig: &mut Rig, database: Database) -> Result<f64> {
    if let Some((_, rate)) = rig.sustained.iter().find(|(of, _)| *of == database) {
        return Ok(*rate);
    }
    let mut installation = rig.installation(database)?;
    let ceiling = ceiling::of(rig).await?;
    installation.serve().await?;
    let run = flood(&installation, &format!("sustained, {database}"), EVENTS, Events::to).await?;
    let target = Target::AtLeast(ceiling * share(database));
    let note = format!(
        "{:.1} % of the ceiling; {:.0} µs of processor time an event; all accepted after {:.1} s, \
         all arrived after {:.1} s{}",
        run.rate / ceiling * 100.0,
        run.processor_us,
        run.accepted,
        run.arrived,
        run.told()
    );
    let on = database.to_string();
    rig.tell(Figure::new("sustained rate", on, run.rate, "events/s").to_reach(target).noted(note));
    rig.sustained.push((database, run.rate));
    Ok(run.rate)
}

/// What a flood of events came to.
pub struct Run {
    /// Events/s, from the first post to the last arrival.
    pub rate: f64,
    /// Seconds until all were accepted, and until all had arrived.
    pub accepted: f64,
    pub arrived: f64,
    /// Microseconds of processor time that the server used for each event.
    pub processor_us: f64,
    pub repeated: usize,
    pub turned_away: usize,
}

impl Run {
    /// What should not have been, as words that follow others.
    pub fn told(&self) -> String {
        let mut told = String::new();
        if self.repeated > 0 {
            told += &format!("; {} repeated", self.repeated);
        }
        if self.turned_away > 0 {
            told += &format!("; turned away {} times", self.turned_away);
        }
        told
    }
}

/// Posts events to a queue with one hook while dispatch runs, and waits for the last one.
pub async fn flood(
    installation: &Installation,
    what: &str,
    events: usize,
    shape: impl Fn(i64) -> Events,
) -> Result<Run> {
    flood_of(installation, what, events, shape, |receiver| json!([request(receiver)])).await
}

/// The same, with a flow of these steps.
pub async fn flood_of(
    installation: &Installation,
    what: &str,
    events: usize,
    shape: impl Fn(i64) -> Events,
    steps: impl Fn(SocketAddr) -> Value,
) -> Result<Run> {
    let arrivals = Arrivals::of(events);
    let receiver = Receiver::start(arrivals.clone(), Manner::default())?;
    let queue = installation.running(receiver.addr, &steps(receiver.addr)).await?;
    let bodies = shape(queue).batches(0..events, BATCH);
    let sender = Sender::to(installation)?;
    let bar = bar(what, events);
    let before = installation.processor()?;
    let flood = sender.flood(bodies, BATCH, CONNECTIONS, |_| {}).await?;
    arrivals.all(events, PATIENCE, |seen| bar.set_position(seen as u64)).await?;
    bar.finish_and_clear();
    let arrived = arrivals.latest().duration_since(flood.begun).as_secs_f64();
    Ok(Run {
        rate: events as f64 / arrived,
        accepted: flood.took.as_secs_f64(),
        arrived,
        processor_us: (installation.processor()? - before) / events as f64 * 1e6,
        repeated: arrivals.repeated(),
        turned_away: flood.turned_away,
    })
}
