//! The question before a flow is deleted.

use super::{use_flow_id, used_by::HookLinks};
use crate::{
    api::{
        flows::{DeleteFlow as Delete, flow_hooks},
        url_of,
    },
    text::{flows as text, form},
    ui::{Confirm, Dialog, LinkButton, Load},
};
use leptos::prelude::*;

/// Asks; where hooks use the flow, says which instead.
#[component]
pub fn DeleteFlow() -> impl IntoView {
    let id = use_flow_id();
    let hooks = Resource::new(move || id.get(), flow_hooks);
    view! {
        <Load
            of=hooks
            lines=0
            view=move |page| {
                let id = id.get_untracked();
                let close = format!("/flows/{id}");
                if page.items.is_empty() {
                    return view! {
                        <Confirm
                            title=text::DELETE_TITLE
                            action={url_of::<Delete>()}
                            fields=vec![("id", id.to_string())]
                            submit=text::DELETE
                            close=close
                        >
                            <p>{text::DELETE_TEXT}</p>
                        </Confirm>
                    }
                    .into_any();
                }
                view! {
                    <Dialog title=text::DELETE_REFUSED close=close.clone() narrow=true>
                        <div class="dialog-body prose">
                            <p>{text::DELETE_USED}</p>
                            <HookLinks hooks=page.items />
                        </div>
                        <footer>
                            <span class="grow"></span>
                            <LinkButton href=close>{form::CLOSE}</LinkButton>
                        </footer>
                    </Dialog>
                }
                .into_any()
            }
        />
    }
}
