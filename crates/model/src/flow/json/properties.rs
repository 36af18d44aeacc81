//! What holds for any document.

use super::{laid_out, read};
use crate::flow::check::{DEPTH_MAX, SOURCE_MAX, are_same, check, with_ids};
use proptest::prelude::*;

/// Numbers as no program would write them itself.
const ODD: [&str; 8] =
    ["1.10", "1e3", "-0", "12345678901234567890123", "0.1e-7", "-0.0", "1E+2", "1.0"];

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&ODD[..]).prop_map(str::to_owned),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
    ]
}

/// A text as JSON, in quotes. Of the characters none is one that a flow reads as its own.
fn text() -> impl Strategy<Value = String> {
    "[^$]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap())
}

/// Keys that differ.
fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let key = "[a-c\"\\\\/ é]{0,3}";
    prop::collection::vec((key, value), 0..6).prop_map(|members| {
        let mut seen = std::collections::HashSet::new();
        let new = members.into_iter().filter(|(key, _)| seen.insert(key.clone()));
        let member = |(key, value)| format!("{}:{value}", serde_json::to_string(&key).unwrap());
        format!("{{{}}}", new.map(member).collect::<Vec<_>>().join(","))
    })
}

/// A JSON text without white space between its parts.
fn document() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&["null", "true", "false"][..]).prop_map(str::to_owned);
    let leaf = prop_oneof![4 => number(), 2 => text(), 1 => word];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6);
        prop_oneof![list.prop_map(|items| format!("[{}]", items.join(","))), members(inner)]
    })
}

/// A flow with such a document in it.
fn flow() -> impl Strategy<Value = String> {
    prop::collection::vec(document(), 0..4).prop_map(|documents| {
        let step = |data| format!(r#"{{"httpRequest":{{"url":"http://a/","data":{data}}}}}"#);
        format!("[{}]", documents.into_iter().map(step).collect::<Vec<_>>().join(","))
    })
}

/// The text without the white space between its parts.
fn tight(source: &str) -> String {
    let mut quoted = false;
    let mut escaped = false;
    let outside = |character: &char| {
        if quoted {
            let ends = !escaped && *character == '"';
            escaped = !escaped && *character == '\\';
            quoted = !ends;
            return true;
        }
        quoted = *character == '"';
        !character.is_ascii_whitespace()
    };
    source.chars().filter(outside).collect()
}

proptest! {
    #[test]
    fn laying_a_document_out_changes_nothing_but_its_white_space(source in document()) {
        let text = laid_out(&source, usize::MAX);
        prop_assert_eq!(tight(&text), &source[..]);
        let value = |text: &str| read(text, DEPTH_MAX).map(|document| document.root.to_value());
        prop_assert_eq!(value(&text), value(&source));
        prop_assert_eq!(laid_out(&text, usize::MAX), &text[..], "twice is once");
        let as_serde = serde_json::from_str::<serde_json::Value>(&source).unwrap();
        let as_serde = serde_json::to_string_pretty(&as_serde).unwrap();
        prop_assert_eq!(text.lines().count(), as_serde.lines().count(), "laid out as usual");
    }

    #[test]
    fn a_flow_comes_back_with_its_numbers_and_the_order_of_its_keys(source in flow()) {
        let text = laid_out(&source, SOURCE_MAX);
        let saved = with_ids(&text).unwrap();
        prop_assert!(are_same(&source, &saved));
        let without_ids = (1..=4).fold(tight(&saved), |text, number| {
            text.replacen(&format!(r#"{{"_id":"s{number}","httpRequest""#), r#"{"httpRequest""#, 1)
        });
        prop_assert_eq!(without_ids, source);
        prop_assert_eq!(with_ids(&saved).unwrap(), saved, "saved again it stays as it is");
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused(one in document(), other in document()) {
        let source = format!(r#"[{{"set": {{"a": 1}}}}, {{"httpRequest": {{"url": "http://a/",
            "data": {{"k": {one}, "x": 1, "\u006b": {other}}}}}}}]"#);
        for text in [&source[..], &laid_out(&source, SOURCE_MAX)] {
            let problems = check(text).problems;
            let message = "the key \"k\" stands here twice";
            prop_assert!(problems.iter().any(|problem| problem.message == message), "{:?}", problems);
            prop_assert!(with_ids(text).is_err());
        }
    }
}
