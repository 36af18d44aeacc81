//! Whether what a run has done so far would be the same on other versions of its flows: then it can
//! go on there.

use crate::{
    Checkpoint,
    checkpoint::{At, Place},
};
use model::{flow::check, trace::step_in_run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A flow on the version that a run has run, and on the one that it is to go on with.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'s> {
    /// Its number; nothing for the run's own.
    pub flow: Option<i64>,
    /// The sources; nothing where the flow has gone.
    pub ran: &'s str,
    pub next: Option<&'s str>,
}

/// Where two versions of a flow part before the place at which a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The number of the flow, where that was called by another.
    pub flow: Option<i64>,
    /// The `_id` of the step; nothing where the flow has gone.
    pub step: Option<String>,
}

impl Checkpoint {
    /// The flows that have taken part in the run, but its own.
    pub fn flows(&self) -> BTreeSet<i64> {
        let visited = self.visits.keys().filter_map(|name| name.split_once('.')?.0.parse().ok());
        self.frames.iter().filter_map(|place| place.flow).chain(visited).collect()
    }

    /// The first step of those that stand before the run's place which is not the same on the next
    /// version. Where the run has come by its place before, as in a loop, or has been behind it, all
    /// steps of that flow or function stand before it; so do those of what it has called and has come
    /// back from.
    pub fn first_change(&self, versions: &[Versions<'_>]) -> Option<Change> {
        versions.iter().find_map(|one| self.change_of(one))
    }

    fn change_of(&self, of: &Versions<'_>) -> Option<Change> {
        let change = |step| Change { flow: of.flow, step };
        let Some(next) = of.next else { return Some(change(None)) };
        let (ran, next) = (bodies(of.ran), bodies(next));
        for (name, body) in &ran {
            // Of a `list` in a body both have a place; it stands at the inner one.
            let place = self.frames.iter().rfind(|place| {
                place.flow == of.flow
                    && match &place.list {
                        None => place.function == *name,
                        Some(_) => body.iter().any(|one| one.id == place.step),
                    }
            });
            let reached = body.iter().any(|one| self.visits_of(of.flow, &one.id) > 0);
            if place.is_none() && !reached {
                continue;
            }
            let other = next.get(name).map(Vec::as_slice).unwrap_or_default();
            if let Some(step) = self.differ(of.flow, body, other, place) {
                return Some(change(Some(step)));
            }
        }
        None
    }

    /// The first step in which two versions of a body differ before the place.
    fn differ(
        &self,
        flow: Option<i64>,
        ran: &[Outlined],
        next: &[Outlined],
        place: Option<&Place>,
    ) -> Option<String> {
        let stands = |body: &[Outlined]| {
            place.and_then(|place| body.iter().position(|one| one.id == place.step))
        };
        let begun = place.is_some_and(|place| place.at != At::Before);
        let before = stands(ran).filter(|at| {
            let came_by = self.visits_of(flow, &ran[*at].id) > u32::from(begun);
            let behind = ran[at + 1..].iter().any(|one| self.visits_of(flow, &one.id) > 0);
            !came_by && !behind
        });
        let Some(at) = before else {
            return parted(ran, next, ran.len().max(next.len()));
        };
        // The step itself may be another, but has to be there.
        let is_there = next.get(at).is_some_and(|one| {
            one.id == ran[at].id && one.within == ran[at].within && !one.disabled
        });
        let end = at + usize::from(begun || !is_there);
        parted(ran, next, end)
    }

    fn visits_of(&self, flow: Option<i64>, id: &str) -> u32 {
        self.visits.get(&step_in_run(flow, id)).copied().unwrap_or_default()
    }
}

/// A step without those inside it.
#[derive(Debug, PartialEq, Eq)]
struct Outlined {
    id: String,
    /// What it stands in: the outer step's `_id`, and which part of that.
    within: String,
    disabled: bool,
    /// Its JSON, without what only tells people of it.
    content: String,
}

/// The first of so many steps in which two versions of a body part: one that has come, or else the one
/// that has changed or gone.
fn parted(ran: &[Outlined], next: &[Outlined], many: usize) -> Option<String> {
    let at = (0..many).find(|at| ran.get(*at) != next.get(*at))?;
    let is_new = |one: &&Outlined| ran.iter().all(|old| old.id != one.id);
    let new = next.get(at).filter(is_new);
    new.or(ran.get(at)).or(next.get(at)).map(|one| one.id.clone())
}

/// The steps of a flow and of its functions, each in the order of the text; the flow itself has no
/// name.
fn bodies(source: &str) -> BTreeMap<Option<String>, Vec<Outlined>> {
    let mut bodies = BTreeMap::from([(None, Vec::new())]);
    let source = check::with_ids(source).unwrap_or_default();
    let steps: Vec<Value> = serde_json::from_str(&source).unwrap_or_default();
    outline(&steps, &None, "", &mut bodies);
    bodies
}

fn outline(
    steps: &[Value],
    body: &Option<String>,
    within: &str,
    bodies: &mut BTreeMap<Option<String>, Vec<Outlined>>,
) {
    for step in steps {
        let mut step = step.clone();
        let Some(members) = step.as_object_mut() else { continue };
        let id = members.get("_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        for told in ["name", "trace"] {
            members.shift_remove(told);
        }
        let disabled = members.get("disabled") == Some(&Value::Bool(true));
        if let Some(function) = members.get("function").and_then(Value::as_object) {
            // A declaration runs nothing.
            let name = function.get("name").and_then(Value::as_str).map(str::to_owned);
            let actions = function.get("actions").and_then(Value::as_array);
            bodies.entry(name.clone()).or_default();
            outline(actions.map(Vec::as_slice).unwrap_or_default(), &name, "", bodies);
            continue;
        }
        let mut inside = Vec::new();
        for (action, part) in [
            ("if", "then"),
            ("if", "else"),
            ("while", "do"),
            ("forEach", "do"),
            ("list", "actions"),
            ("switch", "case"),
        ] {
            let arguments = members.get_mut(action).and_then(Value::as_object_mut);
            match arguments.and_then(|arguments| arguments.shift_remove(part)) {
                Some(Value::Array(steps)) => inside.push((format!("{id}/{part}"), steps)),
                Some(Value::Object(cases)) => {
                    inside.extend(cases.into_iter().filter_map(|(value, steps)| match steps {
                        Value::Array(steps) => Some((format!("{id}/{part}/{value}"), steps)),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        let content = Value::Object(std::mem::take(members)).to_string();
        let outlined = Outlined { id, within: within.to_owned(), disabled, content };
        bodies.entry(body.clone()).or_default().push(outlined);
        for (within, steps) in inside {
            outline(&steps, body, &within, bodies);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A run that stands before a step of the flow, or behind it, having reached these.
    fn stands(step: &str, at: &str, visits: &[(&str, u32)]) -> Checkpoint {
        let visits: BTreeMap<_, _> = visits.iter().copied().collect();
        let frame = json!({"at": at, "step": step});
        let text = json!({"frames": [frame], "visits": visits, "variables": {}}).to_string();
        Checkpoint::parse(&text).unwrap()
    }

    fn change(run: &Checkpoint, ran: &Value, next: &Value) -> Option<String> {
        let (ran, next) = (ran.to_string(), next.to_string());
        let own = Versions { flow: None, ran: &ran, next: Some(&next) };
        run.first_change(&[own]).and_then(|change| change.step)
    }

    fn log(id: &str, text: &str) -> Value {
        json!({"log": text, "_id": id})
    }

    #[test]
    fn what_stands_behind_the_place_may_change_and_what_stands_before_it_may_not() {
        let ran = json!([log("a", "1"), log("b", "2"), log("c", "3")]);
        let run = stands("b", "before", &[("a", 1)]);
        let cases = [
            (json!([log("a", "1"), log("b", "new")]), None),
            (json!([log("a", "1"), log("b", "2"), log("c", "new"), log("d", "")]), None),
            (json!([{"log": "1", "_id": "a", "name": "told"}, log("b", "2")]), None),
            (json!([log("a", "new"), log("b", "2")]), Some("a")),
            (json!([log("a", "1"), log("x", ""), log("b", "2")]), Some("x")),
            (json!([log("b", "2"), log("c", "3")]), Some("a")),
            (json!([log("a", "1"), log("c", "3")]), Some("b")),
            (json!([log("x", ""), log("a", "1"), log("b", "2")]), Some("x")),
            (json!([log("a", "1"), {"log": "2", "_id": "b", "disabled": true}]), Some("b")),
            (
                json!([log("a", "1"), {"if": {"expression": "1", "then": [log("b", "2")]}}]),
                Some("s1"),
            ),
        ];
        for (next, expected) in cases {
            assert_eq!(change(&run, &ran, &next).as_deref(), expected, "{next}");
        }
        // A wait has been waited, so that it belongs to what is done.
        let waited = stands("b", "after", &[("a", 1), ("b", 1)]);
        let longer = json!([log("a", "1"), log("b", "new"), log("c", "3")]);
        assert_eq!(change(&waited, &ran, &longer).as_deref(), Some("b"));
    }

    #[test]
    fn where_a_run_comes_by_again_the_whole_of_it_stands_before() {
        let flow = |last: &str| {
            json!([
                {"while": {"condition": "1", "do": [log("a", "1"), log("b", last)]}, "_id": "w"},
                log("z", "0"),
            ])
        };
        let first = stands("b", "before", &[("w", 1), ("a", 1)]);
        let second = stands("b", "before", &[("w", 1), ("a", 2), ("b", 1)]);
        assert_eq!(change(&first, &flow("2"), &flow("3")), None);
        assert_eq!(change(&second, &flow("2"), &flow("3")).as_deref(), Some("b"));
        let back = stands("a", "before", &[("w", 1), ("a", 1), ("b", 1)]);
        assert_eq!(change(&back, &flow("2"), &flow("3")).as_deref(), Some("b"));
    }

    #[test]
    fn what_was_called_stands_before_as_a_whole_and_what_was_not_does_not() {
        let flow = |f: &str, g: &str| {
            json!([
                {"execute": {"name": "f"}, "_id": "e"},
                log("b", "2"),
                {"function": {"name": "f", "actions": [log("f1", f)]}, "_id": "f"},
                {"function": {"name": "g", "actions": [log("g1", g)]}, "_id": "g"},
            ])
        };
        let run = stands("b", "before", &[("e", 1), ("f1", 1)]);
        assert_eq!(change(&run, &flow("1", "1"), &flow("1", "new")), None);
        assert_eq!(change(&run, &flow("1", "1"), &flow("new", "1")).as_deref(), Some("f1"));

        let (own, called) = (json!([log("s", "1"), log("b", "2")]).to_string(), log("x", "1"));
        let (ran, next) = (json!([called]).to_string(), json!([log("x", "new")]).to_string());
        let run = stands("b", "before", &[("s", 1), ("7.x", 1)]);
        assert_eq!(run.flows(), BTreeSet::from([7]));
        let own = Versions { flow: None, ran: &own, next: Some(&own) };
        let of = |next| Versions { flow: Some(7), ran: &ran, next };
        assert_eq!(run.first_change(&[own, of(Some(&ran))]), None);
        let changed = Change { flow: Some(7), step: Some("x".into()) };
        assert_eq!(run.first_change(&[own, of(Some(&next))]), Some(changed));
        let gone = Change { flow: Some(7), step: None };
        assert_eq!(run.first_change(&[own, of(None)]), Some(gone));
    }
}
