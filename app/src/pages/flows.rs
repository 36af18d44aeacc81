//! The pages under `/flows`.

use crate::{text::shell, ui::PageHead};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/flows`.
#[component(transparent)]
pub fn FlowRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/flows") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
    view! { <PageHead title=shell::FLOWS /> }
}
