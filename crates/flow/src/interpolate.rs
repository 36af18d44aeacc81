//! Filling templates with variables.

use crate::{
    limits::{STEP_JSON_MAX, STEP_TEXT_MAX, WARNINGS_MAX},
    path::Walk,
    variables::{Variables, size, text_of},
};
use model::{
    flow::{
        expression::{DateHelper, Environment, EvalError, Native, Value as JsValue},
        script::Binding,
        syntax::{Named, Number},
        template::{Part, Placeholder, Template, ValueTemplate},
    },
    trace::{Failure, FailureClass},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use std::{borrow::Cow, ops::RangeInclusive};

/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// More characters than any name has.
const NAME_MAX: usize = 200;

/// Percent-encodes a text so that it is one piece of a path or a query.
pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The failure of a step that makes more text than it may.
pub(crate) fn too_much_text() -> Failure {
    let detail = format!("the step makes more than {} MiB of text", STEP_TEXT_MAX >> 20);
    Failure { limit: Some(STEP_TEXT_MAX as u64), ..Failure::new(FailureClass::Flow, detail) }
}

/// Fills the templates of one step. It counts what it makes, so that a step cannot take memory
/// without bound, and gathers warnings.
pub(crate) struct Filler<'v> {
    variables: &'v Variables<'v>,
    /// Bytes of text that may still be made.
    room: usize,
    /// Bytes of JSON text that may still be read.
    json_room: usize,
    overflow: bool,
    walk: Walk,
    /// The variable whose JSON text was read last, and what it holds.
    parsed: Option<(String, Option<Value>)>,
    warnings: &'v mut Vec<String>,
}

impl<'v> Filler<'v> {
    pub(crate) fn new(variables: &'v Variables<'v>, warnings: &'v mut Vec<String>) -> Self {
        Self {
            variables,
            room: STEP_TEXT_MAX,
            json_room: STEP_JSON_MAX,
            overflow: false,
            walk: Walk::new(),
            parsed: None,
            warnings,
        }
    }

