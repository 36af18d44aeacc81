//! A chip that opens a small panel.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A chip that opens a small panel. It closes when the focus leaves it, when one of its links is
/// followed, or by Escape. Only one is open at a time, without any script.
#[component]
pub fn ChipMenu(
    /// Whether something is chosen in it.
    on: Signal<bool>,
    summary: Signal<String>,
    /// At the right end of a bar, so that its panel opens to the left.
    #[prop(optional)]
    at_end: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let shut = move || {
        if let Some(details) = node.get_untracked() {
            details.set_open(false);
        }
    };
    let left = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let inside = node
            .get_untracked()
            .is_some_and(|details| details.contains(to.as_ref()) && to.is_some());
        if !inside {
            shut();
        }
    };
    let escape = move |event: ev::KeyboardEvent| {
        let open = node.get_untracked().filter(|details| details.open());
        if event.key() != "Escape" || open.is_none() {
            return;
        }
        // What had the focus is no longer seen.
        let summary = open.and_then(|details| details.query_selector("summary").ok().flatten());
        if let Some(summary) = summary.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = summary.focus();
        }
        shut();
    };
    let followed = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|target| target.closest("a").ok().flatten().is_some()) {
            shut();
        }
    };
    view! {
        <details
            node_ref=node
            class="chip-menu"
            class:at-end=at_end
            name="chip-menu"
            on:focusout=left
            on:keydown=escape
            on:click=followed
        >
            <summary class="chip" class:on=on>
                {move || summary.get()}
            </summary>
            <div class="chip-panel" tabindex="-1">
                {children()}
            </div>
        </details>
    }
}
