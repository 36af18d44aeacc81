//! The box that says why a delivery is where it is.

use crate::{
    start::use_now,
    text::{
        cause::{Cause, Piece, Tone},
        time,
    },
    ui::marked,
};
use leptos::prelude::*;

/// An explanation, its times told from now.
#[component]
pub fn Why(cause: Cause) -> impl IntoView {
    let now = use_now();
    let class = match cause.tone {
        Tone::Good => "why ok",
        Tone::Busy => "why run",
        Tone::Waiting => "why wait",
        Tone::Bad => "why bad",
        Tone::Quiet => "why mute",
    };
    let pieces = cause.pieces.into_iter().map(|piece| match piece {
        Piece::Headline(text) => view! { <b>{marked(&text)}</b> }.into_any(),
        Piece::Text(text) => marked(&text),
        Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
        Piece::Link(words, path) => view! { <a class="link" href=path>{words}</a> }.into_any(),
        Piece::Due(at) => view! {
            <time datetime=at.to_string() title=at.exact()>
                {move || time::relative(at, now.get())}
            </time>
        }
        .into_any(),
        Piece::Clock(at) => {
            let clock = at.clock();
            let seconds = clock.split('.').next().unwrap_or_default().to_owned();
            view! { <time datetime=at.to_string() title=at.exact()>{seconds}" UTC"</time> }
                .into_any()
        }
    });
    view! { <p class=class>{pieces.collect_view()}</p> }
}
