//! The receiver misbehaves at three of ten requests, when it sees them for the first time. Whatever it
//! does, nothing that it has answered well within a request's time may come again.

use crate::{
    Result,
    chaos::{
        Event, Form, Setting, Verdict,
        load::Traffic,
        receiver::{Manner, Temper},
        trial::Trial,
    },
    installation::Installation,
};
use std::{sync::Arc, time::Duration};

/// Of ten first requests, those that meet the first manner, and those that meet the second.
const FIRST: u64 = 2;
const SECOND: u64 = 3;

pub async fn fails(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::Fails; 2]).await
}

pub async fn drips_headers(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::DripsHeaders, Manner::DripsHeadersTooLong]).await
}

pub async fn drips_body(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::DripsBody, Manner::DripsBodyTooLong]).await
}

pub async fn never_answers(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::NeverAnswers; 2]).await
}

pub async fn resets(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::Resets; 2]).await
}

pub async fn endless(setting: &Setting) -> Result<Verdict> {
    run(setting, [Manner::Endless; 2]).await
}

async fn run(setting: &Setting, manners: [Manner; 2]) -> Result<Verdict> {
    let traffic = Traffic {
        calls: setting.size(60, 500),
        events: setting.size(3, 10),
        first: 0,
        senders: 16,
        pause: Duration::ZERO,
        ballast: 0,
    };
    let installation = Installation::on_sqlite(&setting.program)?;
    let trial = Trial::start(installation, temper(setting.clone(), manners)).await?;
    let load = trial.load(traffic)?;
    let verdict = trial.end(load, 0).await?;
    match manners.into_iter().find(|manner| !verdict.met.contains_key(manner)) {
        Some(manner) => Err(format!("no request met {manner:?}").into()),
        None => Ok(verdict),
    }
}

fn temper(setting: Setting, [first, second]: [Manner; 2]) -> Temper {
    Arc::new(move |Event { call, number }, before| {
        // In a short run one event of a call at most, since each takes a retry's delay.
        let unlucky = setting.form == Form::Long || number == setting.dice(call, 3);
        match setting.dice(call << 20 | number, 10) {
            dice if before == 0 && unlucky && dice < FIRST => first,
            dice if before == 0 && unlucky && dice < SECOND => second,
            _ => Manner::Well,
        }
    })
}
