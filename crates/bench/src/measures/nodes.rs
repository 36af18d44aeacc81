//! One, two, three nodes on one database of PostgreSQL, all on this machine: the same rate, ideally.
//! Measured when they have shared the work, not while they come together.

use super::{Database, Rig, sustained};
use bench::{
    Result,
    figures::{Figure, Target},
    sender::Events,
};

const EVENTS: usize = 50_000;
/// Rates vary from run to run by more than is asked for, so all are measured so often, in turns, and the
/// median of each is told.
const TURNS: usize = 3;
/// The share of one node's rate that several are to keep.
const KEPT: f64 = 0.85;

pub async fn run(rig: &mut Rig) -> Result<()> {
    let mut turns: [Vec<Result<sustained::Run>>; 3] = Default::default();
    for _ in 0..TURNS {
        for (nodes, runs) in (1..).zip(&mut turns) {
            runs.push(of(rig, nodes).await);
        }
    }
    let (on, mut alone) = (Database::Postgres.to_string(), None);
    for (nodes, runs) in (1..).zip(turns) {
        let name = format!("sustained by {nodes} node{}", if nodes == 1 { "" } else { "s" });
        match runs.into_iter().collect::<Result<Vec<_>>>() {
            Ok(runs) => {
                let (rate, told) = median(runs);
                let figure = Figure::new(name, &on, rate, "events/s").noted(told);
                let alone = *alone.get_or_insert(rate);
                let target = Target::AtLeast(alone * KEPT);
                rig.tell(if nodes == 1 { figure } else { figure.to_reach(target) });
            }
            Err(error) => rig.tell(Figure::missing(name, &on, error)),
        }
    }
    Ok(())
}

/// The rate of the run in the middle, and what is to be told of all of them.
fn median(mut runs: Vec<sustained::Run>) -> (f64, String) {
    runs.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let rates = runs.iter().map(|run| format!("{:.0}", run.rate)).collect::<Vec<_>>();
    let told = runs.iter().map(sustained::Run::told).collect::<String>();
    (runs[runs.len() / 2].rate, format!("the median of {}{told}", rates.join(", ")))
}

async fn of(rig: &Rig, nodes: usize) -> Result<sustained::Run> {
    let mut installation = rig.installation(Database::Postgres)?;
    for _ in 0..nodes {
        installation.serve().await?;
    }
    installation.shared().await?;
    let what = format!("sustained, {nodes} nodes");
    sustained::flood(&installation, &what, EVENTS, Events::to).await
}
