//! JavaScript in a flow, made ready for an engine that knows nothing of flows.
//!
//! A placeholder in a script stands for its variable's value: `${a}` becomes `__v[0]`, the first
//! of the values that are handed to the script beside it. Inside quotes and backticks it becomes a
//! part of the text: `'<${a}>'` is `('<'+__v[0]+'>')`. So no value is ever read as code. In an
//! expression `&hour()` and the other date helpers are handed over in the same way.

mod reader;

use super::{expression::DateHelper, template::Placeholder};
use thiserror::Error;

/// The longest script, in bytes.
pub const LENGTH_MAX: usize = 100_000;

/// A script, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// As it was written.
    pub text: String,
    /// With `__v[0]`, `__v[1]`, … where values are handed over.
    pub code: String,
    /// What the values are, in their order.
    pub bindings: Vec<Binding>,
}

/// A value that is handed to a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// The variable's text.
    Variable(Placeholder),
    Date(DateHelper),
}

/// What a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptKind {
    /// It is a value.
    Expression,
    /// Statements that `return` a value.
    Body,
}

/// Why a text cannot be JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ScriptError {
    /// In bytes from 0.
    pub offset: usize,
    pub message: String,
}

impl Script {
    /// Reads a script as far as it must be known to hand values over; whether it is JavaScript is
    /// found out when it is run.
    ///
    /// # Errors
    /// Where a bracket, a quote or a placeholder is not closed, or a placeholder stands where no
    /// value can.
    pub fn parse(text: &str, kind: ScriptKind) -> Result<Self, ScriptError> {
        if text.len() > LENGTH_MAX {
            let message = format!("longer than {LENGTH_MAX} bytes");
            return Err(ScriptError { offset: 0, message });
        }
        let (code, bindings) = reader::read(text, kind)?;
        Ok(Self { text: text.to_owned(), code, bindings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Script::parse(text, ScriptKind::Expression).unwrap_or_else(|e| panic!("{text}: {e}")).code
    }

    #[test]
    fn placeholders_become_values() {
        for (text, expected) in [
            ("${a}.length > 3", "__v[0].length > 3"),
            ("${a} + ${b} + ${a}", "__v[0] + __v[1] + __v[0]"),
            ("$${g} === ${g}", "__v[0] === __v[1]"),
            ("'<${a}>'.trim()", "('<'+__v[0]+'>').trim()"),
            ("'${a}' === \"x\"", "(''+__v[0]+'') === \"x\""),
            (r"'it\'s ${a}'", r"('it\'s '+__v[0]+'')"),
            ("`<${a}> ${1 + 1} ${`${b}`}`", "`<${__v[0]}> ${1 + 1} ${`${__v[1]}`}`"),
            ("/a\\/[/]b/.test(${a}) // ${no}", "/a\\/[/]b/.test(__v[0]) // ${no}"),
            ("1 / 2 / ${a}", "1 / 2 / __v[0]"),
            ("5. / ${a} / f()", "5. / __v[0] / f()"),
            ("[.../[/]/.exec(${a})]", "[.../[/]/.exec(__v[0])]"),
            ("[1, 2].map(x => { return /x/.test(x) })", "[1, 2].map(x => { return /x/.test(x) })"),
            ("/* ' ${a} */ ${a}", "/* ' ${a} */ __v[0]"),
            ("${a.b.0} ? $ : _${c}", "__v[0] ? $ : ___v[1]"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn date_helpers_are_values_in_expressions_only() {
        let script = Script::parse("Math.max(&hour(), 3) & 1", ScriptKind::Expression).unwrap();
        assert_eq!(script.code, "Math.max(__v[0], 3) & 1");
        assert!(matches!(script.bindings[0], Binding::Date(_)));
        let body = Script::parse("return a&hour()", ScriptKind::Body).unwrap();
        assert_eq!((body.code.as_str(), body.bindings.len()), ("return a&hour()", 0));
    }

    #[test]
    fn what_is_not_closed_is_refused_at_its_place() {
        for (text, offset) in [
            ("f(1", 1),
            ("f(1]", 3),
            ("1)", 1),
            ("x + 'abc", 4),
            ("`a ${b", 3),
            ("`a ${1 + ", 3),
            ("`abc", 0),
            ("/* a", 0),
            ("/a", 0),
            ("/${a}/.test('x')", 1),
            ("${a", 0),
            ("${}", 0),
            ("&hour(x)", 0),
        ] {
            let error = Script::parse(text, ScriptKind::Expression).unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
        }
        let deep = "(".repeat(5_000) + &")".repeat(5_000);
        assert!(Script::parse(&deep, ScriptKind::Body).is_err());
    }
}
