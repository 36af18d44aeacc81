//! Other shapes of work than one small event, one hook, one request: fan-out, slow receivers, large
//! bodies, long flows, calls with several events. Told, without targets.

use super::{
    Database, PATIENCE, Rig, bar, latency,
    sustained::{self, BATCH, CONNECTIONS},
};
use bench::{
    Result,
    figures::Figure,
    installation::{Installation, request},
    receiver::{Arrivals, Manner, Receiver},
    sender::{Events, Sender},
};
use serde_json::{Value, json};
use std::time::Duration;

const HOOKS: usize = 20;
const FANNED: usize = 5_000;
const LARGE: usize = 2_000;
const BODY: usize = 64 << 10;
const STEPS: usize = 20;
const STEPPED: usize = 20_000;
const CALLED: usize = 50_000;
const OF_A_CALL: usize = 10;
const FAST: usize = 50;
const SLOW_RATE: f64 = 510.0;
const SLOW_SECONDS: f64 = 15.0;

pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("fan-out, 20 hooks", fan_out).await;
    rig.on_each("slow receiver beside fast ones", slow).await;
    rig.on_each("bodies of 64 KiB", large).await;
    rig.on_each("flows of 20 steps", steps).await;
    rig.on_each("calls of 10 events, in order", calls).await;
    Ok(())
}

async fn served(rig: &Rig, database: Database) -> Result<Installation> {
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    Ok(installation)
}

async fn fan_out(rig: &mut Rig, database: Database) -> Result<()> {
    let installation = served(rig, database).await?;
    let arrivals = Arrivals::of(FANNED);
    let receiver = Receiver::start(arrivals.clone(), Manner::default())?;
    let queue = installation.queue("Fan-out").await?;
    for number in 0..HOOKS {
        let steps = json!([request(receiver.addr)]);
        let flow = installation.flow(&format!("Tell {number}"), &steps).await?;
        installation.hook(queue, flow).await?;
    }
    let bodies = Events::to(queue).batches(0..FANNED, BATCH);
    let shown = bar(&format!("fan-out, {database}"), FANNED * HOOKS);
    let flood = Sender::to(&installation)?.flood(bodies, BATCH, CONNECTIONS, |_| {}).await?;
    let progress = |seen| shown.set_position(seen as u64);
    arrivals.until(FANNED * HOOKS, Arrivals::total, PATIENCE, progress).await?;
    shown.finish_and_clear();
    let rate =
        (FANNED * HOOKS) as f64 / arrivals.latest().duration_since(flood.begun).as_secs_f64();
    rig.tell(Figure::new("fan-out, 20 hooks", database.to_string(), rate, "deliv./s"));
    Ok(())
}

/// Fifty receivers that take 5 ms, alone and beside one that takes 10 s.
async fn slow(rig: &mut Rig, database: Database) -> Result<()> {
    for (what, with_slow) in
        [("fast receivers alone, p99", false), ("beside a slow one, p99", true)]
    {
        let installation = served(rig, database).await?;
        let events = latency::events(SLOW_RATE, SLOW_SECONDS, 1);
        let (fast, slow) = (Arrivals::of(events), Arrivals::of(events));
        let receiver = Receiver::start(slow, Manner { delay: Duration::from_secs(10) })?;
        let mut queues = Vec::new();
        for _ in 0..FAST {
            let quick = Manner { delay: Duration::from_millis(5) };
            queues.push(installation.telling(receiver.also(fast.clone(), quick)?).await?);
        }
        if with_slow {
            queues.push(installation.telling(receiver.addr).await?);
        }
        let load = latency::Load { rate: SLOW_RATE, batch: 1, queues: &queues, of: FAST };
        let told = latency::of_load(&installation, &fast, events, load, database).await?;
        let note = format!("p50 {:.1} ms", told.p50);
        rig.tell(Figure::new(what, database.to_string(), told.p99, "ms").noted(note));
    }
    Ok(())
}

async fn large(rig: &mut Rig, database: Database) -> Result<()> {
    let installation = served(rig, database).await?;
    let shape = |queue| Events { ballast: BODY, ..Events::to(queue) };
    let run = sustained::flood(&installation, &format!("64 KiB, {database}"), LARGE, shape).await?;
    let on = database.to_string();
    rig.tell(Figure::new("bodies of 64 KiB", on, run.rate, "events/s").noted(run.told()));
    Ok(())
}

async fn steps(rig: &mut Rig, database: Database) -> Result<()> {
    let installation = served(rig, database).await?;
    let shape = Events::to;
    let steps = |receiver| {
        let set = |number| json!({"set": {(format!("step_{number}")): "${key}"}});
        (1..STEPS).map(set).chain([request(receiver)]).collect::<Value>()
    };
    let what = format!("20 steps, {database}");
    let run = sustained::flood_of(&installation, &what, STEPPED, shape, steps).await?;
    let on = database.to_string();
    rig.tell(Figure::new("flows of 20 steps", on, run.rate, "events/s").noted(run.told()));
    Ok(())
}

async fn calls(rig: &mut Rig, database: Database) -> Result<()> {
    let installation = served(rig, database).await?;
    let shape = |queue| Events { of_a_call: OF_A_CALL, ..Events::to(queue) };
    let run = sustained::flood(&installation, &format!("calls, {database}"), CALLED, shape).await?;
    let on = database.to_string();
    rig.tell(
        Figure::new("calls of 10 events, in order", on, run.rate, "events/s").noted(run.told()),
    );
    Ok(())
}
