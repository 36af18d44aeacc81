//! A question before something is destroyed, at an address of its own.

use super::{Button, Dialog, Form, FormErrors, Hidden, Kind, LinkButton};
use crate::text;
use leptos::prelude::*;

/// A dialog that asks, and posts when the answer is yes. Its children say what will happen.
#[component]
pub fn Confirm(
    #[prop(into)] title: String,
    /// From [`crate::api::url_of`].
    action: &'static str,
    /// What is sent: (name, value).
    fields: Vec<(&'static str, String)>,
    /// What the button says: the act itself.
    #[prop(into)]
    submit: String,
    /// The path of the page below.
    #[prop(into)]
    close: String,
    /// Whether something is destroyed.
    #[prop(default = true)]
    danger: bool,
    children: Children,
) -> impl IntoView {
    let kind = if danger { Kind::Danger } else { Kind::Primary };
    view! {
        <Dialog title close=close.clone() narrow=true>
            <Form action>
                {fields
                    .into_iter()
                    .map(|(name, value)| view! { <Hidden name value=value /> })
                    .collect_view()}
                <div class="dialog-body prose">{children()} <FormErrors /></div>
                <footer>
                    <span class="grow"></span>
                    <LinkButton href=close>{text::form::CANCEL}</LinkButton>
                    <Button kind name="confirm" value="true">
                        {submit}
                    </Button>
                </footer>
            </Form>
        </Dialog>
    }
}
