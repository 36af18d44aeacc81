//! The pages under `/events`.

use crate::{text::shell, ui::PageHead};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/events`.
#[component(transparent)]
pub fn EventRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/events") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
    view! { <PageHead title=shell::EVENTS /> }
}
