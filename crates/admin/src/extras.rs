//! Members that other tools keep with a queue, a hook or a flow and Offhook has no use for.

use model::{JsonMap, problem::Problem};
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
        let place = format!("/{}", model::problem::pointer_token(name));
        problems.push(Problem::new(place, format!("nests more than {DEPTH_MAX} levels deep")));
    } else if bytes(extras) > max {
        let kib = max >> 10;
        let detail = format!("the members that Offhook only keeps have at most {kib} KiB together");
        problems.push(Problem::new("", detail));
    }
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
    fn what_is_kept_is_neither_large_nor_deep() {
        assert!(said(json!({"team": {"id": "5"}, "note": "x".repeat(65_000)})).is_empty());
        assert!(said(json!({"note": "x".repeat(66_000)}))[0].contains("64 KiB"));
        let nest = |levels| (1..levels).fold(json!([]), |inner, _| json!([inner]));
        assert!(said(json!({"a": nest(31)})).is_empty());
        assert_eq!(said(json!({"a/b": nest(32)})), ["/a~1b: nests more than 32 levels deep"]);
    }
}
