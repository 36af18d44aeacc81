//! The dialog that sends a test event.

use super::{hook_of_address, tab_path};
use crate::{
    api::{
        hooks::{TestHook, read_hook},
        url_of,
    },
    pages::queues::use_card,
    text::{form, hooks as words},
    ui::{Area, Button, Dialog, EditorsOnly, Form, FormErrors, Hidden, Kind, LinkButton, Load},
};
use leptos::prelude::*;
use model::hook::Hook;

/// Sends a test event, and leads to its delivery.
#[component]
pub fn TestHookPage() -> impl IntoView {
    let id = hook_of_address();
    let loaded = Resource::new_blocking(move || id.get(), read_hook);
    view! {
        <EditorsOnly>
        <Load
            of=loaded
            view=|(hook, flow)| {
                view! {
                    <Dialog
                        title=words::TEST
                        sub=words::which(hook.event, &flow)
                        close=tab_path("")
                    >
                        <Fields hook />
                    </Dialog>
                }
                    .into_any()
            }
        />
        </EditorsOnly>
    }
}

#[component]
fn Fields(hook: Hook) -> impl IntoView {
    let card = use_card();
    let Some(queue) = card.queue_now() else { return ().into_any() };
    let example = model::catalog::example(hook.event, queue.kind);
    let data = serde_json::to_string_pretty(&example).unwrap_or_default();
    view! {
        <Form action={url_of::<TestHook>()}>
            <Hidden name="id" value=hook.id.to_string() />
            <div class="dialog-body">
                <p class="about">{words::TEST_ABOUT}</p>
                <Area name="data" label=words::TEST_DATA value=data rows=12 mono=true />
                <Area
                    name="variables"
                    label=words::TEST_VARIABLES
                    value="{}"
                    hint=words::TEST_VARIABLES_HINT
                    rows=3
                    mono=true
                />
                <FormErrors />
            </div>
            <footer>
                <span class="grow"></span>
                <LinkButton href=tab_path("")>{form::CLOSE}</LinkButton>
                <Button kind=Kind::Primary name="send" value="true">
                    {words::TEST_SEND}
                </Button>
            </footer>
        </Form>
    }
    .into_any()
}
