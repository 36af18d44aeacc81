//! A form that leads somewhere.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

/// A form that leads to a page whose address holds its fields. Until the page is alive, and
/// without JavaScript, the browser goes there itself.
#[component]
pub fn GetForm(
    #[prop(into)] action: String,
    #[prop(optional, into)] class: String,
    #[prop(optional, into)] id: Option<String>,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let node = NodeRef::<html::Form>::new();
    let path = action.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(form) = node.get_untracked() else { return };
        let query = encoded(&form, &event);
        navigate(&format!("{path}?{query}"), Default::default());
    };
    view! {
        <form node_ref=node method="get" action=action class=class id=id on:submit=submit>
            {children()}
        </form>
    }
}

/// The fields as the browser would send them, with the button that was pressed.
pub(super) fn encoded(form: &web_sys::HtmlFormElement, event: &web_sys::SubmitEvent) -> String {
    let Ok(data) = web_sys::FormData::new_with_form(form) else { return String::new() };
    let button = event.submitter().and_then(|el| el.dyn_into::<web_sys::HtmlButtonElement>().ok());
    if let Some(button) = button.filter(|button| !button.name().is_empty()) {
        _ = data.append_with_str(&button.name(), &button.value());
    }
    web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data)
        .map(|params| params.to_string().into())
        .unwrap_or_default()
}
