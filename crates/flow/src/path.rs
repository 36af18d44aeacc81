//! Finding a value by a [`Path`](model::flow::path::Path).

use crate::limits::PATH_VISITS_MAX;
use model::{
    flow::path::{Comparison, Operand, Query, Segment},
    trace::{Failure, FailureClass},
};
use serde_json::Value;
use std::{borrow::Cow, cell::Cell, cmp::Ordering};

/// How many characters are compared in the time of a visit to an item.
const LIKENESS: usize = 16;

/// Looks for the paths of one step. It counts the items of lists that it goes through, so that a step
/// cannot walk without bound.
pub(crate) struct Walk {
    /// How many items may still be looked at.
    left: Cell<usize>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self { left: Cell::new(PATH_VISITS_MAX) }
    }

    /// Counts what is looked at; whether that may be.
    pub(crate) fn spend(&self, visits: usize) -> bool {
        self.left.set(self.left.get().saturating_sub(visits));
        !self.is_over()
    }

    /// Whether the walk was too long: it finds nothing more.
    pub(crate) fn is_over(&self) -> bool {
        self.left.get() == 0
    }

    /// To be asked when all is found.
    ///
    /// # Errors
    /// When the paths looked at more than they may.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        if !self.is_over() {
            return Ok(());
        }
        let detail = format!(
            "the paths of the step look at more than {PATH_VISITS_MAX} values: have fewer of them go \
             through long lists (`#`)"
        );
        let limit = Some(PATH_VISITS_MAX as u64);
        Err(Failure { limit, ..Failure::new(FailureClass::Flow, detail) })
    }

    /// The value at a path, or nothing. Only `#` and `#(…)#` make a new value; all others are lent.
    pub(crate) fn find<'v>(&self, value: &'v Value, path: &[Segment]) -> Option<Cow<'v, Value>> {
        let Some((first, rest)) = path.split_first() else { return Some(Cow::Borrowed(value)) };
        match (first, value) {
            (Segment::Key(key), Value::Object(members)) => self.find(members.get(key)?, rest),
            (Segment::Key(key), Value::Array(items)) => {
                // An index is digits only; Rust would also read a plus sign.
                let index = key.parse::<usize>().ok().filter(|_| !key.starts_with('+'))?;
                self.find(items.get(index)?, rest)
            }
            (Segment::Each, Value::Array(items)) if rest.is_empty() => {
                Some(Cow::Owned(items.len().into()))
            }
            (Segment::Each, Value::Array(items)) => {
                let found = self.over(items).filter_map(|item| self.find(item, rest));
                Some(Cow::Owned(Value::Array(found.map(Cow::into_owned).collect())))
            }
            (Segment::Each, Value::Object(members)) => self.find(members.get("#")?, rest),
            (Segment::First(query), Value::Array(items)) => {
                self.find(self.over(items).find(|item| self.fits(query, item))?, rest)
            }
            (Segment::All(query), Value::Array(items)) => {
                let found = self.over(items).filter(|item| self.fits(query, item));
                let found = found.filter_map(|item| self.find(item, rest)).map(Cow::into_owned);
                Some(Cow::Owned(Value::Array(found.collect())))
            }
            _ => None,
        }
    }

    /// The items of a list, as long as any may be looked at.
    fn over<'v>(&self, items: &'v [Value]) -> impl Iterator<Item = &'v Value> {
        items.iter().take_while(|_| self.spend(1))
    }

    /// Whether an item of a list is what a query asks for.
    fn fits(&self, query: &Query, item: &Value) -> bool {
        let Some(found) = self.find(item, &query.path.segments) else { return false };
        let Some((comparison, operand)) = &query.condition else { return true };
        let order = match (&*found, operand) {
            (Value::String(text), Operand::Text(other)) => match comparison {
                Comparison::Like => return self.is_like(text, other),
                Comparison::NotLike => return !self.is_like(text, other),
                _ => Some(text.as_str().cmp(other)),
            },
            (Value::Number(number), Operand::Number(other)) => {
                number.as_f64().and_then(|number| number.partial_cmp(other))
            }
            (Value::Bool(value), Operand::Bool(other)) => Some(value.cmp(other)),
            (Value::Null, Operand::Null) => Some(Ordering::Equal),
            _ => None,
        };
        match (comparison, order) {
            (Comparison::NotEqual, order) => order != Some(Ordering::Equal),
            (_, None) => false,
            (Comparison::Equal, Some(order)) => order.is_eq(),
            (Comparison::Less, Some(order)) => order.is_lt(),
            (Comparison::LessOrEqual, Some(order)) => order.is_le(),
            (Comparison::Greater, Some(order)) => order.is_gt(),
            (Comparison::GreaterOrEqual, Some(order)) => order.is_ge(),
            (Comparison::Like | Comparison::NotLike, Some(_)) => false,
        }
    }

    /// As [`is_like`], which copies the text, and may go over all of a pattern with `*` at each character.
    fn is_like(&self, text: &str, pattern: &str) -> bool {
        let each = if pattern.contains('*') { pattern.len() } else { 1 };
        self.spend(text.len().saturating_mul(each) / LIKENESS) && is_like(text, pattern)
    }
}

