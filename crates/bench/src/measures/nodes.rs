//! One, two, three nodes on one database of PostgreSQL, all on this machine: the same rate, ideally.
//! Measured when they have shared the work, not while they come together.

use super::{Database, Rig, sustained};
use bench::{
    Result,
    figures::{Figure, Target},
    sender::Events,
};

const EVENTS: usize = 50_000;
/// The share of one node's rate that several are to keep.
const KEPT: f64 = 0.85;

pub async fn run(rig: &mut Rig) -> Result<()> {
    let (on, mut alone) = (Database::Postgres.to_string(), None);
    for nodes in 1..=3 {
        let name = format!("sustained by {nodes} node{}", if nodes == 1 { "" } else { "s" });
        match of(rig, nodes).await {
            Ok(run) => {
                let figure = Figure::new(name, &on, run.rate, "events/s").noted(run.told());
                let alone = *alone.get_or_insert(run.rate);
                let target = Target::AtLeast(alone * KEPT);
                rig.tell(if nodes == 1 { figure } else { figure.to_reach(target) });
            }
            Err(error) => rig.tell(Figure::missing(name, &on, error)),
        }
    }
    Ok(())
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
