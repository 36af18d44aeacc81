//! Walks through JavaScript: what is code, text, pattern or comment.

use super::{Binding, ScriptError, ScriptKind};
use crate::flow::{expression::DateHelper, template::Placeholder};

/// How deeply brackets may nest.
const DEPTH_MAX: usize = 200;

/// Words after which a `/` begins a pattern.
const BEFORE_A_VALUE: [&str; 12] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "instanceof",
    "new",
    "delete",
    "void",
    "throw",
    "else",
    "do",
];

/// Something that is open, and where it began.
enum Open {
    Bracket(char, usize),
    /// `${` inside backticks, whose text goes on behind the `}`.
    Template(usize),
}

pub(super) fn read(text: &str, kind: ScriptKind) -> Result<(String, Vec<Binding>), ScriptError> {
    let mut reader = Reader {
        text,
        at: 0,
        code: String::with_capacity(text.len() + 16),
        bindings: Vec::new(),
        open: Vec::new(),
        after_value: false,
        kind,
    };
    while reader.at < text.len() {
        reader.next()?;
    }
    match reader.open.pop() {
        None => Ok((reader.code, reader.bindings)),
        Some(Open::Bracket(bracket, offset)) => {
            Err(fault(offset, format!("`{bracket}` is never closed")))
        }
        Some(Open::Template(offset)) => Err(fault(offset, "`${` without its closing `}`")),
    }
}

