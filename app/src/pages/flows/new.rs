//! A flow from nothing, or from another one.

use super::{editor::FlowForm, use_flow_id};
use crate::{
    api::{
        flows::{DuplicateFlow as Duplicate, get_flow},
        url_of,
    },
    text::{flows as text, form},
    ui::{
        Button, Crumb, Dialog, Field, Form, FormErrors, Hidden, Kind, LinkButton, Load, PageHead,
    },
};
use leptos::prelude::*;

/// A new flow.
#[component]
pub fn NewFlow() -> impl IntoView {
    view! {
        <PageHead title=text::NEW crumbs=vec![Crumb::new(text::TITLE, "/flows")] />
        <FlowForm flow=None />
    }
}

/// Asks for the name of a copy.
#[component]
pub fn DuplicateFlow() -> impl IntoView {
    let id = use_flow_id();
    let flow = Resource::new(move || id.get(), |id| get_flow(id, None));
    view! {
        <Load
            of=flow
            lines=0
            view=|flow| {
                let close = format!("/flows/{}", flow.id);
                view! {
                    <Dialog title=text::DUPLICATE_TITLE sub=flow.name.clone() close=close.clone() narrow=true>
                        <Form action={url_of::<Duplicate>()}>
                            <Hidden name="id" value=flow.id.to_string() />
                            <div class="dialog-body">
                                <p class="dim">{text::DUPLICATE_TEXT}</p>
                                <Field
                                    name="name"
                                    label=text::DUPLICATE_NAME
                                    value=text::copy_of(&flow.name)
                                />
                                <FormErrors />
                            </div>
                            <footer>
                                <span class="grow"></span>
                                <LinkButton href=close>{form::CANCEL}</LinkButton>
                                <Button kind=Kind::Primary>{text::DUPLICATE}</Button>
                            </footer>
                        </Form>
                    </Dialog>
                }
                .into_any()
            }
        />
    }
}
