//! The head of a page: where it stands, its title, what can be done.

use crate::text;
use leptos::prelude::*;
use leptos_meta::Title;

/// A page above the one shown: its name and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    /// A page above the one shown.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// Names the page in the browser's tab.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    view! { <Title text /> }
}

/// The head of a page: the pages above it, its heading, and on the right what can be done (the
/// children). Names the browser's tab as well.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    /// The pages above this one, outermost first.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Beside the title: tags, a state.
    #[prop(optional, into)]
    beside: Option<AnyView>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let above = crumbs
        .into_iter()
        .map(|crumb| {
            view! {
                <li>
                    <a href=crumb.href>{crumb.label}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <PageTitle text=title.clone() />
        <nav class="crumbs" aria-label=text::shell::CRUMBS>
            <ol>{above} <li aria-current="page">{title.clone()}</li></ol>
        </nav>
        <div class="head">
            <h1>{title}</h1>
            {beside}
            <span class="grow"></span>
            {children.map(|children| children())}
        </div>
    }
}
