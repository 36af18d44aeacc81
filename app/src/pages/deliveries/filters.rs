//! The filters of the log: chips that open into boxes to tick, kept in the address.

use super::{
    filter::{LogView, SPANS},
    follow::Live as Following,
};
use crate::{
    api::{flows::list_flows, queues::list_queues},
    start,
    text::{catalog, cause, deliveries as text, replays, state, ui},
    ui::{ChipMenu, CopyLink, FilterBar},
};
use futures::join;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    flow::FlowFilter,
    ids::QueueId,
    page::{Cursor, Paging},
    queue::QueueFilter,
    time::Millis,
    trace::FailureClass,
    view::ViewList,
};

/// The most queues and flows that a filter offers.
const OFFERED: u32 = 200;

/// The bar above the rows. `fixed` is the queue whose log it is; `live` is given where nothing else
/// on the page says whether the log is followed.
#[component]
pub fn Filters(
    view: Memo<LogView>,
    fixed: Option<QueueId>,
    live: Option<Following>,
) -> impl IntoView {
    let names = Resource::new(
        || (),
        move |()| async move {
            let paging = Paging { page: 1, size: OFFERED };
            let queues = async {
                match fixed {
                    Some(_) => Vec::new(),
                    None => list_queues(QueueFilter::default(), paging)
                        .await
                        .map(|page| page.items)
                        .unwrap_or_default(),
                }
            };
            let (queues, flows) = join!(queues, list_flows(FlowFilter::default(), paging));
            let flows = flows.map(|page| page.items).unwrap_or_default();
            let pair = |id: i64, name: String| (id.to_string(), name);
            let queues: Vec<_> = queues.into_iter().map(|row| pair(row.id.0, row.name)).collect();
            let flows: Vec<_> = flows.into_iter().map(|row| pair(row.id.0, row.name)).collect();
            (queues, flows)
        },
    );
    let states = DeliveryState::ALL
        .iter()
        .map(|one| (one.to_string(), state::state(*one).to_owned()))
        .collect();
    let events = EventKind::ALL
        .iter()
        .map(|one| (one.to_string(), catalog::event(*one).to_owned()))
        .collect();
    let failures = FailureClass::ALL
        .iter()
        .map(|one| (one.to_string(), cause::class(*one).to_owned()))
        .collect();
    let location = use_location();
    let hook = move || {
        view.get()
            .filter
            .hooks
            .into_iter()
            .map(|hook| {
                view! {
                    <span class="chip on">
                        {text::hook(hook.0)}
                        <input type="hidden" name="hook" value=hook.to_string() />
                        <a
                            href=format!(
                                "{}{}",
                                location.pathname.get_untracked(),
                                view.get().without("hook", &hook.to_string()).address(),
                            )
                            aria-label=text::without_hook(hook.0)
                        >
                            "×"
                        </a>
                    </span>
                }
            })
            .collect_view()
    };
    // As it stands when the link is copied.
    let clock = start::use_now();
    let share = Signal::derive(move || {
        let frozen = view.get().frozen(clock.get());
        format!("{}{}", location.pathname.get(), frozen.address())
    });
    let replay = move || {
        let mut view = view.get().at(Cursor::Newest);
        view.filter.queues.extend(fixed);
        format!("/replays/new{}", view.address())
    };
    let halves = |only: Option<bool>| match only {
        Some(true) => "only",
        Some(false) => "none",
        None => "",
    };
    let test = Memo::new(move |_| halves(view.get().filter.test));
    let warned = Memo::new(move |_| halves(view.get().filter.warned));
    view! {
        <FilterBar
            placeholder=text::SEARCH
            views=fixed.is_none().then_some(ViewList::Deliveries)
            actions=view! {
                {start::may_edit()
                    .then(|| {
                        view! {
                            <a class="btn quiet" href=replay title=replays::REPLAY_MATCHING_HINT>
                                {replays::REPLAY_MATCHING}
                            </a>
                        }
                    })}
                <CopyLink path=share bare=true />
                {live.map(|live| view! { <Live live=live /> })}
            }.into_any()
        >
            <Ticks name="state" label=text::STATE options=states view=view />
            <Ticks name="event" label=text::EVENT options=events view=view />
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let (queues, flows) = names.await;
                    view! {
                        {fixed.is_none().then(|| view! {
                            <Ticks name="queue" label=text::QUEUE options=queues view=view />
                        })}
                        <Ticks name="flow" label=text::FLOW options=flows view=view />
                    }
                })}
            </Suspense>
            <Ticks name="failure" label=text::FAILURE options=failures view=view />
            <Span view=view />
            <Inside view=view />
            <Halves name="test" now=test words=[text::TEST, text::TEST_ONLY, text::TEST_NONE] />
            <Halves
                name="warned"
                now=warned
                words=[text::WARNED, text::WARNED_ONLY, text::WARNED_NONE]
            />
            {hook}
            {move || (!view.get().is_open()).then(|| view! {
                <a class="btn quiet" href=move || location.pathname.get()>{ui::CLEAR}</a>
            })}
        </FilterBar>
    }
}

