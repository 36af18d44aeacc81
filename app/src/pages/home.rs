//! The panel's address leads to the queues.

use leptos::prelude::*;
use leptos_router::components::Redirect;

/// Leads on to the queues.
#[component]
pub fn Home() -> impl IntoView {
    view! { <Redirect path="/queues" /> }
}
