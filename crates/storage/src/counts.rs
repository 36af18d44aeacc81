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

/// How long the events of these completions took to reach their receivers, by minute and bucket.
/// Tests and what has not been delivered tell nothing.
pub fn latencies(completions: &[Completion]) -> BTreeMap<(i64, i64), i64> {
    let mut counts = BTreeMap::new();
    for done in completions {
        if !done.test && done.state == DeliveryState::Delivered {
            let took = bucket(done.at.0 - done.accepted_at.0);
            *counts.entry((done.at.minute(), i64::from(took))).or_default() += 1;
        }
    }
    counts
}
