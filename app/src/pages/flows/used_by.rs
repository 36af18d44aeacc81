//! The hooks that run a flow.

use crate::text::{catalog, flows as text};
use leptos::prelude::*;
use model::hook::HookRow;

/// The hooks that run a flow, each a link to where it stands.
#[component]
pub fn HookLinks(hooks: Vec<HookRow>) -> impl IntoView {
    if hooks.is_empty() {
        return view! { <p class="dim">{text::USED_BY_NONE}</p> }.into_any();
    }
    let rows = hooks
        .into_iter()
        .map(|row| {
            let href = format!("/queues/{}/hooks/{}", row.hook.queue_id, row.hook.id);
            view! {
                <li>
                    <a class="link" href=href>{row.queue_name}" / "{catalog::event(row.hook.event)}</a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain">{rows}</ul> }.into_any()
}
