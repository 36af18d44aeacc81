//! The variables of a run and their size, and what else its texts may name.

use crate::{
    limits::{NESTED_MAX, VARIABLES_BYTES_MAX},
    redact,
    world::Context,
};
use jiff::{civil::DateTime, tz::TimeZone};
use model::{
    JsonMap,
    flow::expression,
    trace::{Failure, FailureClass},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The variables, which together may not become larger than a limit.
pub(crate) struct Variables<'w> {
    map: JsonMap,
    bytes: usize,
    context: &'w dyn Context,
    pub(crate) zone: TimeZone,
    /// The secrets that have been used so far: hidden wherever they turn up.
    secrets: Mutex<Vec<String>>,
}

/// What a run hands on to one that it begins beside itself.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inherited {
    /// A copy of the variables as they are.
    pub variables: JsonMap,
    /// The secrets that it has used, which may stand in those. They are hidden in all records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

impl Inherited {
    /// Whether secrets may stand in the variables.
    pub fn may_hold_secrets(&self) -> bool {
        !self.hidden.is_empty()
    }
}

impl From<JsonMap> for Inherited {
    /// Variables of which nothing is hidden.
    fn from(variables: JsonMap) -> Self {
        Self { variables, hidden: Vec::new() }
    }
}

impl fmt::Debug for Inherited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inherited").finish_non_exhaustive()
    }
}

/// What a release before has kept of a run in place of the secrets that it had used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Used {
    /// A secret of this name.
    Secret(String),
    /// An encrypted variable of the installation.
    Global(String),
}

impl<'w> Variables<'w> {
    /// With the secrets that are hidden from the beginning.
    pub(crate) fn new(given: Inherited, context: &'w dyn Context, zone: TimeZone) -> Self {
        let Inherited { variables: map, hidden } = given;
        let bytes = map.iter().map(|(name, value)| name.len() + size(value)).sum();
        let all = Self { map, bytes, context, zone, secrets: Mutex::default() };
        hidden.iter().for_each(|secret| all.hide(secret));
        all
    }

    /// A variable of the installation; an encrypted one is hidden in all records from now on.
    pub(crate) fn global(&self, name: &str) -> Option<String> {
        let found = self.context.global(name)?;
        if found.encrypted {
            self.hide(&found.value);
        }
        Some(found.value)
    }

    /// A secret's value, which is hidden in all records from now on.
    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        let secret = self.context.secret(name)?;
        self.hide(&secret);
        Some(secret)
    }

    /// Hides what a run has used before it went on here, where that is known by its name alone: as
    /// it is now.
    pub(crate) fn hide_again(&self, used: &BTreeSet<Used>) {
        for one in used {
            match one {
                Used::Secret(name) => self.secret(name),
                Used::Global(name) => self.global(name),
            };
        }
    }

    /// Hides a value in all records from now on.
    pub(crate) fn hide(&self, value: &str) {
        let mut known = self.secrets();
        if !value.is_empty() && !known.iter().any(|one| one == value) {
            known.push(value.to_owned());
        }
    }

    /// The same for what another has given, such as a cookie or a token: where it is so short that it
    /// stands in many texts by chance, hiding it would hide those.
    pub(crate) fn hide_given(&self, value: &str) {
        if redact::is_distinct(value) {
            self.hide(value);
        }
    }

    /// A URL as it may be shown.
    pub(crate) fn shown_url(&self, url: &str) -> String {
        redact::url_without(url, &self.secrets())
    }

    /// A text as a failure quotes it, at most so many characters of it.
    pub(crate) fn quoted(&self, text: &str, most: usize) -> String {
        redact::quoted(text, most, &self.secrets())
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

    /// What a run gets that is begun here.
    pub(crate) fn inherited(&self) -> Inherited {
        Inherited { variables: self.map.clone(), hidden: self.secrets().clone() }
    }

    pub(crate) fn into_inherited(self) -> Inherited {
        let hidden = self.secrets.into_inner().unwrap_or_else(PoisonError::into_inner);
        Inherited { variables: self.map, hidden }
    }

    /// Sets a variable, in its old place if it exists.
    ///
    /// # Errors
    /// When the value nests too deeply, or all variables together would be larger than the limit, and
    /// than they are.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Result<(), Failure> {
        if is_deep(&value) {
            return Err(too_deep(&format!("the value for `{name}`")));
        }
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
pub fn size(value: &Value) -> usize {
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

/// Whether a value nests more deeply than a variable may.
pub(crate) fn is_deep(value: &Value) -> bool {
    fn is_deeper(value: &Value, than: usize) -> bool {
        let Some(than) = than.checked_sub(1) else { return value.is_array() || value.is_object() };
        match value {
            Value::Array(items) => items.iter().any(|item| is_deeper(item, than)),
            Value::Object(members) => members.values().any(|member| is_deeper(member, than)),
            _ => false,
        }
    }
    is_deeper(value, NESTED_MAX)
}

/// The failure of a step by which this would come into the variables.
pub(crate) fn too_deep(what: &str) -> Failure {
    let detail = format!("{what} nests more than {NESTED_MAX} levels deep");
    Failure { limit: Some(NESTED_MAX as u64), ..Failure::new(FailureClass::Flow, detail) }
}

/// A value as text: text as it is, nothing for null, a number as JavaScript writes it, all else as
/// JSON.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Number(number) => Cow::Owned(expression::number_text(number)),
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
        Variables::new(map.into(), &Nowhere, TimeZone::UTC)
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
    fn a_number_is_written_as_javascript_has_it() {
        for (json, text) in [
            ("10.00", "10"),
            ("3000.0", "3000"),
            ("-0.0", "0"),
            ("1.50", "1.5"),
            ("0.00001", "0.00001"),
            ("1e-7", "1e-7"),
            ("1e21", "1e+21"),
            ("1e3", "1000"),
            ("9007199254740993", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615"),
            ("-7", "-7"),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(text_of(&value), text, "{json}");
        }
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

    /// So many lists inside one another.
    pub(crate) fn nested(levels: usize) -> Value {
        (1..levels).fold(serde_json::json!([]), |inside, _| serde_json::json!([inside]))
    }

    #[test]
    fn a_value_that_nests_too_deeply_is_refused() {
        let mut variables = with(JsonMap::new());
        variables.set("a", nested(NESTED_MAX)).unwrap();
        let failure = variables.set("b", nested(NESTED_MAX + 1)).unwrap_err();
        assert_eq!(failure.detail, "the value for `b` nests more than 64 levels deep");
        let object = serde_json::json!({"in": nested(NESTED_MAX)});
        assert!(variables.set("b", object).is_err());
        assert_eq!(variables.map().len(), 1);
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