/// Whether a text is like a pattern, in which `*` stands for anything and `?` for one character.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<_>, Vec<_>) = (text.chars().collect(), pattern.chars().collect());
    let (mut t, mut p) = (0, 0);
    // Where the last `*` stands, and how far the text had come there.
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                (t, p) = (t + 1, p + 1);
            }
            _ => match star {
                Some((at, from)) => {
                    (t, p) = (from + 1, at + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
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
        Walk::new().find(&value, &Path::parse(path).unwrap().segments).map(Cow::into_owned)
    }

    #[test]
    fn paths_that_would_walk_for_ever_are_given_up() {
        let value = json!({"list": vec![json!({"n": 1}); 10_000], "long": ["a".repeat(100_000)]});
        let walked = |times: usize, path: &str| {
            let (walk, path) = (Walk::new(), Path::parse(path).unwrap());
            (0..times).for_each(|_| drop(walk.find(&value, &path.segments)));
            walk.finish()
        };
        for path in ["list.#.m", "list.#(n==2)", "list.#(n==2)#.n"] {
            assert_eq!(walked(10, path), Ok(()), "{path}");
            assert_eq!(
                walked(1_000, path).unwrap_err().limit,
                Some(PATH_VISITS_MAX as u64),
                "{path}"
            );
        }
        assert_eq!(walked(10_000, "list.9999.n"), Ok(()));
        let like = |letters: usize| format!(r#"long.#(%"*{}b")"#, "a".repeat(letters));
        assert_eq!(walked(1, &like(40)), Ok(()));
        assert!(walked(1, &like(4_000)).is_err());
    }

    #[test]
    fn a_text_that_is_held_against_a_pattern_counts_though_that_has_no_star() {
        let value = json!({"long": ["a".repeat(16_000)]});
        let path = Path::parse(r#"long.#(%"b")"#).unwrap();
        let walk = Walk { left: Cell::new(2_000) };
        walk.find(&value, &path.segments);
        assert!(!walk.is_over());
        walk.find(&value, &path.segments);
        assert!(walk.is_over());
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
    fn a_query_finds_the_first_or_all() {
        assert_eq!(at("data.items.#(n==3).t.0"), Some(json!("y")));
        assert_eq!(at("data.items.#(n>=1)#.n"), Some(json!([1, 3])));
        assert_eq!(at("data.items.#(n!=1)#.n"), Some(json!([3])));
        assert_eq!(at("data.items.#(m)"), Some(json!({"m": 0})));
        assert_eq!(at(r#"data.items.#(t.#(=="z")).n"#), Some(json!(3)));
        assert_eq!(at(r#"data.items.#(t.0%"?")#.n"#), Some(json!([1, 3])));
        assert_eq!(at(r#"data.items.#(n=="1")"#), None);
        assert_eq!(at("data.items.#(n>9)#"), Some(json!([])));
        assert_eq!(at("data.#(id==17)"), None);
    }

    #[test]
    fn a_pattern_has_stars_and_question_marks() {
        for (text, pattern, fits) in [
            ("abc", "a*c", true),
            ("abc", "?b?", true),
            ("abc", "*", true),
            ("", "*", true),
            ("abcabd", "*abd", true),
            ("abc", "a*d", false),
            ("abc", "ab", false),
            ("", "?", false),
        ] {
            assert_eq!(is_like(text, pattern), fits, "{text} {pattern}");
        }
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
