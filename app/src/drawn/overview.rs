//! How the installation fares: figures, charts, and what needs attention.

mod attention;

use super::chart::{self, Frame, Row};
use crate::text::{
    overview as text,
    time::{number, percent},
};
use attention::attention;
use leptos::prelude::*;
use model::{
    live::{BreakerState, DestinationView},
    node::NodeRole,
    overview::{Overview, Point, Span},
    queue::Figures,
};

/// The spans to choose from, each a link.
pub fn spans(of: Span) -> AnyView {
    let links = Span::ALL.map(|span| {
        let href = match span {
            Span::Hour => "/overview".to_owned(),
            _ => format!("/overview?span={span}"),
        };
        let here = (span == of).then_some("true");
        view! { <a href=href aria-current=here>{text::span(span)}</a> }
    });
    view! { <nav class="seg" aria-label=text::SPANS>{links.collect_view()}</nav> }.into_any()
}

/// The page below its head.
pub fn overview(told: &Overview, missing: &[NodeRole], editor: bool) -> AnyView {
    view! {
        {tiles(told)}
        <div class="charts">{events(told)} {deliveries(told)} {latency(told)}</div>
        {attention(told, missing, editor)}
        {table(told)}
    }
    .into_any()
}

fn tiles(told: &Overview) -> AnyView {
    let seconds = (told.to.0 - told.from.0) as f64 / 1_000.0;
    let all = &told.whole.figures;
    let ended = all.delivered + all.failed;
    let share = all.share_delivered();
    let share_tone = match share {
        Some(share) if share < 95.0 => "bad-text",
        Some(share) if share < 100.0 => "wait-text",
        _ if told.retrying > 0 => "wait-text",
        Some(_) => "ok-text",
        None => "",
    };
    let stopped = count(told, |one| one.state != BreakerState::Closed);
    let slowed = count(told, |one| one.state == BreakerState::Closed && one.slowed);
    let stopped_tone = if stopped > 0 {
        "bad-text"
    } else if slowed > 0 {
        "wait-text"
    } else {
        ""
    };
    let p50 = told.whole.p50_ms.map_or(text::NOTHING_YET.to_owned(), text::took);
    let waiting = if told.live.backlog > 0 { "wait-text" } else { "" };
    let retrying = text::not_delivered(told.retrying, all.failed);
    view! {
        <div class="figures">
            {tile(text::EVENTS, number(all.events), text::rate(all.events, seconds), "", None)}
            {tile(text::DELIVERIES, number(ended), text::rate(ended, seconds), "", None)}
            {tile(
                text::DELIVERED,
                share.map_or(text::NOTHING_YET.to_owned(), percent),
                retrying,
                share_tone,
                None,
            )}
            {tile(
                text::LATENCY,
                p50,
                told.whole.p95_ms.map(text::p95).unwrap_or_default(),
                "",
                Some(text::LATENCY_HINT),
            )}
            {tile(
                text::BACKLOG,
                number(told.live.backlog),
                text::waits(&told.live, told.to),
                waiting,
                None,
            )}
            {tile(
                text::BREAKERS,
                number(told.live.destinations.len() as u64),
                text::stopped(stopped, slowed),
                stopped_tone,
                None,
            )}
        </div>
    }
    .into_any()
}

fn count(told: &Overview, of: impl Fn(&DestinationView) -> bool) -> usize {
    told.live.destinations.iter().filter(|one| of(one)).count()
}

fn tile(
    name: &'static str,
    figure: String,
    about: String,
    tone: &'static str,
    hint: Option<&'static str>,
) -> AnyView {
    view! {
        <section class="card figure" title=hint>
            <h2>{name}</h2>
            <b>{figure}</b>
            <span class=tone>{about}</span>
        </section>
    }
    .into_any()
}

/// The start of each point, as it is written.
fn starts(told: &Overview) -> Vec<String> {
    let at = |index: usize| told.from.plus(told.step_ms * index as i64);
    (0..told.points.len()).map(|index| text::point(at(index), told.span)).collect()
}

fn frame(
    told: &Overview,
    id: &'static str,
    title: &'static str,
    about: String,
    most: String,
    point: impl Fn(&Point) -> String,
) -> Frame {
    let starts = starts(told);
    let points = starts.iter().zip(&told.points);
    let points = points.map(|(start, of)| format!("{start} UTC: {}", point(of))).collect();
    let middle = starts.get(starts.len() / 2).cloned().unwrap_or_default();
    let times = vec![starts.first().cloned().unwrap_or_default(), middle, text::NOW.to_owned()];
    Frame { id, title, told: about, most, times, points }
}

