//! What the log is narrowed to, as it stands in the address.

use leptos_router::params::ParamsMap;
use model::{
    delivery::{DeliveryFilter, DeliveryQuery, TEXT_SPAN_MAX_MS},
    page::Cursor,
    time::Millis,
};
use std::{fmt::Display, str::FromStr};

/// How many rows a stretch of the log has.
pub const SIZE: u32 = 50;

/// The spans that the time filter offers: the word in the address and its minutes.
pub const SPANS: [(&str, i64); 5] =
    [("15m", 15), ("1h", 60), ("6h", 360), ("24h", 1_440), ("7d", 10_080)];

/// What the log shows: its filters, the span of time back from now, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogView {
    pub filter: DeliveryFilter,
    /// One of [`SPANS`]; goes before `from` and `to`.
    pub span: Option<&'static str>,
    pub cursor: Cursor,
}

impl LogView {
    /// Reads the address. What cannot be read is left out.
    pub fn read(params: &ParamsMap) -> Self {
        let span = params
            .get("span")
            .and_then(|given| SPANS.iter().map(|(name, _)| *name).find(|name| *name == given));
        let cursor = match (number(params, "before"), number(params, "after")) {
            (Some(seq), _) => Cursor::Before(seq),
            (None, Some(seq)) => Cursor::After(seq),
            (None, None) => Cursor::Newest,
        };
        Self {
            filter: DeliveryFilter {
                ids: all(params, "id"),
                states: all(params, "state"),
                events: all(params, "event"),
                queues: all(params, "queue"),
                hooks: all(params, "hook"),
                flows: all(params, "flow"),
                failures: all(params, "failure"),
                search: params.get("search").unwrap_or_default().trim().to_owned(),
                text: params.get("text").unwrap_or_default().trim().to_owned(),
                from: time(params, "from"),
                to: time(params, "to"),
                test: only(params, "test"),
                warned: only(params, "warned"),
            },
            span,
            cursor,
        }
    }

    /// What is asked of the log.
    pub fn query(&self) -> DeliveryQuery {
        let mut filter = self.filter.clone();
        if self.span.is_some() {
            filter.from = None;
            filter.to = None;
        }
        DeliveryQuery { filter, cursor: self.cursor, size: SIZE }
    }

    /// The minutes back from now, where a span is chosen.
    pub fn minutes(&self) -> Option<i64> {
        SPANS.iter().find(|(name, _)| Some(*name) == self.span).map(|(_, minutes)| *minutes)
    }

    /// The names and values in the address, without the cursor.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let mut pairs = Vec::new();
        push(&mut pairs, "id", &filter.ids);
        push(&mut pairs, "state", &filter.states);
        push(&mut pairs, "event", &filter.events);
        push(&mut pairs, "queue", &filter.queues);
        push(&mut pairs, "hook", &filter.hooks);
        push(&mut pairs, "flow", &filter.flows);
        push(&mut pairs, "failure", &filter.failures);
        if !filter.search.is_empty() {
            pairs.push(("search", filter.search.clone()));
        }
        if !filter.text.is_empty() {
            pairs.push(("text", filter.text.clone()));
        }
        if let Some(span) = self.span {
            pairs.push(("span", span.to_owned()));
        } else {
            pairs.extend(filter.from.map(|at| ("from", at.to_string())));
            pairs.extend(filter.to.map(|at| ("to", at.to_string())));
        }
        let word = |only: bool| if only { "only" } else { "none" }.to_owned();
        pairs.extend(filter.test.map(|only| ("test", word(only))));
        pairs.extend(filter.warned.map(|only| ("warned", word(only))));
        pairs
    }

    /// The whole query of the address, with its `?`; empty when nothing is chosen.
    pub fn address(&self) -> String {
        let mut pairs = self.filters();
        match self.cursor {
            Cursor::Newest => {}
            Cursor::Before(seq) => pairs.push(("before", seq.to_string())),
            Cursor::After(seq) => pairs.push(("after", seq.to_string())),
        }
        query_of(&pairs)
    }

    /// The same view from another place on.
    pub fn at(&self, cursor: Cursor) -> Self {
        Self { cursor, ..self.clone() }
    }

    /// The same view, from the newest, without the value of this name.
    pub fn without(&self, name: &str, value: &str) -> Self {
        let mut kept: ParamsMap = ParamsMap::new();
        for (key, given) in self.filters() {
            if key != name || given != value {
                kept.insert(key.to_owned(), given);
            }
        }
        Self::read(&kept)
    }

    /// The same view over a span of time.
    pub fn over(&self, span: &'static str) -> Self {
        Self { span: Some(span), cursor: Cursor::Newest, ..self.clone() }
    }

    /// The same view as it stands now, for somebody who looks later: what is told from now becomes
    /// a time.
    pub fn frozen(&self, now: Millis) -> Self {
        let mut view = self.clone();
        if let Some(minutes) = self.minutes() {
            view.filter.from = Some(now.plus(-minutes * 60_000));
            view.filter.to = Some(now);
        }
        view.filter.to = view.filter.to.or(Some(now));
        view.span = None;
        view
    }

    /// Whether text is searched, and no span of time is chosen, or too long a one.
    pub fn needs_span(&self, now: Millis) -> bool {
        let filter = &self.filter;
        let length = |from: Millis| filter.to.unwrap_or(now).min(now).0.saturating_sub(from.0);
        !filter.text.is_empty()
            && self.span.is_none()
            && filter.from.is_none_or(|from| length(from) > TEXT_SPAN_MAX_MS)
    }

    /// Whether nothing is narrowed.
    pub fn is_open(&self) -> bool {
        self.filters().is_empty()
    }
}

