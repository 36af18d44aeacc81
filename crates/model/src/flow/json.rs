//! A JSON reader that knows where everything stands, so that a problem can be shown at its place.
//!
//! It accepts what RFC 8259 and `serde_json` accept, less three things: deep nesting, and (as
//! faults beside the tree) a key that an object has twice.

mod layout;
#[cfg(test)]
mod properties;
mod reader;
mod string;
#[cfg(test)]
mod tests;

pub use layout::laid_out;

use reader::Reader;
use serde_json::{Map, Number, Value};

/// A value and the bytes of the source that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub kind: Kind,
    /// The byte where it begins.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key of an object and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub key: String,
    /// The byte of the key's opening quote.
    pub key_start: usize,
    pub value: Node,
}

/// Something wrong at a byte of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub offset: usize,
    /// The JSON pointer of what was being read.
    pub path: String,
    pub message: String,
}

/// A document and the keys that it has twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub root: Node,
    /// Each names a key that came before in the same object.
    pub repeated: Vec<Fault>,
}

impl Node {
    /// The same value without its place.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// The members of an object; nothing for other values.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// What it is, in words: `text`, `a number`, …
    pub fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(true) => "true",
            Kind::Bool(false) => "false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }
}

/// Reads one JSON document.
///
/// # Errors
/// The first place where the text is not JSON, or nests more than `depth_max` levels.
pub fn read(source: &str, depth_max: usize) -> Result<Document, Fault> {
    let mut reader = Reader::new(source, depth_max);
    let root = reader.document()?;
    Ok(Document { root, repeated: reader.repeated })
}

/// The byte of the source where the decoded text of a string has its byte `decoded`. `start` is
/// the byte of the opening quote of a string that [`read`] has accepted.
pub fn place_in_string(source: &str, start: usize, decoded: usize) -> usize {
    let mut at = start + 1;
    let mut passed = 0;
    while passed < decoded {
        let Some(character) = source.get(at..).and_then(|rest| rest.chars().next()) else { break };
        if character == '"' {
            break;
        }
        if character != '\\' {
            at += character.len_utf8();
            passed += character.len_utf8();
            continue;
        }
        let unit = |from: usize| {
            source.get(from..from + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok())
        };
        match source.as_bytes().get(at + 1) {
            Some(b'u') => {
                let code = unit(at + 2).unwrap_or_default();
                at += 6;
                if (0xD800..0xDC00).contains(&code) {
                    at += 6;
                    passed += 4;
                } else {
                    passed += char::from_u32(u32::from(code)).map_or(1, char::len_utf8);
                }
            }
            _ => {
                at += 2;
                passed += 1;
            }
        }
    }
    at
}
