//! Pages about how the installation stands now: the overview, the destinations. While one is looked
//! at, its body is fetched again and again as the server draws it.

use super::drawn;
use crate::{
    api::drawn::{Sheet, Which, draw},
    text::destinations as text,
    ui::{FilterBar, FilterSelect, Load, PageHead},
};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    hooks::use_query_map,
    path,
};
use model::live::BreakerState;
use std::time::Duration;

/// How often a page is drawn anew while it is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// What the person has opened, or stands on, in what would be replaced.
const IN_USE: &str = "details[open], :focus";

/// The routes of these pages.
#[component(transparent)]
pub fn NowRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
            <Route path=path!("/overview") view=Overview ssr=SsrMode::Async />
            <Route path=path!("/nodes") view=Nodes ssr=SsrMode::Async />
            <Route path=path!("/destinations") view=Destinations ssr=SsrMode::Async />
            <Route path=path!("/destinations/settings") view=Destination ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

#[component]
fn Overview() -> impl IntoView {
    let query = use_query_map();
    followed(Memo::new(move |_| Which::Overview(query.read().get("span").unwrap_or_default())))
}

#[component]
fn Nodes() -> impl IntoView {
    followed(Memo::new(|_| Which::Nodes))
}

/// A page that is drawn anew below its head.
fn followed(which: Memo<Which>) -> AnyView {
    let view = move |sheet: Sheet| {
        view! {
            <PageHead title=sheet.title>
                <div inner_html=sheet.beside></div>
            </PageHead>
            {body(which, sheet.body)}
        }
        .into_any()
    };
    view! { <Load of=Resource::new(move || which.get(), draw) view /> }.into_any()
}

#[component]
fn Destinations() -> impl IntoView {
    let query = use_query_map();
    let which = Memo::new(move |_| {
        let of = |name| query.read().get(name).unwrap_or_default();
        Which::Destinations { search: of("search"), state: of("state"), set: of("set") }
    });
    let states = BreakerState::ALL.map(|one| (one.as_str().into(), text::state(one).into()));
    let set = [("true", text::IS_SET), ("false", text::NOT_SET)];
    let set = set.map(|(value, words)| (value.into(), words.into()));
    let view = move |sheet: Sheet| body(which, sheet.body);
    view! {
        <PageHead title=text::TITLE />
        <FilterBar placeholder=text::SEARCH>
            <FilterSelect name="state" label=text::ANY_STATE options=states.into() />
            <FilterSelect name="set" label=text::ANY_SETTING options=set.into() />
        </FilterBar>
        <Load of=Resource::new(move || which.get(), draw) view />
    }
}

#[component]
fn Destination() -> impl IntoView {
    let query = use_query_map();
    // Forms stand on this page: what is typed into them is not drawn over.
    drawn(Memo::new(move |_| Which::Destination(query.read().get("key").unwrap_or_default())))
}

/// A body as the server drew it, which is drawn anew while nobody uses it.
fn body(which: Memo<Which>, first: String) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let shown = StoredValue::new(first.clone());
    let look = move || {
        let hidden = document().visibility_state() == web_sys::VisibilityState::Hidden;
        let used = node
            .get_untracked()
            .is_none_or(|node| node.query_selector(IN_USE).ok().flatten().is_some());
        if hidden || used {
            return;
        }
        let asked = which.get_untracked();
        spawn_local(async move {
            let Ok(sheet) = draw(asked.clone()).await else { return };
            // The page may have been left meanwhile, or show something else.
            let same = which.try_get_untracked().is_some_and(|now| now == asked);
            let Some(node) = node.try_get_untracked().flatten() else { return };
            if same && shown.try_get_value().is_some_and(|shown| shown != sheet.body) {
                node.set_inner_html(&sheet.body);
                shown.set_value(sheet.body);
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(timer) = set_interval_with_handle(look, EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
    view! { <div class="drawn" node_ref=node inner_html=first></div> }.into_any()
}
