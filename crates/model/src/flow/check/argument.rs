//! Reading what stands in a place by its [`Kind`], and handing it on with its type.

use super::{
    DEPTH_MAX,
    arguments::{Arguments, Raw, Read},
    is_header_name,
    reader::{Reader, below},
};
use crate::flow::{
    json::{self, Kind as Json, Member, Node},
    language::{Argument, Keys, Kind},
    syntax::{FailureFilter, Number},
    template::Template,
};
use std::collections::BTreeMap;

/// A place in the flow, and what it is called in a problem.
pub(super) struct Place<'p> {
    pub(super) path: &'p str,
    pub(super) what: &'p str,
}

impl Reader<'_> {
    /// Reads what stands in a place. Nothing if it has a fault, which is then known.
    pub(super) fn read(
        &mut self,
        kind: &'static Kind,
        node: &Node,
        at: &Place<'_>,
    ) -> Option<Read> {
        let (path, what) = (at.path, at.what);
        Some(match kind {
            Kind::Plain => Read::Plain(self.text(node, path, what)?.to_owned()),
            Kind::Label => match &node.kind {
                Json::Text(text) if text.is_empty() => return None,
                Json::Text(text) => Read::Plain(text.clone()),
                _ => {
                    self.wrong_type(node, path, what, "text");
                    return None;
                }
            },
            Kind::Tag => {
                let tag = self.text(node, path, what)?;
                self.use_tag(tag, node.start, path);
                Read::Plain(tag.to_owned())
            }
            Kind::Variable => {
                let name = self.text(node, path, what)?;
                self.variable(name, node.start, path);
                Read::Plain(name.to_owned())
            }
            Kind::Text => Read::Template(self.scalar(node, path, what)?),
            Kind::Filled => {
                self.text(node, path, what)?;
                Read::Template(self.template(node, path, what)?)
            }
            Kind::Url => Read::Template(self.url(node, path, what)?),
            Kind::Number(range) => {
                let what = match range.unit {
                    "" => what.to_owned(),
                    unit => format!("{what} in {unit}"),
                };
                Read::Number(self.number(node, path, &what, range.min..=range.max)?)
            }
            Kind::Count(range) => match self.number(node, path, what, range.min..=range.max)? {
                Number::Literal(number) => Read::Count(number),
                Number::Text(_) => {
                    self.error(node.start, path, format!("{what} is a plain number"));
                    return None;
                }
            },
            Kind::Decimal { min, max } => Read::Decimal(self.decimal(node, at, *min, *max)?),
            Kind::Flag => Read::Flag(self.flag(node, path, what)?),
            Kind::OneOf { words, templates } => {
                self.text(node, path, what)?;
                let template = self.template(node, path, what)?;
                match template.literal() {
                    Some(text) => {
                        let word = self.one_of(words, text, node, at)?;
                        match templates {
                            true => Read::Template(Template::fixed(word)),
                            false => Read::Plain(word.to_owned()),
                        }
                    }
                    None if *templates => Read::Template(template),
                    None => {
                        self.error(
                            node.start,
                            path,
                            format!("{what} is one of {}", words.join(", ")),
                        );
                        return None;
                    }
                }
            }
            Kind::Value => Read::Value(self.value(node, path)),
            Kind::Map { keys, values } => self.map(*keys, values, node, at)?,
            Kind::List(item) => match &node.kind {
                Json::List(items) => self.list(item, items, at),
                _ => {
                    self.wrong_type(node, path, what, "a list");
                    return None;
                }
            },
            Kind::OneOrMany(item) => match &node.kind {
                Json::List(items) => self.list(item, items, at),
                _ if fits(item, node) => Read::List(vec![self.read(item, node, at)?]),
                _ => {
                    let wanted = format!("a list or {}", json_type(item));
                    self.wrong_type(node, path, what, &wanted);
                    return None;
                }
            },
            Kind::Steps => Read::Steps(self.steps(node, path, what)),
            Kind::Body => {
                let outer = self.scopes.enter();
                let steps = self.steps(node, path, what);
                self.leave_scope(outer);
                Read::Steps(steps)
            }
            Kind::Cases => Read::Map(
                self.object(node, path, what)?
                    .iter()
                    .map(|case| {
                        let what = format!("the case \"{}\"", case.key);
                        let steps = self.steps(&case.value, &below(path, &case.key), &what);
                        (case.key.clone(), Read::Steps(steps))
                    })
                    .collect(),
            ),
            Kind::Expression => Read::Expression(self.expression(node, path, what)?),
            Kind::Script => Read::Script(self.script(node, path, what)?),
            Kind::Path => match &node.kind {
                Json::Text(text) => {
                    Read::Raw(Raw { text: text.clone(), start: node.start, path: path.to_owned() })
                }
                _ => {
                    self.wrong_type(node, path, "a path into the answer", "text");
                    return None;
                }
            },
            Kind::Statuses => Read::Expect(self.statuses(node, path, what)?),
            Kind::FailureClass => {
                let text = self.text(node, path, what)?;
                match FailureFilter::parse(text) {
                    Some(filter) => Read::Failures(filter),
                    None => {
                        let hint = self.hint(text, FailureFilter::words());
                        let message = format!("\"{text}\" is no class of failures{hint}");
                        self.error(node.start, path, message);
                        return None;
                    }
                }
            }
            Kind::Object(arguments) => Read::Object(self.arguments(arguments, node, at)?),
            Kind::Either(kinds) => match kinds.iter().find(|kind| fits(kind, node)) {
                Some(kind) => self.read(kind, node, at)?,
                None => {
                    let wanted: Vec<_> = kinds.iter().map(json_type).collect();
                    self.wrong_type(node, path, what, &wanted.join(" or "));
                    return None;
                }
            },
            Kind::Anything => Read::Nothing,
        })
    }

    /// Reads named arguments. What is missing gets its default; null stands for what is missing.
    pub(super) fn arguments(
        &mut self,
        known: &'static [Argument],
        node: &Node,
        at: &Place<'_>,
    ) -> Option<Arguments> {
        let members = self.object(node, at.path, at.what)?;
        for argument in known.iter().filter(|argument| argument.required) {
            if !members.iter().any(|member| member.key == argument.name) {
                let message = format!("{} lacks `{}`", at.what, argument.name);
                self.error(node.start, at.path, message);
            }
        }
        let mut read = BTreeMap::new();
        for member in members {
            let Some(argument) = known.iter().find(|argument| argument.name == member.key) else {
                self.unknown_argument(member, at, known);
                continue;
            };
            if !argument.required && is_left_out(&argument.kind, &member.value) {
                continue;
            }
            let path = below(at.path, argument.name);
            let what = format!("`{}`", argument.name);
            let place = Place { path: &path, what: &what };
            if let Some(value) = self.read(&argument.kind, &member.value, &place) {
                read.insert(argument.name, value);
            }
        }
        for argument in known {
            if let (Some(default), false) = (argument.default, read.contains_key(argument.name))
                && let Ok(document) = json::read(default, DEPTH_MAX)
                && let Some(value) = self.read(&argument.kind, &document.root, at)
            {
                read.insert(argument.name, value);
            }
        }
        Some(Arguments { read, start: node.start, path: at.path.to_owned() })
    }

    fn map(
        &mut self,
        keys: Keys,
        values: &'static Kind,
        node: &Node,
        at: &Place<'_>,
    ) -> Option<Read> {
        let mut read = Vec::new();
        for member in self.object(node, at.path, at.what)? {
            let path = below(at.path, &member.key);
            match keys {
                Keys::Variables => self.variable(&member.key, member.key_start, &path),
                Keys::Headers if !is_header_name(&member.key) => {
                    let message = format!("\"{}\" cannot be the name of a header", member.key);
                    self.error(member.key_start, &path, message);
                }
                Keys::Headers | Keys::Any => {}
            }
            let what = format!("`{}`", member.key);
            let place = Place { path: &path, what: &what };
            if let Some(value) = self.read(values, &member.value, &place) {
                read.push((member.key.clone(), value));
            }
        }
        Some(Read::Map(read))
    }

    fn list(&mut self, item: &'static Kind, items: &[Node], at: &Place<'_>) -> Read {
        let read = items.iter().enumerate().filter_map(|(index, node)| {
            let path = format!("{}/{index}", at.path);
            let what = format!("an item of {}", at.what);
            self.read(item, node, &Place { path: &path, what: &what })
        });
        Read::List(read.collect())
    }

    fn one_of(
        &mut self,
        words: &'static [&'static str],
        text: &str,
        node: &Node,
        at: &Place<'_>,
    ) -> Option<&'static str> {
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
        if word.is_none() {
            let hint = self.hint(text, words.iter().copied());
            let message = format!("{} is one of {}{hint}", at.what, words.join(", "));
            self.error(node.start, at.path, message);
        }
        word.copied()
    }

    /// True or false, also as text.
    fn flag(&mut self, node: &Node, path: &str, what: &str) -> Option<bool> {
        match &node.kind {
            Json::Bool(value) => Some(*value),
            Json::Text(text) if text == "true" => Some(true),
            Json::Text(text) if text == "false" => Some(false),
            _ => {
                self.wrong_type(node, path, what, "true or false");
                None
            }
        }
    }

    /// The name of a variable that a step sets.
    fn variable(&mut self, name: &str, offset: usize, path: &str) {
        if name.trim().is_empty() {
            self.error(offset, path, "the name of a variable is empty");
        } else if is_no_name(name) {
            self.error(offset, path, "the name of a variable may not have braces");
        }
    }

    fn decimal(&mut self, node: &Node, at: &Place<'_>, min: u32, max: u32) -> Option<f64> {
        let given = match &node.kind {
            Json::Number(number) => number.as_f64(),
            Json::Text(text) => text.trim().parse().ok(),
            _ => {
                self.wrong_type(node, at.path, at.what, "a number");
                return None;
            }
        };
        let fits = given.filter(|given| (f64::from(min)..=f64::from(max)).contains(given));
        if fits.is_none() {
            let message = format!("{} is a number from {min} to {max}", at.what);
            self.error(node.start, at.path, message);
        }
        fits
    }

    fn unknown_argument(&mut self, member: &Member, at: &Place<'_>, known: &'static [Argument]) {
        let path = below(at.path, &member.key);
        let hint = self.hint(&member.key, known.iter().map(|argument| argument.name));
        let message = format!("`{}` is not known here and has no effect{hint}", member.key);
        self.warn(member.key_start, &path, message);
    }
}

