//! What who posts an event is told of it.

use model::{delivery::DeliveryState, ids::EventId, problem::Problem};
use storage::journal::{EventReceipt, NewEvent};

/// What became of a posted event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// On disk, now or earlier.
    Accepted(Receipt),
    /// Other content came before under the same sender's id.
    Conflict { id: EventId },
    /// It has these faults.
    Invalid(Vec<Problem>),
}

/// The answer to an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub id: EventId,
    /// How many hooks it fires.
    pub deliveries: u32,
    /// How many hooks it would fire were their conditions true.
    pub skipped: u32,
    /// Whether it had been accepted before.
    pub duplicate: bool,
}

impl Receipt {
    /// The answer to a new event, were it accepted.
    pub fn of(new: &NewEvent) -> Self {
        let skipped =
            new.deliveries.iter().filter(|one| one.state == DeliveryState::Skipped).count();
        Self {
            id: new.event.id,
            deliveries: u32::try_from(new.deliveries.len() - skipped).unwrap_or(u32::MAX),
            skipped: u32::try_from(skipped).unwrap_or(u32::MAX),
            duplicate: false,
        }
    }
}

impl Outcome {
    /// What became of an event that would get this answer, were it new.
    pub fn of(receipt: EventReceipt, new: Receipt) -> Self {
        match receipt {
            EventReceipt::Accepted { .. } => Self::Accepted(new),
            EventReceipt::Duplicate { id, deliveries, skipped } => {
                Self::Accepted(Receipt { id, deliveries, skipped, duplicate: true })
            }
            EventReceipt::Conflict { id } => Self::Conflict { id },
        }
    }
}
