//! A call: its events and deliveries on one time axis, and what waited for what.

mod axis;

use super::{clock, empty, pill};
use crate::text::{call as text, catalog, cause, deliveries};
use axis::{Axis, WIDTH};
use leptos::prelude::*;
use model::{
    call::{Call, CallDelivery, CallEvent, CallStretch, Wait},
    delivery::{DeliveryRow, DeliveryState},
    ids::DeliveryId,
    time::Millis,
    trace::AttemptOutcome,
};
use std::collections::{BTreeSet, HashMap};

/// The height of a row's picture.
const HEIGHT: f64 = 16.0;
/// The least width with which something is drawn.
const LEAST: f64 = 8.0;
/// How much later than it could a delivery begins before that is said: milliseconds.
const LATE_MS: i64 = 1_000;

/// The names of the deliveries, for those that waited for them.
type Names = HashMap<DeliveryId, String>;

/// The call's page. `most` is how many events of it are told at most.
pub fn call(call: &Call, most: u32) -> AnyView {
    if call.stretches.is_empty() {
        return empty(text::EMPTY_TITLE, text::EMPTY_TEXT, text::TO_LOG, "/deliveries");
    }
    let all = call.stretches.iter().flat_map(|stretch| &stretch.events);
    let names: Names =
        all.flat_map(|event| &event.deliveries).map(|one| (one.row.id, name(&one.row))).collect();
    let note = |text: String| view! { <p class="note">{text}</p> };
    let stretches = call.stretches.iter().map(|one| stretch(one, &names, call.at)).collect_view();
    view! {
        {call.cut.then(|| note(text::cut(most)))}
        {(call.stretches.len() > 1).then(|| note(text::stretches(call.stretches.len())))}
        {stretches}
        <p class="call-key">
            <span class="key wait">{text::KEY_WAIT}</span>
            <span class="key run">{text::KEY_RUN}</span>
            <span class="key failed">{text::KEY_FAILED}</span>
            <span class="key between">{text::KEY_BETWEEN}</span>
            <span class="grow"></span>
            <a class="link" href=format!("/deliveries?search={}", call.number)>{text::IN_LOG}</a>
        </p>
    }
    .into_any()
}

fn name(row: &DeliveryRow) -> String {
    format!("{} → {}", catalog::event(row.event), flow(row))
}

fn flow(row: &DeliveryRow) -> String {
    match row.flow_name.is_empty() {
        true => deliveries::DELETED_FLOW.to_owned(),
        false => row.flow_name.clone(),
    }
}

fn stretch(stretch: &CallStretch, names: &Names, now: Millis) -> AnyView {
    let axis = Axis::of(stretch);
    let all: Vec<_> = stretch.events.iter().flat_map(|event| &event.deliveries).collect();
    let runs: Vec<_> = all.iter().flat_map(|one| &one.runs).collect();
    let waited: i64 = all.iter().map(|one| waited_ms(one, now)).sum();
    let ran = runs.iter().map(|run| run.duration_us).sum();
    let queues: BTreeSet<_> = stretch.events.iter().map(queue_name).collect();
    let queues: Vec<_> = queues.into_iter().collect();
    let head = text::span(stretch.from, stretch.to);
    let shortened = axis.pieces.iter().any(|piece| piece.idle);
    let bodies = stretch.events.iter().map(|event| body(event, &axis, names, now)).collect_view();
    let caption = head.clone();
    view! {
        <section class="call">
            <h2>{head}</h2>
            <p class="dim call-totals">
                {text::totals(stretch.events.len(), all.len(), runs.len())}
                " · "
                {text::times(u64::try_from(waited * 1_000).unwrap_or(0), ran)}
            </p>
            {(queues.len() > 1).then(|| view! { <p class="note">{text::queues(&queues)}</p> })}
            <div class="card table-card">
                <table class="call-table">
                    <caption class="sr-only">{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{text::COL_WHAT}</th>
                            <th scope="col" class="call-axis">
                                <span>{text::COL_TIME}</span>
                                <span>{stretch.from.clock()}</span>
                                <span>{stretch.to.clock()}</span>
                            </th>
                            <th scope="col">{text::COL_ACCEPTED}</th>
                            <th scope="col">{text::COL_WAITED}</th>
                            <th scope="col">{text::COL_RAN}</th>
                            <th scope="col">{text::COL_STATE}</th>
                        </tr>
                    </thead>
                    {bodies}
                </table>
                {shortened.then(|| view! { <div class="foot">{text::SHORTENED}</div> })}
            </div>
        </section>
    }
    .into_any()
}

fn queue_name(event: &CallEvent) -> String {
    match event.queue_name.is_empty() {
        true => deliveries::DELETED_QUEUE.to_owned(),
        false => event.queue_name.clone(),
    }
}

/// An event and its deliveries.
fn body(event: &CallEvent, axis: &Axis, names: &Names, now: Millis) -> AnyView {
    let queue = match event.queue_name.is_empty() {
        true => view! { <span class="dim">{queue_name(event)}</span> }.into_any(),
        false => {
            let href = format!("/queues/{}", event.queue_id);
            view! { <a class="link" href=href>{queue_name(event)}</a> }.into_any()
        }
    };
    let test = event.test.then(|| view! { " "<span class="tag flag">{text::TEST}</span> });
    let rows = event.deliveries.iter().map(|one| row(one, axis, names, now)).collect_view();
    let none = event.deliveries.is_empty().then_some(text::NO_DELIVERY);
    let mark = rect("came", axis.x(event.accepted_at).min(WIDTH - LEAST), LEAST);
    view! {
        <tbody>
            <tr class="call-event">
                <th scope="rowgroup" class="first">
                    <b>{catalog::event(event.kind)}</b>
                    " "{deliveries::ON}" "{queue}{test}
                </th>
                <td class="call-line">{picture(axis, mark)}</td>
                <td class="nowrap" data-label=text::COL_ACCEPTED>{clock(event.accepted_at)}</td>
                <td class="dim call-none" colspan="3">{none}</td>
            </tr>
            {rows}
        </tbody>
    }
    .into_any()
}

fn row(one: &CallDelivery, axis: &Axis, names: &Names, now: Millis) -> AnyView {
    let row = &one.row;
    let href = format!("/deliveries/{}", row.id);
    let tag = |on: bool, word: &'static str| {
        on.then(|| view! { " "<span class="tag flag">{word}</span> })
    };
    let could = one.could_start.filter(|at| *at > row.created_at);
    let began = one.runs.first().map(|run| run.started_at);
    let late = began.zip(one.could_start).is_some_and(|(at, could)| at.0 - could.0 > LATE_MS);
    let runs = one.runs.iter().map(|run| {
        let words = text::run(run.number, run.started_at, run.duration_us, run.outcome);
        view! { <li>{words}</li> }
    });
    let runs =
        (!one.runs.is_empty()).then(|| view! { <ol class="call-runs">{runs.collect_view()}</ol> });
    let failure = row.failure.as_ref().map(|failure| {
        view! { <small class="bad-text">{cause::short(failure)}</small> }
    });
    view! {
        <tr>
            <th scope="row" class="first call-flow">
                <a class="link" href=href>{flow(row)}</a>
                {tag(row.replay_of.is_some(), deliveries::MARK_REPLAY)}
                {tag(row.out_of_order, deliveries::MARK_LATE)}
            </th>
            <td class="call-line">{picture(axis, bars(one, axis, now))}</td>
            <td class="two nowrap call-at" data-label=text::COL_ACCEPTED>
                {clock(row.created_at)}
                {could.map(|at| view! { <small>{text::could_start(at)}</small> })}
            </td>
            <td class="two call-wait" data-label=text::COL_WAITED>
                {match &one.wait {
                    Some(wait) => waited(wait, row.created_at, names, now),
                    None if row.state.is_final() => {
                        view! { <span class="dim">{text::NOTHING}</span> }.into_any()
                    }
                    None => ().into_any(),
                }}
                {late.then(|| view! { <small>{text::LATER}</small> })}
            </td>
            <td class="call-ran">{runs}</td>
            <td class="last two call-state">{pill(row.state)}{failure}</td>
        </tr>
    }
    .into_any()
}

