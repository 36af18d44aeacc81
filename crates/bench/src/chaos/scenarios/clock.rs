//! The clock is set an hour ahead, then two hours back, by libfaketime. What measures time that
//! passes is left alone, as it is when a clock is set.

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
use std::{fs, path::Path, sync::Arc, time::Duration};

/// Where Debian's package `faketime` has the library, by the processor.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];
/// What the control file says, one after the other.
const STEPS: [&str; 4] = ["+3600", "-3600", "+3600", "+0"];

/// Where libfaketime is, if it is installed.
pub fn library() -> Option<&'static str> {
    LIBRARIES.into_iter().find(|path| Path::new(path).is_file())
}

pub async fn steps(setting: &Setting) -> Result<Verdict> {
    let library = library().ok_or("libfaketime is not installed")?;
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
    fs::write(&control, "+0")?;
    installation.set("LD_PRELOAD", library);
    installation.set("FAKETIME_TIMESTAMP_FILE", control.display().to_string());
    installation.set("FAKETIME_CACHE_DURATION", "1");
    installation.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let chosen = setting.clone();
    // Some fail at first, so that retries are planned on either side of a step.
    let temper: Temper = Arc::new(move |Event { call, number }, before| {
        match chosen.dice(call << 20 | number, 20) {
            0 if before == 0 && number == 0 => Manner::Fails,
            _ => Manner::Well,
        }
    });
    let trial = Trial::start(installation, temper).await?;
    let load = trial.load(traffic)?;
    for (step, said) in STEPS.into_iter().enumerate() {
        load.reaches(traffic.total() * (step + 1) / (STEPS.len() + 1)).await?;
        // Whole, so that it is never read half.
        let whole = control.with_extension("new");
        fs::write(&whole, said)?;
        fs::rename(&whole, &control)?;
    }
    trial.end(load, false).await
}
