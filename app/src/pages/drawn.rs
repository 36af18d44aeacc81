//! The pages that the server draws whole: a call, the comparison of two deliveries, the help about
//! failures, and those about how the installation stands now, which are drawn again and again.

mod now;

pub use now::NowRoutes;

use crate::{
    api::drawn::{Sheet, Which, draw},
    recent,
    ui::{CopyLink, Crumb, Load, PageHead},
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::Route,
    hooks::{use_params_map, use_query_map},
    path,
};
use model::jump::{Hit, HitKind};

/// The route of a call.
#[component(transparent)]
pub fn CallRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/calls/:id") view=Call ssr=SsrMode::Async /> }.into_inner()
}

/// The route of a comparison, which has to come before `/deliveries/:id`.
#[component(transparent)]
pub fn CompareRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/deliveries/compare") view=Compare ssr=SsrMode::Async /> }
        .into_inner()
}

/// The route of the help about failures.
#[component(transparent)]
pub fn HelpRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/help/failures/:id?") view=Failures ssr=SsrMode::Async /> }
        .into_inner()
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
fn Failures() -> impl IntoView {
    let params = use_params_map();
    drawn(Memo::new(move |_| Which::Failures(params.read().get("id").unwrap_or_default())))
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
    view! { <Load of=loaded view /> }.into_any()
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
