//! Duplicating a queue with its hooks.

use super::card::use_card;
use crate::{
    api::{queues::DuplicateQueue, url_of},
    pages::many::begin_options,
    text::{form, queues as words},
    ui::{Button, Dialog, EditorsOnly, Field, Form, FormErrors, Hidden, Kind, LinkButton, Radios},
};
use leptos::prelude::*;
use model::many::CopiesBegin;

/// Asks for the name of the duplicate, and how its hooks begin.
#[component]
pub fn DuplicateQueuePage() -> impl IntoView {
    let card = use_card();
    // Made once, so that what is typed stays whatever becomes of the queue meanwhile.
    let question = move || {
        card.queue_now().map(|queue| {
            let close = format!("/queues/{}", queue.id);
            view! {
                <Dialog
                    title=words::DUPLICATE_TITLE
                    sub=queue.name.clone()
                    close=close.clone()
                    narrow=true
                >
                    <Form action={url_of::<DuplicateQueue>()}>
                        <Hidden name="id" value=queue.id.to_string() />
                        <div class="dialog-body">
                            <p>{words::DUPLICATE_ABOUT}</p>
                            <Field
                                name="new_name"
                                label=words::DUPLICATE_NAME
                                value=words::copy_of(&queue.name)
                            />
                            <Radios
                                name="hooks"
                                label=words::DUPLICATE_HOOKS
                                value=CopiesBegin::Disabled.to_string()
                                options=begin_options()
                            />
                            <FormErrors />
                        </div>
                        <footer>
                            <span class="grow"></span>
                            <LinkButton href=close>{form::CANCEL}</LinkButton>
                            <Button kind=Kind::Primary name="duplicate" value="true">
                                {words::DUPLICATE_TITLE}
                            </Button>
                        </footer>
                    </Form>
                </Dialog>
            }
        })
    };
    view! { <EditorsOnly>{question()}</EditorsOnly> }
}
