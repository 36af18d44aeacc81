//! The ceiling: how fast the bare client calls the receiver on these cores.

use super::{Rig, bar};
use bench::{
    Result,
    figures::Figure,
    receiver::{Arrivals, Manner, Receiver},
    sender::client,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const REQUESTS: usize = 300_000;
const CONNECTIONS: usize = 64;
/// As large as what the flow of the benchmarks sends.
const BALLAST: &str = r#""call":"123456","delivery":"0193a7c2-5b1e-7d22-8b1f-2c90d1e3f7a4""#;

/// Measures it once, however often it is asked for.
pub async fn of(rig: &mut Rig) -> Result<f64> {
    if let Some(ceiling) = rig.ceiling {
        return Ok(ceiling);
    }
    let arrivals = Arrivals::of(REQUESTS);
    let receiver = Receiver::start(arrivals.clone(), Manner::default())?;
    let (client, url) = (client()?, format!("http://{}/", receiver.addr));
    let next = Arc::new(AtomicUsize::new(0));
    let bar = bar("ceiling", REQUESTS);
    let begun = Instant::now();
    // On tasks of their own, as the engine runs its attempts.
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (client, url, next, bar) = (client.clone(), url.clone(), next.clone(), bar.clone());
        tasks.spawn(async move {
            loop {
                let key = next.fetch_add(1, Ordering::Relaxed);
                if key >= REQUESTS {
                    return Ok::<_, reqwest::Error>(());
                }
                let body = format!(r#"{{"key":{key},{BALLAST}}}"#);
                client.post(&url).body(body).send().await?.bytes().await?;
                if key % 1_000 == 0 {
                    bar.set_position(key as u64);
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    arrivals.all(REQUESTS, Duration::from_secs(10), |_| {}).await?;
    let rate = REQUESTS as f64 / begun.elapsed().as_secs_f64();
    bar.finish_and_clear();
    rig.ceiling = Some(rate);
    rig.tell(Figure::new("ceiling", "", rate, "req/s").noted("the client and the receiver alone"));
    Ok(rate)
}
