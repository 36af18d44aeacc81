//! Search and filters, kept in the address.

use super::{
    Button, Choice, Column, ColumnChooser, Combobox, Icon, Offers, Pic, ViewsMenu, offers,
    put_first,
};
use crate::text;
use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    params::ParamsMap,
};
use model::view::ViewList;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long one must pause in typing before the search begins.
const PAUSE: Duration = Duration::from_millis(300);

/// A value of the address's query, empty where it is not there.
pub fn use_query_value(name: &'static str) -> Memo<String> {
    let query = use_location().query;
    Memo::new(move |_| query.read().get(name).unwrap_or_default())
}

/// What an address says of a dialog over a list, not of the list: what was chosen, and what is to
/// be done with it.
const OF_DIALOGS: [&str; 9] =
    ["id", "act", "all_of", "copy_to", "find", "step", "did", "done", "left"];

/// What the query says of the list, without what it says of a dialog over it.
pub fn list_query(query: &ParamsMap) -> ParamsMap {
    let kept = query.clone().into_iter();
    kept.filter(|(name, _)| !OF_DIALOGS.contains(&name.as_ref())).collect()
}

/// The path of the list on a page, where the address may be that of a dialog over it.
#[derive(Clone)]
pub struct ListPath(pub String);

impl ListPath {
    /// The list stands at this path.
    pub fn new(path: &str) -> Self {
        Self(path.to_owned())
    }
}

/// The path of the list around a component; that of the page where no other is given.
pub fn list_path() -> String {
    match use_context::<ListPath>() {
        Some(ListPath(path)) => path,
        None => use_location().pathname.get_untracked(),
    }
}

/// A path with the query that is there, some of its values replaced; an empty one is left out.
pub fn query_with(path: &str, query: &ParamsMap, changes: &[(&str, &str)]) -> String {
    let kept = list_query(query).into_iter();
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

/// Applies the filters of the bar around a component.
#[derive(Clone, Copy)]
struct Apply(Callback<()>);

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
    /// The list whose saved views are offered.
    #[prop(default = None, into)]
    views: Option<ViewList>,
    /// The columns of the table below; those that may be left out are offered.
    #[prop(optional)]
    columns: Vec<Column>,
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
    let kept = Memo::new(move |_| {
        let query = location.query.read();
        let all =
            |name| query.get_all(name).unwrap_or_default().into_iter().map(move |v| (name, v));
        let kept = all("sort")
            .chain(all("size"))
            .chain(all("columns"))
            .filter(|(_, value)| !value.is_empty());
        kept.collect::<Vec<_>>()
    });
    let views = views.map(|list| {
        let path = match (list, &path) {
            (ViewList::Hooks, Some(path)) => path.clone(),
            _ => format!("/{list}"),
        };
        view! { <ViewsMenu list path /> }
    });
    let choosable = columns.iter().any(Column::is_optional);
    let columns = choosable.then(|| view! { <ColumnChooser columns /> });

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
        // Those that find what they offer say themselves when it is chosen.
        let offers = |input: web_sys::HtmlInputElement| {
            input.get_attribute("role").as_deref() == Some("combobox")
        };
        if target.is_none_or(offers) {
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
    provide_context(Apply(Callback::new(move |()| run())));
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
                    kept.get()
                        .into_iter()
                        .map(|(name, value)| {
                            view! { <input type="hidden" name=name value=value /> }
                        })
                        .collect_view()
                }}
                <span hidden=move || alive.get()>
                    <Button>{text::ui::APPLY}</Button>
                </span>
            </form>
            {views}
            <span class="grow"></span>
            {columns}
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

/// A filter: one of more than a list holds, found by typing, or all. It begins with what the
/// address says.
#[component]
pub fn FilterSearch(
    name: &'static str,
    #[prop(into)] label: String,
    /// What is said where nothing is chosen.
    #[prop(into)]
    all: String,
    /// The first of what can be chosen, and what the address names.
    offered: Vec<Choice>,
    find: Offers,
) -> impl IntoView {
    let now = use_query_value(name);
    let apply = use_context::<Apply>();
    let all = vec![Choice { value: String::new(), label: all, note: String::new() }];
    let mut first = offered;
    put_first(&mut first, all.clone());
    let search = RwSignal::new(String::new());
    let choices = RwSignal::new(first);
    offers(search, choices, all, find);
    let chosen = Callback::new(move |_: String| {
        // The field holds what was chosen once it is drawn.
        if let Some(Apply(apply)) = apply {
            request_animation_frame(move || apply.run(()));
        }
    });
    view! {
        <Combobox
            name
            label
            value=now.get_untracked()
            choices
            search
            on_choice=chosen
            follows=now
        />
    }
}
