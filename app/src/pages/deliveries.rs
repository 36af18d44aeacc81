//! The pages under `/deliveries`: the log, and one delivery beside it.

mod curl;
mod detail;
mod filter;
mod filters;
mod follow;
mod keys;
mod list;
mod parts;
mod steps;
mod stream;
mod stretch;
mod why;

pub use filter::LogView;
pub use list::DeliveryList;

use crate::{
    error::AppError,
    text::deliveries as text,
    ui::{Empty, ErrorView, PageHead, Pic},
};
use detail::Detail;
use filters::Live;
use follow::Live as Following;
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::Route,
    hooks::{use_params_map, use_query_map},
    path,
};
use model::ids::DeliveryId;

/// The routes under `/deliveries`.
#[component(transparent)]
pub fn DeliveryRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/deliveries/:id?") view=Log ssr=SsrMode::Async /> }.into_inner()
}

/// The log, and beside it the delivery that the address names.
#[component]
fn Log() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let chosen = Memo::new(move |_| params.read().get("id").filter(|id| !id.is_empty()));
    let id = Memo::new(move |_| chosen.get().and_then(|id| id.parse::<DeliveryId>().ok()));
    let view = Memo::new(move |_| LogView::read(&query.read()));
    // Only whether there is one: from one delivery to the next the panel stays, and its content
    // changes when the next one has been loaded.
    let named = Memo::new(move |_| chosen.get().is_some());
    let known = Memo::new(move |_| id.get().is_some());
    let back = move || format!("/deliveries{}", view.get().address());
    let live = Following::new();
    view! {
        <div class="log" class:log-detail=move || chosen.get().is_some()>
            <div class="log-head">
                <PageHead title=text::TITLE>
                    <Live live=live />
                </PageHead>
            </div>
            <DeliveryList chosen=id live=live />
            <div class="log-side">
                <a class="log-back link" href=back>"← "{text::BACK}</a>
                {move || match (named.get(), known.get()) {
                    (false, _) => view! {
                        <Empty pic=Pic::Deliveries title=text::PICK_TITLE about=text::PICK_TEXT>
                            <Keys />
                        </Empty>
                    }
                    .into_any(),
                    (true, true) => view! { <Detail id=id view=view /> }.into_any(),
                    (true, false) => {
                        let given = chosen.get().unwrap_or_default();
                        view! { <ErrorView error=AppError::no("delivery", given) /> }.into_any()
                    }
                }}
            </div>
        </div>
    }
}

/// The keys that work on this page.
#[component]
fn Keys() -> impl IntoView {
    view! {
        <p class="keys">
            {text::KEYS
                .iter()
                .map(|(key, does)| view! { <span><kbd>{*key}</kbd>" "{*does}</span> })
                .collect_view()}
        </p>
    }
}
