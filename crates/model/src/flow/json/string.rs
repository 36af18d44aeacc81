//! Text and its escapes.

use super::{Fault, reader::Reader};

impl Reader<'_> {
    pub(super) fn string(&mut self) -> Result<String, Fault> {
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
