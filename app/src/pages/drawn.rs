//! The pages that the server draws whole: a call, the comparison of two deliveries, the help about
//! failures, and those about how the installation stands now, which are drawn again and again.

mod now;

pub use now::NowRoutes;

use crate::{
    api::drawn::{Kept, Sheet, Which, draw},
    error::AppError,
    pages::deliveries::LogView,
    recent,
    ui::{CopyLink, Crumb, Load, PageHead},
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    hooks::{use_params_map, use_query_map},
    path,
};
use model::{
    jump::{Hit, HitKind},
    page::Paging,
    replay::ReplayFilter,
};
use std::time::Duration;

/// How often a page that changes by itself is drawn again.
const EVERY: Duration = Duration::from_secs(1);

/// The route of a call.
#[component(transparent)]
pub fn CallRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/calls/:id") view=Call ssr=SsrMode::Async /> }.into_inner()
}

/// The routes of a comparison and of a replay from a step, which have to come before `/deliveries/:id`.
#[component(transparent)]
pub fn CompareRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/deliveries/compare") view=Compare ssr=SsrMode::Async />
            <Route path=path!("/deliveries/:id/replay") view=ReplayFrom ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The routes of replays.
#[component(transparent)]
pub fn ReplayRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/replays") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=Replays ssr=SsrMode::Async />
            <Route path=path!("/new") view=NewReplay ssr=SsrMode::Async />
            <Route path=path!("/:id") view=Replay ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The routes of the help: about failures, and about the actions of flows.
#[component(transparent)]
pub fn HelpRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/help") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/failures/:id?") view=Failures ssr=SsrMode::Async />
            <Route path=path!("/actions/:id?") view=Actions ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The routes of what flows keep and ask.
#[component(transparent)]
pub fn KeptRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/lists/:id?") view=|| kept(Kept::Lists) ssr=SsrMode::Async />
            <Route path=path!("/calendars/:id?") view=|| kept(Kept::Calendars) ssr=SsrMode::Async />
            <Route path=path!("/cache") view=|| kept(Kept::Cache) ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

fn kept(of: Kept) -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    drawn(Memo::new(move |_| {
        let said = |name| query.read().get(name).unwrap_or_default();
        let id = params.read().get("id").unwrap_or_default();
        Which::Kept { of, id, search: said("search"), after: said("after") }
    }))
}

/// The route of what flows use of the installation.
#[component(transparent)]
pub fn SettingsRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/settings/:of") view=Settings ssr=SsrMode::Async /> }.into_inner()
}

#[component]
fn Settings() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    drawn(Memo::new(move |_| {
        let said = |name| query.read().get(name).unwrap_or_default();
        let of = params.read().get("of").unwrap_or_default();
        Which::Settings { of, search: said("search"), name: said("name"), made: said("made") }
    }))
}

#[component]
fn Call() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::Call(params.read().get("id").unwrap_or_default())))
}

#[component]
fn Compare() -> impl IntoView {
    let query = use_query_map();
    drawn(Memo::new(move |_| {
        let of = |name| query.read().get(name).unwrap_or_default();
        Which::Compare { a: of("a"), b: of("b") }
    }))
}

#[component]
fn ReplayFrom() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::ReplayFrom(params.read().get("id").unwrap_or_default())))
}

#[component]
fn Failures() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::Failures(params.read().get("id").unwrap_or_default())))
}

#[component]
fn Actions() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    drawn(Memo::new(move |_| Which::Actions {
        name: params.read().get("id").unwrap_or_default(),
        search: query.read().get("search").unwrap_or_default(),
    }))
}

#[component]
fn Replays() -> impl IntoView {
    let query = use_query_map();
    drawn(Memo::new(move |_| {
        let query = query.read();
        let states = query.get_all("state").unwrap_or_default();
        let filter = ReplayFilter {
            search: query.get("search").unwrap_or_default(),
            states: states.iter().filter_map(|state| state.parse().ok()).collect(),
        };
        let page = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        Which::Replays(filter, Paging { page, ..Paging::default() })
    }))
}

#[component]
fn NewReplay() -> impl IntoView {
    let query = use_query_map();
    drawn(Memo::new(move |_| {
        let view = LogView::read(&query.read());
        Which::NewReplay(Box::new(view.query().filter), view.minutes())
    }))
}

#[component]
fn Replay() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::Replay(params.read().get("id").unwrap_or_default())))
}

/// Importing flows.
#[component]
pub fn Imports() -> impl IntoView {
    let query = use_query_map();
    drawn(Memo::new(move |_| Which::Imports(query.read().get("report").unwrap_or_default())))
}

/// Which flow runs when a delivery of this one dies.
#[component]
pub fn FailureFlow() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::FailureFlow(params.read().get("id").unwrap_or_default())))
}

fn drawn(which: Memo<Which>) -> AnyView {
    let loaded = Resource::new(move || which.get(), draw);
    let view = move |sheet: Sheet| {
        if let (Which::Call(_), Some(href)) = (which.get_untracked(), sheet.share.clone()) {
            let title = sheet.title.clone();
            recent::remember(Hit { kind: HitKind::Call, title, note: String::new(), href });
        }
        shown(sheet)
    };
    redraw(loaded);
    view! { <Load of=loaded view /> }.into_any()
}

/// Draws a page that changes by itself again and again, unless somebody is choosing in it.
fn redraw(loaded: Resource<Result<Sheet, AppError>>) {
    let look = move || {
        let live =
            loaded.try_get_untracked().flatten().is_some_and(|it| it.is_ok_and(|it| it.live));
        let busy = document().active_element().is_some_and(|here| here.tag_name() == "SELECT");
        if live && !busy {
            loaded.refetch();
        }
    };
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(look, EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
}

fn shown(sheet: Sheet) -> AnyView {
    let share = sheet.share.map(|path| view! { <CopyLink path=path /> });
    view! {
        <PageHead title=sheet.title crumbs=crumbs(sheet.above)>
            {share}
        </PageHead>
        <div class="drawn" inner_html=sheet.body></div>
    }
    .into_any()
}

fn crumbs(above: Option<(String, String)>) -> Vec<Crumb> {
    above.into_iter().map(|(label, href)| Crumb::new(label, href)).collect()
}
