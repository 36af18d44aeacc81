//! The list of flows.

use crate::{
    api::flows::list_flows,
    start,
    text::flows as text,
    ui::{
        Column, Empty, FilterBar, FilterSelect, Icon, Kind, LinkButton, Load, NothingMatches,
        PageHead, Pager, Pic, Table, Tag, Time,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    flow::{FlowFilter, FlowKind, FlowMode, FlowRow},
    page::{Page, Paging, Sort},
    view::ViewList,
};

/// All flows, searched, filtered, sorted, in pages.
#[component]
pub fn FlowList() -> impl IntoView {
    let query = use_query_map();
    let changes = start::use_changes();
    let asked = Memo::new(move |_| {
        let query = query.read();
        let word = |name: &str| query.get(name).unwrap_or_default();
        let filter = FlowFilter {
            search: word("search").trim().to_owned(),
            kinds: word("kind").parse().into_iter().collect(),
            mode: word("mode").parse().ok(),
            sort: Sort::parse(&word("sort")),
            ..FlowFilter::default()
        };
        let page = word("page").parse().unwrap_or(1).max(1);
        (filter, Paging { page, ..Paging::default() })
    });
    let flows = Resource::new(
        move || (asked.get(), changes.get()),
        |((filter, paging), _)| list_flows(filter, paging),
    );
    let kinds =
        FlowKind::ALL.iter().map(|one| (one.to_string(), text::kind(*one).into())).collect();
    let modes =
        FlowMode::ALL.iter().map(|one| (one.to_string(), text::mode(*one).into())).collect();
    view! {
        <PageHead title=text::TITLE>
            {start::may_edit().then(|| view! { <Add /> })}
        </PageHead>
        <FilterBar placeholder=text::SEARCH views=ViewList::Flows columns=columns()>
            <FilterSelect name="kind" label=text::ANY_KIND options=kinds />
            <FilterSelect name="mode" label=text::ANY_MODE options=modes />
        </FilterBar>
        <Load
            of=flows
            view=move |page| {
                let (filter, paging) = asked.get_untracked();
                let narrowed = !filter.search.is_empty() || !filter.kinds.is_empty()
                    || filter.mode.is_some() || paging.page > 1;
                view! { <Rows page=page paging=paging narrowed=narrowed /> }.into_any()
            }
        />
    }
}

#[component]
fn Add() -> impl IntoView {
    view! {
        <LinkButton href="/flows/import">{text::IMPORT}</LinkButton>
        <LinkButton href="/flows/new" kind=Kind::Primary>
            <Icon of=Pic::Plus />
            {text::NEW}
        </LinkButton>
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new(text::COL_NAME).sorted("name"),
        Column::new(text::COL_KIND).optional("kind"),
        Column::new(text::COL_MODE).wide().optional("mode"),
        Column::new(text::COL_VERSION).numeric().wide().optional("version"),
        Column::new(text::COL_HOOKS).optional("hooks"),
        Column::new(text::COL_SAVED).sorted("updated").optional("saved"),
    ]
}

#[component]
fn Rows(page: Page<FlowRow>, paging: Paging, narrowed: bool) -> impl IntoView {
    if page.items.is_empty() && narrowed {
        return view! { <NothingMatches clear="/flows" /> }.into_any();
    }
    if page.items.is_empty() {
        return view! {
            <Empty pic=Pic::Flows title=text::EMPTY_TITLE about=text::EMPTY_TEXT>
                {start::may_edit().then(|| view! { <Add /> })}
            </Empty>
        }
        .into_any();
    }
    let shown = page.items.len();
    let foot = view! {
        <Pager paging=paging total=page.total shown=shown what=("flow", "flows") />
    };
    let rows = page.items.into_iter().map(|row| view! { <Row row=row /> }).collect_view();
    view! {
        <Table caption=text::TITLE columns=columns() foot=foot.into_any()>
            {rows}
        </Table>
    }
    .into_any()
}

#[component]
fn Row(row: FlowRow) -> impl IntoView {
    let hooks = match row.hooks {
        0 => view! { <span class="dim">{text::UNUSED}</span> }.into_any(),
        count => text::hooks(count.into()).into_any(),
    };
    view! {
        <tr>
            <td>
                <a class="link" href=format!("/flows/{}", row.id)>{row.name}</a>
            </td>
            <td>{text::kind(row.kind)}</td>
            <td class="wide"><Tag>{text::mode(row.mode)}</Tag></td>
            <td class="num wide">{row.current}</td>
            <td class="nowrap">{hooks}</td>
            <td class="nowrap"><Time at=row.updated_at />" "<span class="dim">{text::BY}" "{row.saved_by}</span></td>
        </tr>
    }
}
