//! The pages under `/tokens`, for administrators.

mod add;
mod delete;
mod list;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route},
    path,
};

/// The routes under `/tokens`. The dialogs stand above the list.
#[component(transparent)]
pub fn TokenRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/tokens") view=list::TokenList ssr=SsrMode::Async>
            <Route path=path!("") view=|| () ssr=SsrMode::Async />
            <Route path=path!("/new") view=add::AddToken ssr=SsrMode::Async />
            <Route path=path!("/made") view=add::MadeToken ssr=SsrMode::Async />
            <Route path=path!("/:id/delete") view=delete::DeleteToken ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}
