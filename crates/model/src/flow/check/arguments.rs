//! What was read of arguments, with the types that their kinds are handed on as.

use crate::flow::{
    expression::Expression,
    script::Script,
    syntax::{Expect, FailureFilter, Number, Step},
    template::{Template, ValueTemplate},
};
use std::collections::BTreeMap;

/// What was read, by the kind that was asked for.
pub(super) enum Read {
    Plain(String),
    Template(Template),
    Number(Number),
    Count(u64),
    Decimal(f64),
    Flag(bool),
    Value(ValueTemplate),
    Map(Vec<(String, Read)>),
    List(Vec<Read>),
    Steps(Vec<Step>),
    Expression(Expression),
    Script(Script),
    Expect(Expect),
    Failures(FailureFilter),
    Object(Arguments),
    /// A text whose meaning depends on another argument, and its place.
    Raw(Raw),
    Nothing,
}

/// A text that is still to be read.
pub(super) struct Raw {
    pub(super) text: String,
    /// Where its opening quote stands.
    pub(super) start: usize,
    pub(super) path: String,
}

/// Named arguments that were read, defaults included.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) read: BTreeMap<&'static str, Read>,
    /// Where they begin.
    pub(super) start: usize,
    pub(super) path: String,
}

impl Arguments {
    /// An argument with the type that belongs to its kind; nothing if it is missing or had a fault.
    pub(super) fn take<T: FromRead>(&mut self, name: &str) -> Option<T> {
        T::from_read(self.read.remove(name)?)
    }

    /// Whether the argument was given, or has a default.
    pub(super) fn has(&self, name: &str) -> bool {
        self.read.contains_key(name)
    }

    /// Where they begin, and the pointer to them.
    pub(super) fn site(&self) -> (usize, String) {
        (self.start, self.path.clone())
    }
}

/// The types that kinds are handed on as.
pub(super) trait FromRead: Sized {
    fn from_read(read: Read) -> Option<Self>;
}

macro_rules! from_read {
    ($($variant:ident => $type:ty),+ $(,)?) => {$(
        impl FromRead for $type {
            fn from_read(read: Read) -> Option<Self> {
                match read {
                    Read::$variant(value) => Some(value),
                    _ => None,
                }
            }
        }
    )+};
}

from_read! {
    Plain => String,
    Template => Template,
    Number => Number,
    Count => u64,
    Decimal => f64,
    Flag => bool,
    Value => ValueTemplate,
    Steps => Vec<Step>,
    Expression => Expression,
    Script => Script,
    Expect => Expect,
    Failures => FailureFilter,
    Object => Arguments,
    Raw => Raw,
}

impl<T: FromRead> FromRead for Vec<(String, T)> {
    fn from_read(read: Read) -> Option<Self> {
        let Read::Map(members) = read else { return None };
        members.into_iter().map(|(name, read)| Some((name, T::from_read(read)?))).collect()
    }
}

impl<T: FromRead> FromRead for Vec<T> {
    fn from_read(read: Read) -> Option<Self> {
        match read {
            Read::List(items) => items.into_iter().map(T::from_read).collect(),
            alone => T::from_read(alone).map(|item| vec![item]),
        }
    }
}

impl FromRead for () {
    fn from_read(_: Read) -> Option<Self> {
        Some(())
    }
}
