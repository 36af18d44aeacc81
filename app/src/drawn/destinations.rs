//! The destinations as they stand, and the page of one with what an editor may set.

use super::{
    form::{Refusal, Typing, field},
    kept::when,
};
use crate::{
    api::{destinations as api, url_of},
    text::{destinations as text, time::number},
};
use leptos::prelude::*;
use model::{
    destination::{DestinationAct, DestinationKey, DestinationLimits, DestinationRow, Rate},
    live::{BreakerState, DestinationView},
    time::Millis,
    view::escaped,
};

/// The path of a destination's page.
pub fn path(key: &DestinationKey) -> String {
    format!("/destinations/settings?key={}", escaped(key.as_str()))
}

/// Where the breaker stands.
pub fn state_pill(view: &DestinationView) -> AnyView {
    let tone = match (view.state, view.slowed) {
        (BreakerState::Open, _) => "bad",
        (BreakerState::HalfOpen, _) | (BreakerState::Closed, true) => "wait",
        (BreakerState::Closed, false) => "ok",
    };
    let word = match (view.state, view.slowed) {
        (BreakerState::Closed, true) => text::SLOWED,
        (state, _) => text::state(state),
    };
    let class = format!("pill {tone}");
    view! { <span class=class title=text::state_about(view.state)>{word}</span> }.into_any()
}

/// The list below its filters.
pub fn destinations(rows: &[DestinationRow], narrowed: bool, editor: bool, now: Millis) -> AnyView {
    let add = editor.then(add);
    if rows.is_empty() {
        let (title, about) = match narrowed {
            true => (text::NONE_TITLE, text::NONE_TEXT),
            false => (text::EMPTY_TITLE, text::EMPTY_TEXT),
        };
        let clear = narrowed.then(|| {
            view! {
                <div class="row">
                    <a class="btn" href="/destinations">{text::CLEAR}</a>
                </div>
            }
        });
        return view! {
            <div class="card empty"><h2>{title}</h2><p>{about}</p>{clear}</div>
            {add}
        }
        .into_any();
    }
    let figures = [text::COL_RUNNING, text::COL_RATE, text::COL_WAITING];
    let figures = figures.map(|head| view! { <th scope="col" class="num">{head}</th> });
    let body = rows.iter().map(|one| row(one, now));
    view! {
        <div class="card table-card destinations">
            <table>
                <caption class="sr-only">{text::TITLE}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::COL_KEY}</th>
                        <th scope="col">{text::COL_STATE}</th>
                        {figures.collect_view()}
                        <th scope="col" class="wide">{text::COL_FAILURE}</th>
                        <th scope="col"><span class="sr-only">{crate::text::ui::ACTIONS}</span></th>
                    </tr>
                </thead>
                <tbody>{body.collect_view()}</tbody>
            </table>
            <div class="foot">{text::total(rows.len())}</div>
        </div>
        {add}
    }
    .into_any()
}

fn row(one: &DestinationRow, now: Millis) -> AnyView {
    let view = &one.now;
    let key = view.key.to_string();
    let href = path(&view.key);
    let forced = view.forced.map(|_| view! { <small class="dim">{text::FORCED}</small> });
    let waits = text::drains(view).map(|told| view! { <small>{told}</small> });
    view! {
        <tr>
            <td class="first name"><b class="strong"><a href=href.clone()>{key.clone()}</a></b></td>
            <td class="two">{state_pill(view)} {forced}</td>
            <td class="num" data-label=text::COL_RUNNING>{text::running(view)}</td>
            <td class="num">{text::rate(view.rate_per_s)}</td>
            <td class="two num" data-label=text::COL_WAITING>
                <span>{number(view.waiting)}</span>
                {waits}
            </td>
            <td class="wide">{failure(view, now)}</td>
            <td class="acts last">
                <a class="btn" href=href aria-label=text::edit(&key)>{text::EDIT}</a>
            </td>
        </tr>
    }
    .into_any()
}

fn failure(view: &DestinationView, now: Millis) -> AnyView {
    match &view.last_failure {
        Some(last) => {
            let at = when(Some(last.at), now, "");
            view! { <span>{last.what.clone()}</span> " " <small class="dim">{at}</small> }
                .into_any()
        }
        None => view! { <span class="dim">{text::NO_FAILURE}</span> }.into_any(),
    }
}

/// Leads to the settings of a destination that has not been called yet.
fn add() -> AnyView {
    view! {
        <details class="fold add-destination">
            <summary>{text::ADD}</summary>
            <form class="row" method="get" action="/destinations/settings">
                <label class="grow">
                    <span class="sr-only">{text::ADD_KEY}</span>
                    <input
                        class="input mono"
                        name="key"
                        required
                        placeholder="https://crm.example:443"
                        spellcheck="false"
                    />
                </label>
                <button class="btn">{text::ADD_GO}</button>
            </form>
        </details>
    }
    .into_any()
}

