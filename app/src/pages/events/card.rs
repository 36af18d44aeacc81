//! One event of the catalog.

use super::field_has;
use crate::{
    text::{catalog, events as text},
    ui::{Code, Tag},
};
use leptos::prelude::*;
use model::catalog::{EventKind, Field, FieldType, QueueType, example, field};
use serde_json::{Map, Value};

/// What it means, who fires it, what it carries, and an example.
#[component]
pub fn EventCard(event: EventKind, search: String) -> impl IntoView {
    let info = event.info();
    let types = info.queue_types;
    let fired = if types.len() == QueueType::ALL.len() {
        view! { <Tag>{text::ALL_TYPES}</Tag> }.into_any()
    } else {
        types
            .iter()
            .map(|one| view! { <Tag>{catalog::queue_type(*one)}</Tag> })
            .collect_view()
            .into_any()
    };
    let rows = info
        .fields
        .iter()
        .filter_map(|name| field(name))
        .map(|field| {
            let hit = !search.trim().is_empty() && field_has(field, &search);
            view! { <FieldRow field=field hit=hit /> }
        })
        .collect_view();
    let body = body(event);
    let command = curl(&body);
    view! {
        <section class="card pad event-card" id=event.as_str()>
            <header class="head">
                <h2>{catalog::event(event)}</h2>
                <code class="dim">{event.as_str()}</code>
            </header>
            <p class="event-about">{info.about}</p>
            <p class="row"><span class="dim">{text::FIRED_BY}</span>{fired}</p>
            <table class="field-table">
                <caption class="sr-only">{text::FIELDS}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::COL_FIELD}</th>
                        <th scope="col">{text::COL_TYPE}</th>
                        <th scope="col">{text::COL_ABOUT}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <details class="fold">
                <summary>{text::EXAMPLE}</summary>
                <p class="code-title">{text::BODY}</p>
                <Code text=body label=text::COPY_BODY />
                <p class="code-title">{text::CURL}</p>
                <Code text=command label=text::COPY_CURL />
            </details>
        </section>
    }
}

#[component]
fn FieldRow(field: &'static Field, hit: bool) -> impl IntoView {
    let kind = match field.unit {
        Some(unit) => format!("{}, {unit}", kind(field.kind)),
        None => kind(field.kind).to_owned(),
    };
    let known = (!field.values.is_empty()).then(|| {
        let values = field
            .values
            .iter()
            .map(|value| view! { " "<code class="value">{*value}</code> })
            .collect_view();
        view! { <div class="dim">{if field.closed { text::ONLY } else { text::KNOWN }}{values}</div> }
    });
    let causes = (field.name == "call_cause")
        .then(|| view! { <a class="link" href="#causes">{text::SEE_CAUSES}</a> });
    view! {
        <tr class:hit=hit>
            <td class="first"><code>{field.name}</code></td>
            <td class="dim last">{kind}</td>
            <td class="break">{field.about}{known}{causes}</td>
        </tr>
    }
}

fn kind(kind: FieldType) -> &'static str {
    kind.as_str()
}

/// A whole event as one posts it.
fn body(event: EventKind) -> String {
    let kind = event.info().queue_types.first().copied().unwrap_or(QueueType::Inbound);
    let kind = if event.fired_by(QueueType::Inbound) { QueueType::Inbound } else { kind };
    let mut body = Map::new();
    body.insert("event".into(), event.as_str().into());
    body.insert("queue_id".into(), 12.into());
    body.insert("occurred_at".into(), "2026-11-22T09:30:00.120Z".into());
    body.insert("data".into(), Value::Object(example(event, kind)));
    body.insert("variables".into(), serde_json::json!({"crm_id": "A-17"}));
    serde_json::to_string_pretty(&Value::Object(body)).unwrap_or_default()
}

/// The command that posts it; the address and the token are the reader's own.
fn curl(body: &str) -> String {
    format!(
        "curl -X POST http://127.0.0.1:3000/api/v1/events \\\n  \
         -H \"Authorization: Bearer $OFFHOOK_TOKEN\" \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         --data '{}'",
        body.replace('\'', r"'\''")
    )
}
