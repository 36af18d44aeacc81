//! What happened over time, above the rows.

use crate::{api::deliveries::log_histogram, text::deliveries as text, ui::Histogram};
use leptos::prelude::*;
use model::{delivery::DeliveryQuery, queue::Figures, time::Millis};
use std::time::Duration;

/// How often it is drawn anew while the page is open.
const EVERY: Duration = Duration::from_secs(10);
const DAY_MS: i64 = 86_400_000;

/// The bars of the time that is looked at; of one queue or hook where one is chosen.
#[component]
pub fn LogHistogram(
    query: Memo<(DeliveryQuery, Option<i64>)>,
    live: RwSignal<bool>,
) -> impl IntoView {
    let asked = Memo::new(move |_| {
        let (query, minutes) = query.get();
        let filter = query.filter;
        let queue = (filter.queues.len() == 1).then(|| filter.queues[0]);
        let hook = (filter.hooks.len() == 1).then(|| filter.hooks[0]);
        (queue, hook, filter.from, filter.to, minutes)
    });
    let bars = Resource::new(
        move || asked.get(),
        |(queue, hook, from, to, minutes)| log_histogram(queue, hook, from, to, minutes),
    );
    Effect::new(move |_| {
        let again = move || {
            if live.get_untracked() {
                bars.refetch();
            }
        };
        if let Ok(timer) = set_interval_with_handle(again, EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <Transition fallback=|| view! { <div class="card hist-card"></div> }>
            {move || Suspend::new(async move {
                // Where it fails, the rows below say why.
                bars.await.ok().map(|found| {
                    view! { <Drawn from=found.from to=found.to bars=found.bars /> }
                })
            })}
        </Transition>
    }
}

#[component]
fn Drawn(from: Millis, to: Millis, bars: Vec<Figures>) -> impl IntoView {
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
                <span class="grow"></span>
                <span>{totals}</span>
                <span class="grow"></span>
                <time datetime=to.to_string() title=to.exact()>{edge(to, long)}</time>
            </div>
        </div>
    }
}

/// The time at an end of the histogram: of the day, or with the date where it is longer.
fn edge(at: Millis, long: bool) -> String {
    let exact = at.exact();
    if long {
        exact.get(5..16).unwrap_or_default().to_owned()
    } else {
        format!("{} UTC", exact.get(11..16).unwrap_or_default())
    }
}
