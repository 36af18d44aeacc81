//! The list of a queue's hooks.

use super::{
    filter::{events, narrows, read, states},
    tab_path,
    table::{HookTable, columns},
};
use crate::{
    api::hooks::list_hooks,
    pages::queues::use_card,
    start,
    text::hooks as words,
    ui::{
        Empty, FilterBar, FilterSelect, Icon, Kind, LinkButton, ListPath, Load, NothingMatches,
        Pic, list_query,
    },
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};
use model::{
    hook::{HookFilter, HookRow},
    page::{Page, Paging},
    view::ViewList,
};

/// A queue's hooks, and over them whichever dialog is open.
#[component]
pub fn HooksTab() -> impl IntoView {
    let card = use_card();
    let query = use_location().query;
    let asked = Memo::new(move |_| read(&query.read(), Some(card.id.get())));
    let changes = start::use_changes();
    let rows = Resource::new_blocking(
        move || (asked.get(), changes.get()),
        |((filter, paging), _)| list_hooks(filter, paging),
    );
    let fired = card.queue_now().map(|queue| queue.kind.events().collect::<Vec<_>>());
    let fired = fired.unwrap_or_default();
    let path = format!("/queues/{}/hooks", card.id.get_untracked());
    provide_context(ListPath::new(&path));
    view! {
        <FilterBar
            placeholder=words::SEARCH
            path
            views=ViewList::Hooks
            columns=columns(false)
            actions=actions().map(IntoAny::into_any).unwrap_or_else(|| ().into_any())
        >
            <FilterSelect name="event" label=words::EVENT options=events(fired) />
            <FilterSelect name="state" label=words::STATE options=states() />
        </FilterBar>
        <Load
            of=rows
            view=move |page| {
                let (filter, paging) = asked.get_untracked();
                view! { <Rows page filter paging /> }.into_any()
            }
        />
        <Outlet />
    }
}

fn actions() -> Option<impl IntoView> {
    let location = use_location();
    let card = use_card();
    let href = move || {
        let query = list_query(&location.query.read()).to_query_string();
        format!("/queues/{}/hooks/new{query}", card.id.get())
    };
    let copy = move || {
        let id = card.id.get();
        (card.hooks() > 0).then(|| {
            view! {
                <LinkButton href=format!("/queues/{id}/hooks/many?act=copy&all_of={id}") kind=Kind::Quiet>
                    <Icon of=Pic::Copy />
                    {words::COPY_ALL}
                </LinkButton>
            }
        })
    };
    start::may_edit().then(|| {
        view! {
            {copy}
            <a class="btn primary" href=href>
                <Icon of=Pic::Plus />
                {words::ADD}
            </a>
        }
    })
}

#[component]
fn Rows(page: Page<HookRow>, filter: HookFilter, paging: Paging) -> impl IntoView {
    let card = use_card();
    if page.items.is_empty() {
        if narrows(&filter, Some(card.id.get_untracked())) || paging.page > 1 {
            let clear = format!("/queues/{}/hooks", card.id.get_untracked());
            return view! { <NothingMatches clear /> }.into_any();
        }
        let about = if start::may_edit() { words::EMPTY_ABOUT } else { words::EMPTY_VIEWER };
        let add = start::may_edit().then(|| {
            view! {
                <LinkButton href=tab_path("/new") kind=Kind::Primary>
                    <Icon of=Pic::Plus />
                    {words::ADD}
                </LinkButton>
            }
        });
        return view! {
            <Empty pic=Pic::Events title=words::EMPTY about>
                {add}
            </Empty>
        }
        .into_any();
    }
    let queue = page.items.first().map(|row| row.queue_name.clone()).unwrap_or_default();
    let path = format!("/queues/{}/hooks", card.id.get_untracked());
    view! { <HookTable page paging path caption=words::caption(&queue) /> }.into_any()
}
