//! The pages under `/users`.

use crate::{text::shell, ui::PageHead};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The routes under `/users`.
#[component(transparent)]
pub fn UserRoutes() -> impl MatchNestedRoutes + Clone {
    view! { <Route path=path!("/users") view=Page ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Page() -> impl IntoView {
    view! { <PageHead title=shell::USERS /> }
}
