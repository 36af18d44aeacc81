//! The lower part of a delivery: its attempts, its event, its variables.

use super::{
    filter::{LogView, query_of},
    steps::{Steps, pretty},
};
use crate::{
    text::{deliveries as text, time},
    ui::Code,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{delivery::DeliveryDetail, page::Cursor};
use serde_json::Value;

/// What the lower part shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Attempt(u32),
    Event,
    Variables,
}

/// The attempts, the event and the variables, each under an address of its own.
#[component]
pub fn TabPanel(detail: RwSignal<DeliveryDetail>, view: Memo<LogView>) -> impl IntoView {
    let query = use_query_map();
    let tab = Memo::new(move |_| query.read().get("tab").unwrap_or_default());
    let newest = Memo::new(move |_| {
        detail.with(|detail| detail.attempts.last().map(|attempt| attempt.number))
    });
    let shown = Memo::new(move |_| match (tab.get().as_str(), newest.get()) {
        ("event", _) => Shown::Event,
        ("variables", _) => Shown::Variables,
        (word, newest) => {
            let number = word.strip_prefix("attempt-").and_then(|text| text.parse().ok());
            let known = |number: &u32| {
                detail.with(|detail| detail.attempts.iter().any(|one| one.number == *number))
            };
            match number.filter(known).or(newest) {
                Some(number) => Shown::Attempt(number),
                None => Shown::Event,
            }
        }
    });
    let link = move |of: Shown, word: String, label: String| {
        let href = move || {
            let view = view.get();
            let mut pairs = view.filters();
            match view.cursor {
                Cursor::Newest => {}
                Cursor::Before(seq) => pairs.push(("before", seq.to_string())),
                Cursor::After(seq) => pairs.push(("after", seq.to_string())),
            }
            pairs.push(("tab", word.clone()));
            let id = detail.with_untracked(|detail| detail.row.id);
            format!("/deliveries/{id}{}", query_of(&pairs))
        };
        let here = move || (shown.get() == of).then_some("true");
        view! { <a href=href aria-current=here>{label}</a> }
    };
    let numbers = Memo::new(move |_| {
        detail.with(|detail| detail.attempts.iter().rev().map(|one| one.number).collect::<Vec<_>>())
    });
    let variables = detail.with_untracked(|detail| detail.variables.len());
    view! {
        <nav class="seg" aria-label=text::TABS_LABEL>
            <span>
                {move || {
                    numbers
                        .get()
                        .into_iter()
                        .map(|number| {
                            let word = format!("attempt-{number}");
                            link(Shown::Attempt(number), word, text::attempt(number))
                        })
                        .collect_view()
                }}
            </span>
            {link(Shown::Event, "event".into(), text::TAB_EVENT.into())}
            {link(
                Shown::Variables,
                "variables".into(),
                format!("{} {variables}", text::TAB_VARIABLES),
            )}
        </nav>
        {move || match shown.get() {
            Shown::Attempt(number) => view! { <AttemptPanel detail=detail number=number /> }.into_any(),
            Shown::Event => {
                let data = detail.with_untracked(|detail| detail.data.clone());
                view! { <Values values=data none=text::NO_DATA /> }.into_any()
            }
            Shown::Variables => {
                let variables = detail.with_untracked(|detail| detail.variables.clone());
                view! { <Values values=variables none=text::NO_VARIABLES /> }.into_any()
            }
        }}
    }
}

#[component]
fn AttemptPanel(detail: RwSignal<DeliveryDetail>, number: u32) -> impl IntoView {
    let attempt = detail
        .with_untracked(|detail| detail.attempts.iter().find(|one| one.number == number).cloned());
    match attempt {
        None => view! { <p class="dim">{text::NO_ATTEMPT}</p> }.into_any(),
        Some(attempt) => view! {
            <p class="attempt-line dim">
                <time datetime=attempt.started_at.to_string() title=attempt.started_at.exact()>
                    {attempt.started_at.clock()}" UTC"
                </time>
                <span>{text::outcome(attempt.outcome)}</span>
                <span>{time::duration_us(attempt.duration_us)}</span>
            </p>
            <Steps attempt=attempt />
        }
        .into_any(),
    }
}

/// Names and values of the event, and the whole as JSON to copy.
#[component]
fn Values(values: model::JsonMap, none: &'static str) -> impl IntoView {
    if values.is_empty() {
        return view! { <p class="dim">{none}</p> }.into_any();
    }
    let rows = values
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            view! {
                <dt class="mono">{name.clone()}</dt>
                <dd class="break">{text}</dd>
            }
        })
        .collect_view();
    let whole = pretty(&Value::Object(values));
    view! {
        <dl class="kv values">{rows}</dl>
        <details class="fold">
            <summary>{text::AS_JSON}</summary>
            <Code text=whole />
        </details>
    }
    .into_any()
}
