//! States as pills, kinds as tags.

use crate::text;
use leptos::prelude::*;
use model::delivery::DeliveryState;

/// What a colour says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    Ok,
    /// It goes on by itself.
    Run,
    /// It waits, or is late.
    Wait,
    Bad,
    #[default]
    Mute,
}

impl Tone {
    /// The class that colours a thing so.
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Mute => "mute",
        }
    }

    /// The tone of a delivery's state.
    pub fn of(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Delivered => Self::Ok,
            DeliveryState::Running => Self::Run,
            DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Retrying => Self::Wait,
            DeliveryState::DeliveredWithErrors | DeliveryState::Dead => Self::Bad,
            DeliveryState::Parked | DeliveryState::Skipped | DeliveryState::Cancelled => Self::Mute,
        }
    }
}

/// A state: a dot and a word.
#[component]
pub fn Pill(tone: Tone, children: Children) -> impl IntoView {
    view! { <span class=format!("pill {}", tone.class())>{children()}</span> }
}

/// A delivery's state.
#[component]
pub fn StatePill(state: DeliveryState) -> impl IntoView {
    view! { <Pill tone=Tone::of(state)>{text::state::state(state)}</Pill> }
}

/// A kind, a number of a version, a mark.
#[component]
pub fn Tag(children: Children) -> impl IntoView {
    view! { <span class="tag">{children()}</span> }
}
