//! Buttons, and links that look like them.

use leptos::prelude::*;

/// How loud a button is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Plain,
    /// The one act that a page or dialog is for.
    Primary,
    /// Without a border.
    Quiet,
    /// Deletes something.
    Danger,
    /// A small square with an icon; give it a `label`.
    Icon,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "btn",
            Self::Primary => "btn primary",
            Self::Quiet => "btn quiet",
            Self::Danger => "btn danger",
            Self::Icon => "btn quiet icon",
        }
    }
}

/// A button. Of type `submit` unless it is given something to do when clicked.
#[component]
pub fn Button(
    #[prop(optional)] kind: Kind,
    /// The name under which a form sends which of its buttons was pressed.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// What it is called where it shows only an icon.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let form = use_context::<super::FormState>();
    let busy = move || form.is_some_and(|form| form.pending.get());
    let kind_of = if on_click.is_some() { "button" } else { "submit" };
    let submits = on_click.is_none();
    view! {
        <button
            type=kind_of
            class=kind.class()
            name=name
            value=value
            aria-label=label.clone()
            title=label
            disabled=move || disabled.get()
            aria-busy=move || (submits && busy()).then_some("true")
            on:click=move |_| {
                if let Some(act) = on_click {
                    act.run(());
                }
            }
        >
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: Kind,
    /// What it is called where it shows only an icon.
    #[prop(optional, into)]
    label: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=href aria-label=label.clone() title=label>
            {children()}
        </a>
    }
}
