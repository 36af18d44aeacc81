//! What reads a flow: the problems found so far, and the small readers of typed values.

use super::{
    FlowProblem, IdSlot, PROBLEMS_MAX, STEPS_MAX, Severity, names::nearest, scope::Scopes,
};
use crate::flow::{
    expression::{self, Expression},
    json::{Kind, Member, Node, place_in_string},
    script::{Binding, Script, ScriptKind},
    syntax::{Number, Step},
    template::{Template, ValueTemplate},
};
use crate::problem::pointer_token;
use std::{collections::HashMap, ops::RangeInclusive};

pub(super) struct Reader<'s> {
    source: &'s str,
    problems: Vec<(usize, String, String, Severity)>,
    pub(super) scopes: Scopes,
    pub(super) slots: Vec<IdSlot>,
    /// The path of the step that has an `_id`.
    pub(super) ids: HashMap<String, String>,
    steps: usize,
    /// Whether secrets may stand in what is being read.
    pub(super) secrets: bool,
}

/// The path of something inside another.
pub(super) fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", pointer_token(name))
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            problems: Vec::new(),
            scopes: Scopes::default(),
            slots: Vec::new(),
            ids: HashMap::new(),
            steps: 0,
            secrets: false,
        }
    }

    pub(super) fn source(&self) -> &'s str {
        self.source
    }

    pub(super) fn error(&mut self, offset: usize, path: &str, message: impl Into<String>) {
        self.problems.push((offset, path.to_owned(), message.into(), Severity::Error));
    }

    /// What the original takes and nobody should write.
    pub(super) fn foreign(&mut self, offset: usize, path: &str, message: impl Into<String>) {
        self.problems.push((offset, path.to_owned(), message.into(), Severity::Foreign));
    }

    pub(super) fn warn(&mut self, offset: usize, path: &str, message: impl Into<String>) {
        self.problems.push((offset, path.to_owned(), message.into(), Severity::Warning));
    }

    /// `; did you mean …?` or nothing. Comparing names takes time, so it ends with the problems
    /// that are listed.
    pub(super) fn hint<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> String {
        if self.problems.len() < PROBLEMS_MAX { nearest(name, names) } else { String::new() }
    }

    /// The problems in the order of the text, errors before the list is cut.
    pub(super) fn finish(mut self) -> (Vec<FlowProblem>, Vec<IdSlot>) {
        let total = self.problems.len();
        if total > PROBLEMS_MAX {
            // An error must not be lost behind warnings, or the flow would count as sound.
            self.problems.sort_by_key(|problem| problem.3);
            self.problems.truncate(PROBLEMS_MAX);
        }
        self.problems.sort_by_key(|problem| problem.0);
        let mut place = Places { source: self.source, at: 0, line: 1, column: 1 };
        let mut problems: Vec<_> = self
            .problems
            .into_iter()
            .map(|(offset, path, message, severity)| {
                let (line, column) = place.of(offset);
                FlowProblem { line, column, path, message, severity }
            })
            .collect();
        if total > PROBLEMS_MAX
            && let Some(last) = problems.last().cloned()
        {
            let message = format!("and {} more problems", total - PROBLEMS_MAX);
            problems.push(FlowProblem { path: String::new(), message, ..last });
        }
        (problems, self.slots)
    }

    /// The whole flow.
    pub(super) fn flow(&mut self, root: &Node) -> Vec<Step> {
        let Kind::List(_) = root.kind else {
            let message = format!("a flow is a list of steps, this is {}", root.describe());
            self.error(root.start, "", message);
            return Vec::new();
        };
        let outer = self.scopes.enter();
        let steps = self.steps(root, "", "a flow");
        self.leave_scope(outer);
        self.check_calls();
        steps
    }

    /// A list of steps.
    pub(super) fn steps(&mut self, node: &Node, path: &str, what: &str) -> Vec<Step> {
        let Kind::List(items) = &node.kind else {
            let message = format!("{what} is a list of steps, this is {}", node.describe());
            self.error(node.start, path, message);
            return Vec::new();
        };
        let mut steps = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                if self.steps == STEPS_MAX + 1 {
                    let message = format!("a flow may have {STEPS_MAX} steps, this has more");
                    self.error(item.start, path, message);
                }
                break;
            }
            steps.extend(self.step(item, &format!("{path}/{index}")));
        }
        steps
    }

    /// The members of an object.
    pub(super) fn object<'n>(
        &mut self,
        node: &'n Node,
        path: &str,
        what: &str,
    ) -> Option<&'n [Member]> {
        if let Kind::Object(members) = &node.kind {
            return Some(members);
        }
        self.wrong_type(node, path, what, "an object");
        None
    }

    /// A text that is taken as it is.
    pub(super) fn text<'n>(&mut self, node: &'n Node, path: &str, what: &str) -> Option<&'n str> {
        if let Kind::Text(text) = &node.kind {
            if !text.trim().is_empty() {
                return Some(text);
            }
            self.error(node.start, path, format!("{what} is empty"));
        } else {
            self.wrong_type(node, path, what, "text");
        }
        None
    }

    pub(super) fn wrong_type(&mut self, node: &Node, path: &str, what: &str, wanted: &str) {
        let message = format!("{what} is {wanted}, this is {}", node.describe());
        self.error(node.start, path, message);
    }

    /// A text with placeholders.
    pub(super) fn template(&mut self, node: &Node, path: &str, what: &str) -> Option<Template> {
        match &node.kind {
            Kind::Text(text) => self.parse_template(text, node, path),
            _ => {
                self.wrong_type(node, path, what, "text");
                None
            }
        }
    }

    /// A text with placeholders, or a number or truth value that stands for its text.
    pub(super) fn scalar(&mut self, node: &Node, path: &str, what: &str) -> Option<Template> {
        match &node.kind {
            Kind::Number(number) => Template::parse(&written(number)).ok(),
            Kind::Bool(value) => Template::parse(&value.to_string()).ok(),
            _ => self.template(node, path, what),
        }
    }

    fn parse_template(&mut self, text: &str, node: &Node, path: &str) -> Option<Template> {
        match Template::parse(text) {
            Ok(template) if !self.secrets && template.has_secret() => {
                self.no_secret(node.start, path);
                None
            }
            Ok(template) => Some(template),
            Err(error) => {
                let at = place_in_string(self.source, node.start, error.offset);
                self.error(at, path, error.message);
                None
            }
        }
    }

    /// Any JSON value, with placeholders in its texts.
    pub(super) fn value(&mut self, node: &Node, path: &str) -> ValueTemplate {
        match &node.kind {
            Kind::Text(text) => match self.parse_template(text, node, path) {
                Some(template) if template.literal().is_none() => ValueTemplate::Text(template),
                _ => ValueTemplate::Fixed(node.to_value()),
            },
            Kind::List(items) => {
                let items: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.value(item, &format!("{path}/{index}")))
                    .collect();
                if items.iter().all(|item| item.fixed().is_some()) {
                    return ValueTemplate::Fixed(node.to_value());
                }
                ValueTemplate::List(items)
            }
            Kind::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|member| {
                        let path = below(path, &member.key);
                        (member.key.clone(), self.value(&member.value, &path))
                    })
                    .collect();
                if members.iter().all(|(_, value)| value.fixed().is_some()) {
                    return ValueTemplate::Fixed(node.to_value());
                }
                ValueTemplate::Object(members)
            }
            _ => ValueTemplate::Fixed(node.to_value()),
        }
    }

    /// A whole number, or a text that gives one.
    pub(super) fn number(
        &mut self,
        node: &Node,
        path: &str,
        what: &str,
        range: RangeInclusive<u64>,
    ) -> Option<Number> {
        let literal = match &node.kind {
            Kind::Number(number) => number
                .as_u64()
                .or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).and_then(whole)),
            Kind::Text(text) => match self.parse_template(text, node, path)? {
                template if template.literal().is_none() => return Some(Number::Text(template)),
                _ => text.trim().parse().ok(),
            },
            _ => {
                self.wrong_type(node, path, what, "a number");
                return None;
            }
        };
        match literal {
            Some(value) if range.contains(&value) => Some(Number::Literal(value)),
            _ => {
                let (from, to) = (range.start(), range.end());
                let message = match *to {
                    u64::MAX => format!("{what} is a whole number of at least {from}"),
                    _ => format!("{what} is a whole number from {from} to {to}"),
                };
                self.error(node.start, path, message);
                None
            }
        }
    }

    /// An expression.
    pub(super) fn expression(&mut self, node: &Node, path: &str, what: &str) -> Option<Expression> {
        let Kind::Text(text) = &node.kind else {
            self.wrong_type(node, path, what, "text");
            return None;
        };
        match expression::parse(text) {
            Ok(expression) if expression.has_secret() => {
                self.no_secret(node.start, path);
                None
            }
            Ok(expression) => Some(expression),
            Err(error) => {
                let at = place_in_string(self.source, node.start, error.offset);
                let name = what.trim_matches('`');
                let message =
                    format!("in the {name}, at its column {}: {}", error.column, error.message);
                self.error(at, path, message);
                None
            }
        }
    }

    /// A script that returns a value.
    pub(super) fn script(&mut self, node: &Node, path: &str, what: &str) -> Option<Script> {
        let text = self.text(node, path, what)?;
        match Script::parse(text, ScriptKind::Body) {
            Ok(script) if script.bindings.iter().any(is_secret) => {
                self.no_secret(node.start, path);
                None
            }
            Ok(script) => Some(script),
            Err(error) => {
                let at = place_in_string(self.source, node.start, error.offset);
                self.error(at, path, format!("in the script: {}", error.message));
                None
            }
        }
    }

    pub(super) fn no_secret(&mut self, offset: usize, path: &str) {
        let message = "a secret may stand only in httpRequest, sql, sendEmail and mq";
        self.error(offset, path, message);
    }
}

fn is_secret(binding: &Binding) -> bool {
    matches!(binding, Binding::Variable(placeholder) if placeholder.secret().is_some())
}

fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in a range where every one is exact"
    )]
    (0.0..9e15).contains(&number).then_some(number as u64)
}

/// Finds lines and columns of places that come in the order of the text.
struct Places<'s> {
    source: &'s str,
    at: usize,
    line: u32,
    column: u32,
}

impl Places<'_> {
    fn of(&mut self, offset: usize) -> (u32, u32) {
        for character in self.source.get(self.at..offset).unwrap_or_default().chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at = self.at.max(offset);
        (self.line, self.column)
    }
}

/// A number that stands for its text, a whole one without a fraction. The browser checks flows as well, and
/// goes without the writing of all that a number may be.
fn written(number: &serde_json::Number) -> String {
    const WHOLE: f64 = 1e15;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < WHOLE => {
            (value as i64).to_string()
        }
        _ => number.to_string(),
    }
}
