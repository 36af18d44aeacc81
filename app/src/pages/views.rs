//! The pages under `/views`: a person's saved views.

mod delete;
mod list;
mod new;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    path,
};

/// The routes under `/views`. The question before one is deleted stands above the list.
#[component(transparent)]
pub fn ViewRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/views") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/new") view=new::NewView ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=list::ViewsPage ssr=SsrMode::Async>
                <Route path=path!("") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/:id/delete") view=delete::DeleteViewPage ssr=SsrMode::Async />
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}