fn fault(offset: usize, message: impl Into<String>) -> ScriptError {
    ScriptError { offset, message: message.into() }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    code: String,
    bindings: Vec<Binding>,
    open: Vec<Open>,
    /// Whether what stands before is a value: a `/` divides then.
    after_value: bool,
    kind: ScriptKind,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Takes over so many bytes as they are.
    fn copy(&mut self, length: usize) {
        self.code.push_str(&self.rest()[..length]);
        self.at += length;
    }

    fn next(&mut self) -> Result<(), ScriptError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(()) };
        match first {
            '\'' | '"' => self.quoted(first),
            '`' => {
                let start = self.at;
                self.copy(1);
                self.template(start)
            }
            '$' if rest.starts_with("${") || rest.starts_with("$${") => {
                let binding = self.placeholder()?;
                self.code.push_str(&binding);
                self.after_value = true;
                Ok(())
            }
            '/' if rest.starts_with("//") => {
                self.copy(rest.find('\n').unwrap_or(rest.len()));
                Ok(())
            }
            '/' if rest.starts_with("/*") => {
                let end =
                    rest.find("*/").ok_or_else(|| fault(self.at, "a comment is not closed"))?;
                self.copy(end + 2);
                Ok(())
            }
            '/' if !self.after_value => self.pattern(),
            '&' if self.kind == ScriptKind::Expression && !self.after_value => self.date(),
            '(' | '[' | '{' => self.opens(first),
            ')' | ']' | '}' => self.closes(first),
            c if is_word(c) => {
                let length = word_length(rest);
                let word = &rest[..length];
                self.after_value = !BEFORE_A_VALUE.contains(&word);
                self.copy(length);
                Ok(())
            }
            c => {
                // A number may end with a point, `5. / 2`.
                if !c.is_whitespace() && c != '.' {
                    self.after_value = false;
                }
                self.copy(c.len_utf8());
                Ok(())
            }
        }
    }

    fn opens(&mut self, bracket: char) -> Result<(), ScriptError> {
        if self.open.len() == DEPTH_MAX {
            let message = format!("nested too deeply: at most {DEPTH_MAX} levels");
            return Err(fault(self.at, message));
        }
        self.open.push(Open::Bracket(bracket, self.at));
        self.after_value = false;
        self.copy(1);
        Ok(())
    }

    fn closes(&mut self, bracket: char) -> Result<(), ScriptError> {
        let start = self.at;
        match (self.open.pop(), bracket) {
            (Some(Open::Bracket('(', _)), ')')
            | (Some(Open::Bracket('[', _)), ']')
            | (Some(Open::Bracket('{', _)), '}') => {
                self.after_value = true;
                self.copy(1);
                Ok(())
            }
            (Some(Open::Template(opened)), '}') => {
                self.copy(1);
                self.template(opened)
            }
            _ => Err(fault(start, format!("`{bracket}` closes nothing"))),
        }
    }

    /// A text in quotes. One with placeholders becomes a sum.
    fn quoted(&mut self, quote: char) -> Result<(), ScriptError> {
        let start = self.at;
        let mut pieces = vec![String::new()];
        let mut values = Vec::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next().filter(|c| *c != '\n') else {
                return Err(fault(start, "this text has no closing quote"));
            };
            if rest.starts_with("${") || rest.starts_with("$${") {
                values.push(self.placeholder()?);
                pieces.push(String::new());
                continue;
            }
            self.at += next.len_utf8();
            if next == quote {
                break;
            }
            let piece = pieces.last_mut();
            let escaped = (next == '\\').then(|| self.rest().chars().next()).flatten();
            if let Some(piece) = piece {
                piece.push(next);
                piece.extend(escaped);
            }
            self.at += escaped.map_or(0, char::len_utf8);
        }
        let piece = |text: &String| format!("{quote}{text}{quote}");
        let sum = !values.is_empty();
        let mut code = piece(&pieces[0]);
        for (value, text) in values.iter().zip(&pieces[1..]) {
            code.push_str(&format!("+{value}+{}", piece(text)));
        }
        self.code.push_str(&if sum { format!("({code})") } else { code });
        self.after_value = true;
        Ok(())
    }

    /// The text inside backticks, until they end or code begins in it. `start` is where what is
    /// open began.
    fn template(&mut self, start: usize) -> Result<(), ScriptError> {
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                return Err(fault(start, "this text has no closing backtick"));
            };
            if is_placeholder(rest) {
                let value = self.placeholder()?;
                self.code.push_str(&format!("${{{value}}}"));
            } else if rest.starts_with("${") {
                if self.open.len() == DEPTH_MAX {
                    let message = format!("nested too deeply: at most {DEPTH_MAX} levels");
                    return Err(fault(self.at, message));
                }
                self.open.push(Open::Template(self.at));
                self.after_value = false;
                self.copy(2);
                return Ok(());
            } else if next == '\\' {
                let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                self.copy(1 + escaped);
            } else {
                self.copy(next.len_utf8());
                if next == '`' {
                    self.after_value = true;
                    return Ok(());
                }
            }
        }
    }

    /// A regular expression between slashes.
    fn pattern(&mut self) -> Result<(), ScriptError> {
        let start = self.at;
        let mut in_class = false;
        let mut at = 1;
        let rest = self.rest();
        loop {
            if is_placeholder(&rest[at..]) {
                let message = "a variable cannot stand in a pattern; use new RegExp(…)";
                return Err(fault(start + at, message));
            }
            let next = rest[at..].chars().next().filter(|c| *c != '\n');
            let next = next.ok_or_else(|| fault(start, "this pattern has no closing `/`"))?;
            at += next.len_utf8();
            match next {
                '\\' => at += rest[at..].chars().next().map_or(0, char::len_utf8),
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.copy(at);
        self.after_value = true;
        Ok(())
    }

    /// A date helper, or the operator that begins like one.
    fn date(&mut self) -> Result<(), ScriptError> {
        match DateHelper::read(self.rest()) {
            None => {
                self.after_value = false;
                self.copy(1);
            }
            Some(Err(message)) => return Err(fault(self.at, message)),
            Some(Ok((helper, length))) => {
                self.at += length;
                let value = self.bind(Binding::Date(helper));
                self.code.push_str(&value);
                self.after_value = true;
            }
        }
        Ok(())
    }

    fn placeholder(&mut self) -> Result<String, ScriptError> {
        let global = self.rest().starts_with("$$");
        let opening = self.at + usize::from(global);
        let (placeholder, end) = Placeholder::parse(self.text, opening, global)
            .map_err(|error| fault(error.offset, error.message))?;
        self.at = end;
        Ok(self.bind(Binding::Variable(placeholder)))
    }

    /// What a value is called in the code; the same value has one name.
    fn bind(&mut self, binding: Binding) -> String {
        let known = self.bindings.iter().position(|known| *known == binding);
        let number = known.unwrap_or_else(|| {
            self.bindings.push(binding);
            self.bindings.len() - 1
        });
        format!("__v[{number}]")
    }
}

/// Whether a placeholder begins here. Inside backticks and patterns `${` may also be JavaScript's own: what is no
/// name of a variable is left to it.
fn is_placeholder(rest: &str) -> bool {
    let inside = rest.strip_prefix("${").or_else(|| rest.strip_prefix("$${"));
    let Some((name, _)) = inside.and_then(|inside| inside.split_once('}')) else { return false };
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '#' | ':');
    let name = name.strip_suffix(".uri()").unwrap_or(name);
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(part)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// How long a word is; a placeholder may follow it.
fn word_length(text: &str) -> usize {
    let mut length = 0;
    for (at, c) in text.char_indices() {
        let placeholder =
            c == '$' && (text[at..].starts_with("${") || text[at..].starts_with("$${"));
        if !is_word(c) || placeholder {
            break;
        }
        length = at + c.len_utf8();
    }
    length
}
