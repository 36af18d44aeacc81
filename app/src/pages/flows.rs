//! The pages under `/flows`.

mod delete;
mod editor;
mod history;
mod list;
mod new;
mod problems;
mod snippets;
mod used_by;

use super::drawn::Drawn;
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    hooks::use_params_map,
    path,
};
use model::ids::FlowId;

/// The routes under `/flows`.
#[component(transparent)]
pub fn FlowRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/flows") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=list::FlowList ssr=SsrMode::Async />
            <Route path=path!("/new") view=new::NewFlow ssr=SsrMode::Async />
            <Route path=path!("/import") view=Drawn ssr=SsrMode::Async />
            <ParentRoute path=path!("/:id") view=editor::EditFlow ssr=SsrMode::Async>
                <Route path=path!("") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/duplicate") view=new::DuplicateFlow ssr=SsrMode::Async />
                <Route path=path!("/delete") view=delete::DeleteFlow ssr=SsrMode::Async />
            </ParentRoute>
            <Route path=path!("/:id/failure-flow") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/:id/history") view=history::History ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The flow that the address names; 0, which no flow has, where it names none.
fn use_flow_id() -> Memo<FlowId> {
    let params = use_params_map();
    Memo::new(move |_| {
        let id = params.read().get("id");
        id.and_then(|id| id.parse().ok()).unwrap_or(FlowId(0))
    })
}
