//! The list of a queue's hooks.

use super::{row::Row, tab_path};
use crate::{
    api::hooks::list_hooks,
    pages::queues::use_card,
    start,
    text::{catalog, hooks as words},
    ui::{
        Column, Empty, FilterBar, FilterSelect, Icon, Kind, LinkButton, Load, NothingMatches,
        Pager, Pic, Table,
    },
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location, params::ParamsMap};
use model::{
    catalog::EventKind,
    hook::{HookFilter, HookRow},
    ids::QueueId,
    page::{Page, Paging, Sort},
};

/// A queue's hooks, and over them whichever dialog is open.
#[component]
pub fn HooksTab() -> impl IntoView {
    let card = use_card();
    let query = use_location().query;
    let asked = Memo::new(move |_| read(card.id.get(), &query.read()));
    let changes = start::use_changes();
    let rows = Resource::new_blocking(
        move || (asked.get(), changes.get()),
        |((filter, paging), _)| list_hooks(filter, paging),
    );
    let fired = card.queue_now().map(|queue| queue.kind.events().collect::<Vec<_>>());
    let events = fired.unwrap_or_default();
    let path = format!("/queues/{}/hooks", card.id.get_untracked());
    view! {
        <FilterBar
            placeholder=words::SEARCH
            path
            actions=add().map(IntoAny::into_any).unwrap_or_else(|| ().into_any())
        >
            <FilterSelect name="event" label=words::EVENT options=names(&events) />
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

fn add() -> Option<impl IntoView> {
    let location = use_location();
    let card = use_card();
    let href = move || {
        format!("/queues/{}/hooks/new{}", card.id.get(), location.query.read().to_query_string())
    };
    start::may_edit().then(|| {
        view! {
            <a class="btn primary" href=href>
                <Icon of=Pic::Plus />
                {words::ADD}
            </a>
        }
    })
}

fn names(events: &[EventKind]) -> Vec<(String, String)> {
    let name = |event: &EventKind| (event.to_string(), catalog::event(*event).to_owned());
    events.iter().map(name).collect()
}

fn states() -> Vec<(String, String)> {
    vec![("on".into(), words::STATE_ON.into()), ("off".into(), words::STATE_OFF.into())]
}

fn read(queue: QueueId, query: &ParamsMap) -> (HookFilter, Paging) {
    let get = |name| query.get(name).unwrap_or_default();
    let enabled = match get("state").as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let filter = HookFilter {
        search: get("search"),
        events: get("event").parse().into_iter().collect(),
        enabled,
        sort: Sort::parse(&get("sort")),
        ..HookFilter::of_queue(queue)
    };
    let page = get("page").parse().unwrap_or(1).max(1);
    (filter, Paging { page, ..Paging::default() })
}

#[component]
fn Rows(page: Page<HookRow>, filter: HookFilter, paging: Paging) -> impl IntoView {
    let card = use_card();
    if page.items.is_empty() {
        let all = HookFilter {
            queues: filter.queues.clone(),
            sort: filter.sort.clone(),
            ..HookFilter::default()
        };
        if filter != all || paging.page > 1 {
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
    let columns = vec![
        Column::new(words::EVENT).sorted("event"),
        Column::new(words::FLOW).sorted("flow"),
        Column::new(words::CONDITION).wide(),
        Column::new(words::LAST),
        Column::new(words::DAY).wide(),
        Column::new(words::DELIVERED).numeric(),
        Column::new(words::ON),
        Column::new(crate::text::ui::ACTIONS).hidden(),
    ];
    let queue = page.items.first().map(|row| row.queue_name.clone()).unwrap_or_default();
    let shown = page.items.len();
    let foot = view! { <Pager paging total=page.total shown what=words::COUNTED /> }.into_any();
    view! {
        <Table caption=words::caption(&queue) columns foot>
            {page.items.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </Table>
    }
    .into_any()
}
