//! The list of queues.

use crate::{
    api::{
        queues::{SwitchQueue, list_queues},
        url_of,
    },
    pages::many::{QUEUE_ACTS, kept_fields},
    start,
    text::{catalog, hooks, queues as words, time},
    ui::{
        ChooseRow, Column, Empty, FilterBar, FilterSelect, Icon, Kind, LinkButton, ListPath, Load,
        NothingMatches, PageHead, Pager, Pic, Pill, Selectable, Switch, Table, Tag, Tone,
        paging_of,
    },
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location, params::ParamsMap};
use model::{
    catalog::QueueType,
    page::{Page, Paging, Sort},
    queue::{QueueFilter, QueueRow},
    view::ViewList,
};

/// The list's own path.
const PATH: &str = "/queues";

/// The list of queues, and over it whichever dialog is open.
#[component]
pub fn QueueList() -> impl IntoView {
    let query = use_location().query;
    let asked = Memo::new(move |_| read(&query.read()));
    let changes = start::use_changes();
    let rows = Resource::new_blocking(
        move || (asked.get(), changes.get()),
        |((filter, paging), _)| list_queues(filter, paging),
    );
    provide_context(ListPath::new(PATH));
    let types = QueueType::ALL
        .map(|kind| (kind.as_str().to_owned(), catalog::queue_type(kind).to_owned()))
        .to_vec();
    view! {
        <PageHead title=words::TITLE>{add()}</PageHead>
        <div class="below">
            <FilterBar
                placeholder=words::SEARCH
                path=PATH
                views=ViewList::Queues
                columns=columns()
            >
                <FilterSelect name="type" label=words::TYPE options=types />
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

fn add() -> Option<impl IntoView> {
    start::may_edit().then(|| {
        view! {
            <LinkButton href="/queues/new" kind=Kind::Primary>
                <Icon of=Pic::Plus />
                {words::ADD}
            </LinkButton>
        }
    })
}

fn states() -> Vec<(String, String)> {
    vec![("on".into(), words::STATE_ON.into()), ("off".into(), words::STATE_OFF.into())]
}

fn read(query: &ParamsMap) -> (QueueFilter, Paging) {
    let get = |name| query.get(name).unwrap_or_default();
    let enabled = match get("state").as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let filter = QueueFilter {
        search: get("search"),
        kinds: get("type").parse().into_iter().collect(),
        enabled,
        sort: Sort::parse(&get("sort")),
        ..QueueFilter::default()
    };
    (filter, paging_of(query))
}

fn columns() -> Vec<Column> {
    vec![
        Column::new(words::NAME).sorted("name"),
        Column::new(words::TYPE).sorted("type").optional("type"),
        Column::new(words::HOOKS).numeric().optional("hooks"),
        Column::new(words::EVENTS).numeric().optional("events"),
        Column::new(words::DELIVERED).numeric().optional("delivered"),
        Column::new(words::ON).optional("on"),
    ]
}

#[component]
fn Rows(page: Page<QueueRow>, filter: QueueFilter, paging: Paging) -> impl IntoView {
    if page.items.is_empty() {
        let all = QueueFilter { sort: filter.sort.clone(), ..QueueFilter::default() };
        if filter != all || paging.page > 1 {
            return view! { <NothingMatches clear=PATH /> }.into_any();
        }
        let about = if start::may_edit() { words::EMPTY_ABOUT } else { words::EMPTY_VIEWER };
        return view! {
            <Empty pic=Pic::Queues title=words::EMPTY about>
                {add()}
            </Empty>
        }
        .into_any();
    }
    let chooses = start::may_edit();
    let mut heads = Vec::new();
    if chooses {
        heads.push(Column::chooses());
    }
    heads.extend(columns());
    let shown = page.items.len();
    let rows: Vec<_> = page.items.iter().map(|row| row.id.to_string()).collect();
    let foot = view! { <Pager paging total=page.total shown what=words::COUNTED sizes=true /> };
    let table = view! {
        <Table caption=words::CAPTION columns=heads foot=foot.into_any()>
            {page.items.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </Table>
    };
    if !chooses {
        return table.into_any();
    }
    view! {
        <Selectable
            rows
            what=words::COUNTED
            action=format!("{PATH}/many")
            fields=kept_fields()
            acts=QUEUE_ACTS.to_vec()
        >
            {table}
        </Selectable>
    }
    .into_any()
}

#[component]
fn Row(row: QueueRow) -> impl IntoView {
    let href = format!("/queues/{}/hooks", row.id);
    let share = match row.last_hour.share_delivered() {
        Some(share) => time::percent(share).into_any(),
        None => view! { <span class="dim" title=words::NOTHING_FINISHED>"–"</span> }.into_any(),
    };
    let choose = start::may_edit()
        .then(|| view! { <ChooseRow id=row.id.to_string() label=row.name.clone() /> });
    view! {
        <tr>
            {choose}
            <td class="first name">
                <a href=href>
                    <b>{row.name.clone()}</b>
                </a>
                {row.paused.then(|| view! { <Pill tone=Tone::Wait>{hooks::PAUSED}</Pill> })}
            </td>
            <td class="break">
                <Tag>{catalog::queue_type(row.kind)}</Tag>
            </td>
            <td class="num" data-label=words::HOOKS>
                {row.hooks}
            </td>
            <td class="num" data-label=words::EVENTS>
                {time::number(row.last_hour.events)}
            </td>
            <td class="num" data-label=words::DELIVERED>
                {share}
            </td>
            <td class="last">
                <Switch
                    action={url_of::<SwitchQueue>()}
                    fields=vec![("id", row.id.to_string())]
                    on=row.enabled
                    label=words::switch(&row.name)
                    fixed=!start::may_edit()
                />
            </td>
        </tr>
    }
}
