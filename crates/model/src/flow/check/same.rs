//! Whether two texts of a flow have the same steps.

use super::read;
use crate::flow::json::{self, Kind, Member, Node};
use std::collections::HashSet;

/// Whether two flows have the same steps, however they are laid out and whichever `_id`s their
/// steps have: a tool that knows nothing of them leaves them out. False where one is no flow.
pub fn are_same(one: &str, other: &str) -> bool {
    match (Steps::of(one), Steps::of(other)) {
        (Some(one), Some(other)) => same((&one.root, &one), (&other.root, &other)),
        _ => false,
    }
}

struct Steps<'s> {
    source: &'s str,
    root: Node,
    /// Where the values of the steps' own `_id`s begin; any other `_id` is somebody's data.
    ids: HashSet<usize>,
}

impl<'s> Steps<'s> {
    fn of(source: &'s str) -> Option<Self> {
        let (steps, _, slots) = read(source);
        steps?;
        let root = json::read(source, super::DEPTH_MAX).ok()?.root;
        let ids = slots.iter().filter_map(|slot| Some(slot.present.as_ref()?.start)).collect();
        Some(Self { source, root, ids })
    }

    /// The members of an object but for the `_id` of a step.
    fn members<'n>(&self, members: &'n [Member]) -> impl Iterator<Item = &'n Member> {
        members.iter().filter(|member| !self.ids.contains(&member.value.start))
    }

    fn text(&self, node: &Node) -> Option<&'s str> {
        self.source.get(node.start..node.end)
    }
}

fn same(one: (&Node, &Steps<'_>), other: (&Node, &Steps<'_>)) -> bool {
    let ((one, of_one), (other, of_other)) = (one, other);
    match (&one.kind, &other.kind) {
        (Kind::List(these), Kind::List(those)) => {
            these.len() == those.len()
                && these.iter().zip(those).all(|(a, b)| same((a, of_one), (b, of_other)))
        }
        (Kind::Object(these), Kind::Object(those)) => {
            let (mut these, mut those) = (of_one.members(these), of_other.members(those));
            // In their order, which is the order in which variables are set.
            loop {
                match (these.next(), those.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if a.key == b.key => {
                        if !same((&a.value, of_one), (&b.value, of_other)) {
                            return false;
                        }
                    }
                    _ => return false,
                }
            }
        }
        // By their text: two numbers that a computer takes for the same may not be so.
        (Kind::Number(_), Kind::Number(_)) => of_one.text(one) == of_other.text(other),
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
            r#"[{"set": {"_id": "data", "b": 1.0}}, {"log": "x"}]"#,
            "[",
        ] {
            assert!(!are_same(kept, other), "{other}");
            assert!(!are_same(other, kept), "{other}");
        }
    }

    #[test]
    fn numbers_are_compared_by_all_their_digits() {
        let number = |text: &str| format!(r#"[{{"set": {{"n": {text}}}}}]"#);
        assert!(are_same(&number("12345678901234567890123"), &number(" 12345678901234567890123 ")));
        for (one, other) in
            [("12345678901234567890123", "12345678901234567890124"), ("1.1", "1.10")]
        {
            assert!(!are_same(&number(one), &number(other)), "{one} and {other}");
        }
    }
}
