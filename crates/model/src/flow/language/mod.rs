//! The language as data: one [`Description`] for each action, and one [`Argument`] for each key
//! that may stand beside an action.
//!
//! What is said here is said once: [`check`](super::check) validates by it and builds the typed
//! tree of what it found, [`schema`] writes the JSON Schema from it, and the panel draws its help
//! from it. To add an action, describe it in the file of its group, give it a place in
//! [`Action`](super::syntax::Action) and build it in `check/build.rs`.

mod control;
mod meta;
mod original;
mod outside;
mod request;
pub mod schema;
#[cfg(test)]
mod tests;
mod time;
mod values;

pub use meta::META;

/// All there is to say of one action.
#[derive(Debug)]
pub struct Description {
    pub name: &'static str,
    /// Names that mean the same.
    pub other_names: &'static [&'static str],
    pub group: Group,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else is to be known, in sentences; may be empty.
    pub help: &'static str,
    /// What stands under the action's name.
    pub value: Kind,
    /// A whole step as JSON.
    pub example: &'static str,
    /// Whether something outside of the flow is changed or told, so that a repeat could be seen.
    pub outside: bool,
    /// Whether `${secret.NAME}` may stand in its arguments.
    pub secrets: bool,
    pub runs: Runs,
}

/// Where an action can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// Here.
    Here,
    /// Only beside the original's core. The step is kept, and is an error when it is run.
    NeedsCore,
}

/// What an action has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Control,
    Values,
    Requests,
    Time,
    Installation,
    Messages,
    Core,
}

impl Group {
    /// In the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Control,
        Self::Values,
        Self::Requests,
        Self::Time,
        Self::Installation,
        Self::Messages,
        Self::Core,
    ];
}

/// An argument of an action, or a key beside it.
#[derive(Debug)]
pub struct Argument {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// The value that it has when it is not given, as JSON.
    pub default: Option<&'static str>,
    /// What it is for, in a sentence.
    pub help: &'static str,
}

/// What may stand in a place.
#[derive(Debug)]
pub enum Kind {
    /// A text that is taken as it is and is not empty.
    Plain,
    /// A text that is taken as it is; an empty one counts as missing.
    Label,
    /// The name of a variable that the step sets.
    Variable,
    /// A text with placeholders; a number or a truth value stands for its text.
    Text,
    /// A text with placeholders that is not empty.
    Filled,
    /// A text with placeholders that begins as an http or https address.
    Url,
    /// A whole number, or a text that gives one.
    Number(Range),
    /// A whole number that is written as one.
    Count(Range),
    /// A number with or without a fraction.
    Decimal { min: u32, max: u32 },
    /// True or false.
    Flag,
    /// One of some words, in any letter case; with `templates` also a text with placeholders.
    OneOf { words: &'static [&'static str], templates: bool },
    /// Any JSON value, with placeholders in its texts.
    Value,
    /// Names and what belongs to each.
    Map { keys: Keys, values: &'static Kind },
    /// A list.
    List(&'static Kind),
    /// A list, or one of its items alone.
    OneOrMany(&'static Kind),
    /// Steps that share the tags of those around them.
    Steps,
    /// Steps with tags of their own.
    Body,
    /// Texts and the steps that belong to each.
    Cases,
    /// An expression that gives a value.
    Expression,
    /// JavaScript that returns a value.
    Script,
    /// Where in an answer a value stands.
    Path,
    /// Statuses of answers: `2xx`, `200`, `2xx,404`.
    Statuses,
    /// A class of failures, such as `timeout` or `http_5xx`.
    FailureClass,
    /// A tag of a step around.
    Tag,
    /// Named arguments.
    Object(&'static [Argument]),
    /// One of several kinds, told apart by their JSON types.
    Either(&'static [Kind]),
    /// Whatever stands there.
    Anything,
}

/// The keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Names of variables that the step sets.
    Variables,
    /// Names of headers.
    Headers,
    /// Any text.
    Any,
}

/// The bounds of a whole number, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub min: u64,
    /// `u64::MAX` where there is no upper bound.
    pub max: u64,
    /// `ms`, `s`, or nothing.
    pub unit: &'static str,
}

impl Range {
    const fn new(min: u64, max: u64, unit: &'static str) -> Self {
        Self { min, max, unit }
    }

    const fn from(min: u64) -> Self {
        Self::new(min, u64::MAX, "")
    }
}

impl Argument {
    const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, required: false, default: None, help: words(help) }
    }

    const fn required(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { required: true, ..Self::new(name, kind, help) }
    }

    const fn or(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Self {
        Self { default: Some(default), ..Self::new(name, kind, help) }
    }
}

impl Kind {
    /// Whether an empty text may stand there and mean something, or is a fault.
    pub(crate) const fn may_be_empty(&self) -> bool {
        !matches!(
            self,
            Self::Plain
                | Self::Tag
                | Self::Variable
                | Self::OneOf { .. }
                | Self::Number(_)
                | Self::Count(_)
                | Self::Decimal { .. }
                | Self::Flag
        )
    }
}

impl Description {
    /// A description of an action that changes nothing outside.
    const fn new(
        name: &'static str,
        group: Group,
        summary: &'static str,
        value: Kind,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            other_names: &[],
            group,
            summary: words(summary),
            help: "",
            value,
            example: words(example),
            outside: false,
            secrets: false,
            runs: Runs::Here,
        }
    }

    const fn help(self, help: &'static str) -> Self {
        Self { help: words(help), ..self }
    }

    const fn outside(self) -> Self {
        Self { outside: true, ..self }
    }

    const fn secrets(self) -> Self {
        Self { secrets: true, ..self }
    }

    /// The arguments that have names; none where the value stands alone.
    pub fn arguments(&self) -> &'static [Argument] {
        match self.value {
            Kind::Object(arguments) => arguments,
            _ => &[],
        }
    }
}

/// Words that only the server shows: they stay out of the browser's half, whose size counts.
const fn words(text: &'static str) -> &'static str {
    if cfg!(target_arch = "wasm32") { "" } else { text }
}

/// All actions, by group.
pub fn actions() -> impl Iterator<Item = &'static Description> {
    let groups =
        [control::ACTIONS, values::ACTIONS, request::ACTIONS, time::ACTIONS, outside::ACTIONS];
    groups.into_iter().flatten().chain(original::ACTIONS)
}

/// The action of this name, or of this other name.
pub fn action(name: &str) -> Option<&'static Description> {
    actions().find(|action| action.name == name || action.other_names.contains(&name))
}

/// The key of this name that may stand beside an action.
pub fn meta(name: &str) -> Option<&'static Argument> {
    META.iter().find(|key| key.name == name)
}
