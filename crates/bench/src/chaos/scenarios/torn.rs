//! The write-ahead log is torn after a crash, as by a disk that lied about what it had written.
//!
//! What may be claimed: the database opens; what was accepted before the place of the tear is
//! there; and a sender that sends the rest again, under the same ids, loses nothing.

use crate::{
    Result,
    chaos::{
        Setting, Verdict,
        load::Traffic,
        trial::{Trial, well},
    },
    installation::Installation,
};
use std::{fs, path::Path, time::Duration};

/// What is sure before the tear, and what comes after it.
const SURE: Traffic =
    Traffic { calls: 40, events: 2, first: 0, senders: 8, pause: Duration::ZERO, ballast: 200 };
const MORE: Traffic = Traffic { first: SURE.events, ..SURE };

pub async fn log(setting: &Setting) -> Result<Verdict> {
    let mut all = Verdict::default();
    for tear in 0..setting.size(2, 20) {
        all = all.and(torn(setting, tear).await?);
    }
    Ok(all)
}

async fn torn(setting: &Setting, tear: u64) -> Result<Verdict> {
    let installation = Installation::on_sqlite(&setting.program)?;
    let mut trial = Trial::start(installation, well()).await?;
    let log = trial.installation.folder.path().join("offhook.db-wal");
    let mut sure = trial.load(SURE)?;
    sure.ends().await?;
    let (salt, whole) = written(&log)?;
    let more = trial.load(MORE)?;
    more.reaches(MORE.total() / 2).await?;
    trial.installation.nodes[0].kill()?;
    drop(more);
    let (salt_after, end) = written(&log)?;
    // Begun anew since, the log no longer holds what is sure; then it is in the database.
    let keep = if salt_after == salt { whole } else { 0 };
    let at = keep + setting.dice(tear, end.saturating_sub(keep) + 1);
    fs::OpenOptions::new().write(true).open(&log)?.set_len(at)?;
    trial.installation.up(0).await?;

    let mut again = trial.load(SURE)?;
    again.ends().await?;
    if again.known() < SURE.total() as u64 {
        let known = again.known();
        return Err(format!("torn at {at} of {end}, {known} of what was sure is known").into());
    }
    // What the tear took is sent again by a sender that cannot know.
    let mut again = trial.load(MORE)?;
    again.ends().await?;
    let accepted = [sure.so_far(), again.so_far()].concat();
    let most = accepted.len();
    let mut verdict = trial.count(accepted, 0, most).await?;
    // What was delivered before the tear took its acceptance comes again as another event.
    let doubled = std::mem::take(&mut verdict.doubled);
    verdict.doubled = doubled.into_iter().filter(|event| event.number < MORE.first).collect();
    verdict.notes.push(format!("torn at {at} of {end}"));
    Ok(verdict)
}

/// The salt of a write-ahead log, and how much of it is written: up to the end of the last frame
/// that carries this salt. The format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>
fn written(log: &Path) -> Result<([u8; 8], u64)> {
    const HEADER: usize = 32;
    const FRAME: usize = 24;
    let bytes = fs::read(log)?;
    let page = bytes.get(8..12).ok_or("the log has no header")?;
    let page = u32::from_be_bytes(page.try_into()?) as usize;
    let salt: [u8; 8] = bytes.get(16..24).ok_or("the log has no header")?.try_into()?;
    let frames = bytes[HEADER..].chunks_exact(FRAME + page);
    let ours = frames.take_while(|frame| frame[8..16] == salt).count();
    Ok((salt, (HEADER + ours * (FRAME + page)) as u64))
}
