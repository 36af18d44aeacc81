//! Queues.

use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/queues`.
#[component(transparent)]
pub fn QueueRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/queues") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
}
