//! The rows of the log, with their filters and the chart; follows the log while it is open.

use super::{
    filter::{LogView, SPANS},
    filters::Filters,
    follow::{Live, Shown, follow},
    keys::use_keys,
};
use crate::{
    api::deliveries::{Listed, list_deliveries},
    pages::drawn::{Place, sheet},
    start,
    text::{catalog, deliveries as text, replays},
    ui::{CursorPager, Empty, Icon, LinkButton, Load, NothingMatches, Pic, StatePill, Time},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use model::{
    delivery::{DeliveryQuery, DeliveryRow},
    ids::{DeliveryId, QueueId},
    page::{Cursor, Slice},
};

/// The id of the form that replays the chosen rows.
const CHOSEN: &str = "replay-chosen";

/// The rows that are shown at the moment; each stretch of the log has a signal of its own, which
/// goes with it.
pub(super) type AtHand = StoredValue<Option<RwSignal<Vec<DeliveryRow>>>>;

/// What the rows need to know of the page around them.
#[derive(Clone, Copy)]
struct Around {
    query: Memo<(DeliveryQuery, Option<i64>)>,
    view: Memo<LogView>,
    /// The filters in the address of a delivery.
    address: Memo<String>,
    chosen: Signal<Option<DeliveryId>>,
    live: Live,
    at_hand: AtHand,
    fixed: Option<QueueId>,
}

/// The log with its filters: over everything, or over one queue.
#[component]
pub fn DeliveryList(
    /// The queue whose deliveries these are; its filter is not offered then.
    #[prop(optional)]
    queue: Option<QueueId>,
    /// The delivery that is shown beside the list.
    #[prop(optional, into)]
    chosen: Signal<Option<DeliveryId>>,
    /// Whether the log is followed, where the head of the page says so; else its filters do.
    #[prop(optional)]
    live: Option<Live>,
) -> impl IntoView {
    let params = use_query_map();
    let view = Memo::new(move |_| LogView::read(&params.read()));
    let query = Memo::new(move |_| {
        let view = view.get();
        let mut query = view.query();
        if let Some(queue) = queue {
            query.filter.queues = vec![queue];
        }
        (query, view.minutes())
    });
    let address = Memo::new(move |_| {
        let mut view = view.get();
        if let Some(queue) = queue {
            view.filter.queues = vec![queue];
        }
        view.address()
    });
    let chart = Memo::new(move |_| format!("/deliveries/chart{}", address.get()));
    let around = Around {
        query,
        view,
        address,
        chosen,
        live: live.unwrap_or_else(Live::new),
        at_hand: StoredValue::new(None),
        fixed: queue,
    };
    let clock = start::use_now();
    let needs_span = Memo::new(move |_| view.with(|view| view.needs_span(clock.get_untracked())));
    let page = Resource::new(
        move || (!needs_span.get()).then(|| query.get()),
        |query| async move {
            match query {
                Some((query, minutes)) => list_deliveries(query, minutes).await,
                None => {
                    let items = Vec::new();
                    let slice = Slice { items, older: None, newer: None, searched_to: None };
                    Ok(Listed { slice, place: String::new() })
                }
            }
        },
    );
    use_keys(around.at_hand, chosen, address);
    view! {
        <div class="log-filters">
            <Filters view=view fixed=queue live=live.is_none().then_some(around.live) />
        </div>
        <div class="log-histogram">
            {sheet(chart, Place::Part(around.live.on))}
        </div>
        <div class="log-list">
            {move || match needs_span.get() {
                true => view! { <SpanNeeded view=view /> }.into_any(),
                false => view! {
                    <Load
                        of=page
                        lines=10
                        view=move |found| view! { <Rows found=found around=around /> }.into_any()
                    />
                }
                .into_any(),
            }}
        </div>
    }
}

/// Text is searched only within a span of time: some are offered.
#[component]
fn SpanNeeded(view: Memo<LogView>) -> impl IntoView {
    let location = use_location();
    let spans = SPANS.map(|(word, _)| {
        let href =
            move || format!("{}{}", location.pathname.get(), view.get().over(word).address());
        view! { <a class="btn" href=href>{text::span(word)}</a> }
    });
    view! {
        <Empty pic=Pic::Clock title=text::SPAN_TITLE about=text::SPAN_TEXT>
            {spans.collect_view()}
        </Empty>
    }
}

#[component]
fn Rows(found: Listed, around: Around) -> impl IntoView {
    let location = use_location();
    let Listed { slice, place } = found;
    let (older, newer) = (slice.older, slice.newer);
    // A search that had to stop says how far it came, and leads on.
    let back = around.view.with_untracked(|view| !matches!(view.cursor, Cursor::After(_)));
    let stopped = slice.searched_to.and_then(|at| {
        let cursor = if back { older.map(Cursor::Before) } else { newer.map(Cursor::After) }?;
        let to = around.view.with_untracked(|view| view.at(cursor).address());
        let href = format!("{}{to}", location.pathname.get_untracked());
        Some((text::searched(at, back), href))
    });
    let (query, minutes) = around.query.get_untracked();
    let shown = Shown::new(slice, &query);
    let rows = shown.rows;
    around.at_hand.set_value(Some(rows));
    follow(around.live, shown, query, minutes, around.address.get_untracked(), place);
    let show = move |_| {
        shown.show();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    };
    let fresh = Memo::new(move |_| shown.fresh());
    let empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let ids = move || rows.with(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let first = around.view.with_untracked(|view| view.cursor == Cursor::Newest);
    view! {
        {move || {
            if empty.get() {
                if let Some((said, href)) = stopped.clone() {
                    return view! {
                        <Empty pic=Pic::Search title=text::SO_FAR about=said>
                            <LinkButton href=href>{text::GO_ON}</LinkButton>
                        </Empty>
                    }
                    .into_any();
                }
                let open = around.view.with_untracked(|view| view.is_open() && first);
                return if open {
                    view! {
                        <Empty pic=Pic::Deliveries title=text::EMPTY_TITLE about=text::EMPTY_TEXT>
                            <LinkButton href="/queues">{text::OPEN_QUEUES}</LinkButton>
                        </Empty>
                    }
                    .into_any()
                } else {
                    let clear = location.pathname.get_untracked();
                    view! { <NothingMatches clear=clear /> }.into_any()
                };
            }
            view! {
                <div class="card rowlist">
                    <button
                        type="button"
                        class="fresh"
                        hidden=move || fresh.get() == 0
                        on:click=show
                    >
                        {move || text::fresh(fresh.get())}
                    </button>
                    <ul>
                        <For each=ids key=|id| *id let:id>
                            <Row id=id rows=rows around=around />
                        </For>
                    </ul>
                    {stopped.clone().map(|(said, href)| view! {
                        <div class="foot">
                            <span>{said}</span>
                            <span class="grow"></span>
                            <LinkButton href=href>{text::GO_ON}</LinkButton>
                        </div>
                    })}
                    <div class="foot">
                        {start::may_edit()
                            .then(|| {
                                view! {
                                    <form method="get" action="/replays/new" id=CHOSEN>
                                        <button class="btn quiet">{replays::REPLAY_CHOSEN}</button>
                                    </form>
                                }
                            })}
                        <span>{text::NEWEST_FIRST}</span>
                        <span class="grow"></span>
                        {move || view! { <CursorPager newer=newer older=shown.older.get() /> }}
                    </div>
                </div>
            }
            .into_any()
        }}
    }
}

#[component]
fn Row(id: DeliveryId, rows: RwSignal<Vec<DeliveryRow>>, around: Around) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.id == id).cloned()));
    let call = row.with_untracked(|row| row.as_ref().and_then(|row| row.call_attempt));
    let here = move || (around.chosen.get() == Some(id)).then_some("true");
    let fixed = around.fixed;
    let href = move || format!("/deliveries/{id}{}", around.address.get());
    view! {
        <li>
            {start::may_edit()
                .then(|| {
                    view! {
                        <input
                            type="checkbox"
                            class="row-choose"
                            form=CHOSEN
                            name="id"
                            value=id.to_string()
                            aria-label=replays::CHOOSE
                            autocomplete="off"
                        />
                    }
                })}
            <a href=href aria-current=here>
                {move || row.get().map(|row| view! { <RowFace row=row fixed=fixed.is_some() /> })}
            </a>
            {call.map(|call| view! {
                <a
                    class="row-open"
                    href=format!("/calls/{call}")
                    aria-label=text::open_call(call)
                    title=text::open_call(call)
                >
                    <Icon of=Pic::Call />
                </a>
            })}
        </li>
    }
}

