//! Intake alone: events that fire nothing.

use super::{Database, Rig, bar};
use bench::{
    Result,
    figures::{Figure, Target},
    sender::{Events, Sender, client},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 32;
const SINGLE: usize = 50_000;
const BATCHED: usize = 200_000;
const BATCH: usize = 100;

/// Events/s in batches to reach.
fn batched_target(database: Database) -> f64 {
    match database {
        Database::Sqlite => 50_000.0,
        Database::Postgres => 25_000.0,
    }
}

/// Measures it on each database.
pub async fn run(rig: &mut Rig) -> Result<()> {
    rig.on_each("intake alone", of).await;
    Ok(())
}

async fn of(rig: &mut Rig, database: Database) -> Result<()> {
    let mut installation = rig.installation(database)?;
    installation.serve().await?;
    let on = database.to_string();
    let constant = constant(installation.url()).await?;
    rig.tell(Figure::new("a constant answer", &on, constant, "req/s").noted("GET /healthz"));

    let queue = installation.queue("Intake").await?;
    let sender = Sender::to(&installation)?;
    let singles: Vec<_> = (0..SINGLE).map(|key| Events::to(queue).single(key)).collect();
    let shown = bar(&format!("single posts, {database}"), SINGLE);
    let progress = shown.clone();
    let flood = sender.flood(singles, 1, CONNECTIONS, move |events| progress.inc(events)).await?;
    shown.finish_and_clear();
    let rate = SINGLE as f64 / flood.took.as_secs_f64();
    let target = Target::AtLeast(constant / 2.0);
    rig.tell(Figure::new("intake, single posts", &on, rate, "events/s").to_reach(target));

    let batches = Events::to(queue).batches(SINGLE..SINGLE + BATCHED, BATCH);
    let shown = bar(&format!("batches, {database}"), BATCHED);
    let progress = shown.clone();
    let flood =
        sender.flood(batches, BATCH, CONNECTIONS, move |events| progress.inc(events)).await?;
    shown.finish_and_clear();
    let rate = BATCHED as f64 / flood.took.as_secs_f64();
    let target = Target::AtLeast(batched_target(database));
    rig.tell(Figure::new("intake, batches of 100", &on, rate, "events/s").to_reach(target));
    Ok(())
}

/// How fast the server answers what costs it nothing.
async fn constant(url: &str) -> Result<f64> {
    let (client, url) = (client()?, format!("{url}/healthz"));
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (client, url, next) = (client.clone(), url.clone(), next.clone());
        tasks.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < SINGLE {
                client.get(&url).send().await?.error_for_status()?.bytes().await?;
            }
            Ok::<_, reqwest::Error>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(SINGLE as f64 / begun.elapsed().as_secs_f64())
}
