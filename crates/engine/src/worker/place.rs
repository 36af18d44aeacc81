//! Where an attempt counts, and whether it may send a request.

use super::Outside;
use crate::{
    destination::{Gate, Heard},
    dispatcher::{Further, Notice},
    scheduler::Target,
};
use model::{
    destination::DestinationKey,
    time::Millis,
    trace::{Failure, FailureClass},
};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// How long after its start an attempt may still begin again because there is no room for its first
/// request; later it would repeat what it waited for, and rests before the request.
const BEGINS_AGAIN_WITHIN: Duration = Duration::from_millis(200);

/// Where an attempt counts.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Whom it may call; nothing where that was not known when it began.
    key: Option<DestinationKey>,
    gate: Gate,
    /// Whether its next request there has been counted already.
    counted: bool,
}

impl Place {
    /// That of an attempt that begins at this target, which has counted its first request.
    pub fn begin(target: &Target, gate: Gate) -> Self {
        let key = match target {
            Target::Destination(key) => Some(key.clone()),
            Target::Unknown(_) | Target::Nobody => None,
        };
        Self { counted: key.is_some(), key, gate }
    }

    /// Whether a request may go there without asking: the first is counted, and so is each where
    /// nothing is counted.
    fn is_free(&mut self, key: &DestinationKey) -> bool {
        let here = self.key.as_ref() == Some(key);
        here && (std::mem::take(&mut self.counted) || self.gate.is_free())
    }
}

/// Whom an attempt has called, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Called {
    pub place: Place,
    pub first: Option<DestinationKey>,
    /// Whether it has come to its first request.
    pub has_begun: bool,
    pub heard: Vec<(DestinationKey, Heard)>,
    /// Whose answer it waits for, and since when.
    pub awaited: Option<(DestinationKey, Instant)>,
    /// Who had no room.
    pub wants: Option<DestinationKey>,
    /// When what was answered first was sent.
    pub reached_at: Option<Millis>,
}

impl Outside<'_> {
    pub(super) fn hear(&self, key: DestinationKey, heard: Heard) {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).heard.push((key, heard));
    }

    /// Notes whose answer is waited for from now on, or that nobody's is.
    pub(super) fn awaits(&self, whose: Option<DestinationKey>) {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.awaited = whose.map(|key| (key, Instant::now()));
    }

    /// The attempt has come to its time limit. Where it was one answer that took most of it, that is a
    /// failure of who did not give it.
    pub(super) fn ran_out(&self) {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, since)) = called.awaited.take()
            && since.elapsed() * 2 > self.started.elapsed()
        {
            let detail = "it gave no answer until the attempt's time was over";
            let failure = Failure::new(FailureClass::Timeout, detail);
            called.heard.push((key, Heard::Failed(Box::new(failure))));
        }
    }

    /// Notes when this was sent, if it is the first that was answered.
    pub(super) fn note_reached<T>(&self, sent_at: Millis, answer: &Result<T, Failure>) {
        if answer.is_ok() {
            let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
            called.reached_at.get_or_insert(sent_at);
        }
    }

    /// When the attempt came to its first receiver: a request counts, a mail, a statement and a
    /// message, if it was answered.
    pub(super) fn reached_at(&self) -> Option<Millis> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).reached_at
    }

    /// Who had no room for the attempt's request.
    pub(super) fn wants(&self) -> Option<Target> {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.wants.take().map(Target::Destination)
    }

    /// Notes whom the attempt is about to call, if that is the first.
    pub(super) fn is_about_to_call(&self, key: DestinationKey) {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.first.get_or_insert(key);
    }

    /// Whether a request may go there now. While it goes where the attempt has its place and where
    /// nothing is counted, nobody is asked.
    pub(super) async fn may_call(&self, key: DestinationKey) -> bool {
        let (is_first, heard) = {
            let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
            let is_first = !std::mem::replace(&mut called.has_begun, true);
            called.first.get_or_insert_with(|| key.clone());
            if called.place.is_free(&key) {
                return true;
            }
            (is_first, std::mem::take(&mut called.heard))
        };
        let (answer, answered) = oneshot::channel();
        let (under, seq, to) = (self.under, self.job.seq, key.clone());
        let further = Further { under, seq, to, heard, answer };
        self.tell.send(Notice::Further(Box::new(further))).ok();
        // Where nothing is to begin any more nobody answers and nobody counts: what runs is to come to
        // its end.
        let Ok(gate) = answered.await else { return true };
        {
            let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(gate) = gate {
                called.place = Place { key: Some(key), gate, counted: false };
                return true;
            }
            called.wants = Some(key);
        }
        if is_first && !self.is_kept() && self.started.elapsed() <= BEGINS_AGAIN_WITHIN {
            self.elsewhere.notify_one();
            std::future::pending::<()>().await;
        }
        false
    }
}
