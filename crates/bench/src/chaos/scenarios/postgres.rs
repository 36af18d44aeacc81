//! On PostgreSQL: the server is killed, the database is killed below one node or three, one of three
//! nodes is stopped, killed or frozen.

use crate::{
    Result,
    chaos::{
        ON_ITS_WAY, Setting, Verdict,
        cluster::Cluster,
        load::Traffic,
        trial::{Trial, well},
    },
    installation::Installation,
};
use std::time::Duration;
use tokio::time::sleep;

const NODES: usize = 3;
/// Of so many events that come while a node is frozen, chance gives some to its shards, a third of all.
const TAKEN_OVER: usize = 60;

fn traffic(setting: &Setting) -> Traffic {
    Traffic {
        calls: 100,
        events: setting.size(12, 100),
        first: 0,
        senders: 16,
        pause: Duration::from_millis(10),
        ballast: 0,
    }
}

/// A trial of so many nodes on a database of the cluster, which have shared the work.
async fn trial(setting: &Setting, cluster: &Cluster, nodes: usize) -> Result<Trial> {
    let installation = Installation::on_postgres(&setting.program, cluster.database()?)?;
    let mut trial = Trial::start(installation, well()).await?;
    for _ in 1..nodes {
        trial.installation.serve().await?;
    }
    trial.installation.shared().await?;
    Ok(trial)
}

/// Kills the one node again and again.
pub async fn kills(setting: &Setting) -> Result<Verdict> {
    nodes_die(setting, 1, setting.size(4, 20)).await
}

/// Kills one of three nodes again and again, each in turn.
pub async fn node_kills(setting: &Setting) -> Result<Verdict> {
    nodes_die(setting, NODES, setting.size(3, 20)).await
}

async fn nodes_die(setting: &Setting, nodes: usize, kills: usize) -> Result<Verdict> {
    let (cluster, traffic) = (Cluster::start().await?, traffic(setting));
    let mut trial = trial(setting, &cluster, nodes).await?;
    let load = trial.load(traffic)?;
    for kill in 1..=kills {
        load.reaches(traffic.total() * kill / (kills + 1)).await?;
        sleep(Duration::from_millis(setting.dice(kill as u64, 30))).await;
        trial.installation.nodes[kill % nodes].kill()?;
        trial.installation.up(kill % nodes).await?;
    }
    let mut verdict = trial.end(load, kills * ON_ITS_WAY).await?;
    verdict.notes.push(format!("killed {kills} times"));
    Ok(verdict)
}

/// Stops one of three nodes in order and starts it again, again and again, each in turn: its part of
/// the work is handed on and comes back. Nothing has a reason to come twice.
pub async fn node_restarts(setting: &Setting) -> Result<Verdict> {
    // Slow enough to last until the shards have been handed on and have come back.
    let (pause, events) = (Duration::from_millis(150), setting.size(18, 200));
    let (cluster, traffic) =
        (Cluster::start().await?, Traffic { pause, events, ..traffic(setting) });
    let mut trial = trial(setting, &cluster, NODES).await?;
    let load = trial.load(traffic)?;
    let restarts = setting.size(3, 20);
    for restart in 1..=restarts {
        load.reaches(traffic.total() * restart / (restarts + 1)).await?;
        let node = &mut trial.installation.nodes[restart % NODES];
        node.signal("TERM")?;
        node.wait()?;
        trial.installation.up(restart % NODES).await?;
        // Until the shards lie evenly again.
        sleep(Duration::from_secs(3)).await;
    }
    let mut verdict = trial.end(load, 0).await?;
    verdict.notes.push(format!("restarted {restarts} times"));
    Ok(verdict)
}

/// Freezes one of three nodes until the others have taken over and done what it would have done.
pub async fn node_freeze(setting: &Setting) -> Result<Verdict> {
    // Where several freeze, slow enough to last until each has its share again.
    let pause = Duration::from_millis(setting.size(10, 150));
    let (cluster, traffic) = (Cluster::start().await?, Traffic { pause, ..traffic(setting) });
    let trial = trial(setting, &cluster, NODES).await?;
    let load = trial.load(traffic)?;
    let freezes = setting.size(1, NODES);
    for (node, frozen) in trial.installation.nodes.iter().enumerate().take(freezes) {
        load.reaches(traffic.total() * (node + 1) / (NODES + 2)).await?;
        trial.installation.shared().await?;
        frozen.signal("STOP")?;
        let before = load.accepted();
        sleep(Duration::from_secs(setting.size(12, 30))).await;
        // Whatever is accepted has to arrive while it is frozen, so others do its part.
        load.reaches(before + TAKEN_OVER).await?;
        trial.arrive(&load.so_far()).await?;
        frozen.signal("CONT")?;
    }
    trial.end(load, freezes * ON_ITS_WAY).await
}

/// Kills the database of one node.
pub async fn gone(setting: &Setting) -> Result<Verdict> {
    database_dies(setting, 1).await
}

/// Kills the database of three nodes.
pub async fn nodes_gone(setting: &Setting) -> Result<Verdict> {
    database_dies(setting, NODES).await
}

/// Kills the database under load, and starts it again after a while in which nothing is accepted.
async fn database_dies(setting: &Setting, nodes: usize) -> Result<Verdict> {
    let (mut cluster, traffic) = (Cluster::start().await?, traffic(setting));
    let trial = trial(setting, &cluster, nodes).await?;
    let load = trial.load(traffic)?;
    let times = setting.size(1, 3);
    for time in 1..=times {
        load.reaches(traffic.total() * time / (times + 1)).await?;
        cluster.kill()?;
        let accepted = load.stalls().await?;
        sleep(Duration::from_secs(setting.size(3, 60))).await;
        let more = load.accepted() - accepted;
        if more > 0 {
            return Err(format!("{more} events were accepted without a database").into());
        }
        cluster.up().await?;
    }
    // Nothing has crashed that keeps what was done: each node writes it down when it can. None takes
    // another for dead, since all were out of reach.
    let mut verdict = trial.end(load, 0).await?;
    verdict.notes.push(format!("the database was killed {times} times"));
    Ok(verdict)
}
