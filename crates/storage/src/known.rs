//! Events that came before under the same sender's id.

use crate::journal::{EventReceipt, NewEvent};
use model::{delivery::DeliveryState, ids::EventId};

/// An event that came before under the same sender's id.
pub struct Known {
    pub id: EventId,
    pub fingerprint: [u8; 16],
    pub deliveries: u32,
    pub skipped: u32,
}

impl Known {
    /// What the log will know of this event.
    pub fn of(new: &NewEvent) -> Self {
        let skipped =
            new.deliveries.iter().filter(|one| one.state == DeliveryState::Skipped).count();
        Self {
            id: new.event.id,
            fingerprint: new.fingerprint,
            deliveries: u32::try_from(new.deliveries.len() - skipped).unwrap_or(u32::MAX),
            skipped: u32::try_from(skipped).unwrap_or(u32::MAX),
        }
    }

    /// What becomes of an event that comes again under the id.
    pub fn receipt(&self, new: &NewEvent) -> EventReceipt {
        if self.fingerprint == new.fingerprint {
            EventReceipt::Duplicate {
                id: self.id,
                deliveries: self.deliveries,
                skipped: self.skipped,
            }
        } else {
            EventReceipt::Conflict { id: self.id }
        }
    }
}
