//! A call's history, and what waited for what in it.

use crate::{Admin, Result, call_waits, now};
use model::{
    call::{Call, CallEvent, CallStretch},
    time::Millis,
    user::{Actor, Permission},
};

/// The most events of a call that are told, and the most deliveries.
pub const CALL_MAX: u32 = 500;
/// What lies further apart than this belongs to another use of the number: an hour.
const GAP_MS: i64 = 3_600_000;

impl Admin {
    /// Everything about one `attempt_id`: at most its 500 newest events. A number of which nothing
    /// is known has no stretches.
    pub async fn call(&self, actor: &Actor, number: i64) -> Result<Call> {
        actor.require(Permission::Read)?;
        let overlay = self.running.overlay();
        let found = self.storage.call(number, CALL_MAX, &overlay).await?;
        let at = now();
        let mut events = found.events;
        events.reverse();
        call_waits::tell(&mut events, &overlay.held_hooks, at);
        let mut stretches = stretches(events, at);
        stretches.reverse();
        Ok(Call { number, stretches, cut: found.cut, at })
    }
}

/// Parts events, oldest first, where nothing happened for long.
fn stretches(events: Vec<CallEvent>, now: Millis) -> Vec<CallStretch> {
    let mut all: Vec<CallStretch> = Vec::new();
    for event in events {
        let ended = last_of(&event, now);
        match all.last_mut() {
            Some(last) if event.accepted_at.0 - last.to.0 <= GAP_MS => {
                last.to = last.to.max(ended);
                last.events.push(event);
            }
            _ => {
                let from = event.accepted_at;
                all.push(CallStretch { from, to: ended, events: vec![event] });
            }
        }
    }
    all
}

/// When the last thing happened that an event brought about; now, while more is to come.
fn last_of(event: &CallEvent, now: Millis) -> Millis {
    let mut last = event.accepted_at;
    for delivery in &event.deliveries {
        let row = &delivery.row;
        if !row.state.is_final() {
            return last.max(now);
        }
        let runs = delivery.runs.iter().map(|run| run.ended_at());
        last = runs.chain(row.finished_at).fold(last, Millis::max);
    }
    last
}