fn waited(wait: &Wait, since: Millis, names: &Names, now: Millis) -> AnyView {
    let (before, after) = text::waited(wait, since, now);
    let on = wait.on.map(|id| {
        let words = names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        view! { <a class="link" href=format!("/deliveries/{id}")>{words}</a> }
    });
    view! { <span>{before}{on}{after}</span> }.into_any()
}

/// How long it waited before its first attempt, in milliseconds.
fn waited_ms(one: &CallDelivery, now: Millis) -> i64 {
    let row = &one.row;
    let until = match (one.runs.first(), row.state.is_final()) {
        (Some(run), _) => run.started_at,
        (None, true) => row.created_at,
        (None, false) => now,
    };
    (until.0 - row.created_at.0).max(0)
}

/// What the delivery did, along the axis.
fn bars(one: &CallDelivery, axis: &Axis, now: Millis) -> AnyView {
    let row = &one.row;
    let span = |class: &'static str, from: Millis, to: Millis| {
        let x = axis.x(from).min(WIDTH - LEAST);
        rect(class, x, (axis.x(to) - x).max(LEAST))
    };
    let mut drawn = Vec::new();
    let mut at = row.created_at;
    for (index, run) in one.runs.iter().enumerate() {
        let class = if index == 0 { "wait" } else { "between" };
        if run.started_at > at {
            drawn.push(span(class, at, run.started_at));
        }
        at = run.ended_at();
    }
    match row.state {
        DeliveryState::Running => drawn.push(span("run", at, now)),
        DeliveryState::Skipped => drawn.push(span("skipped", at, at)),
        state if !state.is_final() => {
            let class = if one.runs.is_empty() { "wait" } else { "between" };
            drawn.push(span(class, at, now));
        }
        _ => {}
    }
    for run in &one.runs {
        let class = match run.outcome {
            AttemptOutcome::Completed | AttemptOutcome::Waiting | AttemptOutcome::Held => "run",
            AttemptOutcome::CompletedWithErrors | AttemptOutcome::Failed => "failed",
        };
        drawn.push(span(class, run.started_at, run.ended_at()));
    }
    drawn.collect_view().into_any()
}

/// A row's picture; what it shows stands in words beside it.
fn picture(axis: &Axis, drawn: AnyView) -> AnyView {
    let idle = axis.pieces.iter().filter(|piece| piece.idle);
    let idle = idle.map(|piece| rect("idle", piece.x, piece.width)).collect_view();
    view! {
        <svg
            class="line"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            {idle}
            {drawn}
        </svg>
    }
    .into_any()
}

fn rect(class: &'static str, x: f64, width: f64) -> AnyView {
    let short = |number: f64| format!("{number:.1}");
    let (y, height) = match class {
        "wait" | "between" => (6.0, 4.0),
        "idle" => (0.0, HEIGHT),
        _ => (2.0, 12.0),
    };
    view! { <rect class=class x=short(x) y=y width=short(width) height=height></rect> }.into_any()
}
