//! Checks a posted event against the catalog.

use crate::index::{Index, IndexedQueue};
use model::{
    JsonMap,
    catalog::{self, EventKind, Field, FieldType},
    ids::QueueId,
    problem::{Problem, pointer_token},
    settings::{DEPTH_MAX, SENDER_ID_MAX},
    time::Millis,
};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// The members that a posted event may have.
const MEMBERS: [&str; 6] = ["id", "event", "queue_id", "occurred_at", "data", "variables"];

/// A posted event that is as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    pub sender_id: Option<String>,
    pub kind: EventKind,
    pub queue_id: QueueId,
    pub occurred_at: Option<Millis>,
    /// The fields that the event carries, each of its type.
    pub data: JsonMap,
    /// What else was in `data`, and over it the variables.
    pub variables: JsonMap,
    /// A digest of all this but the sender's id: the same for the same content.
    pub fingerprint: [u8; 16],
}

/// Checks a posted event; every fault by its JSON pointer into the event.
pub fn check(body: Value, index: &Index) -> Result<Posted, Vec<Problem>> {
    if depth(&body) > DEPTH_MAX {
        let detail = format!("nests more than {DEPTH_MAX} levels deep");
        return Err(vec![Problem::new("", detail)]);
    }
    let Value::Object(mut members) = body else {
        return Err(vec![Problem::new("", "is an event: an object with event and queue_id")]);
    };
    let mut problems = Problems::default();
    for name in members.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
        let detail = format!(
            "is no member of an event; they are {}. Values of your own go into variables",
            MEMBERS.join(", ")
        );
        problems.add(&format!("/{}", pointer_token(name)), detail);
    }
    let sender_id = sender_id(members.remove("id"), &mut problems);
    let queue = queue(members.remove("queue_id"), index, &mut problems);
    let kind = kind(members.remove("event"), queue, &mut problems);
    let occurred_at = occurred_at(members.remove("occurred_at"), &mut problems);
    let given_data = object(members.remove("data"), "/data", &mut problems);
    let given_variables = object(members.remove("variables"), "/variables", &mut problems);

    let mut data = JsonMap::new();
    let mut variables = JsonMap::new();
    if let Some(kind) = kind {
        for (name, value) in given_data {
            match catalog::field(&name) {
                _ if value.is_null() => {}
                Some(field) if kind.carries(&name) => match typed(field, value) {
                    Ok(value) => {
                        data.insert(name, value);
                    }
                    Err(detail) => problems.add(&format!("/data/{name}"), detail),
                },
                _ => {
                    variables.insert(name, value);
                }
            }
        }
    }
    variables.extend(given_variables);
    match (kind, queue) {
        (Some(kind), Some(queue)) if problems.found.is_empty() => {
            let queue_id = queue.queue.id;
            let fingerprint = fingerprint(kind, queue_id, occurred_at, &data, &variables);
            Ok(Posted { sender_id, kind, queue_id, occurred_at, data, variables, fingerprint })
        }
        _ => Err(problems.found),
    }
}

/// Whether it names a queue that the index does not have.
pub fn names_unknown_queue(body: &Value, index: &Index) -> bool {
    body.get("queue_id").and_then(queue_id).is_some_and(|id| index.queue(id).is_none())
}

fn queue_id(value: &Value) -> Option<QueueId> {
    match value {
        Value::Number(number) => number.as_i64().map(QueueId),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[derive(Default)]
struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    fn add(&mut self, pointer: &str, detail: impl Into<String>) {
        self.found.push(Problem::new(pointer, detail));
    }
}

fn sender_id(value: Option<Value>, problems: &mut Problems) -> Option<String> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if id.is_empty() || id.chars().count() > SENDER_ID_MAX => {
            problems.add("/id", format!("has 1 to {SENDER_ID_MAX} characters"));
            None
        }
        Some(Value::String(id)) if id.contains('\0') => {
            problems.add("/id", "does not hold the character U+0000");
            None
        }
        Some(Value::String(id)) => Some(id),
        Some(other) => {
            problems.add("/id", format!("is a text, not {}", kind_of(&other)));
            None
        }
    }
}

fn queue<'a>(
    value: Option<Value>,
    index: &'a Index,
    problems: &mut Problems,
) -> Option<&'a IndexedQueue> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        problems.add("/queue_id", "is needed: the number of a queue");
        return None;
    };
    let Some(id) = queue_id(&value) else {
        problems.add("/queue_id", "is the number of a queue, or its text");
        return None;
    };
    let found = index.queue(id);
    if found.is_none() {
        problems.add("/queue_id", format!("there is no queue {id}"));
    }
    found
}