fn events(told: &Overview) -> AnyView {
    let most = told.points.iter().map(|point| point.figures.events).max().unwrap_or(0);
    let about = text::events_told(told.whole.figures.events, most, told.span);
    let peak = text::most(&format!("{} {}", number(most), text::step(told.span)));
    let frame = frame(told, "events", text::EVENTS_CHART, about, peak, |point| {
        number(point.figures.events)
    });
    let mut values: Vec<_> =
        told.points.iter().map(|point| Some(point.figures.events as f64)).collect();
    // What is not over yet only seems to be less.
    if let [.., before, last] = &mut values[..]
        && last < before
    {
        *last = None;
    }
    chart::lines(frame, &[Row { class: "events", name: text::EVENTS, values }])
}

fn deliveries(told: &Overview) -> AnyView {
    let ended = |of: &Figures| of.delivered + of.failed;
    let most = told.points.iter().map(|point| ended(&point.figures)).max().unwrap_or(0);
    let about = text::deliveries_told(&told.whole.figures, told.span);
    let peak = text::most(&format!("{} {}", number(most), text::step(told.span)));
    let frame = frame(told, "deliveries", text::DELIVERIES_CHART, about, peak, |point| {
        let of = &point.figures;
        format!(
            "{} {}, {} {}",
            number(of.delivered),
            text::KEY_DELIVERED,
            number(of.failed),
            text::KEY_FAILED
        )
    });
    let row = |class, name, value: fn(&Figures) -> u64| Row {
        class,
        name,
        values: told.points.iter().map(|point| Some(value(&point.figures) as f64)).collect(),
    };
    let rows = [
        row("good", text::KEY_DELIVERED, |of| of.delivered),
        row("failed", text::KEY_FAILED, |of| of.failed),
    ];
    chart::bars(frame, &rows)
}

fn latency(told: &Overview) -> AnyView {
    let most = told.points.iter().filter_map(|point| point.p95_ms).fold(0.0, f64::max);
    let peak = match most > 0.0 {
        true => text::most(&text::took(most)),
        false => text::NOTHING_YET.to_owned(),
    };
    let about = text::latency_told(told.whole.p50_ms, told.whole.p95_ms, told.span);
    let frame = frame(told, "latency", text::LATENCY_CHART, about, peak, |point| {
        let took = |ms: Option<f64>| ms.map_or(text::NOTHING_YET.to_owned(), text::took);
        format!(
            "{} {}, {} {}",
            text::KEY_P50,
            took(point.p50_ms),
            text::KEY_P95,
            took(point.p95_ms)
        )
    });
    let row = |class, name, value: fn(&Point) -> Option<f64>| Row {
        class,
        name,
        values: told.points.iter().map(value).collect(),
    };
    let rows = [
        row("p95", text::KEY_P95, |point| point.p95_ms),
        row("p50", text::KEY_P50, |point| point.p50_ms),
    ];
    chart::lines(frame, &rows)
}

/// The charts as a table.
fn table(told: &Overview) -> AnyView {
    let took = |ms: Option<f64>| ms.map_or(text::NOTHING_YET.to_owned(), text::took);
    let rows = starts(told).into_iter().zip(&told.points).map(|(start, point)| {
        let of = point.figures;
        view! {
            <tr>
                <th scope="row" class="first">{start}</th>
                <td class="num" data-label=text::COL_EVENTS>{number(of.events)}</td>
                <td class="num" data-label=text::COL_DELIVERED>{number(of.delivered)}</td>
                <td class="num" data-label=text::COL_FAILED>{number(of.failed)}</td>
                <td class="num" data-label=text::COL_SKIPPED>{number(of.skipped)}</td>
                <td class="num" data-label=text::COL_P50>{took(point.p50_ms)}</td>
                <td class="num" data-label=text::COL_P95>{took(point.p95_ms)}</td>
            </tr>
        }
    });
    let heads = [
        text::COL_EVENTS,
        text::COL_DELIVERED,
        text::COL_FAILED,
        text::COL_SKIPPED,
        text::COL_P50,
        text::COL_P95,
    ];
    let heads = heads.map(|head| view! { <th scope="col" class="num">{head}</th> });
    view! {
        <details class="fold figures-table">
            <summary>{text::AS_TABLE}</summary>
            <div class="card table-card">
                <table>
                    <caption class="sr-only">{text::AS_TABLE}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{text::COL_TIME}</th>
                            {heads.collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
