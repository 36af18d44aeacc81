//! Code, and what copies it.

use super::{Icon, Pic};
use crate::text;
use leptos::prelude::*;
use std::time::Duration;

/// A block of code with a button that copies it.
#[component]
pub fn Code(
    #[prop(into)] text: String,
    #[prop(optional, into)] label: Option<String>,
) -> impl IntoView {
    view! {
        <div class="code" role="group" aria-label=label>
            <pre tabindex="0">{text.clone()}</pre>
            <CopyButton text />
        </div>
    }
}

/// Copies a text. Where there is no JavaScript it is not seen.
#[component]
pub fn CopyButton(
    #[prop(into)] text: String,
    /// Beside the icon.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    copier(Callback::new(move |()| text.clone()), text::ui::COPY, label, Pic::Copy)
}

/// Copies the whole address of a path of the panel, to be given to somebody else. The path is read
/// when the button is pressed.
#[component]
pub fn CopyLink(
    #[prop(into)] path: Signal<String>,
    /// Shows only the icon.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let read = Callback::new(move |()| {
        let origin = window().location().origin().unwrap_or_default();
        format!("{origin}{}", path.get_untracked())
    });
    let label = (!bare).then(|| text::ui::COPY_LINK.to_owned());
    copier(read, text::ui::COPY_LINK, label, Pic::Link)
}

fn copier(
    read: Callback<(), String>,
    title: &'static str,
    label: Option<String>,
    pic: Pic,
) -> AnyView {
    let alive = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let words = label.clone();
    let copy = move |_| {
        // The promise fails only where the browser refuses; the text can still be selected.
        _ = window().navigator().clipboard().write_text(&read.run(()));
        copied.set(true);
        set_timeout(move || _ = copied.try_set(false), Duration::from_secs(2));
    };
    let class = if label.is_some() { "btn copy" } else { "btn quiet icon copy" };
    view! {
        <button
            type="button"
            class=class
            hidden=move || !alive.get()
            aria-label=label.is_none().then_some(title)
            title=title
            on:click=copy
        >
            {move || view! { <Icon of=if copied.get() { Pic::Check } else { pic } /> }}
            {words}
            <span class="sr-only" aria-live="polite">
                {move || copied.get().then_some(text::ui::COPIED)}
            </span>
        </button>
    }
    .into_any()
}
