//! The choice of a table's columns, kept in the address.

use super::{Button, ChipMenu, Column};
use crate::text::{ui, views as words};
use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    params::ParamsMap,
};

/// The name in the address. Not there, all columns are shown.
const NAME: &str = "columns";
/// Its value where only those columns are shown that always are.
const NONE: &str = "none";

/// Which of the columns the address shows. Those without a key always are.
pub fn shown_columns(query: &ParamsMap, columns: &[Column]) -> Vec<bool> {
    let given = query.get_all(NAME).unwrap_or_default();
    let named = |key: &str| given.iter().any(|one| one == key);
    let chosen = named(NONE) || columns.iter().filter_map(|column| column.key).any(named);
    columns.iter().map(|column| !chosen || column.key.is_none_or(named)).collect()
}

/// The columns as they stand in the address; nothing where all of them are shown.
fn written(keys: &[&'static str], chosen: &[bool]) -> Vec<&'static str> {
    if chosen.iter().all(|one| *one) {
        return Vec::new();
    }
    let shown = keys.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(key, _)| *key);
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { vec![NONE] } else { shown }
}

/// A chip that opens into a box for each column that may go. A plain form; with JavaScript each
/// box acts at once.
#[component]
pub fn ColumnChooser(columns: Vec<Column>) -> impl IntoView {
    let location = use_location();
    let navigate = use_navigate();
    let columns: Vec<_> = columns.into_iter().filter(|column| column.key.is_some()).collect();
    let keys: Vec<_> = columns.iter().filter_map(|column| column.key).collect();
    let labels: Vec<_> = columns.iter().map(|column| column.label.clone()).collect();
    let shown = Memo::new(move |_| shown_columns(&location.query.read(), &columns));
    let node = NodeRef::<html::Form>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let boxes = keys
        .iter()
        .zip(labels)
        .enumerate()
        .map(|(index, (key, label))| {
            let ticked = move || shown.with(|shown| shown.get(index) == Some(&true));
            let first = untrack(ticked);
            view! {
                <label>
                    <input
                        type="checkbox"
                        name=NAME
                        value=*key
                        checked=first
                        prop:checked=ticked
                        data-column=index.to_string()
                    />
                    <span>{label}</span>
                </label>
            }
        })
        .collect_view();
    let choose = move |event: web_sys::Event| {
        let Ok(index) = event_target::<web_sys::HtmlInputElement>(&event)
            .get_attribute("data-column")
            .unwrap_or_default()
            .parse::<usize>()
        else {
            return;
        };
        let mut chosen = shown.get_untracked();
        if let Some(one) = chosen.get_mut(index) {
            *one = event_target_checked(&event);
        }
        let mut next = ParamsMap::new();
        for (name, value) in location.query.get_untracked() {
            if name != NAME && !value.is_empty() {
                next.insert(name, value);
            }
        }
        for key in written(&keys, &chosen) {
            next.insert(NAME, key.to_owned());
        }
        let path = format!("{}{}", location.pathname.get_untracked(), next.to_query_string());
        let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        navigate(&path, options);
    };
    // What else stands in the address is kept.
    let rest = move || {
        let query = location.query.get().into_iter();
        query
            .filter(|(name, _)| name != NAME)
            .map(|(name, value)| view! { <input type="hidden" name=name.into_owned() value=value /> })
            .collect_view()
    };
    let on = Signal::derive(move || shown.with(|shown| shown.contains(&false)));
    view! {
        <ChipMenu on summary=Signal::derive(|| words::COLUMNS.to_owned()) at_end=true>
            <form
                node_ref=node
                method="get"
                action=move || location.pathname.get()
                on:change=choose
            >
                {rest}
                <input type="hidden" name=NAME value=NONE />
                <fieldset>
                    <legend class="sr-only">{words::COLUMNS_SHOWN}</legend>
                    {boxes}
                </fieldset>
                <span hidden=move || alive.get()>
                    <Button>{ui::APPLY}</Button>
                </span>
            </form>
        </ChipMenu>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("Name"),
            Column::new("Type").optional("type"),
            Column::new("Hooks").optional("hooks"),
        ]
    }

    fn shown(query: &[(&'static str, &str)]) -> Vec<bool> {
        shown_columns(&query.iter().copied().collect(), &columns())
    }

    #[test]
    fn the_address_says_which_columns_are_shown_and_the_first_always_is() {
        assert_eq!(shown(&[]), [true, true, true]);
        assert_eq!(shown(&[("columns", "hooks")]), [true, false, true]);
        assert_eq!(shown(&[("columns", "none"), ("columns", "type")]), [true, true, false]);
        assert_eq!(shown(&[("columns", "none")]), [true, false, false]);
        assert_eq!(shown(&[("columns", "nonsense")]), [true, true, true]);
    }

    #[test]
    fn all_columns_are_left_out_of_the_address() {
        assert_eq!(written(&["type", "hooks"], &[true, true]), [""; 0]);
        assert_eq!(written(&["type", "hooks"], &[false, true]), ["hooks"]);
        assert_eq!(written(&["type", "hooks"], &[false, false]), ["none"]);
    }
}
