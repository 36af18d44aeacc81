//! Tags and functions: what may be jumped to and called.

use super::reader::Reader;
use std::collections::{HashMap, HashSet};

/// The tags of one scope (the flow, or one function's body) and what jumps to them.
#[derive(Default)]
pub(super) struct Scope {
    tags: HashSet<String>,
    jumps: Vec<Reference>,
    failovers: Vec<Reference>,
}

/// A name that is used at a place.
struct Reference {
    name: String,
    offset: usize,
    path: String,
}

#[derive(Default)]
pub(super) struct Scopes {
    current: Scope,
    /// Functions by name; whether each is disabled.
    functions: HashMap<String, bool>,
    calls: Vec<Reference>,
    /// Inside a disabled step, where nothing can be jumped to, declared or called.
    disabled: bool,
}

impl Scopes {
    /// Begins a scope; the one around it is handed back, to be given to `leave_scope`.
    pub(super) fn enter(&mut self) -> Scope {
        std::mem::take(&mut self.current)
    }

    /// Begins the inside of a disabled step and says whether it is inside of another.
    pub(super) fn disable(&mut self) -> bool {
        std::mem::replace(&mut self.disabled, true)
    }

    /// Ends the inside of a disabled step.
    pub(super) fn restore(&mut self, disabled: bool) {
        self.disabled = disabled;
    }
}

impl Reader<'_> {
    pub(super) fn declare_tag(&mut self, tag: &str, offset: usize, path: &str) {
        if !self.scopes.disabled && !self.scopes.current.tags.insert(tag.to_owned()) {
            let message =
                format!("the tag \"{tag}\" stands on two steps: only the last is gone to");
            self.foreign(offset, path, message);
        }
    }

    pub(super) fn use_tag(&mut self, tag: &str, offset: usize, path: &str) {
        if !self.scopes.disabled {
            let jump = Reference { name: tag.to_owned(), offset, path: path.to_owned() };
            self.scopes.current.jumps.push(jump);
        }
    }

    pub(super) fn use_failover(&mut self, tag: &str, offset: usize, path: &str) {
        if !self.scopes.disabled {
            let jump = Reference { name: tag.to_owned(), offset, path: path.to_owned() };
            self.scopes.current.failovers.push(jump);
        }
    }

    pub(super) fn declare_function(&mut self, name: &str, offset: usize, path: &str) {
        if name.chars().any(char::is_control) {
            self.error(offset, path, "the name of a function holds no control characters");
        }
        let declared = self.scopes.functions.get(name).copied();
        if declared == Some(false) && !self.scopes.disabled {
            let message =
                format!("the function \"{name}\" is declared twice: only the last is called");
            self.foreign(offset, path, message);
        } else if declared != Some(false) {
            self.scopes.functions.insert(name.to_owned(), self.scopes.disabled);
        }
    }

    pub(super) fn use_function(&mut self, name: &str, offset: usize, path: &str) {
        if !self.scopes.disabled {
            let call = Reference { name: name.to_owned(), offset, path: path.to_owned() };
            self.scopes.calls.push(call);
        }
    }

    /// Ends a scope: every tag of it is known now.
    pub(super) fn leave_scope(&mut self, outer: Scope) {
        let scope = std::mem::replace(&mut self.scopes.current, outer);
        for jump in &scope.jumps {
            if !scope.tags.contains(&jump.name) {
                let hint = self.hint(&jump.name, scope.tags.iter().map(String::as_str));
                let message = format!("no step here has the tag \"{}\"{hint}", jump.name);
                self.error(jump.offset, &jump.path, message);
            }
        }
        for jump in &scope.failovers {
            if !scope.tags.contains(&jump.name) {
                let hint = self.hint(&jump.name, scope.tags.iter().map(String::as_str));
                let message = format!(
                    "no step here has the tag \"{}\": the flow ends when the limit is reached{hint}",
                    jump.name
                );
                self.warn(jump.offset, &jump.path, message);
            }
        }
    }

    /// After the last step: every function is known now.
    pub(super) fn check_calls(&mut self) {
        for call in std::mem::take(&mut self.scopes.calls) {
            let message = match self.scopes.functions.get(&call.name) {
                Some(false) => continue,
                Some(true) => format!("the function \"{}\" is disabled", call.name),
                None => {
                    let names = self.scopes.functions.keys().map(String::as_str);
                    let hint = self.hint(&call.name, names);
                    format!("no function \"{}\" is declared{hint}", call.name)
                }
            };
            self.error(call.offset, &call.path, message);
        }
    }
}
