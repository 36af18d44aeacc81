//! The hooks that run a flow.

use crate::{
    api::flows::flow_hooks,
    error::AppError,
    text::{catalog, flows as text},
    ui::Load,
};
use leptos::prelude::*;
use model::{hook::HookRow, ids::FlowId, page::Page};

/// The hooks that run a flow.
pub type Hooks = Resource<Result<Page<HookRow>, AppError>>;

/// Loads the hooks that run a flow. Called where the page begins, not inside what is loaded: both
/// halves must make their resources in the same order.
pub fn load_hooks(id: Memo<FlowId>) -> Hooks {
    Resource::new(move || id.get(), flow_hooks)
}

/// The hooks that run this flow, each a link to where it stands.
#[component]
pub fn UsedBy(hooks: Hooks) -> impl IntoView {
    view! {
        <Load
            of=hooks
            lines=2
            view=move |page| {
                if page.items.is_empty() {
                    return view! { <p class="dim">{text::USED_BY_NONE}</p> }.into_any();
                }
                view! { <HookLinks hooks=page.items /> }.into_any()
            }
        />
    }
}

/// Hooks as links.
#[component]
pub fn HookLinks(hooks: Vec<HookRow>) -> impl IntoView {
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
    view! { <ul class="plain">{rows}</ul> }
}
