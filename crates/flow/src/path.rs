//! Finding a value by a [`Path`](model::flow::path::Path).

use model::flow::path::Segment;
use serde_json::Value;
use std::borrow::Cow;

/// The value at a path, or nothing. Only `#` makes a new value; all others are lent.
pub(crate) fn find<'v>(value: &'v Value, path: &[Segment]) -> Option<Cow<'v, Value>> {
    let Some((first, rest)) = path.split_first() else { return Some(Cow::Borrowed(value)) };
    match (first, value) {
        (Segment::Key(key), Value::Object(members)) => find(members.get(key)?, rest),
        (Segment::Key(key), Value::Array(items)) => {
            // An index is digits only; Rust would also read a plus sign.
            let index = key.parse::<usize>().ok().filter(|_| !key.starts_with('+'))?;
            find(items.get(index)?, rest)
        }
        (Segment::Each, Value::Array(items)) if rest.is_empty() => {
            Some(Cow::Owned(items.len().into()))
        }
        (Segment::Each, Value::Array(items)) => {
            let found = items.iter().filter_map(|item| find(item, rest)).map(Cow::into_owned);
            Some(Cow::Owned(Value::Array(found.collect())))
        }
        (Segment::Each, Value::Object(members)) => find(members.get("#")?, rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::flow::path::Path;
    use serde_json::json;

    fn at(path: &str) -> Option<Value> {
        let value = json!({
            "data": {"id": 17, "items": [{"n": 1, "t": ["x"]}, {"m": 0}, {"n": 3, "t": ["y", "z"]}]},
            "a.b": true,
            "0": "zero",
            "null": null
        });
        find(&value, &Path::parse(path).unwrap().segments).map(Cow::into_owned)
    }

    #[test]
    fn keys_and_indexes_lead_to_a_value() {
        assert_eq!(at("data.id"), Some(json!(17)));
        assert_eq!(at("data.items.2.n"), Some(json!(3)));
        assert_eq!(at("0"), Some(json!("zero")));
        assert_eq!(at(r"a\.b"), Some(json!(true)));
        assert_eq!(at("null"), Some(json!(null)));
        assert!(at("").is_some_and(|whole| whole.is_object()));
    }

    #[test]
    fn a_number_sign_counts_or_collects() {
        assert_eq!(at("data.items.#"), Some(json!(3)));
        assert_eq!(at("data.items.#.n"), Some(json!([1, 3])));
        assert_eq!(at("data.items.#.t.#"), Some(json!([1, 2])));
        assert_eq!(at("data.items.#.t.0"), Some(json!(["x", "y"])));
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        for path in
            ["data.x", "data.id.x", "data.items.9", "data.items.+1", "data.items.x", "data.#"]
        {
            assert_eq!(at(path), None, "{path}");
        }
    }
}
