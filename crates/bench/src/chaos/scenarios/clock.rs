//! The clock is set an hour ahead, then two hours back, for the program alone, by a library that is
//! preloaded into it. (Not by libfaketime: it frees before the program's allocator is ready.) After each
//! step the program is asked what time it is.

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
use jiff::Timestamp;
use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

/// The library's source.
const SOURCE: &str = include_str!("clock.c");
/// How many seconds off the control file has it, one after the other.
const STEPS: [i64; 4] = [3_600, -3_600, 3_600, 0];
/// How far from that the program's time may be, which is asked a moment later.
const SLACK_S: i64 = 60;

/// Whether the library can be made.
pub fn has_compiler() -> bool {
    Command::new("cc").arg("--version").output().is_ok_and(|told| told.status.success())
}

/// Makes the library.
fn library(folder: &Path) -> Result<String> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    fs::write(&source, SOURCE)?;
    let mut compiler = Command::new("cc");
    let made = compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status()?;
    match made.success() {
        true => Ok(library.display().to_string()),
        false => Err("the library that sets the clock does not compile".into()),
    }
}

pub async fn steps(setting: &Setting) -> Result<Verdict> {
    let traffic = Traffic {
        calls: 60,
        events: setting.size(10, 100),
        first: 0,
        senders: 8,
        pause: Duration::from_millis(10),
        ballast: 0,
    };
    let mut installation = Installation::on_sqlite(&setting.program)?;
    let control = installation.folder.path().join("clock");
    fs::write(&control, "0")?;
    let library = library(installation.folder.path())?;
    installation.set("LD_PRELOAD", library);
    installation.set("OFFHOOK_CHAOS_CLOCK", control.display().to_string());
    let chosen = setting.clone();
    // Some fail at first, all the time, so that retries are planned on either side of each step.
    let temper: Temper = Arc::new(move |Event { call, number }, before| {
        match chosen.dice(call << 20 | number, 20) {
            0 if before == 0 => Manner::Fails,
            _ => Manner::Well,
        }
    });
    let trial = Trial::start(installation, temper).await?;
    let load = trial.load(traffic)?;
    for (step, off) in STEPS.into_iter().enumerate() {
        load.reaches(traffic.total() * (step + 1) / (STEPS.len() + 1)).await?;
        // Whole, so that it is never read half.
        let whole = control.with_extension("new");
        fs::write(&whole, off.to_string())?;
        fs::rename(&whole, &control)?;
        is_off(&trial.installation, off).await?;
    }
    trial.end(load, 0).await
}

/// Fails where the program's time is not so many seconds off.
async fn is_off(installation: &Installation, by: i64) -> Result<()> {
    let overview = installation.get("/api/v1/overview").await?;
    let told = overview["to"].as_i64().ok_or("the overview does not say up to when it is")?;
    let off = (told - Timestamp::now().as_millisecond()) / 1_000;
    match (off - by).abs() <= SLACK_S {
        true => Ok(()),
        false => Err(format!("the program's clock is {off} s off, and not {by}").into()),
    }
}
