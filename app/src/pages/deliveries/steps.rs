//! An attempt's steps as a time line.

use crate::{
    text::{
        cause::{headline, status_words},
        deliveries as text,
    },
    ui::{Code, marked},
};
use leptos::{either::Either, prelude::*};
use model::trace::{Attempt, Body, Exchange, StepRecord};
use serde_json::Value;

/// The most characters of a step's summary line.
const SUMMARY_MAX: usize = 160;

/// The steps of one attempt, in the order in which they ran.
#[component]
pub fn Steps(attempt: Attempt) -> impl IntoView {
    let dropped = attempt.steps_dropped;
    let steps = attempt.steps;
    if steps.is_empty() {
        return Either::Left(view! { <p class="dim">{text::NO_STEPS}</p> });
    }
    Either::Right(view! {
        <ol class="steps" aria-label=text::STEPS_LABEL>
            {steps.into_iter().map(|step| view! { <Step step=step /> }).collect_view()}
        </ol>
        {(dropped > 0).then(|| view! { <p class="dim">{text::dropped(dropped)}</p> })}
    })
}

#[component]
fn Step(step: StepRecord) -> impl IntoView {
    let (dot, mark, spoken) = match (&step.error, step.warnings.is_empty()) {
        (Some(_), _) => ("dot bad", "!", text::STEP_FAILED),
        (None, false) => ("dot wait", "!", text::STEP_WARNED),
        (None, true) => ("dot", "✓", text::STEP_DONE),
    };
    let summary = summary(&step);
    let error = step.error.as_ref().map(headline);
    let failed = step.error.is_some();
    // Where the summary tells all of it, there is nothing to unfold.
    let raw = step.http.is_some()
        || summary.ends_with('…')
        || !(step.input.is_null() || step.output.is_null());
    let visit = (step.visit > 1).then(|| text::visit(step.visit));
    let http = step.http;
    view! {
        <li class="step">
            <span class=dot aria-hidden="true">{mark}</span>
            <span class="step-name">
                <b>{step.action}</b>
                {step.name.map(|name| view! { <span class="tag">{name}</span> })}
                <span class="dim mono step-path">{step.path}</span>
                {visit.map(|visit| view! { <span class="dim">{visit}</span> })}
                <span class="sr-only">{spoken}</span>
            </span>
            <span class="t">{text::took(step.duration_us)}</span>
            <div class="d">
                {error.map(|error| view! { <p class="bad-text">{marked(&error)}</p> })}
                {step
                    .warnings
                    .into_iter()
                    .map(|warning| view! { <p class="wait-text">{marked(&warning)}</p> })
                    .collect_view()}
                {http.map(|http| view! { <HttpExchange exchange=http open=failed /> })}
                {(!summary.is_empty()).then(|| view! { <p class="step-summary">{summary}</p> })}
                {raw.then(|| view! {
                    <details class="fold">
                        <summary>{text::INPUT_OUTPUT}</summary>
                        {(!step.input.is_null()).then(|| view! {
                            <Block title=text::INPUT source=pretty(&step.input) />
                        })}
                        {(!step.output.is_null()).then(|| view! {
                            <Block title=text::OUTPUT source=pretty(&step.output) />
                        })}
                    </details>
                })}
            </div>
        </li>
    }
}

/// A request and its answer. Those of a step that failed are open from the start.
#[component]
fn HttpExchange(exchange: Exchange, open: bool) -> impl IntoView {
    let ok = exchange.answer.as_ref().is_some_and(|answer| (200..300).contains(&answer.status));
    let status = exchange
        .answer
        .as_ref()
        .map_or_else(|| text::NO_ANSWER.to_owned(), |answer| status_words(answer.status));
    let request = format!(
        "{} {}\n{}",
        exchange.method,
        exchange.url,
        message(&exchange.request_headers, &exchange.request_body)
    );
    let request_cut = cut(&exchange.request_body);
    let line = format!("{} {} ", exchange.method, exchange.url);
    view! {
        <p class="step-summary break">
            {line} <b class=if ok { "ok-text" } else { "bad-text" }>{status.clone()}</b>
        </p>
        <details class="fold" open=open>
            <summary>{text::REQUEST_ANSWER}</summary>
            {exchange.answer.map(|answer| {
                let whole = format!("HTTP {status}\n{}", message(&answer.headers, &answer.body));
                view! { <Block title=text::ANSWER source=whole note=cut(&answer.body) /> }
            })}
            <Block title=text::REQUEST source=request note=request_cut />
        </details>
    }
}

/// Code under a title, with a note beside it.
#[component]
fn Block(title: &'static str, source: String, #[prop(optional)] note: String) -> impl IntoView {
    view! {
        <p class="code-title">
            {title}
            {(!note.is_empty()).then(|| view! { <span class="tag">{note}</span> })}
        </p>
        <Code text=source label=title />
    }
}

fn message(headers: &[(String, String)], body: &Body) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if !body.text.is_empty() {
        text.push('\n');
        text.push_str(&laid_out(body));
    }
    text
}

/// A body as it is read best: whole JSON is indented, everything else is as it came.
pub fn laid_out(body: &Body) -> String {
    if body.cut_from.is_some() || !body.text.trim_start().starts_with(['{', '[']) {
        return body.text.clone();
    }
    match serde_json::from_str::<Value>(&body.text) {
        Ok(value) => pretty(&value),
        Err(_) => body.text.clone(),
    }
}

fn cut(body: &Body) -> String {
    body.cut_from.map(text::cut).unwrap_or_default()
}

/// A value as indented JSON.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// What a step did, in a line: what it looked at, and what came of it.
fn summary(step: &StepRecord) -> String {
    let asked = |name: &str| step.input.get(name).map(short).unwrap_or_default();
    let got = |name: &str| step.output.get(name).map(short).unwrap_or_default();
    let text = match step.action.as_str() {
        "if" => text::was(&asked("expression"), &got("value"), &got("branch")),
        "while" => text::was(&asked("condition"), &got("value"), ""),
        "switch" => text::was(&asked("variable"), &got("case"), ""),
        "softSleep" => text::slept(&asked("ms")),
        "httpRequest" => short(&step.output),
        _ => match &step.output {
            Value::Null => short(&step.input),
            output => short(output),
        },
    };
    match text.char_indices().nth(SUMMARY_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(map) => {
            let each: Vec<_> =
                map.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            each.join(", ")
        }
        other => other.to_string(),
    }
}