/// Whether a text can be the name of no variable at all.
pub(super) fn is_no_name(name: &str) -> bool {
    name.trim().is_empty() || name.contains(['{', '}'])
}

/// Whether what stands there is nothing: null, or the empty text that the original's editor writes
/// for it.
pub(super) fn is_left_out(kind: &Kind, node: &Node) -> bool {
    match &node.kind {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty() && !kind.may_be_empty(),
        _ => false,
    }
}

/// Whether a value has a JSON type that a kind may have.
fn fits(kind: &Kind, node: &Node) -> bool {
    match node.kind {
        Json::Object(_) => {
            matches!(kind, Kind::Object(_) | Kind::Map { .. } | Kind::Cases | Kind::Value)
        }
        Json::List(_) => {
            matches!(
                kind,
                Kind::List(_) | Kind::OneOrMany(_) | Kind::Steps | Kind::Body | Kind::Value
            )
        }
        Json::Bool(_) => matches!(kind, Kind::Flag | Kind::Text | Kind::Value),
        Json::Number(_) => matches!(
            kind,
            Kind::Number(_) | Kind::Count(_) | Kind::Decimal { .. } | Kind::Text | Kind::Value
        ),
        Json::Text(_) => !matches!(
            kind,
            Kind::Object(_)
                | Kind::Map { .. }
                | Kind::Cases
                | Kind::List(_)
                | Kind::Steps
                | Kind::Body
        ),
        Json::Null => matches!(kind, Kind::Value),
    }
}

/// What a kind is, in a problem.
fn json_type(kind: &Kind) -> String {
    match kind {
        Kind::Object(_) | Kind::Map { .. } | Kind::Cases => "an object".to_owned(),
        Kind::List(_) | Kind::OneOrMany(_) | Kind::Steps | Kind::Body => "a list".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Number(_) | Kind::Count(_) | Kind::Decimal { .. } => "a number".to_owned(),
        Kind::OneOf { words, .. } => {
            words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
        }
        _ => "text".to_owned(),
    }
}
