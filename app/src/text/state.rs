//! A delivery's states, in a word.

use model::delivery::DeliveryState;

/// A state's name on its pill.
pub fn state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "Pending",
        DeliveryState::Running => "Running",
        DeliveryState::Waiting => "Waiting",
        DeliveryState::Retrying => "Retrying",
        DeliveryState::Parked => "Parked",
        DeliveryState::Skipped => "Skipped",
        DeliveryState::Delivered => "Delivered",
        DeliveryState::DeliveredWithErrors => "Delivered with errors",
        DeliveryState::Dead => "Dead",
        DeliveryState::Cancelled => "Cancelled",
    }
}
