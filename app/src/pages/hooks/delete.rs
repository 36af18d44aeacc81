//! The question before a hook is deleted.

use super::{hook_of_address, tab_path};
use crate::{
    api::{
        hooks::{DeleteHook, read_hook},
        url_of,
    },
    text::hooks as words,
    ui::{Confirm, EditorsOnly, Load, RestChoice},
};
use leptos::prelude::*;

/// Asks before a hook is deleted.
#[component]
pub fn DeleteHookPage() -> impl IntoView {
    let id = hook_of_address();
    let loaded = Resource::new_blocking(move || id.get(), read_hook);
    view! {
        <EditorsOnly>
        <Load
            of=loaded
            view=|(hook, flow)| {
                let close = tab_path("");
                let fields = vec![
                    ("id", hook.id.to_string()),
                    ("queue", hook.queue_id.to_string()),
                    ("back", close.clone()),
                ];
                view! {
                    <Confirm
                        title=words::delete_question(hook.event, &flow)
                        action={url_of::<DeleteHook>()}
                        fields
                        submit=words::DELETE
                        close
                    >
                        <p>{words::DELETE_ABOUT}</p>
                        <RestChoice />
                    </Confirm>
                }
                    .into_any()
            }
        />
        </EditorsOnly>
    }
}
