//! Two deliveries side by side.

mod diff;

use super::{clock, pill};
use crate::text::{
    catalog, cause, compare as text, deliveries as words, explain::undecided, state, time,
};
use diff::{Pair, body, fields, join, members, rows, table};
use leptos::prelude::*;
use model::{
    delivery::{DeliveryDetail, DeliveryRow},
    ids::DeliveryId,
    trace::{Attempt, Exchange, StepRecord},
};

/// Asks which two are to be compared; `known` is the one that is known already, `problem` what was
/// wrong with what was asked.
pub fn choose(a: &str, b: &str, known: Option<&DeliveryRow>, problem: Option<String>) -> AnyView {
    let field = |name: &'static str, label: &'static str, value: &str| {
        let id = format!("compare-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input mono" id=id name=name value=value.to_owned() autocomplete="off" />
            </div>
        }
    };
    let ways = known.map(|row| {
        let to = |other: &str| format!("/deliveries/compare?a={other}&b={}", row.id);
        let origin = row.replay_of.map(|_| {
            view! { <a class="btn" href=to("origin")>{text::WITH_ORIGIN}</a> }
        });
        view! {
            <p class="row">
                {origin}
                <a class="btn" href=to("previous")>{text::WITH_PREVIOUS}</a>
            </p>
        }
    });
    view! {
        <div class="card compare compare-choose">
            <h2>{text::CHOOSE}</h2>
            {problem.map(|problem| view! { <p class="form-errors" role="alert">{problem}</p> })}
            {ways}
            <form method="get" action="/deliveries/compare" class="stack">
                {field("a", text::FIELD_A, a)}
                {field("b", text::FIELD_B, b)}
                <p class="hint">{text::FIELD_HINT}</p>
                <p><button class="btn primary">{text::GO}</button></p>
            </form>
        </div>
    }
    .into_any()
}

/// What differs between two deliveries.
pub fn compare(a: &DeliveryDetail, b: &DeliveryDetail) -> AnyView {
    let swap = format!("/deliveries/compare?a={}&b={}", b.row.id, a.row.id);
    view! {
        <div class="compare-heads">
            {head(text::A, &a.row)}
            {head(text::B, &b.row)}
        </div>
        <p class="row compare-ways">
            <a class="btn quiet" href=swap>{text::SWAP}</a>
            <a class="btn quiet" href=format!("/deliveries/compare?b={}", b.row.id)>{text::OTHER}</a>
        </p>
        {table(text::FACTS, facts(a, b))}
        {table(text::DATA, join(fields(&a.data), fields(&b.data)))}
        {table(text::VARIABLES, join(fields(&a.variables), fields(&b.variables)))}
        {table(text::ATTEMPTS, join(attempts(a), attempts(b)))}
        {steps(a.attempts.last(), b.attempts.last())}
    }
    .into_any()
}

fn head(side: &'static str, row: &DeliveryRow) -> AnyView {
    let flow = match row.flow_name.is_empty() {
        true => words::DELETED_FLOW,
        false => &row.flow_name,
    };
    let name = format!("{} → {flow}", catalog::event(row.event));
    view! {
        <div class="card compare-head">
            <b class="compare-side">{side}</b>
            <span class="compare-name">
                <a class="link" href=format!("/deliveries/{}", row.id)>{name}</a>
                <span class="dim">{clock(row.created_at)}" UTC"</span>
            </span>
            {pill(row.state)}
        </div>
    }
    .into_any()
}

fn facts(a: &DeliveryDetail, b: &DeliveryDetail) -> Vec<Pair> {
    let both = |name: &str, of: fn(&DeliveryDetail) -> String| Pair::of(name, of(a), of(b));
    let maybe =
        |name: &str, of: fn(&DeliveryDetail) -> Option<String>| Pair::maybe(name, of(a), of(b));
    let mut all = vec![
        both(text::STATE, |one| state::state(one.row.state).into()),
        maybe(text::CAUSE, |one| one.row.failure.as_ref().map(cause::headline)),
        maybe(text::WARNING, |one| {
            one.row.warning.as_ref().map(|warning| undecided(warning, one.row.event))
        }),
        both(text::EVENT, |one| one.row.event.to_string()),
        both(text::QUEUE, |one| named(&one.row.queue_name, words::DELETED_QUEUE)),
        both(text::HOOK, |one| words::hook(one.row.hook_id.0)),
        both(text::FLOW, |one| {
            let flow = named(&one.row.flow_name, words::DELETED_FLOW);
            format!("{flow}, {}", words::version(one.row.flow_version))
        }),
        maybe(text::CALL, |one| one.row.call_attempt.map(|call| call.to_string())),
        both(text::COUNT, |one| one.row.attempts.to_string()),
        maybe(text::TOOK, |one| one.row.duration_us.map(time::duration_us)),
        both(text::OCCURRED, |one| one.occurred_at.exact()),
        both(text::ACCEPTED, |one| one.accepted_at.exact()),
        maybe(text::SENDER, |one| one.sender_id.clone()),
        maybe(text::REPLAY_OF, |one| one.row.replay_of.map(|id: DeliveryId| id.to_string())),
        maybe(text::TEST, |one| one.row.test.then(|| text::YES.to_owned())),
    ];
    all.retain(|pair| pair.a.is_some() || pair.b.is_some());
    all
}