/// Pairs as the query of an address, with its `?`; empty without any.
pub fn query_of(pairs: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        escape(value, &mut text);
    }
    text
}

fn escape(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                into.push(char::from(byte));
            }
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn push<T: Display>(pairs: &mut Vec<(&'static str, String)>, name: &'static str, values: &[T]) {
    pairs.extend(values.iter().map(|value| (name, value.to_string())));
}

fn all<T: FromStr + PartialEq>(params: &ParamsMap, name: &str) -> Vec<T> {
    let mut values = Vec::new();
    for text in params.get_all(name).unwrap_or_default() {
        if let Ok(value) = text.parse()
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    values
}

/// One of two halves: only those, or none of them.
fn only(params: &ParamsMap, name: &str) -> Option<bool> {
    match params.get(name).as_deref() {
        Some("only") => Some(true),
        Some("none") => Some(false),
        _ => None,
    }
}

fn number(params: &ParamsMap, name: &str) -> Option<i64> {
    params.get(name)?.parse().ok()
}

/// A time of the address: RFC 3339, or what a `datetime-local` field sends, taken as UTC.
fn time(params: &ParamsMap, name: &str) -> Option<Millis> {
    let text = params.get(name)?;
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let with_zone = match text.len() {
        16 => format!("{text}:00Z"),
        _ => format!("{text}Z"),
    };
    text.parse().or_else(|_| with_zone.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        catalog::EventKind,
        delivery::DeliveryState,
        ids::{FlowId, QueueId},
    };

    fn params(pairs: &[(&str, &str)]) -> ParamsMap {
        let mut map = ParamsMap::new();
        for (name, value) in pairs {
            map.insert((*name).to_owned(), (*value).to_owned());
        }
        map
    }

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let view = LogView::read(&params(&[
            ("state", "dead"),
            ("state", "retrying"),
            ("state", "nonsense"),
            ("event", "missed"),
            ("queue", "12"),
            ("flow", "3"),
            ("search", " 80217 & co "),
            ("from", "2026-11-22T09:30"),
            ("test", "none"),
            ("before", "77"),
        ]));
        assert_eq!(view.filter.states, [DeliveryState::Dead, DeliveryState::Retrying]);
        assert_eq!(view.filter.events, [EventKind::Missed]);
        assert_eq!(view.filter.queues, [QueueId(12)]);
        assert_eq!(view.filter.flows, [FlowId(3)]);
        assert_eq!(view.cursor, Cursor::Before(77));
        assert_eq!(
            view.address(),
            "?state=dead&state=retrying&event=missed&queue=12&flow=3&search=80217%20%26%20co\
             &from=2026-11-22T09:30:00.000Z&test=none&before=77"
        );
    }

    #[test]
    fn a_value_taken_away_leads_back_to_the_newest() {
        let view =
            LogView::read(&params(&[("state", "dead"), ("state", "retrying"), ("after", "5")]));
        assert_eq!(view.without("state", "dead").address(), "?state=retrying");
    }

    #[test]
    fn a_view_that_is_shared_keeps_its_times() {
        let now: Millis = "2026-11-22T09:30:00Z".parse().unwrap();
        let frozen = |pairs: &[(&str, &str)]| LogView::read(&params(pairs)).frozen(now).address();
        assert_eq!(
            frozen(&[("state", "dead"), ("span", "15m"), ("text", "A-17")]),
            "?state=dead&text=A-17&from=2026-11-22T09:15:00.000Z&to=2026-11-22T09:30:00.000Z"
        );
        assert_eq!(frozen(&[("before", "7")]), "?to=2026-11-22T09:30:00.000Z&before=7");
        let (from, to) = ("2026-11-21T00:00:00.000Z", "2026-11-21T01:00:00.000Z");
        assert_eq!(frozen(&[("from", from), ("to", to)]), format!("?from={from}&to={to}"));
    }

    #[test]
    fn text_needs_a_span_of_at_most_seven_days() {
        let now: Millis = "2026-11-22T09:30:00Z".parse().unwrap();
        let needs = |pairs: &[(&str, &str)]| LogView::read(&params(pairs)).needs_span(now);
        assert!(!needs(&[]));
        assert!(needs(&[("text", "A-17")]));
        assert!(!needs(&[("text", "A-17"), ("span", "7d")]));
        assert!(!needs(&[("text", "A-17"), ("from", "2026-11-15T09:30:00Z")]));
        assert!(needs(&[("text", "A-17"), ("from", "2026-11-15T09:29:00Z")]));
        let old = ("from", "2026-01-01T00:00:00Z");
        assert!(!needs(&[("text", "A-17"), old, ("to", "2026-01-02T00:00:00Z")]));
    }

    #[test]
    fn a_span_goes_before_from_and_to() {
        let view = LogView::read(&params(&[("span", "6h"), ("from", "2026-11-22T09:30:00Z")]));
        assert_eq!(view.minutes(), Some(360));
        assert_eq!(view.query().filter.from, None);
        assert_eq!(view.address(), "?span=6h");
    }
}
