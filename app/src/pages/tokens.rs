//! The pages under `/tokens`.

use crate::{text::shell, ui::PageHead};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/tokens`.
#[component(transparent)]
pub fn TokenRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/tokens") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
    view! { <PageHead title=shell::TOKENS /> }
}
