//! Points in time.

use crate::{start, text};
use leptos::prelude::*;
use model::time::Millis;

/// How long ago, or until; the exact time in UTC on hovering. Ticks.
#[component]
pub fn Time(at: Millis) -> impl IntoView {
    let now = start::use_now();
    view! {
        <time datetime=at.to_string() title=at.exact()>
            {move || text::time::relative(at, now.get())}
        </time>
    }
}
