//! Whether two texts of a flow have the same steps.

use super::read;
use crate::flow::json::{self, Kind, Node};
use std::collections::HashSet;

/// Whether two flows have the same steps, however they are laid out and whichever `_id`s their
/// steps have: a tool that knows nothing of them leaves them out. False where one is no flow.
pub fn are_same(one: &str, other: &str) -> bool {
    match (Steps::of(one), Steps::of(other)) {
        (Some(one), Some(other)) => same(&one.root, &one.ids, &other.root, &other.ids),
        _ => false,
    }
}

struct Steps {
    root: Node,
    /// Where the values of the steps' own `_id`s begin; any other `_id` is somebody's data.
    ids: HashSet<usize>,
}

impl Steps {
    fn of(source: &str) -> Option<Self> {
        let (steps, _, slots) = read(source);
        steps?;
        let root = json::read(source, super::DEPTH_MAX).ok()?.root;
        let ids = slots.iter().filter_map(|slot| Some(slot.present.as_ref()?.start)).collect();
        Some(Self { root, ids })
    }
}

fn same(one: &Node, ids: &HashSet<usize>, other: &Node, other_ids: &HashSet<usize>) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::List(these), Kind::List(those)) => {
            these.len() == those.len()
                && these.iter().zip(those).all(|(a, b)| same(a, ids, b, other_ids))
        }
        (Kind::Object(these), Kind::Object(those)) => {
            let mut these = these.iter().filter(|member| !ids.contains(&member.value.start));
            let mut those = those.iter().filter(|member| !other_ids.contains(&member.value.start));
            // In their order, which is the order in which variables are set.
            loop {
                match (these.next(), those.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if a.key == b.key => {
                        if !same(&a.value, ids, &b.value, other_ids) {
                            return false;
                        }
                    }
                    _ => return false,
                }
            }
        }
        (these, those) => these == those,
    }
}

#[cfg(test)]
mod tests {
    use super::are_same;

    #[test]
    fn layout_and_the_steps_own_ids_make_no_difference() {
        let kept = r#"[{"_id": "s1", "set": {"_id": "data", "b": 1}}, {"log": "x", "_id": "s2"}]"#;
        assert!(are_same(kept, kept));
        assert!(are_same(kept, r#"[{"set":{"_id":"data","b":1}},{"_id":"other","log":"x"}]"#));
        for other in [
            r#"[{"set": {"b": 1}}, {"log": "x"}]"#,
            r#"[{"set": {"_id": "else", "b": 1}}, {"log": "x"}]"#,
            r#"[{"set": {"b": 1, "_id": "data"}}, {"log": "x"}]"#,
            r#"[{"log": "x"}, {"set": {"_id": "data", "b": 1}}]"#,
            r#"[{"set": {"_id": "data", "b": 1}}]"#,
            r#"[{"set": {"_id": "data", "b": 1.5}}, {"log": "x"}]"#,
            "[",
        ] {
            assert!(!are_same(kept, other), "{other}");
            assert!(!are_same(other, kept), "{other}");
        }
    }
}