fn named(name: &str, gone: &str) -> String {
    if name.is_empty() { gone.to_owned() } else { name.to_owned() }
}

fn attempts(of: &DeliveryDetail) -> Vec<(String, String)> {
    let told = |attempt: &Attempt| {
        let mut text = words::outcome(attempt.outcome).to_owned();
        if let Some(failure) = &attempt.failure {
            text.push_str(&format!(": {}", cause::headline(failure)));
        }
        (text::attempt(attempt.number), text)
    };
    of.attempts.iter().map(told).collect()
}

/// A step is the same on both sides if it has the same id and was reached as often.
fn steps(a: Option<&Attempt>, b: Option<&Attempt>) -> AnyView {
    let of = |attempt: Option<&Attempt>| -> Vec<StepRecord> {
        attempt.map(|attempt| attempt.steps.clone()).unwrap_or_default()
    };
    let mut rest: Vec<_> = of(b).into_iter().map(Some).collect();
    let mut drawn = Vec::new();
    for one in of(a) {
        let same = rest.iter_mut().find(|other| {
            other.as_ref().is_some_and(|other| other.id == one.id && other.visit == one.visit)
        });
        let other = same.and_then(Option::take);
        drawn.push(step(Some(&one), other.as_ref()));
    }
    drawn.extend(rest.iter().flatten().map(|one| step(None, Some(one))));
    let none = drawn.is_empty().then(|| view! { <p class="dim">{words::NO_STEPS}</p> });
    view! {
        <section class="card compare">
            <h2>{text::STEPS}</h2>
            {none}
            {drawn}
        </section>
    }
    .into_any()
}

fn step(a: Option<&StepRecord>, b: Option<&StepRecord>) -> AnyView {
    let Some(shown) = a.or(b) else { return ().into_any() };
    let side = |mark: &'static str, one: Option<&StepRecord>| {
        let (class, words) = match one {
            None => ("dim", text::DID_NOT_RUN.to_owned()),
            Some(one) => match &one.error {
                Some(error) => ("bad-text", cause::headline(error)),
                None => ("dim", words::took(one.duration_us)),
            },
        };
        view! { <span><b class="compare-side">{mark}</b> <span class=class>{words}</span></span> }
    };
    let input = |one: Option<&StepRecord>| one.map(|one| members(&one.input)).unwrap_or_default();
    let output = |one: Option<&StepRecord>| one.map(|one| members(&one.output)).unwrap_or_default();
    let http = |one: Option<&StepRecord>| one.and_then(|one| one.http.clone());
    let (asked, answered) = (http(a), http(b));
    // What a request asks stands in the exchange; its input would say the same again.
    let input = match asked.is_some() || answered.is_some() {
        true => Vec::new(),
        false => join(input(a), input(b)),
    };
    let parts = [
        (text::INPUT, input),
        (text::REQUEST, join(request(asked.as_ref()), request(answered.as_ref()))),
        (text::ANSWER, join(answer(asked.as_ref()), answer(answered.as_ref()))),
        (text::OUTPUT, join(output(a), output(b))),
    ];
    let parts = parts.into_iter().filter(|(_, pairs)| !pairs.is_empty()).map(|(title, pairs)| {
        let (same, differing): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|pair| pair.a == pair.b);
        let count = same.len();
        view! {
            <h4>{title}</h4>
            {(!differing.is_empty()).then(|| rows(title, differing, true))}
            {(count > 0).then(|| view! {
                <details class="fold">
                    <summary>{text::same(count)}</summary>
                    {rows(title, same, false)}
                </details>
            })}
        }
    });
    let name = shown.name.clone().map(|name| view! { " "<span class="tag">{name}</span> });
    view! {
        <div class="compare-step">
            <h3>
                {shown.action.clone()}{name}" "<span class="dim mono">{shown.path.clone()}</span>
            </h3>
            <p class="compare-sides">{side(text::A, a)}{side(text::B, b)}</p>
            {parts.collect_view()}
        </div>
    }
    .into_any()
}

fn request(of: Option<&Exchange>) -> Vec<(String, String)> {
    let Some(exchange) = of else { return Vec::new() };
    let mut all = vec![
        (text::METHOD.to_owned(), exchange.method.clone()),
        (text::URL.to_owned(), exchange.url.clone()),
    ];
    all.extend(exchange.request_headers.iter().cloned());
    all.extend(body(&exchange.request_body));
    all
}

fn answer(of: Option<&Exchange>) -> Vec<(String, String)> {
    let Some(exchange) = of else { return Vec::new() };
    let Some(answer) = &exchange.answer else {
        return vec![(text::STATUS.to_owned(), text::NO_ANSWER.to_owned())];
    };
    let mut all = vec![(text::STATUS.to_owned(), cause::status_words(answer.status))];
    all.extend(answer.headers.iter().cloned());
    all.extend(body(&answer.body));
    all
}