fn kind(
    value: Option<Value>,
    queue: Option<&IndexedQueue>,
    problems: &mut Problems,
) -> Option<EventKind> {
    let words = || EventKind::ALL.map(EventKind::as_str).join(", ");
    let text = match value {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => {
            problems.add("/event", format!("is needed: one of {}", words()));
            return None;
        }
        Some(other) => {
            problems.add("/event", format!("is one of {}, not {}", words(), kind_of(&other)));
            return None;
        }
    };
    let kind = match text.parse::<EventKind>() {
        Ok(kind) => kind,
        Err(error) => {
            problems.add("/event", error.to_string());
            return None;
        }
    };
    if let Some(queue) = queue
        && !kind.fired_by(queue.queue.kind)
    {
        let fired: Vec<_> = queue.queue.kind.events().map(EventKind::as_str).collect();
        problems.add(
            "/event",
            format!(
                "a queue of type {} does not fire {kind}; it fires {}",
                queue.queue.kind,
                fired.join(", ")
            ),
        );
        return None;
    }
    Some(kind)
}

fn occurred_at(value: Option<Value>, problems: &mut Problems) -> Option<Millis> {
    let shape = "is a time as in RFC 3339, such as 2026-11-22T09:30:00.120Z";
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => match text.parse() {
            Ok(at) => Some(at),
            Err(_) => {
                problems.add("/occurred_at", format!("\"{text}\" is not a time; it {shape}"));
                None
            }
        },
        Some(_) => {
            problems.add("/occurred_at", shape);
            None
        }
    }
}

fn object(value: Option<Value>, pointer: &str, problems: &mut Problems) -> JsonMap {
    match value {
        None | Some(Value::Null) => JsonMap::new(),
        Some(Value::Object(map)) => map,
        Some(other) => {
            problems.add(pointer, format!("is an object, not {}", kind_of(&other)));
            JsonMap::new()
        }
    }
}

/// The value as the field's type has it: numeric text is taken as the number, the words true and
/// false as the boolean, and two known misspellings are mended.
fn typed(field: &Field, value: Value) -> Result<Value, String> {
    let wrong =
        |value: &Value| format!("is {}, not {}", article(field.kind.as_str()), kind_of(value));
    let value = match (field.kind, value) {
        (FieldType::String, Value::String(text)) => {
            let mended = match (field.name, text.as_str()) {
                ("cc_result", "sucess") => "success".to_owned(),
                ("amd_result", "MASHINE") => "MACHINE".to_owned(),
                _ => text,
            };
            if field.closed && !field.values.contains(&mended.as_str()) {
                return Err(format!("is one of {}, not \"{mended}\"", field.values.join(", ")));
            }
            Value::String(mended)
        }
        (FieldType::Boolean, Value::Bool(flag)) => Value::Bool(flag),
        (FieldType::Boolean, Value::String(text)) if text == "true" => Value::Bool(true),
        (FieldType::Boolean, Value::String(text)) if text == "false" => Value::Bool(false),
        (FieldType::Integer, Value::Number(number)) => {
            Value::from(integer(&number).ok_or_else(|| wrong(&Value::Number(number)))?)
        }
        (FieldType::Integer, Value::String(text)) => {
            let whole = text.trim().parse::<i64>();
            Value::from(whole.map_err(|_| format!("is an integer, not the text \"{text}\""))?)
        }
        (FieldType::Number, Value::Number(number)) => Value::Number(number),
        (FieldType::Number, Value::String(text)) => {
            let number = text.trim().parse::<Number>();
            Value::Number(number.map_err(|_| format!("is a number, not the text \"{text}\""))?)
        }
        (_, other) => return Err(wrong(&other)),
    };
    if field.name == "call_sip_code"
        && !value.as_f64().is_some_and(|code| (100.0..700.0).contains(&code))
    {
        return Err(format!("is a SIP status, 100 to 699, not {value}"));
    }
    Ok(value)
}

/// The number if it is whole and fits 64 bits.
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let exact = float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0;
        exact.then_some(float as i64)
    })
}

fn article(word: &str) -> String {
    let an = if word.starts_with('i') { "an" } else { "a" };
    format!("{an} {word}")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn fingerprint(
    kind: EventKind,
    queue: QueueId,
    occurred_at: Option<Millis>,
    data: &JsonMap,
    variables: &JsonMap,
) -> [u8; 16] {
    let mut text = format!("{kind}\0{queue}\0{}\0", occurred_at.map_or(i64::MIN, |at| at.0));
    canonical_map(data, &mut text);
    canonical_map(variables, &mut text);
    let digest = Sha256::digest(text);
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

/// JSON with sorted keys, so that the order of keys makes no other content.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => canonical_map(map, text),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn canonical_map(map: &JsonMap, text: &mut String) {
    let mut keys: Vec<_> = map.keys().collect();
    keys.sort_unstable();
    text.push('{');
    for key in keys {
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        canonical(&map[key], text);
        text.push(',');
    }
    text.push('}');
}

#[cfg(test)]
mod tests;
