//! Tables. On a narrow screen each row becomes a card: cells of class `wide` go, the rest flow.

use super::{Icon, ListPath, Pic, query_with, selection::ChooseAll, shown_columns};
use leptos::prelude::*;
use leptos_router::{hooks::use_location, params::ParamsMap};
use model::page::Sort;

/// A column's head.
#[derive(Debug, Clone, Default)]
pub struct Column {
    pub(super) label: String,
    /// Its name in the address, where one may choose not to see it.
    pub(super) key: Option<&'static str>,
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

    /// May be left out, under this name in the address; see [`super::ColumnChooser`].
    pub fn optional(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Whether it may be left out.
    pub fn is_optional(&self) -> bool {
        self.key.is_some()
    }

    /// The head is read out, but not seen.
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}

/// A table in a card. Its children are rows (`<tr>`), each with a cell for every column. Cells of
/// columns that the address leaves out are hidden by their place, so that no row needs to know.
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
    let query = use_location().query;
    let known = columns.clone();
    let without = move || {
        let shown = shown_columns(&query.read(), &known);
        let hidden = shown.iter().enumerate().filter(|(_, shown)| !**shown);
        hidden.map(|(index, _)| format!("without-{} ", index + 1)).collect::<String>()
    };
    let heads = columns.into_iter().map(|column| view! { <Head column /> }).collect_view();
    view! {
        <div class="card table-card">
            <table class=without>
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
    let now = Memo::new(move |_| by.and_then(|by| descending(&location.query.read(), by)));
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
                // Not by way of `now`: what reads the query and something made of it is not always
                // run again when only the query has changed.
                let query = location.query.read();
                let next = match descending(&query, by) {
                    Some(false) => format!("-{by}"),
                    _ => by.to_owned(),
                };
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

/// Whether the order runs downwards, where it is by this column.
fn descending(query: &ParamsMap, by: &str) -> Option<bool> {
    let sort = Sort::parse(query.get_str("sort")?);
    (sort.column == by).then_some(sort.descending)
}
