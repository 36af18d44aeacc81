//! Text with placeholders: `Hello ${member_name}`.

use super::path::Path;
use serde_json::Value;
use thiserror::Error;

/// A text, taken apart once so that a run only has to put it together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    pub parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// `${name}`, `${root.path}`, `${name.uri()}` or `$${name}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Placeholder {
    /// The whole name between the braces, without `.uri()`.
    pub name: String,
    /// The name up to its first dot and the path after it, if it has a dot.
    pub path: Option<(String, Path)>,
    /// Whether the value is to be percent-encoded.
    pub encode: bool,
    /// Whether it names a variable of the installation (`$${…}`).
    pub global: bool,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TemplateError {
    /// In bytes from 0.
    pub offset: usize,
    pub message: String,
}

/// A JSON value whose texts are templates.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueTemplate {
    /// Nothing in it is to be filled.
    Fixed(Value),
    Text(Template),
    List(Vec<ValueTemplate>),
    Object(Vec<(String, ValueTemplate)>),
}

impl Template {
    /// Reads a text with placeholders.
    ///
    /// # Errors
    /// When a placeholder is not closed, is empty, or has a path that cannot be read.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut from = 0;
        while let Some(found) = text[from..].find("${") {
            let opening = from + found;
            let global = text[from..opening].ends_with('$');
            let before = &text[from..opening - usize::from(global)];
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (placeholder, end) = Placeholder::parse(text, opening, global)?;
            parts.push(Part::Placeholder(placeholder));
            from = end;
        }
        if from < text.len() {
            parts.push(Part::Text(text[from..].to_owned()));
        }
        Ok(Self { parts })
    }

    /// A text without placeholders.
    pub fn fixed(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.to_owned())] }
    }

    /// The text itself, if there is no placeholder in it.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a secret stands in it.
    pub fn has_secret(&self) -> bool {
        let secret =
            |part: &Part| matches!(part, Part::Placeholder(found) if found.secret().is_some());
        self.parts.iter().any(secret)
    }

    /// The placeholder, if the whole text is just one.
    pub fn whole(&self) -> Option<&Placeholder> {
        match self.parts.as_slice() {
            [Part::Placeholder(placeholder)] => Some(placeholder),
            _ => None,
        }
    }
}

impl Placeholder {
    /// The name of the secret that it stands for (`${secret.NAME}`), if it stands for one.
    pub fn secret(&self) -> Option<&str> {
        if self.global { None } else { self.name.strip_prefix("secret.") }
    }

    /// Reads the placeholder whose `${` stands at a byte of a text, and the byte after its `}`.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse(text: &str, opening: usize, global: bool) -> Result<(Self, usize), TemplateError> {
        let inside = opening + 2;
        let refuse = |offset, message: String| TemplateError { offset, message };
        let rest = text.get(inside..).unwrap_or_default();
        let length = match rest.find(['}', '{']) {
            Some(length) if rest[length..].starts_with('}') => length,
            _ => return Err(refuse(opening, "`${` without its closing `}`".to_owned())),
        };
        let written = &rest[..length];
        let (name, encode) = match written.strip_suffix(".uri()") {
            Some(name) => (name, true),
            None => (written, false),
        };
        if name.trim().is_empty() {
            return Err(refuse(opening, "`${}` names no variable".to_owned()));
        }
        if let Some(offset) = name.find(|c: char| c.is_control() || c == '(' && !name.contains('#'))
        {
            return Err(refuse(
                inside + offset,
                "only `.uri()` may follow a name in `${…}`".to_owned(),
            ));
        }
        let path = match name.split_once('.') {
            Some((root, path)) if !root.is_empty() => {
                let start = inside + root.len() + 1;
                if path.is_empty() {
                    return Err(refuse(start, "the path after the dot is empty".to_owned()));
                }
                let path = Path::parse(path)
                    .map_err(|error| refuse(start + error.offset, error.message))?;
                Some((root.to_owned(), path))
            }
            _ => None,
        };
        Ok((Self { name: name.to_owned(), path, encode, global }, inside + length + 1))
    }
}

impl ValueTemplate {
    /// Whether nothing in it is to be filled.
    pub fn fixed(&self) -> Option<&Value> {
        match self {
            Self::Fixed(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_into_texts_and_placeholders() {
        let template = Template::parse("a ${b} $${c}${d.e.0.uri()}$").unwrap();
        let shown: Vec<_> = template
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Placeholder(p) => {
                    format!("<{}{}{}>", if p.global { "$" } else { "" }, p.name, p.encode)
                }
            })
            .collect();
        assert_eq!(shown, ["a ", "<bfalse>", " ", "<$cfalse>", "<d.e.0true>", "$"]);
    }

    #[test]
    fn a_text_without_placeholders_is_literal() {
        assert_eq!(Template::parse("5 $ {a}").unwrap().literal(), Some("5 $ {a}"));
        assert_eq!(Template::parse("").unwrap().literal(), Some(""));
        assert_eq!(Template::parse("${a}").unwrap().literal(), None);
    }

    #[test]
    fn bad_placeholders_are_refused_at_their_place() {
        for (text, offset) in
            [("ab ${c", 3), ("${}", 0), ("${ }", 0), ("${a ${b}", 0), ("${a.b*}", 5), ("${a()}", 3)]
        {
            assert_eq!(Template::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
