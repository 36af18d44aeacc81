//! Tables. On a narrow screen each row becomes a card: cells of class `wide` go, the rest flow.

use super::{Icon, ListPath, Pic, query_with, selection::ChooseAll};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::page::Sort;

/// A column's head.
#[derive(Debug, Clone, Default)]
pub struct Column {
    label: String,
    sort: Option<&'static str>,
    numeric: bool,
    wide: bool,
    hidden: bool,
    chooses: bool,
}

impl Column {
    /// A column with this head.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// Can be sorted by, under this name in the address.
    pub fn sorted(self, by: &'static str) -> Self {
        Self { sort: Some(by), ..self }
    }

    /// Holds numbers, set to the right.
    pub fn numeric(self) -> Self {
        Self { numeric: true, ..self }
    }

    /// Goes on a narrow screen; its cells have the class `wide` too.
    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// Holds the boxes that choose rows, and in its head the one for all.
    pub fn chooses() -> Self {
        Self { chooses: true, ..Self::default() }
    }

    /// The head is read out, but not seen.
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}

/// A table in a card. Its children are rows (`<tr>`).
#[component]
pub fn Table(
    /// What it lists, for those who do not see it.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    /// Below the rows: a total, a [`super::Pager`].
    #[prop(optional, into)]
    foot: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let heads = columns.into_iter().map(|column| view! { <Head column /> }).collect_view();
    view! {
        <div class="card table-card">
            <table>
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
            {foot.map(|foot| view! { <div class="foot">{foot}</div> })}
        </div>
    }
}

#[component]
fn Head(column: Column) -> impl IntoView {
    let location = use_location();
    let by = column.sort;
    let now = Memo::new(move |_| {
        let query = location.query.read();
        by.and_then(|by| {
            let sort = Sort::parse(&query.get("sort")?);
            (sort.column == by).then_some(sort.descending)
        })
    });
    let order = move || match (by, now.get()) {
        (Some(_), Some(false)) => Some("ascending"),
        (Some(_), Some(true)) => Some("descending"),
        _ => None,
    };
    let label = column.label.clone();
    let inner = match by {
        None if column.chooses => view! { <ChooseAll /> }.into_any(),
        None if column.hidden => view! { <span class="sr-only">{label}</span> }.into_any(),
        None => view! { {label} }.into_any(),
        Some(by) => {
            let location = use_location();
            let list = StoredValue::new(use_context::<ListPath>());
            let href = move || {
                let next = match now.get() {
                    Some(false) => format!("-{by}"),
                    _ => by.to_owned(),
                };
                let query = location.query.read();
                let changes = [("sort", next.as_str()), ("page", "")];
                list.with_value(|list| match list {
                    Some(ListPath(path)) => query_with(path, &query, &changes),
                    None => query_with(&location.pathname.read(), &query, &changes),
                })
            };
            view! {
                <a class="sort" href=href>
                    {label}
                    {move || {
                        now.get()
                            .map(|down| view! { <Icon of=if down { Pic::Down } else { Pic::Up } /> })
                    }}
                </a>
            }
            .into_any()
        }
    };
    view! {
        <th scope="col" class:choose=column.chooses class:num=column.numeric class:wide=column.wide aria-sort=order>
            {inner}
        </th>
    }
}