#[component]
fn RowFace(row: DeliveryRow, fixed: bool) -> impl IntoView {
    let flow = named(&row.flow_name, text::DELETED_FLOW);
    let way = match fixed {
        true => flow,
        false => format!("{} → {flow}", named(&row.queue_name, text::DELETED_QUEUE)),
    };
    let outcome = text::outcome_of_row(&row);
    let call = row.call_attempt.map(|call| {
        view! { <span class="row-call">{text::call(call)}</span> }
    });
    let failing = matches!(
        row.state,
        model::delivery::DeliveryState::Dead | model::delivery::DeliveryState::DeliveredWithErrors
    );
    view! {
        <span class="row-state"><StatePill state=row.state /></span>
        <span class="row-event">
            <b>{catalog::event(row.event)}</b>
            {call}
            <Marks row=row.clone() />
        </span>
        <span class="r"><Time at=row.created_at /></span>
        <span class="l2">
            <span class="row-way">{way}</span>
            <span class="row-end" class:bad-text=failing>{outcome}</span>
        </span>
    }
}

/// What is special about a delivery: a test, a replay, late.
#[component]
pub fn Marks(row: DeliveryRow) -> impl IntoView {
    let mark = |on: bool, word: &'static str, hint: &'static str| {
        on.then(|| view! { <span class="tag flag" title=hint>{word}</span> })
    };
    view! {
        {mark(row.test, text::MARK_TEST, text::MARK_TEST_HINT)}
        {mark(row.replay_of.is_some(), text::MARK_REPLAY, text::MARK_REPLAY_HINT)}
        {mark(row.parent.is_some(), text::MARK_CHILD, text::MARK_CHILD_HINT)}
        {mark(row.out_of_order, text::MARK_LATE, text::MARK_LATE_HINT)}
    }
}

/// A name, or what is said where it is gone.
pub fn named(name: &str, gone: &str) -> String {
    if name.is_empty() { gone.to_owned() } else { name.to_owned() }
}
