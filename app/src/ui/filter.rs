//! Search and filters, kept in the address.

use super::{Button, Icon, Pic};
use crate::text;
use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    params::ParamsMap,
};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long one must pause in typing before the search begins.
const PAUSE: Duration = Duration::from_millis(300);

/// A value of the address's query, empty where it is not there.
pub fn use_query_value(name: &'static str) -> Memo<String> {
    let query = use_location().query;
    Memo::new(move |_| query.read().get(name).unwrap_or_default())
}

/// A path with the query that is there, some of its values replaced; an empty one is left out.
pub fn query_with(path: &str, query: &ParamsMap, changes: &[(&str, &str)]) -> String {
    let kept = query.clone().into_iter();
    let mut next = ParamsMap::new();
    for (name, value) in kept {
        if !changes.iter().any(|(of, _)| *of == name) && !value.is_empty() {
            next.insert(name, value);
        }
    }
    for (name, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
        next.insert((*name).to_owned(), (*value).to_owned());
    }
    format!("{path}{}", next.to_query_string())
}

/// A search field and the filters beside it (the children, [`FilterSelect`]s), as a plain GET
/// form. With JavaScript it applies itself as one types and chooses.
#[component]
pub fn FilterBar(
    /// What is searched, as the field's name.
    #[prop(into)]
    placeholder: String,
    /// The list's own path, where the address may be that of a dialog over it.
    #[prop(optional, into)]
    path: Option<String>,
    /// On the right: what can be done.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let location = use_location();
    let navigate = use_navigate();
    let node = NodeRef::<html::Form>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let field = NodeRef::<html::Input>::new();
    let searched = use_query_value("search");
    // The field follows the address, except while somebody types in it.
    Effect::new(move |_| {
        let text = searched.get();
        let Some(input) = field.get() else { return };
        let here = document().active_element();
        if !here.is_some_and(|here| here.is_same_node(Some(&input))) {
            input.set_value(&text);
        }
    });
    let search = location.query.read_untracked().get("search").unwrap_or_default();
    // What is not a field of this form is kept.
    let sort = use_query_value("sort");

    let action = path.clone().unwrap_or_else(|| location.pathname.get_untracked());
    let apply = StoredValue::new(move || {
        let Some(form) = node.get_untracked() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        let query = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data);
        let query: String = query.map(|query| query.to_string().into()).unwrap_or_default();
        let filled: Vec<_> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
        let path = path.clone().unwrap_or_else(|| location.pathname.get_untracked());
        let path = if filled.is_empty() { path } else { format!("{path}?{}", filled.join("&")) };
        navigate(
            &path,
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
        );
    });
    let run = move || apply.with_value(|apply| apply());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |event: web_sys::Event| {
        let target = event.target().and_then(|el| el.dyn_into::<web_sys::HtmlInputElement>().ok());
        if target.is_none() {
            return;
        }
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(run, PAUSE).ok());
    };
    let chosen = move |event: web_sys::Event| {
        let select = event.target().and_then(|el| el.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if select.is_some() {
            run();
        }
    };
    view! {
        <div class="bar">
            <form
                node_ref=node
                class="filters"
                role="search"
                method="get"
                action=action
                on:submit=move |event| {
                    event.prevent_default();
                    run();
                }
                on:input=typed
                on:change=chosen
            >
                <span class="search">
                    <Icon of=Pic::Search />
                    <input
                        node_ref=field
                        type="search"
                        name="search"
                        value=search
                        placeholder=placeholder.clone()
                        aria-label=placeholder
                        autocomplete="off"
                    />
                </span>
                {children.map(|children| children())}
                {move || {
                    let sort = sort.get();
                    (!sort.is_empty())
                        .then(|| view! { <input type="hidden" name="sort" value=sort /> })
                }}
                <span hidden=move || alive.get()>
                    <Button>{text::ui::APPLY}</Button>
                </span>
            </form>
            <span class="grow"></span>
            {actions}
        </div>
    }
}

/// A filter: one of a list, or all. It begins with what the address says.
#[component]
pub fn FilterSelect(
    name: &'static str,
    /// What is chosen, said where nothing is.
    #[prop(into)]
    label: String,
    /// (value, words)
    options: Vec<(String, String)>,
) -> impl IntoView {
    let now = use_query_value(name);
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let of = value.clone();
            view! {
                <option value=value selected=now.get_untracked() == of>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="chip"
            class:on=move || !now.get().is_empty()
            name=name
            prop:value=move || now.get()
            aria-label=label.clone()
        >
            <option value="">{label.clone()}</option>
            {options}
        </select>
    }
}
