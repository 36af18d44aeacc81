//! The menu of a list's saved views.

use super::{ChipMenu, Icon, Pic, drawn_once};
use crate::{api::views::list_views, start, text::views as words};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::view::{SavedView, ViewList};

/// The address of a list at this path in a saved view.
pub fn view_path(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A person's saved views of a list as links, the one that is shown marked, and the way to save
/// what is shown.
#[component]
pub fn ViewsMenu(
    list: ViewList,
    /// The list's own path.
    path: String,
) -> impl IntoView {
    let location = use_location();
    let now = Memo::new(move |_| list.view_of(&location.query.read().to_query_string()));
    let changes = start::use_changes();
    let saved = Resource::new(move || changes.get(), move |_| list_views(Some(list)));
    let shown = RwSignal::new(None::<String>);
    let path = StoredValue::new(path);
    let rows = move || {
        Suspend::new(async move {
            // Without them the list is as useful as before.
            let views = saved.await.unwrap_or_default();
            view! { <Rows views now path shown /> }
        })
    };
    let save = move || {
        let query = now.get();
        let start = path.with_value(|path| format!("list={}&back={path}", list.as_str()));
        view_path("/views/new", format!("{start}&{query}").trim_end_matches('&'))
    };
    let summary = Signal::derive(move || shown.get().unwrap_or_else(|| words::MENU.to_owned()));
    view! {
        <ChipMenu on=Signal::derive(move || shown.with(Option::is_some)) summary>
            <Transition fallback=|| ()>{drawn_once(rows)}</Transition>
            <a class="menu-item" href=save>
                <Icon of=Pic::Plus />
                {words::SAVE_THIS}
            </a>
            <a class="menu-item" href="/views">
                <Icon of=Pic::Edit />
                {words::ALL}
            </a>
        </ChipMenu>
    }
}

#[component]
fn Rows(
    views: Vec<SavedView>,
    now: Memo<String>,
    path: StoredValue<String>,
    /// Told which of them is shown.
    shown: RwSignal<Option<String>>,
) -> impl IntoView {
    let known: Vec<_> = views.iter().map(|view| (view.query.clone(), view.name.clone())).collect();
    // Once the page is alive: what stands before this in the page has been drawn by then.
    Effect::new(move |_| {
        let now = now.get();
        let found = known.iter().find(|(query, _)| *query == now);
        shown.set(found.map(|(_, name)| words::current(name)));
    });
    if views.is_empty() {
        return view! { <p class="view-none dim">{words::NONE}</p> }.into_any();
    }
    let row = |view: SavedView| {
        let here = view.query.clone();
        view! {
            <li>
                <a
                    class="menu-item"
                    href=path.with_value(|path| view_path(path, &view.query))
                    aria-current=move || now.with(|now| *now == here).then_some("true")
                >
                    {view.name.clone()}
                </a>
                <a
                    class="btn quiet icon"
                    href=format!("/views/{}/delete", view.id)
                    aria-label=words::delete(&view.name)
                >
                    <Icon of=Pic::Delete />
                </a>
            </li>
        }
    };
    view! {
        <ul class="view-list" aria-label=words::YOURS>
            {views.into_iter().map(row).collect_view()}
        </ul>
    }
    .into_any()
}
