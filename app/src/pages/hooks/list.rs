//! The hooks of all queues.

use super::{
    filter::{events, narrows, read, states},
    table::{HookTable, columns},
};
use crate::{
    api::{
        hooks::{list_hooks, offer_filters, offer_flows},
        queues::offer_queues,
    },
    start,
    text::hooks as words,
    ui::{
        Empty, FilterBar, FilterSearch, FilterSelect, LinkButton, ListPath, Load, NothingMatches,
        PageHead, Pic,
    },
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};
use model::{
    catalog::EventKind,
    hook::{HookFilter, HookRow},
    page::{Page, Paging},
    view::ViewList,
};

/// The list's own path.
const PATH: &str = "/hooks";

/// The hooks of all queues, and over them whichever dialog is open.
#[component]
pub fn HookList() -> impl IntoView {
    let query = use_location().query;
    let asked = Memo::new(move |_| read(&query.read(), None));
    let changes = start::use_changes();
    let rows = Resource::new_blocking(
        move || (asked.get(), changes.get()),
        |((filter, paging), _)| list_hooks(filter, paging),
    );
    // Loaded once: what is chosen later is on offer already.
    let (first, _) = asked.get_untracked();
    let named = (first.queues.first().copied(), first.flows.first().copied());
    let offered = Resource::new_blocking(move || named, |(queue, flow)| offer_filters(queue, flow));
    provide_context(ListPath::new(PATH));
    view! {
        <PageHead title=words::TITLE />
        <div class="below">
            <FilterBar
                placeholder=words::SEARCH
                path=PATH
                views=ViewList::Hooks
                columns=columns(true)
            >
                <Load
                    of=offered
                    lines=1
                    quiet=true
                    view=|(queues, flows)| {
                        view! {
                            <FilterSearch
                                name="queue"
                                label=words::QUEUE
                                all=words::ALL_QUEUES
                                offered=queues
                                find=|text| {
                                    Box::pin(async move { offer_queues(text).await.ok() })
                                }
                            />
                            <FilterSearch
                                name="flow"
                                label=words::FLOW
                                all=words::ALL_FLOWS
                                offered=flows
                                find=|text| Box::pin(async move { offer_flows(text).await.ok() })
                            />
                        }
                            .into_any()
                    }
                />
                <FilterSelect name="event" label=words::EVENT options=events(EventKind::ALL) />
                <FilterSelect name="state" label=words::STATE options=states() />
            </FilterBar>
            <Load
                of=rows
                view=move |page| {
                    let (filter, paging) = asked.get_untracked();
                    view! { <Rows page filter paging /> }.into_any()
                }
            />
        </div>
        <Outlet />
    }
}

#[component]
fn Rows(page: Page<HookRow>, filter: HookFilter, paging: Paging) -> impl IntoView {
    if !page.items.is_empty() {
        return view! { <HookTable page paging path=PATH caption=words::CAPTION everywhere=true /> }
            .into_any();
    }
    if narrows(&filter, None) || paging.page > 1 {
        return view! { <NothingMatches clear=PATH /> }.into_any();
    }
    view! {
        <Empty pic=Pic::Hooks title=words::EMPTY about=words::EMPTY_EVERYWHERE_ABOUT>
            <LinkButton href="/queues">{words::TO_QUEUES}</LinkButton>
        </Empty>
    }
    .into_any()
}