    /// To be asked when all is filled: an overflow leaves texts empty.
    ///
    /// # Errors
    /// When the step made more text than it may, or its paths looked at more.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.walk.finish()?;
        if self.overflow { Err(too_much_text()) } else { Ok(()) }
    }

    fn warn(&mut self, message: String) {
        if self.warnings.len() < WARNINGS_MAX && !self.warnings.contains(&message) {
            self.warnings.push(message);
        }
    }

    fn take(&mut self, bytes: usize) -> bool {
        match self.room.checked_sub(bytes) {
            Some(room) if !self.overflow => {
                self.room = room;
                true
            }
            _ => {
                self.overflow = true;
                false
            }
        }
    }

    /// What a placeholder stands for; nothing, with a warning, if that does not exist.
    fn find(&mut self, placeholder: &Placeholder) -> Option<Cow<'v, Value>> {
        if self.overflow || self.walk.is_over() {
            return None;
        }
        if placeholder.global {
            let found = self.variables.global(&placeholder.name);
            if found.is_none() {
                let name = &placeholder.name;
                self.warn(format!("$${{{name}}}: the installation has no such variable"));
            }
            return found.map(|value| Cow::Owned(Value::String(value)));
        }
        if let Some(name) = placeholder.secret() {
            let found = self.variables.secret(name);
            if found.is_none() {
                self.warn(format!("there is no secret `{name}`"));
            }
            return found.map(|value| Cow::Owned(Value::String(value)));
        }
        let variables = self.variables.map();
        if let Some(value) = variables.get(&placeholder.name) {
            return Some(Cow::Borrowed(value));
        }
        let found =
            placeholder.path.as_ref().and_then(|(root, path)| match variables.get(root)? {
                Value::String(text) => {
                    self.parse(root, text)?;
                    let inside = self.parsed.as_ref()?.1.as_ref()?;
                    let found = self.walk.find(inside, &path.segments);
                    found.map(|value| Cow::Owned(value.into_owned()))
                }
                value => self.walk.find(value, &path.segments),
            });
        if found.is_none() && !self.overflow && !self.walk.is_over() {
            let message = match &placeholder.path {
                Some((root, _)) if variables.contains_key(root) => {
                    format!("the variable `{root}` has nothing at `{}`", placeholder.name)
                }
                _ => format!("there is no variable `{}`", placeholder.name),
            };
            self.warn(message);
        }
        found
    }

    /// Reads the JSON that a text holds, once for all placeholders of a step that use it in a row;
    /// nothing if that is too much.
    fn parse(&mut self, root: &str, text: &str) -> Option<()> {
        if self.parsed.as_ref().is_none_or(|(name, _)| name != root) {
            match self.json_room.checked_sub(text.len()) {
                Some(room) => self.json_room = room,
                None => {
                    self.overflow = true;
                    return None;
                }
            }
            self.parsed = Some((root.to_owned(), serde_json::from_str(text).ok()));
        }
        Some(())
    }

    /// The text of a placeholder; nothing if what it names does not exist.
    pub(crate) fn placeholder(&mut self, placeholder: &Placeholder) -> Option<Cow<'v, str>> {
        let text = match self.find(placeholder)? {
            Cow::Borrowed(value) => text_of(value),
            Cow::Owned(Value::String(text)) => Cow::Owned(text),
            Cow::Owned(value) => Cow::Owned(text_of(&value).into_owned()),
        };
        let text = if placeholder.encode { Cow::Owned(percent_encode(&text)) } else { text };
        self.take(text.len()).then_some(text)
    }

    /// A template as text.
    pub(crate) fn text(&mut self, template: &Template) -> String {
        if let Some(placeholder) = template.whole() {
            return self.placeholder(placeholder).unwrap_or_default().into_owned();
        }
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Text(part) if self.take(part.len()) => text.push_str(part),
                Part::Text(_) => {}
                Part::Placeholder(placeholder) => {
                    text.push_str(&self.placeholder(placeholder).unwrap_or_default());
                }
            }
        }
        text
    }

    /// A template as JSON. If `typed`, a text that is just one placeholder becomes the variable's
    /// value as it is, else its text.
    pub(crate) fn value(&mut self, template: &ValueTemplate, typed: bool) -> Value {
        match template {
            ValueTemplate::Fixed(value) => value.clone(),
            ValueTemplate::Text(text) => match text.whole() {
                Some(placeholder) if typed && !placeholder.encode => match self.find(placeholder) {
                    Some(value) if self.take(size(&value)) => value.into_owned(),
                    _ => Value::String(String::new()),
                },
                _ => Value::String(self.text(text)),
            },
            ValueTemplate::List(items) => {
                Value::Array(items.iter().map(|item| self.value(item, typed)).collect())
            }
            ValueTemplate::Object(members) => {
                let members =
                    members.iter().map(|(key, value)| (key.clone(), self.value(value, typed)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// A number that may be written as text.
    ///
    /// # Errors
    /// When it is no whole number in the range.
    pub(crate) fn number(
        &mut self,
        number: &Number,
        what: &str,
        range: RangeInclusive<u64>,
    ) -> Result<u64, Failure> {
        let template = match number {
            Number::Literal(value) => return Ok(*value),
            Number::Text(template) => template,
        };
        let text = self.text(template);
        text.trim().parse().ok().filter(|value| range.contains(value)).ok_or_else(|| {
            let shown = self.variables.quoted(&text, 40);
            let bounds = match *range.end() {
                u64::MAX => format!("of at least {}", range.start()),
                end => format!("from {} to {end}", range.start()),
            };
            Failure::new(
                FailureClass::Flow,
                format!("{what} is a whole number {bounds}, this is \"{shown}\""),
            )
        })
    }

    /// A template as text; where that is longer than any name, as a failure quotes it.
    pub(crate) fn name(&mut self, template: &Template) -> String {
        let name = self.text(template);
        let name = name.trim();
        match name.chars().nth(NAME_MAX) {
            None => name.to_owned(),
            Some(_) => self.variables.quoted(name, NAME_MAX),
        }
    }

    /// What is named by a number or a name.
    ///
    /// # Errors
    /// When the number is none, or both are empty.
    pub(crate) fn named(&mut self, named: &Named) -> Result<crate::Reference, Failure> {
        let id = named.id.as_ref().map(|id| self.name(id)).filter(|id| !id.is_empty());
        if let Some(id) = id {
            return id.parse().map(crate::Reference::Id).map_err(|_| {
                Failure::new(FailureClass::Flow, format!("`id` is a number, this is \"{id}\""))
            });
        }
        match named.name.as_ref().map(|name| self.name(name)).filter(|name| !name.is_empty()) {
            Some(name) => Ok(crate::Reference::Name(name)),
            None => Err(Failure::new(FailureClass::Flow, "`name` and `id` are both empty")),
        }
    }

    /// The value of an expression, and the variables that it looked at.
    ///
    /// # Errors
    /// When a text would become too long.
    pub(crate) fn expression<'e>(
        &mut self,
        expression: &'e Native,
        seen: &mut Map<String, Value>,
    ) -> Result<JsValue<'e>, Failure>
    where
        'v: 'e,
    {
        expression
            .eval(&mut Looking { filler: self, seen })
            .map_err(|error: EvalError| Failure::new(FailureClass::Flow, error.to_string()))
    }

    /// The values that a script is handed, and the variables among them.
    pub(crate) fn bindings(
        &mut self,
        bindings: &[Binding],
        seen: &mut Map<String, Value>,
    ) -> Value {
        let mut looking = Looking { filler: self, seen };
        let value = |binding: &Binding| match binding {
            Binding::Variable(placeholder) => {
                Value::String(looking.variable(placeholder).unwrap_or_default().into_owned())
            }
            Binding::Date(helper) => match looking.date(helper) {
                JsValue::Number(number) => number.into(),
                JsValue::Bool(value) => value.into(),
                other => Value::String(other.to_text().into_owned()),
            },
        };
        Value::Array(bindings.iter().map(value).collect())
    }
}

/// What an expression looks at, and a note of it.
struct Looking<'f, 'w, 'v> {
    filler: &'f mut Filler<'v>,
    seen: &'w mut Map<String, Value>,
}

impl<'e, 'v: 'e> Environment<'e> for Looking<'_, '_, 'v> {
    fn variable(&mut self, placeholder: &Placeholder) -> Option<Cow<'e, str>> {
        let text = self.filler.placeholder(placeholder);
        if !self.seen.contains_key(&placeholder.name) {
            let shown = crate::record::shown(text.as_deref().unwrap_or_default());
            self.seen.insert(placeholder.name.clone(), shown);
        }
        text
    }

    fn date(&mut self, helper: &DateHelper) -> JsValue<'e> {
        helper.at(self.filler.variables.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::tests::with;
    use serde_json::json;

    fn fill(text: &str, variables: &Value) -> (String, Vec<String>) {
        let mut warnings = Vec::new();
        let template = Template::parse(text).unwrap();
        let Value::Object(map) = variables else { panic!() };
        let variables = with(map.clone());
        let mut filler = Filler::new(&variables, &mut warnings);
        let text = filler.text(&template);
        filler.finish().unwrap();
        (text, warnings)
    }

    #[test]
    fn variables_become_text() {
        let variables = json!({"t": "a", "n": 1.5, "b": true, "z": null, "o": {"x": [1]}});
        let (text, warnings) = fill("${t} ${n} ${b} <${z}> ${o} ${o.x.0}", &variables);
        assert_eq!(text, r#"a 1.5 true <> {"x":[1]} 1"#);
        assert!(warnings.is_empty());
    }

    #[test]
    fn a_path_reads_json_text_too() {
        let variables = json!({"body": r#"{"a": {"b": ["x", "y"]}, "s": "é"}"#, "plain": "{"});
        assert_eq!(fill("${body.a.b.1}${body.s}${body.a.b.#}", &variables).0, "yé2");
        let (text, warnings) = fill("<${plain.a}>", &variables);
        assert_eq!((text.as_str(), warnings.len()), ("<>", 1));
    }

    #[test]
    fn a_variable_with_a_dot_in_its_name_comes_before_a_path() {
        let variables = json!({"a.b": "whole", "a": {"b": "path", "c": "other"}});
        assert_eq!(fill("${a.b} ${a.c}", &variables).0, "whole other");
    }

    #[test]
    fn what_does_not_exist_is_empty_with_one_warning() {
        let (text, warnings) = fill("<${x}${x}|$${g}|${o.a}>", &json!({"o": {}}));
        assert_eq!(text, "<||>");
        assert_eq!(
            warnings,
            [
                "there is no variable `x`",
                "$${g}: the installation has no such variable",
                "the variable `o` has nothing at `o.a`",
            ]
        );
    }

    #[test]
    fn uri_encodes_only_its_own_variable() {
        let variables = json!({"a": "x y/é&", "b": "x y"});
        assert_eq!(fill("${a.uri()} ${b}", &variables).0, "x%20y%2F%C3%A9%26 x y");
    }

    #[test]
    fn a_value_is_not_filled_again() {
        assert_eq!(fill("${a}", &json!({"a": "${b}", "b": "x"})).0, "${b}");
    }

    #[test]
    fn a_step_cannot_make_text_without_bound() {
        let variables = json!({"a": "x".repeat(1 << 20)});
        let template = Template::parse(&"${a}".repeat(100_000)).unwrap();
        let Value::Object(map) = variables else { panic!() };
        let variables = with(map);
        let mut warnings = Vec::new();
        let mut filler = Filler::new(&variables, &mut warnings);
        assert!(filler.text(&template).len() <= STEP_TEXT_MAX);
        assert!(filler.finish().is_err());
    }
}
