//! From the text of an expression to its tokens.

use super::{
    DateHelper,
    value::{is_space, prefixed_integer},
};
use crate::flow::template::{Part, Placeholder, Template};

/// Something at a byte of the expression that is not of the native subset.
#[derive(Debug)]
pub(super) struct Fault {
    pub offset: usize,
    pub message: String,
    /// Whether it may be right in JavaScript.
    pub javascript: bool,
}

impl Fault {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), javascript: false }
    }

    /// A part of JavaScript that is not of the native subset.
    pub(super) fn javascript(offset: usize) -> Self {
        Self { offset, message: String::new(), javascript: true }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    Number(f64),
    Quoted(Template),
    Variable(Placeholder),
    Date(DateHelper),
    Word(&'t str),
    /// One of [`OPERATORS`], a parenthesis, `?` or `:`.
    Sign(&'static str),
    End,
}

impl Token<'_> {
    /// The token in words, for an error message.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Number(_) => "a number".to_owned(),
            Self::Quoted(_) => "text".to_owned(),
            Self::Variable(placeholder) => format!("${{{}}}", placeholder.name),
            Self::Date(_) => "a date helper".to_owned(),
            Self::Word(word) => format!("`{word}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// What may stand in an expression, a longer sign before the shorter one that begins it.
const OPERATORS: [&str; 20] = [
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "(",
    ")", "?", ":",
];

/// What JavaScript has and the native subset has not.
const JAVASCRIPT: [&str; 26] = [
    "=>", ">>>", ">>", "<<", "**", "+=", "-=", "*=", "/=", "%=", "//", "/*", "??", "?.", "&&=",
    "||=", ".", "[", "]", "{", "}", ",", "`", "^", "~", "|",
];

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next token and the byte where it begins.
    pub(super) fn next(&mut self) -> Result<(usize, Token<'t>), Fault> {
        self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok((start, Token::End)) };
        let second = rest[first.len_utf8()..].chars().next();
        let token = match first {
            '\'' | '"' => Token::Quoted(self.quoted(first)?),
            '0'..='9' => Token::Number(self.number()?),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => Token::Number(self.number()?),
            '$' if rest.starts_with("${") => Token::Variable(self.placeholder(start, false)?),
            '$' if rest.starts_with("$${") => Token::Variable(self.placeholder(start + 1, true)?),
            c if is_word_start(c) => {
                let length = rest.find(|c| !is_word_part(c)).unwrap_or(rest.len());
                self.at += length;
                Token::Word(&rest[..length])
            }
            '&' => match self.date()? {
                Some(helper) => Token::Date(helper),
                None => Token::Sign(self.sign()?),
            },
            // A statement's end, where the expression ends.
            ';' if rest[1..].trim_matches([';', ' ', '\n']).is_empty() => Token::End,
            _ => Token::Sign(self.sign()?),
        };
        Ok((start, token))
    }

    fn sign(&mut self) -> Result<&'static str, Fault> {
        let rest = self.rest();
        let length = |signs: &[&str]| {
            signs.iter().filter(|sign| rest.starts_with(**sign)).map(|sign| sign.len()).max()
        };
        for twice in ["--", "++"] {
            if rest.starts_with(twice) {
                let message =
                    format!("`{twice}` has nothing to count; put a space between the signs");
                return Err(Fault::new(self.at, message));
            }
        }
        let native = OPERATORS.iter().find(|sign| rest.starts_with(**sign));
        match (native, length(&JAVASCRIPT)) {
            // `a || b` begins with `|`, `a /= b` with `/`: the longer sign is the one that is meant.
            (Some(sign), javascript) if javascript.is_none_or(|other| sign.len() > other) => {
                self.at += sign.len();
                Ok(sign)
            }
            (_, Some(_)) => Err(Fault::javascript(self.at)),
            (_, None) if rest.starts_with('=') => {
                Err(Fault::new(self.at, "`=` assigns; write === to compare"))
            }
            (_, None) if rest.starts_with(';') => {
                Err(Fault::new(self.at, "one expression is expected, without `;`"))
            }
            (_, None) if rest.starts_with('&') => Err(Fault::javascript(self.at)),
            (_, None) => {
                let found = rest.chars().next().map(String::from).unwrap_or_default();
                Err(Fault::new(self.at, format!("`{found}` has no meaning here")))
            }
        }
    }

    fn date(&mut self) -> Result<Option<DateHelper>, Fault> {
        match DateHelper::read(self.rest()) {
            None => Ok(None),
            Some(Err(message)) => Err(Fault::new(self.at, message)),
            Some(Ok((helper, length))) => {
                self.at += length;
                Ok(Some(helper))
            }
        }
    }

    fn placeholder(&mut self, opening: usize, global: bool) -> Result<Placeholder, Fault> {
        let (placeholder, end) = Placeholder::parse(self.text, opening, global)
            .map_err(|error| Fault::new(error.offset, error.message))?;
        self.at = end;
        Ok(placeholder)
    }

    fn number(&mut self) -> Result<f64, Fault> {
        let start = self.at;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = |from: usize| {
            from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let (length, value) =
            if matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]) {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                (length, prefixed_integer(&rest[..length]).unwrap_or(f64::NAN))
            } else {
                let mut end = digits(0);
                if end > 1 && bytes[0] == b'0' {
                    return Err(Fault::new(start, "a number may not begin with 0"));
                }
                if bytes.get(end) == Some(&b'.') {
                    end = digits(end + 1);
                }
                if matches!(bytes.get(end), Some(b'e' | b'E')) {
                    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                    let after = digits(end + 1 + sign);
                    // Without digits the `e` stays behind and is refused as part of the number below.
                    if after > end + 1 + sign {
                        end = after;
                    }
                }
                (end, rest[..end].parse().unwrap_or(f64::NAN))
            };
        if value.is_nan() || rest[length..].starts_with(is_word_part) {
            return Err(Fault::new(start, "this is not a number"));
        }
        self.at += length;
        Ok(value)
    }

    fn quoted(&mut self, quote: char) -> Result<Template, Fault> {
        let opening = self.at;
        self.at += 1;
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                return Err(Fault::new(opening, "this text has no closing quote"));
            };
            let global = rest.starts_with("$${");
            if global || rest.starts_with("${") {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                let at = self.at + usize::from(global);
                parts.push(Part::Placeholder(self.placeholder(at, global)?));
                continue;
            }
            match next {
                '\\' => text.extend(self.escape()?),
                '\n' | '\r' => {
                    return Err(Fault::new(
                        self.at,
                        "text may not go over the end of a line; write \\n",
                    ));
                }
                _ => {
                    self.at += next.len_utf8();
                    if next == quote {
                        break;
                    }
                    text.push(next);
                }
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Template { parts })
    }

    /// The character that an escape stands for; none for a backslash at the end of a line.
    fn escape(&mut self) -> Result<Option<char>, Fault> {
        let start = self.at;
        let fault = |message: &str| Err(Fault::new(start, message));
        let Some(letter) = self.rest()[1..].chars().next() else {
            return fault("this text has no closing quote");
        };
        let after = start + 1 + letter.len_utf8();
        self.at = after;
        let plain = match letter {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '0' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) => '\0',
            '0'..='9' => return fault("octal escapes are not available"),
            '\r' => {
                self.at += usize::from(self.rest().starts_with('\n'));
                return Ok(None);
            }
            '\n' | '\u{2028}' | '\u{2029}' => return Ok(None),
            'x' => return self.hexadecimal(start, 2).map(Some),
            'u' => return self.unicode(start).map(Some),
            other => other,
        };
        Ok(Some(plain))
    }

    fn code(&mut self, start: usize, length: usize) -> Result<u32, Fault> {
        let code = self
            .rest()
            .get(..length)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| Fault::new(start, "hexadecimal digits are missing"))?;
        self.at += length;
        Ok(code)
    }

    fn hexadecimal(&mut self, start: usize, length: usize) -> Result<char, Fault> {
        let code = self.code(start, length)?;
        char::from_u32(code).ok_or_else(|| Fault::new(start, "this is not a character"))
    }

    fn unicode(&mut self, start: usize) -> Result<char, Fault> {
        if self.rest().starts_with('{') {
            self.at += 1;
            let length = self.rest().find('}').filter(|length| (1..=6).contains(length));
            let Some(length) = length else {
                return Err(Fault::new(start, "hexadecimal digits are missing"));
            };
            let character = self.hexadecimal(start, length)?;
            self.at += 1;
            return Ok(character);
        }
        let first = self.code(start, 4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first)
                .ok_or_else(|| Fault::new(start, "half of a surrogate pair"));
        }
        if !self.rest().starts_with("\\u") {
            return Err(Fault::new(start, "half of a surrogate pair"));
        }
        self.at += 2;
        let second = self.code(start, 4)?;
        second
            .checked_sub(0xDC00)
            .filter(|low| *low < 0x400)
            .and_then(|low| char::from_u32(0x10000 + ((first - 0xD800) << 10) + low))
            .ok_or_else(|| Fault::new(start, "half of a surrogate pair"))
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word_part(c: char) -> bool {
    // A `$` inside a word would swallow the `${` of a placeholder that follows it.
    c.is_alphanumeric() || c == '_'
}
