//! The pages under `/receiver`.

use crate::{text::shell, ui::PageHead};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/receiver`.
#[component(transparent)]
pub fn ReceiverRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/receiver") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
    view! { <PageHead title=shell::RECEIVER /> }
}
