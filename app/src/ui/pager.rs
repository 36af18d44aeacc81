//! Ways through a list that does not fit on a page.

use super::{LinkButton, list_path, query_with};
use crate::text;
use leptos::prelude::*;
use leptos_router::{hooks::use_location, params::ParamsMap};
use model::page::Paging;

/// How many rows a page may have; the most are what is changed at once.
const SIZES: [u32; 3] = [25, 100, model::many::AT_ONCE as u32];

/// Which page the address names, and how many rows it has.
pub fn paging_of(query: &ParamsMap) -> Paging {
    let get = |name| query.get(name).and_then(|value| value.parse::<u32>().ok());
    let size = get("size").filter(|size| SIZES.contains(size)).unwrap_or(SIZES[0]);
    Paging { page: get("page").unwrap_or(1).max(1), size }
}

/// The foot of a small table: what is shown of how many, and the pages beside.
#[component]
pub fn Pager(
    paging: Paging,
    /// How many rows match in all.
    total: u64,
    /// How many rows are shown.
    shown: usize,
    /// What is counted: one, many.
    what: (&'static str, &'static str),
    /// Whether the person chooses how many rows a page has.
    #[prop(optional)]
    sizes: bool,
) -> impl IntoView {
    let location = use_location();
    let path = StoredValue::new(list_path());
    let before = paging.offset().unsigned_abs();
    let shown = shown as u64;
    let counted = text::time::plural(total, what.0, what.1);
    let words = if shown < total && shown > 0 {
        text::ui::range(before + 1, before + shown, &counted)
    } else {
        counted
    };
    let to = move |page: u32| {
        let page = if page <= 1 { String::new() } else { page.to_string() };
        let query = location.query.read_untracked();
        path.with_value(|path| query_with(path, &query, &[("page", &page)]))
    };
    let previous = (paging.page > 1).then(|| to(paging.page - 1));
    let next = (before + shown < total).then(|| to(paging.page + 1));
    let sizes = (sizes && total > u64::from(SIZES[0])).then(|| {
        let one = |size: u32| {
            let value = if size == SIZES[0] { String::new() } else { size.to_string() };
            let query = location.query.read_untracked();
            let changes = [("size", value.as_str()), ("page", "")];
            let href = path.with_value(|path| query_with(path, &query, &changes));
            let here = (size == paging.size).then_some("true");
            let label = text::ui::rows_a_page(size);
            view! { <a href=href aria-current=here aria-label=label>{size}</a> }
        };
        view! {
            <nav class="sizes" aria-label=text::ui::ROWS>
                <span aria-hidden="true">{text::ui::ROWS}</span>
                {SIZES.map(one).collect_view()}
            </nav>
        }
    });
    view! {
        <span>{words}</span>
        <span class="grow"></span>
        {sizes}
        <Ways first=(text::ui::PREVIOUS, previous) second=(text::ui::NEXT, next) />
    }
}

/// The foot of the log: the stretches beside this one, by cursor.
#[component]
pub fn CursorPager(newer: Option<i64>, older: Option<i64>) -> impl IntoView {
    let location = use_location();
    let to = move |name: &'static str, cursor: i64| {
        let query = location.query.read_untracked();
        let other = if name == "before" { "after" } else { "before" };
        let changes = [(name, cursor.to_string()), (other, String::new())];
        let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        query_with(&location.pathname.read_untracked(), &query, &changes)
    };
    let newer = newer.map(|cursor| to("after", cursor));
    let older = older.map(|cursor| to("before", cursor));
    view! { <Ways first=(text::ui::NEWER, newer) second=(text::ui::OLDER, older) /> }
}

type Way = (&'static str, Option<String>);

#[component]
fn Ways(first: Way, second: Way) -> impl IntoView {
    if first.1.is_none() && second.1.is_none() {
        return ().into_any();
    }
    let way = |(label, href): Way| match href {
        Some(href) => view! { <LinkButton href>{label}</LinkButton> }.into_any(),
        None => view! { <span class="btn" aria-disabled="true">{label}</span> }.into_any(),
    };
    view! { <nav class="row" aria-label=text::ui::PAGES>{way(first)} {way(second)}</nav> }
        .into_any()
}
