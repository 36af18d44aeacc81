//! Paths into JSON values: `data.items.0.id`, a part of gjson's syntax.
//!
//! A path is keys and indexes with dots between. `#` at the end is the number of a list's items,
//! `#.key` is the list of what each item has there. `#(key=="x")` is the first item of a list that
//! a query fits, `#(key=="x")#` the list of all of them. A backslash takes the next character as
//! it is: `a\.b` is one key. `""` and `"."` mean the whole value. Wildcards (`*`, `?`) and
//! modifiers (`@`, `|`) are refused.

mod query;

pub use query::{Comparison, Operand, Query};

use thiserror::Error;

/// A path, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    pub segments: Vec<Segment>,
}

/// One piece of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    /// A key of an object, or the index of a list's item.
    Key(String),
    /// The number of a list's items, or each of them.
    Each,
    /// The first item of a list that a query fits.
    First(Query),
    /// All items of a list that a query fits.
    All(Query),
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct PathError {
    /// In bytes from 0.
    pub offset: usize,
    pub message: String,
}

/// The longest path, in pieces.
const SEGMENTS_MAX: usize = 64;

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// When it uses a part of gjson's syntax that is not here.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Self::inside(text, 0)
    }

    /// Reads a path that may stand inside a query.
    fn inside(text: &str, depth: usize) -> Result<Self, PathError> {
        if text.is_empty() || text == "." {
            return Ok(Self { segments: Vec::new() });
        }
        let refuse = |offset, message: &str| PathError { offset, message: message.to_owned() };
        let mut segments = Vec::new();
        let mut key = String::new();
        let mut escaped = false;
        let mut start = 0;
        let mut query = None;
        let mut characters = text.char_indices();
        loop {
            let next = characters.next();
            match next {
                None | Some((_, '.')) => {
                    let end = next.map_or(text.len(), |(offset, _)| offset);
                    if start == end {
                        return Err(refuse(start, "a piece of the path is empty"));
                    }
                    let each = key == "#" && !escaped;
                    segments.push(match query.take() {
                        Some(query) => query,
                        None if each => Segment::Each,
                        None => Segment::Key(key),
                    });
                    if next.is_none() {
                        break;
                    }
                    if segments.len() == SEGMENTS_MAX {
                        return Err(refuse(end, "the path has more than 64 pieces"));
                    }
                    (key, escaped, start) = (String::new(), false, end + 1);
                }
                Some((offset, '\\')) => match characters.next() {
                    Some((_, character)) => {
                        key.push(character);
                        escaped = true;
                    }
                    None => return Err(refuse(offset, "the path ends in a backslash")),
                },
                Some((offset, _)) if query.is_some() => {
                    return Err(refuse(offset, "a dot is missing after the query"));
                }
                Some((offset, '(')) if key == "#" && !escaped => {
                    if depth == query::DEPTH_MAX {
                        return Err(refuse(offset, "the queries of a path nest too deeply"));
                    }
                    let (read, length) = Query::read(&text[offset + 1..], depth + 1)
                        .map_err(|error| refuse(offset + 1 + error.offset, &error.message))?;
                    let end = offset + 1 + length;
                    let all = text[end..].starts_with('#');
                    query = Some(if all { Segment::All(read) } else { Segment::First(read) });
                    while characters.offset() < end + usize::from(all) {
                        characters.next();
                    }
                }
                Some((offset, '*' | '?')) => {
                    return Err(refuse(
                        offset,
                        "wildcards in a path are not available; put \\ before the character if it belongs to the key",
                    ));
                }
                Some((offset, '|')) => {
                    return Err(refuse(
                        offset,
                        "`|` in a path is not available; put \\ before it if it belongs to the key",
                    ));
                }
                Some((offset, '@')) if key.is_empty() => {
                    return Err(refuse(
                        offset,
                        "modifiers in a path are not available; put \\ before @ if it belongs to the key",
                    ));
                }
                Some((_, character)) => key.push(character),
            }
        }
        Ok(Self { segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Segment {
        Segment::Key(text.to_owned())
    }

    #[test]
    fn a_path_is_keys_with_dots_between() {
        assert_eq!(Path::parse("a.b.0").unwrap().segments, [key("a"), key("b"), key("0")]);
        assert_eq!(Path::parse("a.#.b").unwrap().segments, [key("a"), Segment::Each, key("b")]);
        assert_eq!(Path::parse(r"a\.b.\#").unwrap().segments, [key("a.b"), key("#")]);
        assert_eq!(Path::parse("").unwrap(), Path::parse(".").unwrap());
    }

    #[test]
    fn what_is_not_available_is_refused_with_its_place() {
        for (text, offset) in
            [("a.b*", 3), ("a|b", 1), ("@this", 0), ("a..b", 2), ("a\\", 1), ("#(a)b", 4)]
        {
            assert_eq!(Path::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
