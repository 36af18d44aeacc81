//! The trace of a run, bounded in steps and bytes.

use crate::{
    Reference,
    limits::{RECORDED_TEXT_MAX, STEPS_RECORDED_MAX, TRACE_BYTES_MAX},
    variables::{is_deep, size},
};
use model::{
    JsonMap,
    trace::{Exchange, StepRecord},
};
use serde_json::Value;

/// The steps recorded so far.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) dropped: u64,
    bytes: usize,
}

impl Trace {
    /// Keeps a record, or counts it as dropped if the trace is full. One without which nobody would
    /// see why the run went as it did is kept in any case. Says where it is kept.
    pub(crate) fn push(&mut self, record: StepRecord, in_any_case: bool) -> Option<usize> {
        let bytes = weigh(&record);
        let full = self.steps.len() >= STEPS_RECORDED_MAX || self.bytes + bytes > TRACE_BYTES_MAX;
        if full && !in_any_case {
            self.dropped += 1;
            return None;
        }
        self.bytes += bytes;
        self.steps.push(record);
        Some(self.steps.len() - 1)
    }
}

/// Roughly the bytes of a record as JSON.
fn weigh(record: &StepRecord) -> usize {
    let warnings: usize = record.warnings.iter().map(String::len).sum();
    let error = record.error.as_ref().map_or(0, |error| error.detail.len() + 64);
    let names = record.path.len() + record.id.len() + record.name.as_ref().map_or(0, String::len);
    let exchange = record.http.as_ref().map_or(0, weigh_exchange);
    128 + names + size(&record.input) + size(&record.output) + warnings + error + exchange
}

fn weigh_exchange(exchange: &Exchange) -> usize {
    let headers = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum::<usize>()
    };
    let answer = exchange
        .answer
        .as_ref()
        .map_or(0, |answer| headers(&answer.headers) + answer.body.text.len());
    exchange.url.len()
        + headers(&exchange.request_headers)
        + exchange.request_body.text.len()
        + answer
}

/// A text as a record shows it: cut, with a mark where.
pub(crate) fn shown(text: &str) -> Value {
    if text.len() <= RECORDED_TEXT_MAX {
        return Value::String(text.to_owned());
    }
    Value::String(beginning(text))
}

/// Cuts a text like that, unless it was cut already.
pub(crate) fn cut(text: &mut String) {
    if text.len() > RECORDED_TEXT_MAX + MARK_MAX {
        *text = beginning(text);
    }
}

fn beginning(text: &str) -> String {
    let end = text.floor_char_boundary(RECORDED_TEXT_MAX);
    format!("{}{CUT}{} bytes in all)", &text[..end], text.len())
}

/// What stands where a text was cut.
const CUT: &str = "… (cut, ";
/// The most bytes that the mark adds to a text.
const MARK_MAX: usize = 64;

/// Where a text that is shown was cut, if it was.
pub(crate) fn cut_at(shown: &str) -> Option<usize> {
    shown.ends_with(" bytes in all)").then(|| shown.rfind(CUT)).flatten()
}

/// A value as a record shows it: if it is large, the beginning of its text; if it nests so deeply that
/// nobody could read the record, its text.
pub(crate) fn shown_value(value: &Value) -> Value {
    match value {
        Value::String(text) => shown(text),
        value if size(value) <= RECORDED_TEXT_MAX && !is_deep(value) => value.clone(),
        value => shown(&value.to_string()),
    }
}

/// All variables, of which large ones are cut, and those that are too many for a trace left out.
pub(crate) fn shown_all(variables: &JsonMap) -> Value {
    let mut room = TRACE_BYTES_MAX / 4;
    let mut shown = JsonMap::new();
    for (name, value) in variables {
        let value = shown_value(value);
        let Some(left) = room.checked_sub(name.len() + size(&value)) else { break };
        room = left;
        shown.insert(name.clone(), value);
    }
    Value::Object(shown)
}

/// A number or a name, as an object for a record.
pub(crate) fn reference(what: &str, reference: &Reference) -> Value {
    crate::actions::entry(what, reference_text(reference))
}

/// A number or a name, in words.
pub(crate) fn reference_text(reference: &Reference) -> String {
    match reference {
        Reference::Id(id) => format!("number {id}"),
        Reference::Name(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::NESTED_MAX, variables::tests::nested};

    fn record(text: &str) -> StepRecord {
        StepRecord {
            flow: None,
            id: "s1".into(),
            path: "/0".into(),
            action: "log".into(),
            name: None,
            visit: 1,
            at_us: 0,
            duration_us: 0,
            input: text.into(),
            output: Value::Null,
            warnings: Vec::new(),
            http: None,
            error: None,
        }
    }

    #[test]
    fn a_full_trace_counts_what_it_drops_and_keeps_the_last() {
        let mut trace = Trace::default();
        for _ in 0..STEPS_RECORDED_MAX + 5 {
            trace.push(record("a"), false);
        }
        trace.push(record("end"), true);
        assert_eq!((trace.steps.len(), trace.dropped), (STEPS_RECORDED_MAX + 1, 5));
    }

    #[test]
    fn a_trace_is_bounded_in_bytes() {
        let mut trace = Trace::default();
        for _ in 0..200 {
            trace.push(record(&"x".repeat(RECORDED_TEXT_MAX)), false);
        }
        assert!(trace.steps.len() < 130 && trace.dropped > 70);
    }

    #[test]
    fn what_nests_too_deeply_is_shown_as_text() {
        let deep = nested(NESTED_MAX + 1);
        assert_eq!(shown_value(&deep), Value::String(deep.to_string()));
        assert_eq!(shown_value(&nested(NESTED_MAX)), nested(NESTED_MAX));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let Value::String(text) = shown(&"é".repeat(RECORDED_TEXT_MAX)) else { panic!() };
        assert!(text.len() < RECORDED_TEXT_MAX + 64 && text.contains("cut, 32768 bytes"));
    }
}