/// A chip that opens into boxes to tick. Only one is open at a time, without any script.
#[component]
fn Ticks(
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    view: Memo<LogView>,
) -> impl IntoView {
    let chosen = Memo::new(move |_| {
        let filters = view.get().filters();
        let own = filters.into_iter().filter(|(of, _)| *of == name);
        own.map(|(_, value)| value).collect::<Vec<_>>()
    });
    let words = options.clone();
    let summary = move || {
        let chosen = chosen.get();
        let named: Vec<_> = chosen
            .iter()
            .map(|value| {
                let found = words.iter().find(|(of, _)| of == value);
                found.map_or(value.clone(), |(_, words)| words.clone())
            })
            .collect();
        text::chip(label, &named)
    };
    let boxes = options
        .into_iter()
        .map(|(value, words)| {
            let of = value.clone();
            let ticked = move || chosen.with(|chosen| chosen.contains(&of));
            let initial = chosen.with_untracked(|chosen| chosen.contains(&value));
            view! {
                <label>
                    <input
                        type="checkbox"
                        name=name
                        value=value
                        checked=initial
                        prop:checked=ticked
                    />
                    <span>{words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <ChipMenu on=Signal::derive(move || chosen.with(|chosen| !chosen.is_empty())) summary=Signal::derive(summary)>
            <fieldset>
                <legend class="sr-only">{label}</legend>
                {boxes}
            </fieldset>
        </ChipMenu>
    }
}

/// The span of time, or its two ends.
#[component]
fn Span(view: Memo<LogView>) -> impl IntoView {
    let summary = Signal::derive(move || {
        let view = view.get();
        match (view.span, view.filter.from, view.filter.to) {
            (Some(span), _, _) => text::span(span).to_owned(),
            (None, None, None) => text::TIME.to_owned(),
            (None, from, to) => text::between(from, to),
        }
    });
    let on = Signal::derive(move || summary.get() != text::TIME);
    let choice = move |word: &'static str| {
        let chosen = move || view.get().span.unwrap_or_default() == word;
        let initial = view.get_untracked().span.unwrap_or_default() == word;
        view! {
            <label>
                <input
                    type="radio"
                    name="span"
                    value=word
                    checked=initial
                    prop:checked=chosen
                />
                <span>{text::span(word)}</span>
            </label>
        }
    };
    let field = move |name: &'static str, label: &'static str, first: bool| {
        let at = move || {
            let filter = view.get().filter;
            let at = if first { filter.from } else { filter.to };
            at.map(field_time).unwrap_or_default()
        };
        let initial = untrack(at);
        view! {
            <label class="field">
                <span>{label}</span>
                <input
                    class="input"
                    type="datetime-local"
                    step="any"
                    name=name
                    value=initial
                    prop:value=at
                />
            </label>
        }
    };
    view! {
        <ChipMenu on=on summary=summary>
            <fieldset>
                <legend class="sr-only">{text::TIME}</legend>
                {choice("")}
                {SPANS.iter().map(|(word, _)| choice(word)).collect_view()}
            </fieldset>
            {field("from", text::FROM, true)}
            {field("to", text::TO, false)}
        </ChipMenu>
    }
}

/// A time for a `datetime-local` field: to the minute where it is a whole one, so that nothing of
/// it is lost when the form is sent again.
fn field_time(at: Millis) -> String {
    let text = at.to_string();
    let end = if at.0 % 60_000 == 0 { 16 } else { 23 };
    text.get(..end).unwrap_or_default().to_owned()
}

/// Text inside deliveries.
#[component]
fn Inside(view: Memo<LogView>) -> impl IntoView {
    let now = Memo::new(move |_| view.get().filter.text);
    let on = Signal::derive(move || !now.get().is_empty());
    let summary = Signal::derive(move || match now.get() {
        text if text.is_empty() => text::INSIDE.to_owned(),
        text => text::inside(&text),
    });
    view! {
        <ChipMenu on=on summary=summary>
            <label class="field">
                <span>{text::INSIDE_LABEL}</span>
                <input
                    class="input"
                    type="text"
                    name="text"
                    maxlength="200"
                    autocomplete="off"
                    value=now.get_untracked()
                    prop:value=move || now.get()
                />
            </label>
            <p class="chip-hint">{text::INSIDE_HINT}</p>
        </ChipMenu>
    }
}

/// All of them, one half, or the other half.
#[component]
fn Halves(
    name: &'static str,
    now: Memo<&'static str>,
    /// What is said where all are shown, and for each half.
    words: [&'static str; 3],
) -> impl IntoView {
    let options = [("", words[0]), ("only", words[1]), ("none", words[2])];
    view! {
        <select
            class="chip"
            class:on=move || !now.get().is_empty()
            name=name
            aria-label=words[0]
            prop:value=move || now.get()
        >
            {options
                .into_iter()
                .map(|(value, words)| {
                    let chosen = now.get_untracked() == value;
                    view! { <option value=value selected=chosen>{words}</option> }
                })
                .collect_view()}
        </select>
    }
}

/// Whether the page follows the log. Without JavaScript there is nothing to follow with.
#[component]
pub fn Live(live: Following) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let cut = move || live.on.get() && live.cut.get();
    let words = move || match live.on.get() {
        true if cut() => text::LIVE_CUT,
        true => text::LIVE,
        false => text::LIVE_PAUSED,
    };
    view! {
        <button
            type="button"
            class="live"
            class:on=move || live.on.get() && !cut()
            hidden=move || !alive.get()
            aria-pressed=move || if live.on.get() { "true" } else { "false" }
            title=text::LIVE_HINT
            on:click=move |_| live.on.update(|on| *on = !*on)
        >
            {words}
        </button>
        // Said aloud, since nobody has pressed anything.
        <span class="sr-only" role="status">
            {move || if cut() { text::LIVE_CUT } else { "" }}
        </span>
    }
}
