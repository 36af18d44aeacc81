//! The pages that the server draws whole: how the installation stands now, a call, replays, what flows
//! keep and ask, the help. What stands at which address is the server's to know (`api::drawn`).

mod sheet;

pub use sheet::{Place, sheet};

use crate::{
    text::destinations as text,
    ui::{FilterBar, FilterSelect, PageHead},
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    hooks::use_url,
    path,
};
use model::live::BreakerState;

/// The routes of these pages. They have to come before `/deliveries/:id`.
#[component(transparent)]
pub fn DrawnRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/overview") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/nodes") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/destinations") view=Destinations ssr=SsrMode::Async />
            <Route path=path!("/destinations/settings") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/calls/:id") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/deliveries/compare") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/deliveries/:id/replay") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/replays") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/replays/new") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/replays/:id") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/help/failures/:id?") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/help/actions/:id?") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/lists/:id?") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/calendars/:id?") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/cache") view=Drawn ssr=SsrMode::Async />
            <Route path=path!("/settings/:of") view=Drawn ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The page at the address.
#[component]
pub fn Drawn() -> impl IntoView {
    sheet(here(), Place::Page)
}

#[component]
fn Destinations() -> impl IntoView {
    let states = BreakerState::ALL.map(|one| (one.as_str().into(), text::state(one).into()));
    let set = [("true", text::IS_SET), ("false", text::NOT_SET)];
    let set = set.map(|(value, words)| (value.into(), words.into()));
    view! {
        <PageHead title=text::TITLE />
        <FilterBar placeholder=text::SEARCH>
            <FilterSelect name="state" label=text::ANY_STATE options=states.into() />
            <FilterSelect name="set" label=text::ANY_SETTING options=set.into() />
        </FilterBar>
        {sheet(here(), Place::Body)}
    }
}

/// The path and the query, which stay what they are while one goes on to another page.
fn here() -> Memo<String> {
    let url = use_url();
    Memo::new(move |_| url.with(|url| format!("{}?{}", url.path(), url.search())))
}
