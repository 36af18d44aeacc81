//! What happened over time, above the rows of the log.

use crate::{text::deliveries as text, ui::Histogram};
use leptos::prelude::*;
use model::{queue::Figures, time::Millis};
use std::num::NonZeroU32;

const DAY_MS: i64 = 86_400_000;

/// Bars of equal spans between two times, oldest first, and what they count.
pub fn log_chart(from: Millis, to: Millis, bars: Vec<Figures>) -> AnyView {
    let sum = |of: fn(&Figures) -> u64| bars.iter().map(of).sum::<u64>();
    let totals =
        text::totals(sum(|one| one.delivered), sum(|one| one.failed), sum(|one| one.skipped));
    let label = format!("{}: {totals}", text::HISTOGRAM_LABEL);
    let long = to.0 - from.0 > DAY_MS;
    view! {
        <div class="card hist-card">
            <Histogram bars=bars label=label />
            <div class="foot">
                <time datetime=from.to_string() title=from.exact()>{edge(from, long)}</time>
                <span class="hist-told">{totals} " " <span class="dim">{text::HISTOGRAM_OF}</span></span>
                <time datetime=to.to_string() title=to.exact()>{edge(to, long)}</time>
            </div>
        </div>
    }
    .into_any()
}

/// Where there is none, and why.
pub fn no_log_chart(why: &'static str) -> AnyView {
    view! { <p class="hist-none dim">{why}</p> }.into_any()
}

/// That what lies before these days is not kept.
pub fn log_kept(days: NonZeroU32) -> AnyView {
    view! { <p class="hist-none dim">{text::kept(days)}</p> }.into_any()
}

/// The time at an end of the chart: of the day, or with the date where it is longer.
fn edge(at: Millis, long: bool) -> String {
    let exact = at.exact();
    if long {
        exact.get(5..16).unwrap_or_default().to_owned()
    } else {
        format!("{} UTC", exact.get(11..16).unwrap_or_default())
    }
}
