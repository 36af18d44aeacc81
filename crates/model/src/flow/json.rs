//! A JSON reader that knows where everything stands, so that a problem can be shown at its place.
//!
//! It accepts what RFC 8259 and `serde_json` accept, less three things: deep nesting, and (as
//! faults beside the tree) a key that an object has twice.

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
    let mut reader =
        Reader { source, at: 0, depth: 0, depth_max, path: String::new(), repeated: Vec::new() };
    reader.skip_space();
    if reader.at == source.len() {
        return Err(reader.fault("the text is empty; a flow is a list of steps: []"));
    }
    let root = reader.value()?;
    reader.skip_space();
    if reader.at < source.len() {
        return Err(reader.fault("unexpected text after the end of the JSON"));
    }
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

struct Reader<'a> {
    source: &'a str,
    at: usize,
    depth: usize,
    depth_max: usize,
    path: String,
    repeated: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { offset: self.at, path: self.path.clone(), message: message.into() }
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What stands here, for an error message.
    fn found(&self) -> String {
        match self.source.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the end of the text".to_owned(),
            Some('\u{feff}') => "a byte order mark".to_owned(),
            Some(character) if character.is_control() => {
                format!("a control character (U+{:04X})", u32::from(character))
            }
            Some(character) => format!("`{character}`"),
        }
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'\'') => return Err(self.fault("text stands in double quotes in JSON")),
            _ => return Err(self.fault(format!("expected a value, found {}", self.found()))),
        };
        Ok(Node { kind, start, end: self.at })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind, Fault>) -> Result<Kind, Fault> {
        if self.depth == self.depth_max {
            return Err(self.fault(format!("nested too deeply: at most {} levels", self.depth_max)));
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn list(&mut self) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::List(items));
        }
        loop {
            let outer = self.path.len();
            self.path.push('/');
            self.path.push_str(&items.len().to_string());
            self.skip_space();
            if !items.is_empty() && self.peek() == Some(b']') {
                return Err(self.fault("a comma before `]`: remove it, or add a value"));
            }
            items.push(self.value()?);
            self.path.truncate(outer);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Kind::List(items));
                }
                _ => {
                    return Err(self.fault(format!("expected `,` or `]`, found {}", self.found())));
                }
            }
        }
    }

    fn object(&mut self) -> Result<Kind, Fault> {
        let mut members: Vec<Member> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(members));
        }
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'"') => {}
                Some(b'}') => {
                    return Err(self.fault("a comma before `}`: remove it, or add a key"));
                }
                _ => {
                    return Err(self.fault(format!(
                        "expected a key in double quotes, found {}",
                        self.found()
                    )));
                }
            }
            let key_start = self.at;
            let key = self.string()?;
            let outer = self.path.len();
            self.path.push('/');
            self.path.push_str(&crate::problem::pointer_token(&key));
            if !seen.insert(key.clone()) {
                self.repeated.push(Fault {
                    offset: key_start,
                    path: self.path.clone(),
                    message: format!("the key \"{key}\" stands here twice"),
                });
            }
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(
                    self.fault(format!("expected `:` after the key, found {}", self.found()))
                );
            }
            self.at += 1;
            self.skip_space();
            let value = self.value()?;
            self.path.truncate(outer);
            members.push(Member { key, key_start, value });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Kind::Object(members));
                }
                _ => {
                    return Err(self.fault(format!("expected `,` or `}}`, found {}", self.found())));
                }
            }
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        if self.source[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(kind)
        } else {
            Err(self.fault("expected a value; text stands in double quotes"))
        }
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        // The grammar of numbers and what is out of range is exactly serde_json's.
        match serde_json::from_str::<Number>(&self.source[start..self.at]) {
            Ok(number) => Ok(Kind::Number(number)),
            Err(_) => {
                let text = &self.source[start..self.at];
                let message = format!("`{text}` is not a number in JSON, or too large");
                self.at = start;
                Err(self.fault(message))
            }
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let opening = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let run = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.source[run..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(b'\n' | b'\r') => {
                    return Err(self.fault(
                        "text may not go over the end of a line: a closing quote is missing, or write \\n",
                    ));
                }
                Some(_) => {
                    return Err(
                        self.fault(format!("{} inside text: write it as \\u…", self.found()))
                    );
                }
                None => {
                    self.at = opening;
                    return Err(self.fault("this text has no closing quote"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let plain = match self.source.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => {
                return Err(self.fault(
                    "a backslash in JSON text begins one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
                ));
            }
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.code_unit(self.at)?;
        let (code, length) = match first {
            0xD800..=0xDBFF => {
                let second = match self.source.as_bytes().get(self.at + 6..self.at + 8) {
                    Some(b"\\u") => self.code_unit(self.at + 6)?,
                    _ => return Err(self.fault("half of a surrogate pair")),
                };
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(self.fault("half of a surrogate pair"));
                }
                (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
            }
            _ => (first, 6),
        };
        match char::from_u32(code) {
            Some(character) => {
                self.at += length;
                Ok(character)
            }
            None => Err(self.fault("half of a surrogate pair")),
        }
    }

    /// The four hexadecimal digits of the `\uXXXX` at a byte.
    fn code_unit(&self, at: usize) -> Result<u32, Fault> {
        self.source
            .get(at + 2..at + 6)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.fault("\\u is followed by four hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(source: &str) -> Value {
        read(source, 32).unwrap().root.to_value()
    }

    fn fault(source: &str) -> (usize, String) {
        let fault = read(source, 32).unwrap_err();
        (fault.offset, fault.message)
    }

    #[test]
    fn reads_what_serde_json_reads() {
        for source in [
            r#"[1, -2.5e3, 0, "a\"\\\/\b\f\n\r\té\ud83d\ude00", true, false, null, {}, []]"#,
            r#" {"b": 1, "a": [{"c": "ü"}]} "#,
            "-0",
            "12345678901234567890",
        ] {
            assert_eq!(value(source), serde_json::from_str::<Value>(source).unwrap(), "{source}");
        }
    }

    #[test]
    fn refuses_what_serde_json_refuses() {
        for source in [
            "",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "1.",
            "-",
            "+1",
            "1e999",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "\"a",
            "[1 2]",
            "tru",
            "[]]",
            "\u{feff}[]",
            "'a'",
        ] {
            assert!(serde_json::from_str::<Value>(source).is_err(), "{source}");
            assert!(read(source, 32).is_err(), "{source}");
        }
    }

    #[test]
    fn a_fault_has_its_place_and_path() {
        assert_eq!(fault("[1, x]").0, 4);
        let fault = read(r#"[{"set": {"a/b": }}]"#, 32).unwrap_err();
        assert_eq!((fault.offset, fault.path.as_str()), (17, "/0/set/a~1b"));
    }

    #[test]
    fn a_repeated_key_is_reported_and_the_reading_goes_on() {
        let document = read(r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#, 32).unwrap();
        let places: Vec<_> =
            document.repeated.iter().map(|fault| (fault.offset, fault.path.as_str())).collect();
        assert_eq!(places, [(23, "/b/c"), (32, "/a")]);
    }

    #[test]
    fn nesting_has_a_limit() {
        assert!(read(&format!("{}{}", "[".repeat(32), "]".repeat(32)), 32).is_ok());
        let (offset, message) = fault(&"[".repeat(100_000));
        assert_eq!(offset, 32);
        assert!(message.contains("32"));
    }

    #[test]
    fn a_place_in_decoded_text_is_found_in_the_source() {
        let source = r#"["a\n\u00e9\ud83d\ude00é!"]"#;
        let document = read(source, 32).unwrap();
        let Kind::List(items) = document.root.kind else { panic!() };
        let Kind::Text(text) = &items[0].kind else { panic!() };
        let decoded = text.find('!').unwrap();
        let at = place_in_string(source, items[0].start, decoded);
        assert_eq!(&source[at..=at], "!");
        assert_eq!(place_in_string(source, items[0].start, 0), items[0].start + 1);
    }
}
