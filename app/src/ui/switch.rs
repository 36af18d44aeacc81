//! A switch that saves at once.

use super::{Form, Hidden};
use leptos::prelude::*;

/// A switch that posts at once, and goes back where it was when that is refused. Sends
/// `enabled=true|false` beside `fields`.
#[component]
pub fn Switch(
    /// From [`crate::api::url_of`].
    action: &'static str,
    /// What else is sent: (name, value).
    fields: Vec<(&'static str, String)>,
    on: bool,
    /// What it switches.
    #[prop(into)]
    label: String,
    /// Shown, but not to be changed.
    #[prop(optional)]
    fixed: bool,
) -> impl IntoView {
    let shown = RwSignal::new(on);
    let state = move || if shown.get() { "true" } else { "false" };
    if fixed {
        let label = label.clone();
        return view! {
            <span class="switch" role="switch" aria-checked=state aria-disabled="true" aria-label=label></span>
        }
        .into_any();
    }
    view! {
        <Form
            action
            class="switch-form"
            on_send=Callback::new(move |()| shown.update(|on| *on = !*on))
            on_refused=Callback::new(move |error: crate::error::AppError| {
                shown.update(|on| *on = !*on);
                super::use_toasts().bad(error.to_string());
            })
        >
            {fields
                .into_iter()
                .map(|(name, value)| view! { <Hidden name value=value /> })
                .collect_view()}
            <button
                class="switch"
                role="switch"
                aria-checked=state
                aria-label=label
                name="enabled"
                value=move || if shown.get() { "false" } else { "true" }
            ></button>
        </Form>
    }
    .into_any()
}
