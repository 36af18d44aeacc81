//! Growth: the same figures with a long log, which is written straight into the tables.

use super::{Database, Rig, latency, sustained};
use crate::fill::{self, Wired};
use bench::{
    Result,
    figures::{Figure, Target},
    installation::{Installation, request},
    receiver::{Arrivals, Manner, Receiver},
    sender::Events,
};
use model::{
    catalog::EventKind,
    ids::{FlowId, HookId, QueueId},
};
use serde_json::json;
use std::time::{Duration, Instant};

/// How many deliveries, unless `OFFHOOK_BENCH_LOG` says otherwise.
const DELIVERIES: usize = 10_000_000;
const VARIABLE: &str = "OFFHOOK_BENCH_LOG";
/// The share of the rate and of the speed that is to be kept.
const KEPT: f64 = 0.85;
/// What a page of the log may take, in ms.
const PAGE_MS: f64 = 50.0;
const ASKED: usize = 30;
const EVENTS: usize = 50_000;

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("growth", of).await;
    Ok(())
}

async fn of(rig: &mut Rig, database: Database) -> Result<()> {
    let deliveries = match std::env::var(VARIABLE) {
        Ok(said) => said.parse()?,
        Err(_) => DELIVERIES,
    };
    let on = database.to_string();
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    let before = figures(&installation, &format!("short log, {on}")).await?;
    let wired = wire(&installation).await?;
    // One process serves a database of SQLite.
    installation.nodes[0].signal("TERM")?;
    installation.nodes[0].wait()?;
    let begun = Instant::now();
    let store = storage::open(&installation.database).await?;
    let now = fill::now()?;
    fill::deliveries(&*store, &[wired], deliveries, now).await?;
    drop(store);
    println!("  {deliveries} deliveries written in {:.0} s", begun.elapsed().as_secs_f64());
    installation.up(0).await?;

    let after = figures(&installation, &format!("long log, {on}")).await?;
    let (rate, p99) = (before.0 * KEPT, before.1.p99 / KEPT);
    rig.tell(Figure::new("sustained, short log", &on, before.0, "events/s"));
    let figure = Figure::new("sustained, long log", &on, after.0, "events/s");
    rig.tell(figure.to_reach(Target::AtLeast(rate)));
    rig.tell(Figure::new("latency p99, short log", &on, before.1.p99, "ms"));
    let figure = Figure::new("latency p99, long log", &on, after.1.p99, "ms");
    rig.tell(figure.to_reach(Target::AtMost(p99)));
    for (what, query) in pages(&wired, now.0) {
        let took = page(&installation, &query).await?;
        let figure = Figure::new(format!("log: {what}"), &on, took, "ms");
        rig.tell(figure.to_reach(Target::AtMost(PAGE_MS)).noted("the slowest of 30"));
    }
    Ok(())
}

/// Rate and latency as the log is.
async fn figures(installation: &Installation, what: &str) -> Result<(f64, latency::Latency)> {
    let run = sustained::flood(installation, what, EVENTS, Events::to).await?;
    let calm = latency::at(installation, 50.0, 10.0, 1, what).await?;
    Ok((run.rate, calm))
}

/// A queue, a flow and a hook that the log's rows name.
async fn wire(installation: &Installation) -> Result<Wired> {
    let receiver = Receiver::start(Arrivals::of(0), Manner::default())?;
    let queue = installation.queue("Long ago").await?;
    let flow = installation.flow("Long ago", &json!([request(receiver.addr)])).await?;
    let hook = installation.hook(queue, flow).await?;
    Ok(Wired {
        hook: HookId(hook),
        queue: QueueId(queue),
        flow: FlowId(flow),
        event: EventKind::Joined,
    })
}

/// The first page, and each filter of the panel.
fn pages(wired: &Wired, now: i64) -> Vec<(&'static str, String)> {
    let hour = 3_600_000;
    let Wired { queue, hook, flow, .. } = wired;
    vec![
        ("first page", String::new()),
        ("state dead", "state=dead".into()),
        ("state retrying, of which there are none", "state=retrying".into()),
        ("event", "event=joined".into()),
        ("event without any", "event=missed".into()),
        ("queue", format!("queue={}", queue.0)),
        ("hook", format!("hook={}", hook.0)),
        ("flow", format!("flow={}", flow.0)),
        ("failure", "failure=timeout".into()),
        ("failure without any", "failure=dns".into()),
        ("call", "search=4242".into()),
        ("an hour", format!("from={}&to={}", now - 2 * hour, now - hour)),
        ("tests", "test=true".into()),
        ("warned", "warned=true".into()),
        ("text", format!("text=nobody&from={}&to={now}", now - hour)),
        ("without tests or warnings", "test=false&warned=false".into()),
        ("queue and dead", format!("queue={}&state=dead", queue.0)),
        ("two states of two flows", format!("state=dead&state=skipped&flow={}&flow=999", flow.0)),
        ("delivered, and timed out, which none is", "state=delivered&failure=timeout".into()),
        (
            "delivered, of two kinds, timed out, in an hour",
            format!(
                "state=delivered&event=joined&event=missed&failure=timeout&from={}&to={now}",
                now - hour
            ),
        ),
    ]
}

/// What a page took at most, in ms.
async fn page(installation: &Installation, query: &str) -> Result<f64> {
    let path = format!("/api/v1/deliveries?size=50&{query}");
    installation.get(&path).await?;
    let mut all = Vec::new();
    for _ in 0..ASKED {
        let begun = Instant::now();
        installation.get(&path).await?;
        all.push(begun.elapsed());
    }
    Ok(all.into_iter().max().unwrap_or(Duration::ZERO).as_secs_f64() * 1_000.0)
}
