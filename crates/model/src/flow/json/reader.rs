//! Values, lists, objects and numbers.

use super::{Fault, Kind, Member, Node};
use serde_json::Number;

pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    /// The byte that is read next.
    pub(super) at: usize,
    depth: usize,
    depth_max: usize,
    path: String,
    pub(super) repeated: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str, depth_max: usize) -> Self {
        Self { source, at: 0, depth: 0, depth_max, path: String::new(), repeated: Vec::new() }
    }

    /// The whole text.
    pub(super) fn document(&mut self) -> Result<Node, Fault> {
        self.skip_space();
        if self.at == self.source.len() {
            return Err(self.fault("the text is empty; a flow is a list of steps: []"));
        }
        let root = self.value()?;
        self.skip_space();
        if self.at < self.source.len() {
            return Err(self.fault("unexpected text after the end of the JSON"));
        }
        Ok(root)
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { offset: self.at, path: self.path.clone(), message: message.into() }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What stands here, for an error message.
    pub(super) fn found(&self) -> String {
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
}
