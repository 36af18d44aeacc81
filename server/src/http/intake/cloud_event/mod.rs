//! CloudEvents 1.0: what of them becomes what of an event.
//!
//! | CloudEvent | event |
//! |---|---|
//! | `id` | `id` |
//! | `type`, without `offhook.queue.` | `event` |
//! | `subject` | `queue_id` |
//! | `time` | `occurred_at` |
//! | `data`, an object with `data` and `variables` | `data`, `variables` |
//! | `source`, `dataschema` | the variables `ce_source`, `ce_dataschema` |
//! | extension attributes | variables of their names, below those of `data` |
//!
//! `source` is part of the content, so that the same `id` from another source is a conflict that
//! its sender hears of, and never taken for a repetition.

mod attributes;
mod binary;
mod structured;

pub use binary::binary;
pub use structured::structured;

use super::item::Item;
use crate::http::problem::ApiProblem;
use attributes::Attributes;
use model::{JsonMap, catalog::EventKind, ids::QueueId, problem::pointer_token};
use serde_json::Value;

/// What stands before the event's word in `type`.
const TYPE_PREFIX: &str = "offhook.queue.";

/// Extension attributes that tell how an event travelled: a sender's next attempt carries others,
/// which must not make it an event of other content.
const TRAVEL: [&str; 3] = ["traceparent", "tracestate", "knativearrivaltime"];

/// The event that a CloudEvent stands for.
fn item(mut attributes: Attributes, data: Value) -> Item {
    let origin = attributes.origin;
    let version = attributes.needed("specversion", "1.0");
    if let Some(version) = version.filter(|version| version != "1.0") {
        let detail = format!("is 1.0, the CloudEvents that are read here, not \"{version}\"");
        attributes.fault("specversion", detail);
    }
    let id = attributes.needed("id", "the event's own id, unique in its queue");
    let kind = kind(&mut attributes);
    let queue = queue(&mut attributes);
    let occurred_at = attributes.text("time");
    let source = attributes.needed("source", "where the event comes from, as a URI-reference");
    let schema = attributes.text("dataschema");

    let mut extensions = JsonMap::new();
    extensions.extend(source.map(|source| ("ce_source".into(), source.into())));
    extensions.extend(schema.map(|schema| ("ce_dataschema".into(), schema.into())));
    for (name, value) in attributes.extensions() {
        if !TRAVEL.contains(&name.as_str()) {
            extensions.insert(name, value);
        }
    }
    let (data, variables) = content(&mut attributes, data);
    let variables = match variables {
        Value::Null => Value::Object(extensions),
        Value::Object(own) => {
            extensions.extend(own);
            Value::Object(extensions)
        }
        // No object: the engine says so.
        other => other,
    };
    let event = if attributes.faults.is_empty() {
        let mut event = JsonMap::new();
        event.insert("id".into(), id.into());
        event.insert("event".into(), kind.map(EventKind::as_str).into());
        event.insert("queue_id".into(), queue.map(|queue| queue.0).into());
        event.insert("occurred_at".into(), occurred_at.into());
        event.insert("data".into(), data);
        event.insert("variables".into(), variables);
        Ok(Value::Object(event))
    } else {
        Err(ApiProblem::invalid(attributes.faults))
    };
    Item { event, origin, line: None }
}

fn kind(attributes: &mut Attributes) -> Option<EventKind> {
    let words = || {
        let words = EventKind::ALL.map(EventKind::as_str).join(", ");
        format!("{TYPE_PREFIX} and one of {words}")
    };
    let given = attributes.needed("type", &words())?;
    let kind = given.strip_prefix(TYPE_PREFIX).and_then(|word| word.parse().ok());
    if kind.is_none() {
        attributes.fault("type", format!("is {}, not \"{given}\"", words()));
    }
    kind
}

fn queue(attributes: &mut Attributes) -> Option<QueueId> {
    let given = attributes.needed("subject", "the number of a queue")?;
    let queue = given.parse().ok();
    if queue.is_none() {
        attributes.fault("subject", format!("is the number of a queue, not \"{given}\""));
    }
    queue
}

/// The fields and the variables within a CloudEvent's data.
fn content(attributes: &mut Attributes, data: Value) -> (Value, Value) {
    let origin = attributes.origin;
    let mut members = match data {
        Value::Null => return (Value::Null, Value::Null),
        Value::Object(members) => members,
        _ => {
            let detail = "is an object with data, the event's fields, and variables";
            attributes.faults.push(origin.in_data("", detail));
            return (Value::Null, Value::Null);
        }
    };
    let mut take = |name| members.remove(name).unwrap_or_default();
    let content = (take("data"), take("variables"));
    for name in members.keys() {
        let detail = "is no member of a CloudEvent's data here; they are data, with the event's \
                      fields, and variables, with values of your own";
        attributes.faults.push(origin.in_data(&format!("/{}", pointer_token(name)), detail));
    }
    content
}

#[cfg(test)]
mod tests;
