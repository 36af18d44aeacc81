//! Latency: from the moment an event is posted to the moment its request is received.

use super::{Database, PATIENCE, Rig, bar, sustained};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::Installation,
    receiver::{Arrivals, Manner, Receiver},
    sender::{Events, Sender},
};
use std::{
    fmt::Display,
    time::{Duration, Instant},
};
use tokio::task::{JoinSet, block_in_place};

const CALM_RATE: f64 = 50.0;
const CALM_SECONDS: f64 = 20.0;
const BUSY_SECONDS: f64 = 10.0;
/// Events of a post while it is busy, as in the sustained rate.
const BUSY_BATCH: usize = 100;

/// The half and all but a hundredth of what was measured, in ms.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
}

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("latency", of).await;
    Ok(())
}

async fn of(rig: &mut Rig, database: Database) -> Result<()> {
    let on = database.to_string();
    let sustained = sustained::of(rig, database).await?;
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    let calm = at(&installation, CALM_RATE, CALM_SECONDS, 1, &on).await?;
    let (half, most) = (Target::AtMost(3.0), Target::AtMost(15.0));
    rig.tell(Figure::new("latency at 50 events/s, p50", &on, calm.p50, "ms").to_reach(half));
    rig.tell(Figure::new("latency at 50 events/s, p99", &on, calm.p99, "ms").to_reach(most));
    let rate = sustained / 2.0;
    let busy = at(&installation, rate, BUSY_SECONDS, BUSY_BATCH, &on).await?;
    let note = format!("{rate:.0} events/s in batches of {BUSY_BATCH}");
    rig.tell(Figure::new("latency at half the rate, p50", &on, busy.p50, "ms").noted(note));
    let target = Target::AtMost(50.0);
    rig.tell(Figure::new("latency at half the rate, p99", &on, busy.p99, "ms").to_reach(target));
    Ok(())
}

/// Sleeps until this moment. The runtime's own timer goes by the millisecond, and would be part of what
/// is measured.
fn sleep_precisely(until: Instant) {
    block_in_place(|| std::thread::sleep(until.saturating_duration_since(Instant::now())));
}

/// How many events such a load has: whole posts.
pub fn events(rate: f64, seconds: f64, batch: usize) -> usize {
    (rate * seconds / batch as f64).ceil() as usize * batch
}

/// Posts to one hook at a steady rate, whatever comes back, and times each event.
pub async fn at(
    installation: &Installation,
    rate: f64,
    seconds: f64,
    batch: usize,
    on: &str,
) -> Result<Latency> {
    let events = events(rate, seconds, batch);
    let arrivals = Arrivals::of(events);
    let receiver = Receiver::start(arrivals.clone(), Manner::default())?;
    let queues = [installation.telling(receiver.addr).await?];
    let load = Load { rate, batch, queues: &queues, of: 1 };
    of_load(installation, &arrivals, events, load, on).await
}

/// A steady load.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// Events/s.
    pub rate: f64,
    /// Events of each post.
    pub batch: usize,
    /// Which queues the posts go to, in turn.
    pub queues: &'a [i64],
    /// How many of these, the first ones, are timed.
    pub of: usize,
}

/// Posts so many events in this way, and times those that count.
pub async fn of_load(
    installation: &Installation,
    arrivals: &Arrivals,
    events: usize,
    load: Load<'_>,
    on: impl Display,
) -> Result<Latency> {
    let Load { rate, batch, queues, of } = load;
    let sender = Sender::to(installation)?;
    let shown = bar(&format!("latency, {on}"), events);
    let mut posted = Vec::with_capacity(events / batch);
    let mut answers = JoinSet::new();
    let begun = Instant::now();
    for post in 0..events / batch {
        let shape = Events::to(queues[post % queues.len()]);
        let keys = post * batch..(post + 1) * batch;
        let body =
            if batch == 1 { shape.single(post) } else { shape.batches(keys, batch).swap_remove(0) };
        let due = begun + Duration::from_secs_f64(post as f64 * batch as f64 / rate);
        sleep_precisely(due);
        // What is late counts from when it was due: a sender that is held up hides nothing.
        posted.push(due);
        let sender = sender.clone();
        answers.spawn(async move { sender.post(body, batch).await });
        shown.set_position(arrivals.seen() as u64);
    }
    while let Some(answer) = answers.join_next().await {
        answer??;
    }
    let counts = |key: &usize| key / batch % queues.len() < of;
    let counted: Vec<_> = (0..events).filter(counts).collect();
    arrivals.all(counted.len(), PATIENCE, |seen| shown.set_position(seen as u64)).await?;
    shown.finish_and_clear();
    let took = |key: &usize| Some(arrivals.at(*key)?.duration_since(posted[key / batch]));
    let mut all: Vec<_> = counted.iter().filter_map(took).collect();
    all.sort();
    let share = |share: f64| {
        let at = ((all.len() as f64 * share).ceil() as usize).saturating_sub(1);
        all.get(at).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    };
    Ok(Latency { p50: share(0.5), p99: share(0.99) })
}
