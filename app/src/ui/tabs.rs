//! Tabs, each a page with an address of its own.

use leptos::prelude::*;

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub href: String,
    pub label: String,
    /// How many things are behind it.
    pub count: Option<u64>,
    pub here: bool,
}

/// A row of tabs.
#[component]
pub fn Tabs(
    /// What the tabs belong to.
    #[prop(into)]
    label: String,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        view! {
                            <a href=tab.href aria-current=tab.here.then_some("page")>
                                {tab.label}
                                {tab.count.map(|count| view! { <span class="n">{count}</span> })}
                            </a>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}
