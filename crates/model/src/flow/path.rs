//! Paths into JSON values: `data.items.0.id`, a part of gjson's syntax.
//!
//! A path is keys and indexes with dots between. `#` at the end is the number of a list's items,
//! `#.key` is the list of what each item has there. A backslash takes the next character as it is:
//! `a\.b` is one key. `""` and `"."` mean the whole value. Queries (`#(…)`), wildcards (`*`, `?`)
//! and modifiers (`@`, `|`) are refused.

use thiserror::Error;

/// A path, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<Segment>,
}

/// One piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object, or the index of a list's item.
    Key(String),
    /// The number of a list's items, or each of them.
    Each,
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
        if text.is_empty() || text == "." {
            return Ok(Self { segments: Vec::new() });
        }
        let refuse = |offset, message: &str| PathError { offset, message: message.to_owned() };
        let mut segments = Vec::new();
        let mut key = String::new();
        let mut escaped = false;
        let mut start = 0;
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
                    segments.push(if each { Segment::Each } else { Segment::Key(key) });
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
                Some((offset, '(')) if key == "#" && !escaped => {
                    return Err(refuse(offset, "queries in a path are not available yet"));
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
            [("a.#(x==1).b", 3), ("a.b*", 3), ("a|b", 1), ("@this", 0), ("a..b", 2), ("a\\", 1)]
        {
            assert_eq!(Path::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