/// The page of one destination.
pub fn destination(row: &DestinationRow, refused: &Refusal, editor: bool, now: Millis) -> AnyView {
    let key = row.now.key.to_string();
    let rest = match editor {
        true => view! {
            {steering(row, &key)}
            {settings(row, &key, refused)}
        }
        .into_any(),
        false => view! { <p class="dim">{text::VIEWER}</p> }.into_any(),
    };
    view! {
        {standing(&row.now, now)}
        {rest}
    }
    .into_any()
}

fn standing(view: &DestinationView, now: Millis) -> AnyView {
    let fact = |name: &'static str, value: String| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    };
    let forced = view.forced.map(|_| view! { " " <span class="dim">{text::FORCED}</span> });
    let probes = view.opens_until.map(|until| {
        view! { <div><dt>{text::PROBES}</dt><dd>{when(Some(until), now, "")}</dd></div> }
    });
    let drains = text::drains(view).map(|told| fact(text::DRAIN_TIME, told));
    view! {
        <section class="card sheet">
            <h2>{text::NOW_TITLE}</h2>
            <dl class="facts-line">
                <div><dt>{text::COL_STATE}</dt><dd>{state_pill(view)}{forced}</dd></div>
                {probes}
                {fact(text::COL_RUNNING, number(view.running.into()))}
                {fact(text::LIMIT, number(view.limit.into()))}
                {fact(text::COL_RATE, text::rate(view.rate_per_s))}
                {fact(text::COL_WAITING, number(view.waiting))}
                {drains}
                <div><dt>{text::COL_FAILURE}</dt><dd>{failure(view, now)}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

/// The buttons that open, close and drain it: those that would change something.
fn steering(row: &DestinationRow, key: &str) -> AnyView {
    use model::destination::Forced;
    let acts: &[DestinationAct] = match row.now.forced {
        Some(Forced::Open) => &[DestinationAct::Release, DestinationAct::Close],
        Some(Forced::Closed) => &[DestinationAct::Release, DestinationAct::Open],
        None => &[DestinationAct::Open, DestinationAct::Close],
    };
    let drain = (row.now.waiting > 0 || row.now.state != BreakerState::Closed)
        .then_some(DestinationAct::Drain);
    let buttons = acts.iter().copied().chain(drain).map(|act| {
        view! { <button class="btn" name="act" value=act.as_str()>{text::act(act)}</button> }
    });
    view! {
        <section class="card sheet">
            <h2>{text::STEER_TITLE}</h2>
            <p class="dim">{text::STEER_TEXT}</p>
            <form class="row" method="post" action={url_of::<api::SteerDestination>()}>
                <input type="hidden" name="key" value=key.to_owned() />
                {buttons.collect_view()}
            </form>
        </section>
    }
    .into_any()
}

fn settings(row: &DestinationRow, key: &str, refused: &Refusal) -> AnyView {
    let limits = &row.limits;
    let text_of = |name: &str| refused.typed(name).unwrap_or_else(|| written(limits, name));
    let field = |name: &'static str, label: &'static str| {
        let (typed, hint) = (text_of(name), text::default_of(name));
        field(name, label, Typing::Number, typed, refused.problem(name), hint)
    };
    let reset = (*limits != DestinationLimits::default()).then(|| {
        view! {
            <button class="btn" form="reset-destination">{text::RESET}</button>
        }
    });
    // While it is open, the page is not drawn anew.
    let open = refused.is_some();
    view! {
        <details class="card sheet limits-fold" open=open>
            <summary><h2>{text::LIMITS_TITLE}</h2></summary>
            <p class="dim">{text::LIMITS_TEXT}</p>
            <form class="limits" method="post" action={url_of::<api::LimitDestination>()}>
                <input type="hidden" name="key" value=key.to_owned() />
                {field("concurrency", text::CONCURRENCY)}
                {field("rate_per_s", text::RATE)}
                {field("failure_percent", text::FAILURE)}
                {field("min_calls", text::MIN_CALLS)}
                {field("open_s", text::OPEN_S)}
                {refused.whole()}
                <div class="row">
                    <button class="btn primary">{text::SAVE}</button>
                    {reset}
                </div>
            </form>
            <form
                id="reset-destination"
                method="post"
                action={url_of::<api::ResetDestination>()}
            >
                <input type="hidden" name="key" value=key.to_owned() />
            </form>
        </details>
    }
    .into_any()
}

/// What a field holds.
fn written(limits: &DestinationLimits, name: &str) -> String {
    let value = match name {
        "concurrency" => limits.concurrency.map(|value| value.to_string()),
        "rate_per_s" => limits.rate_per_s.map(Rate::per_second).map(text::plain),
        "failure_percent" => limits.failure_percent.map(|value| value.to_string()),
        "min_calls" => limits.min_calls.map(|value| value.to_string()),
        "open_s" => limits.open_ms.map(|ms| text::plain(ms as f64 / 1_000.0)),
        _ => None,
    };
    value.unwrap_or_default()
}
