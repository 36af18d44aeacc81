//! A queue's deliveries: the log, narrowed to it.

use super::card::use_card;
use crate::pages::deliveries::DeliveryList;
use leptos::prelude::*;

/// A queue's deliveries.
#[component]
pub fn QueueDeliveries() -> impl IntoView {
    let card = use_card();
    move || view! { <DeliveryList queue=card.id.get() /> }
}
