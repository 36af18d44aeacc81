//! The process may open few files, and runs out of them: it says so.

use crate::{
    Result,
    chaos::{
        Event, Setting, Verdict,
        load::Traffic,
        receiver::{Manner, Temper},
        trial::Trial,
    },
    installation::Installation,
};
use std::{sync::Arc, time::Duration};

/// Enough to start, and fewer than the senders and the receiver want.
const FILES: u32 = 48;
/// What the process logs when it may open no more.
const OUT: &str = "Too many open files";

pub async fn few(setting: &Setting) -> Result<Verdict> {
    let traffic = Traffic {
        calls: setting.size(30, 600),
        events: setting.size(3, 20),
        first: 0,
        senders: setting.size(30, 60),
        pause: Duration::ZERO,
        ballast: 0,
    };
    let mut installation = Installation::on_sqlite(&setting.program)?;
    installation.wrapper = vec!["prlimit".into(), format!("--nofile={FILES}:{FILES}")];
    // Slow answers keep connections open.
    let slow: Temper = Arc::new(|Event { .. }, _| Manner::DripsBody);
    let trial = Trial::start(installation, slow).await?;
    let mut load = trial.load(traffic)?;
    trial.accepts(&mut load).await?;
    let times = trial.installation.logged().matches(OUT).count();
    if times == 0 {
        return Err(format!("{FILES} files were enough").into());
    }
    let mut verdict = trial.end(load, 0).await?;
    verdict.notes.push(format!("out of files {times} times before all was accepted"));
    Ok(verdict)
}
