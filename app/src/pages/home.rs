//! The panel's address leads to the overview.

use leptos::prelude::*;
use leptos_router::components::Redirect;

/// Leads on to the overview.
#[component]
pub fn Home() -> impl IntoView {
    view! { <Redirect path="/overview" /> }
}
