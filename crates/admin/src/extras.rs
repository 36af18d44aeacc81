//! Members that other tools keep with a queue, a hook or a flow and Offhook has no use for.

use model::{
    JsonMap,
    cache::has_nul,
    problem::{Problem, pointer_token},
};
use serde_json::Value;

/// The most bytes of JSON that they take together.
pub(crate) const BYTES_MAX: usize = 64 << 10;
/// The same of a flow, with which the original keeps a drawing.
pub(crate) const FLOW_BYTES_MAX: usize = 512 << 10;
/// How deeply they may nest, themselves included.
const DEPTH_MAX: usize = 32;

/// Adds what is wrong with the members, which may take so many bytes.
pub(crate) fn check(extras: Option<&JsonMap>, max: usize, problems: &mut Vec<Problem>) {
    let Some(extras) = extras else { return };
    let deep = extras.iter().find(|(_, value)| nests(value, DEPTH_MAX - 1));
    if let Some((name, _)) = deep {
        let place = format!("/{}", pointer_token(name));
        problems.push(Problem::new(place, format!("nests more than {DEPTH_MAX} levels deep")));
    } else if let Some((name, why)) =
        extras.iter().find_map(|(name, value)| Some((name, unkept(name, value)?)))
    {
        problems.push(Problem::new(format!("/{}", pointer_token(name)), why));
    } else if bytes(extras) > max {
        let kib = max >> 10;
        let detail = format!("the members that Offhook only keeps have at most {kib} KiB together");
        problems.push(Problem::new("", detail));
    }
}

/// Why no database keeps it: a name or a text within holds the character NUL.
fn unkept(name: &str, value: &Value) -> Option<String> {
    has_nul(name).or_else(|| match value {
        Value::String(text) => has_nul(text),
        Value::Array(items) => items.iter().find_map(|item| unkept("", item)),
        Value::Object(members) => members.iter().find_map(|(name, value)| unkept(name, value)),
        _ => None,
    })
}

/// The bytes of the members as JSON, near enough.
pub(crate) fn bytes(members: &JsonMap) -> usize {
    members.iter().map(|(name, value)| name.len() + value.to_string().len()).sum()
}

/// Whether the value has more levels than this.
fn nests(value: &Value, levels: usize) -> bool {
    let Some(inside) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| nests(item, inside)),
        Value::Object(members) => members.values().any(|member| nests(member, inside)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(extras: Value) -> Vec<String> {
        let Value::Object(extras) = extras else { panic!("no object") };
        let mut problems = Vec::new();
        check(Some(&extras), BYTES_MAX, &mut problems);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_kept_holds_no_nul_wherever_it_stands() {
        for extras in [
            json!({"team": "a\0"}),
            json!({"team": {"a\0": 1}}),
            json!({"team": {"tags": [{"name": "a\0"}]}}),
        ] {
            let said = said(extras.clone());
            assert!(
                said[0].starts_with("/team: ") && said[0].ends_with("U+0000"),
                "{extras}: {said:?}"
            );
        }
        assert_eq!(said(json!({"a\0": 1})).len(), 1);
    }

    #[test]
    fn what_is_kept_is_neither_large_nor_deep() {
        assert!(said(json!({"team": {"id": "5"}, "note": "x".repeat(65_000)})).is_empty());
        assert!(said(json!({"note": "x".repeat(66_000)}))[0].contains("64 KiB"));
        let nest = |levels| (1..levels).fold(json!([]), |inner, _| json!([inner]));
        assert!(said(json!({"a": nest(31)})).is_empty());
        assert_eq!(said(json!({"a/b": nest(32)})), ["/a~1b: nests more than 32 levels deep"]);
    }
}
