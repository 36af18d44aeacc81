//! A queue's deliveries.

use super::card::use_card;
use crate::{text::queues as words, ui::LinkButton};
use leptos::prelude::*;

/// A queue's deliveries.
#[component]
pub fn QueueDeliveries() -> impl IntoView {
    let card = use_card();
    move || {
        view! {
            <LinkButton href=format!("/deliveries?queue={}", card.id.get())>
                {words::OPEN_LOG}
            </LinkButton>
        }
    }
}
