//! What a batch adds to the counters.

use crate::journal::{Completion, NewDelivery};
use model::{
    delivery::DeliveryState, event::Event, ids::QueueId, latency::bucket, queue::Figures,
    time::Millis,
};
use std::collections::BTreeMap;

/// What is added, by minute, queue and hook (0 for the queue's own), in this order: two that write
/// at once then never wait for each other in a circle.
#[derive(Debug, Default, Clone)]
pub struct Counts(pub BTreeMap<(i64, i64, i64), Figures>);

impl Counts {
    fn at(&mut self, at: Millis, queue: QueueId, hook: i64) -> &mut Figures {
        self.0.entry((at.minute(), queue.0, hook)).or_default()
    }

    /// Counts an event that has been accepted.
    pub fn event(&mut self, event: &Event) {
        if !event.test {
            self.at(event.accepted_at, event.queue_id, 0).events += 1;
        }
    }

    /// Counts a delivery that has been accepted.
    pub fn accepted(&mut self, delivery: &NewDelivery) {
        if !delivery.test && delivery.state == DeliveryState::Skipped {
            self.at(delivery.created_at, delivery.queue_id, delivery.hook_id.0).skipped += 1;
        }
    }

    /// Counts what has ended.
    pub fn completed(&mut self, done: &Completion) {
        if done.test {
            return;
        }
        match done.state {
            DeliveryState::Delivered => {
                self.at(done.at, done.queue_id, done.hook_id.0).delivered += 1;
            }
            DeliveryState::Dead | DeliveryState::DeliveredWithErrors => {
                self.at(done.at, done.queue_id, done.hook_id.0).failed += 1;
            }
            _ => {}
        }
    }
}

/// How long events took to their receivers: how many of a minute and a bucket.
pub type LatencyCounts = BTreeMap<(i64, i64), i64>;

/// How long the events of these completions took to their receivers, counted in the minute in which
/// that is written. Tests tell nothing, nor does an attempt that is not a delivery's first, or that
/// nobody answered.
pub fn latencies(completions: &[Completion]) -> LatencyCounts {
    let mut counts = BTreeMap::new();
    for done in completions.iter().filter(|done| !done.test) {
        if let Some(ms) = done.reached_after_ms {
            *counts.entry((done.at.minute(), i64::from(bucket(ms)))).or_default() += 1;
        }
    }
    counts
}
