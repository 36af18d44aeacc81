//! The process is killed, or frozen.

use crate::{
    Result,
    chaos::{
        ON_ITS_WAY, Setting, Verdict,
        load::Traffic,
        trial::{Trial, well},
    },
    installation::Installation,
};
use std::time::Duration;
use tokio::time::sleep;

/// Kills the server again and again, at any moment between two starts.
pub async fn kills(setting: &Setting) -> Result<Verdict> {
    let kills = setting.size(4, 20);
    let traffic = Traffic {
        calls: 100,
        events: setting.size(12, 100),
        first: 0,
        senders: 16,
        pause: Duration::from_millis(setting.size(5, 10)),
        ballast: 0,
    };
    let installation = Installation::on_sqlite(&setting.program)?;
    let mut trial = Trial::start(installation, well()).await?;
    let load = trial.load(traffic)?;
    for kill in 1..=kills {
        load.reaches(traffic.total() * kill / (kills + 1)).await?;
        sleep(Duration::from_millis(setting.dice(kill as u64, 30))).await;
        trial.installation.nodes[0].kill()?;
        trial.installation.up(0).await?;
    }
    let mut verdict = trial.end(load, kills * ON_ITS_WAY).await?;
    verdict.notes.push(format!("killed {kills} times"));
    Ok(verdict)
}

/// Freezes the server under load, and lets it go on.
pub async fn freeze(setting: &Setting) -> Result<Verdict> {
    let freezes = setting.size(1, 5);
    let traffic = Traffic {
        calls: 50,
        events: setting.size(10, 100),
        first: 0,
        senders: 16,
        pause: Duration::from_millis(10),
        ballast: 0,
    };
    let installation = Installation::on_sqlite(&setting.program)?;
    let trial = Trial::start(installation, well()).await?;
    let load = trial.load(traffic)?;
    for freeze in 1..=freezes {
        load.reaches(traffic.total() * freeze / (freezes + 1)).await?;
        trial.installation.nodes[0].signal("STOP")?;
        // Longer than a request may take, so that what runs times out.
        sleep(Duration::from_secs(setting.size(3, 30))).await;
        trial.installation.nodes[0].signal("CONT")?;
    }
    trial.end(load, freezes * ON_ITS_WAY).await
}
