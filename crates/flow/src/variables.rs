//! The variables of a run and their size, and what else its texts may name.

use crate::{limits::VARIABLES_BYTES_MAX, world::Context};
use jiff::{civil::DateTime, tz::TimeZone};
use model::{
    JsonMap,
    trace::{Failure, FailureClass},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The variables, which together may not become larger than a limit.
pub(crate) struct Variables<'w> {
    map: JsonMap,
    bytes: usize,
    context: &'w dyn Context,
    pub(crate) zone: TimeZone,
    /// The secrets that have been used so far, to be hidden wherever they turn up.
    secrets: Mutex<Vec<String>>,
    /// What they are called, so that a run that goes on elsewhere hides them as well.
    used: Mutex<BTreeSet<Used>>,
}

/// What is hidden in the records of a run that has used it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Used {
    /// A secret of this name.
    Secret(String),
    /// An encrypted variable of the installation.
    Global(String),
}

impl<'w> Variables<'w> {
    pub(crate) fn new(map: JsonMap, context: &'w dyn Context, zone: TimeZone) -> Self {
        let bytes = map.iter().map(|(name, value)| name.len() + size(value)).sum();
        Self { map, bytes, context, zone, secrets: Mutex::default(), used: Mutex::default() }
    }

    /// A variable of the installation; an encrypted one is hidden in all records from now on.
    pub(crate) fn global(&self, name: &str) -> Option<String> {
        let found = self.context.global(name)?;
        if found.encrypted {
            self.hide(Used::Global(name.to_owned()), &found.value);
        }
        Some(found.value)
    }

    /// A secret's value, which is hidden in all records from now on.
    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        let secret = self.context.secret(name)?;
        self.hide(Used::Secret(name.to_owned()), &secret);
        Some(secret)
    }

    /// Hides what a run has used before it went on here, as it is now.
    pub(crate) fn hide_again(&self, used: &BTreeSet<Used>) {
        for one in used {
            match one {
                Used::Secret(name) => self.secret(name),
                Used::Global(name) => self.global(name),
            };
        }
    }

    /// What has been used so far of what is hidden.
    pub(crate) fn used(&self) -> BTreeSet<Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hides a value in all records from now on.
    fn hide(&self, used: Used, value: &str) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(used);
        let mut known = self.secrets();
        if !value.is_empty() && !known.iter().any(|one| one == value) {
            known.push(value.to_owned());
            // One that begins like another is to go as a whole.
            known.sort_by_key(|one| std::cmp::Reverse(one.len()));
        }
    }

    /// The secrets that have been used so far.
    pub(crate) fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in the flow's time zone.
    pub(crate) fn now(&self) -> DateTime {
        self.zone.to_datetime(self.context.now())
    }

    /// Roughly their size as JSON.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn map(&self) -> &JsonMap {
        &self.map
    }

    pub(crate) fn into_map(self) -> JsonMap {
        self.map
    }

    /// Sets a variable, in its old place if it exists.
    ///
    /// # Errors
    /// When all variables together would be larger than the limit, and than they are.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Result<(), Failure> {
        let added = size(&value);
        let slot = self.map.get_mut(name);
        let removed = slot.as_ref().map_or(0, |old| size(old));
        let named = if slot.is_some() { 0 } else { name.len() };
        let bytes = self.bytes - removed + added + named;
        if bytes > VARIABLES_BYTES_MAX && bytes > self.bytes {
            return Err(Failure {
                limit: Some(VARIABLES_BYTES_MAX as u64),
                ..Failure::new(
                    FailureClass::Flow,
                    format!(
                        "with `{name}` the variables would be larger than {} MiB",
                        VARIABLES_BYTES_MAX >> 20
                    ),
                )
            });
        }
        self.bytes = bytes;
        match slot {
            Some(slot) => *slot = value,
            None => {
                self.map.insert(name.to_owned(), value);
            }
        }
        Ok(())
    }

    /// Removes a variable, and says whether it existed.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let Some(value) = self.map.shift_remove(name) else { return false };
        self.bytes -= name.len() + size(&value);
        true
    }
}

/// Roughly the bytes of a value as JSON.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        Value::Object(members) => {
            2 + members.iter().map(|(key, value)| key.len() + 4 + size(value)).sum::<usize>()
        }
    }
}

/// A value as text: text as it is, nothing for null, all else as JSON.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::world::GlobalValue;
    use jiff::Timestamp;

    struct Nowhere;

    impl Context for Nowhere {
        fn global(&self, name: &str) -> Option<GlobalValue> {
            let encrypted = name == "hidden";
            (encrypted || name == "shown")
                .then(|| GlobalValue { value: format!("it is {name}"), encrypted })
        }

        fn secret(&self, name: &str) -> Option<String> {
            (name == "KEY").then(|| "k1".to_owned())
        }

        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    /// Variables in a world that has the secret `KEY`, and the variables `shown` and `hidden`.
    pub(crate) fn with(map: JsonMap) -> Variables<'static> {
        Variables::new(map, &Nowhere, TimeZone::UTC)
    }

    #[test]
    fn a_secret_that_was_used_is_remembered_once() {
        let variables = with(JsonMap::new());
        assert_eq!(variables.secret("KEY").as_deref(), Some("k1"));
        assert_eq!((variables.secret("KEY").is_some(), variables.secret("NONE")), (true, None));
        assert_eq!(*variables.secrets(), ["k1"]);
    }

    #[test]
    fn an_encrypted_variable_of_the_installation_is_hidden_like_a_secret() {
        let variables = with(JsonMap::new());
        assert_eq!(variables.global("shown").as_deref(), Some("it is shown"));
        assert_eq!(variables.global("hidden").as_deref(), Some("it is hidden"));
        assert_eq!(*variables.secrets(), ["it is hidden"]);
    }

    #[test]
    fn the_size_follows_what_is_set_and_removed() {
        let mut variables = with(JsonMap::new());
        variables.set("a", "12345".into()).unwrap();
        variables.set("a", "1".into()).unwrap();
        variables.set("b", serde_json::json!({"x": [1, null]})).unwrap();
        assert!(variables.remove("a") && variables.remove("b") && !variables.remove("b"));
        assert_eq!(variables.bytes, 0);
    }

    #[test]
    fn variables_may_not_grow_beyond_the_limit_but_may_shrink_from_above_it() {
        let mut variables = with(JsonMap::new());
        let big = Value::String("x".repeat(VARIABLES_BYTES_MAX));
        assert!(variables.set("a", big.clone()).is_err());
        assert_eq!(variables.map().len(), 0);
        let mut variables = with(JsonMap::from_iter([("a".to_owned(), big)]));
        assert!(variables.set("b", "1".into()).is_err());
        variables.set("a", "1".into()).unwrap();
        variables.set("b", "1".into()).unwrap();
    }
}
