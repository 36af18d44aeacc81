//! Ways through a list that does not fit on a page.

use super::{LinkButton, query_with};
use crate::text;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::page::Paging;

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
) -> impl IntoView {
    let location = use_location();
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
        query_with(&location.pathname.read_untracked(), &query, &[("page", &page)])
    };
    let previous = (paging.page > 1).then(|| to(paging.page - 1));
    let next = (before + shown < total).then(|| to(paging.page + 1));
    view! {
        <span>{words}</span>
        <span class="grow"></span>
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
