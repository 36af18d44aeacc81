//! Hooks: those of all queues, a queue's Hooks tab, and the dialogs, each at an address of its own.

mod delete;
mod edit;
mod event_choice;
mod filter;
mod flow_choice;
mod list;
mod row;
mod tab;
mod table;
mod test;

pub use flow_choice::FlowChoice;

use super::many::ManyHooks;
use crate::ui::list_query;
use delete::DeleteHookPage;
use edit::{EditHook, NewHook};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route},
    hooks::{use_location, use_params_map},
    path,
};
use list::HookList;
use model::ids::HookId;
use tab::HooksTab;
use test::TestHookPage;

/// The routes under `/queues/:id/hooks`.
#[component(transparent)]
pub fn HookRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/hooks") view=HooksTab ssr=SsrMode::Async>
            <Route path=path!("") view=|| () ssr=SsrMode::Async />
            <Route path=path!("/new") view=NewHook ssr=SsrMode::Async />
            <Route path=path!("/many") view=ManyHooks ssr=SsrMode::Async />
            <Route path=path!("/:hook") view=EditHook ssr=SsrMode::Async />
            <Route path=path!("/:hook/delete") view=DeleteHookPage ssr=SsrMode::Async />
            <Route path=path!("/:hook/test") view=TestHookPage ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The routes under `/hooks`.
#[component(transparent)]
pub fn AllHookRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/hooks") view=HookList ssr=SsrMode::Async>
            <Route path=path!("") view=|| () ssr=SsrMode::Async />
            <Route path=path!("/many") view=ManyHooks ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The hook that the address names; one that does not exist where it names none.
fn hook_of_address() -> Memo<HookId> {
    let params = use_params_map();
    Memo::new(move |_| {
        let id = params.read().get("hook");
        HookId(id.and_then(|id| id.parse().ok()).unwrap_or(0))
    })
}

/// A path under a queue's Hooks tab, with the tab's filters, so that closing a dialog leads back
/// to the same rows.
fn tab_path(rest: &str) -> String {
    let card = super::queues::use_card();
    let query = list_query(&use_location().query.read_untracked()).to_query_string();
    format!("/queues/{}/hooks{rest}{query}", card.id.get_untracked())
}
