//! Keys that work anywhere on a page, and the focus.

use leptos::{ev, prelude::document};
use wasm_bindgen::JsCast;

/// Whether the key goes into a field.
pub fn goes_into_field(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

/// What has the focus, if anything.
pub fn focused() -> Option<web_sys::HtmlElement> {
    let element = document().active_element()?.dyn_into::<web_sys::HtmlElement>().ok()?;
    (element.tag_name() != "BODY").then_some(element)
}

/// Gives the focus to the page itself, from where Tab leads into it and not through the frame.
pub fn focus_page() {
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = main.focus();
    }
}
