//! Two lots of named values side by side: what differs is shown, what is the same is folded.

use crate::text::compare as text;
use leptos::prelude::*;
use model::{JsonMap, trace::Body};
use serde_json::Value;

/// The most members of one comparison.
const MEMBERS_MAX: usize = 400;
/// The most characters of a value.
const CHARS_MAX: usize = 2_000;

/// A name and what it is on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub name: String,
    pub a: Option<String>,
    pub b: Option<String>,
}

impl Pair {
    /// A fact that both sides have.
    pub fn of(name: &str, a: impl Into<String>, b: impl Into<String>) -> Self {
        Self { name: name.into(), a: Some(a.into()), b: Some(b.into()) }
    }

    /// A fact that either side may lack.
    pub fn maybe(name: &str, a: Option<String>, b: Option<String>) -> Self {
        Self { name: name.into(), a, b }
    }
}

/// Joins two lists of names and values, in the order of the first, then what only the second has.
pub fn join(a: Vec<(String, String)>, b: Vec<(String, String)>) -> Vec<Pair> {
    let mut rest: Vec<_> = b.into_iter().map(Some).collect();
    let mut pairs = Vec::with_capacity(a.len());
    for (name, value) in a {
        let same = rest.iter_mut().find(|one| one.as_ref().is_some_and(|(of, _)| *of == name));
        let other = same.and_then(Option::take).map(|(_, value)| value);
        pairs.push(Pair { name, a: Some(value), b: other });
    }
    pairs.extend(rest.into_iter().flatten().map(|(name, value)| Pair {
        name,
        a: None,
        b: Some(value),
    }));
    pairs
}

/// The members of a value, however deep, each under its path (`skills.0.name`).
pub fn members(value: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    walk(value, String::new(), &mut all);
    all
}

/// The members of an object.
pub fn fields(map: &JsonMap) -> Vec<(String, String)> {
    members(&Value::Object(map.clone()))
}

/// The members of a body that is JSON, or the text as it is.
pub fn body(body: &Body) -> Vec<(String, String)> {
    if body.text.is_empty() {
        return Vec::new();
    }
    match serde_json::from_str::<Value>(&body.text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => members(&value)
            .into_iter()
            .map(|(name, value)| (format!("{} {name}", text::BODY), value))
            .collect(),
        _ => vec![(text::BODY.to_owned(), body.text.clone())],
    }
}

fn walk(value: &Value, path: String, into: &mut Vec<(String, String)>) {
    let under = |name: &str| match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path}.{name}"),
    };
    match value {
        Value::Null if path.is_empty() => {}
        Value::Object(map) if !map.is_empty() => {
            for (name, inner) in map {
                walk(inner, under(name), into);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, under(&index.to_string()), into);
            }
        }
        Value::String(text) => into.push((path, text.clone())),
        other => into.push((path, other.to_string())),
    }
}

/// The pairs as a table under a heading.
pub fn table(title: &'static str, mut pairs: Vec<Pair>) -> AnyView {
    let dropped = pairs.len().saturating_sub(MEMBERS_MAX);
    pairs.truncate(MEMBERS_MAX);
    let (same, differing): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| pair.a == pair.b);
    let (count, none) = (same.len(), same.is_empty() && differing.is_empty());
    let summary = if differing.is_empty() { text::all_same(count) } else { text::same(count) };
    let shown = (!differing.is_empty()).then(|| rows(title, differing, true));
    view! {
        <section class="card compare">
            <h2>{title}</h2>
            {none.then(|| view! { <p class="dim">{text::NOTHING}</p> })}
            {shown}
            {(count > 0).then(|| view! {
                <details class="fold">
                    <summary>{summary}</summary>
                    {rows(title, same, false)}
                </details>
            })}
            {(dropped > 0).then(|| view! { <p class="dim">{text::dropped(dropped)}</p> })}
        </section>
    }
    .into_any()
}

/// The pairs as a table without a heading; those that are the same folded.
pub fn rows(caption: &'static str, pairs: Vec<Pair>, differ: bool) -> AnyView {
    // Names that people gave; those of facts are ours.
    let mono = caption != text::FACTS && caption != text::ATTEMPTS;
    let rows = pairs.into_iter().map(|pair| {
        let missing = |side: &Option<String>| side.is_none().then_some("missing");
        let (a, b) = (missing(&pair.a), missing(&pair.b));
        let mark = differ.then(|| view! { <span class="sr-only">", "{text::DIFFERS}</span> });
        view! {
            <tr>
                <th scope="row" class:mono=mono>{pair.name}{mark}</th>
                <td class=a data-side=text::A>{shown(pair.a)}</td>
                <td class=b data-side=text::B>{shown(pair.b)}</td>
            </tr>
        }
    });
    let class = if differ { "compare-table differ" } else { "compare-table" };
    view! {
        <table class=class>
            <caption class="sr-only">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">{text::NAME}</th>
                    <th scope="col">{text::A}</th>
                    <th scope="col">{text::B}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn shown(value: Option<String>) -> String {
    let value = value.unwrap_or_else(|| text::NONE.to_owned());
    match value.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_found_however_deep_and_joined_by_their_names() {
        let a = members(&json!({"id": 7, "skills": ["a", {"x": null}], "only": true, "none": {}}));
        let b = members(&json!({"skills": ["a", {"x": 1}], "id": 7, "new": "text"}));
        let pair = |name: &str, a: Option<&str>, b: Option<&str>| {
            Pair::maybe(name, a.map(str::to_owned), b.map(str::to_owned))
        };
        assert_eq!(
            join(a, b),
            [
                pair("id", Some("7"), Some("7")),
                pair("skills.0", Some("a"), Some("a")),
                pair("skills.1.x", Some("null"), Some("1")),
                pair("only", Some("true"), None),
                pair("none", Some("{}"), None),
                pair("new", None, Some("text")),
            ]
        );
    }

    #[test]
    fn a_header_that_stands_twice_is_compared_one_by_one() {
        let list = |values: &[&str]| {
            values.iter().map(|value| ("set-cookie".to_owned(), (*value).to_owned())).collect()
        };
        let pairs = join(list(&["a", "b"]), list(&["a", "c"]));
        let sides: Vec<_> = pairs.iter().map(|pair| (pair.a.clone(), pair.b.clone())).collect();
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(sides, [(of("a"), of("a")), (of("b"), of("c"))]);
    }

    #[test]
    fn a_body_that_is_no_json_is_compared_as_text() {
        let one = |text: &str| body(&Body { text: text.into(), cut_from: None });
        assert_eq!(one("hello"), [("body".to_owned(), "hello".to_owned())]);
        assert_eq!(one(r#"{"a": 1}"#), [("body a".to_owned(), "1".to_owned())]);
        assert_eq!(one(""), []);
    }
}
