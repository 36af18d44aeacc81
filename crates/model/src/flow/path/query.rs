//! The queries of paths: `#(name=="x")`, `#(age>40)#`, `#(a.b)`, `#(=="x")`.

use super::{Path, PathError};

/// How deeply queries may stand inside one another.
pub(super) const DEPTH_MAX: usize = 4;

/// What an item of a list must have.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Where in the item; the item itself if it is empty.
    pub path: Path,
    /// What must stand there; anything if there is none.
    pub condition: Option<(Comparison, Operand)>,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `%`: like a pattern with `*` and `?`.
    Like,
    NotLike,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
}

/// A longer sign before the shorter one that begins it.
const SIGNS: [(&str, Comparison); 9] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("!%", Comparison::NotLike),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("%", Comparison::Like),
];

impl Query {
    /// Reads a query from behind its opening parenthesis, and how long it is with the closing one.
    pub(super) fn read(text: &str, depth: usize) -> Result<(Self, usize), PathError> {
        let close = end(text)?;
        let inside = &text[..close];
        let sign = sign(inside);
        let (path, condition) = match sign {
            None => (inside.trim(), None),
            Some((at, sign, comparison)) => {
                let operand = operand(inside, at + sign.len())?;
                (inside[..at].trim(), Some((comparison, operand)))
            }
        };
        if path.is_empty() && condition.is_none() {
            return Err(PathError { offset: 0, message: "the query is empty".to_owned() });
        }
        let start = inside.len() - inside.trim_start().len();
        let path = Path::inside(path, depth)
            .map_err(|error| PathError { offset: start + error.offset, ..error })?;
        Ok((Self { path, condition }, close + 1))
    }
}

/// The byte of the parenthesis that closes what was opened before the text.
fn end(text: &str) -> Result<usize, PathError> {
    let mut open = 1;
    let mut characters = text.char_indices();
    let mut quoted = false;
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => open += 1,
            ')' => {
                open -= 1;
                if open == 0 {
                    return Ok(offset);
                }
            }
            _ => {}
        }
    }
    Err(PathError { offset: text.len(), message: "the query has no closing `)`".to_owned() })
}

/// The first comparison outside of inner queries, where it stands, and its sign.
fn sign(text: &str) -> Option<(usize, &'static str, Comparison)> {
    let mut open = 0;
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '(' => open += 1,
            ')' => open -= 1,
            _ if open > 0 => {}
            _ => {
                let found = SIGNS.iter().find(|(sign, _)| text[offset..].starts_with(sign));
                if let Some((sign, comparison)) = found {
                    return Some((offset, sign, *comparison));
                }
            }
        }
    }
    None
}

fn operand(text: &str, from: usize) -> Result<Operand, PathError> {
    let given = text[from..].trim();
    match serde_json::from_str(given) {
        Ok(serde_json::Value::String(text)) => Ok(Operand::Text(text)),
        Ok(serde_json::Value::Bool(value)) => Ok(Operand::Bool(value)),
        Ok(serde_json::Value::Null) => Ok(Operand::Null),
        Ok(serde_json::Value::Number(number)) => {
            Ok(Operand::Number(number.as_f64().unwrap_or(f64::NAN)))
        }
        _ => {
            let message = "a query compares with \"text\", a number, true, false or null";
            Err(PathError { offset: from, message: message.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::path::Segment;

    #[test]
    fn a_query_is_a_path_and_what_must_stand_there() {
        let path = Path::parse(r#"items.#(name=="a.b)").id"#).unwrap();
        let Segment::First(query) = &path.segments[1] else { panic!() };
        assert_eq!(query.path, Path::parse("name").unwrap());
        let operand = Operand::Text("a.b)".to_owned());
        assert_eq!(query.condition, Some((Comparison::Equal, operand)));
        assert_eq!(path.segments.len(), 3);

        let path = Path::parse("items.#(n >= 1.5)#.id").unwrap();
        let Segment::All(query) = &path.segments[1] else { panic!() };
        assert_eq!(query.condition, Some((Comparison::GreaterOrEqual, Operand::Number(1.5))));

        let path = Path::parse(r#"#(tags.#(=="x"))"#).unwrap();
        let Segment::First(query) = &path.segments[0] else { panic!() };
        assert_eq!(query.condition, None);
        assert_eq!(query.path.segments.len(), 2);
    }

    #[test]
    fn a_bad_query_is_refused_at_its_place() {
        for (text, offset) in [
            ("#(", 2),
            ("#()", 2),
            ("#(a==)", 5),
            ("#(a==b)", 5),
            ("#(a*==1)", 3),
            ("x.#(a..b)", 6),
        ] {
            assert_eq!(Path::parse(text).unwrap_err().offset, offset, "{text}");
        }
        let deep = format!("{}a{}", "#(".repeat(50), ")".repeat(50));
        assert!(Path::parse(&deep).unwrap_err().message.contains("deeply"));
    }
}
