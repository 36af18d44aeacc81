//! Lanes: what must run in order.

use model::{
    event::Event,
    ids::{DeliveryId, FlowId, QueueId},
};
use storage::journal::Shard;

/// What must run in order: what one call sends to one flow, whichever hooks it came through.
/// Anything else has a lane of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    Call { flow: FlowId, queue: QueueId, call_attempt: i64 },
    Alone(i64),
}

/// The lane of a delivery with this row number.
pub fn lane(event: &Event, flow: FlowId, ordered: bool, seq: i64) -> Lane {
    match event.call_attempt {
        Some(call_attempt) if ordered => Lane::Call { flow, queue: event.queue_id, call_attempt },
        _ => Lane::Alone(seq),
    }
}

/// The shard of a delivery: all of a call's for one flow are in the same, in order or not, so that
/// it stays where it is when the hook changes.
pub fn shard(event: &Event, flow: FlowId, delivery: DeliveryId) -> Shard {
    // Written down, so it must be the same in every version: FNV-1a, not the standard hasher.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    feed(&flow.0.to_le_bytes());
    match event.call_attempt {
        Some(call_attempt) => {
            feed(&event.queue_id.0.to_le_bytes());
            feed(&call_attempt.to_le_bytes());
        }
        None => feed(delivery.0.as_bytes()),
    }
    // The high bits are the better mixed ones.
    Shard(((hash >> 32) % u64::from(Shard::COUNT)) as u8)
}
