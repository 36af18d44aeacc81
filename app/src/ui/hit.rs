//! Something to jump to.

use super::{Icon, Pic};
use crate::text::jump as words;
use leptos::prelude::*;
use model::jump::{Hit, HitKind};

/// What stands inside a hit's link.
#[component]
pub fn HitFace(hit: Hit) -> impl IntoView {
    let pic = match hit.kind {
        HitKind::Page => Pic::Next,
        HitKind::Queue => Pic::Queues,
        HitKind::Flow => Pic::Flows,
        HitKind::Hook => Pic::Hooks,
        HitKind::Event => Pic::Events,
        HitKind::Call => Pic::Call,
        HitKind::Delivery => Pic::Deliveries,
    };
    view! {
        <Icon of=pic />
        <span class="hit-text">
            <b>{hit.title}</b>
            " "
            <span class="dim">{hit.note}</span>
        </span>
        <span class="hit-kind dim">{words::kind(hit.kind)}</span>
    }
}
