//! The variables of a run and their size.

use crate::limits::VARIABLES_BYTES_MAX;
use model::{
    JsonMap,
    trace::{Failure, FailureClass},
};
use serde_json::Value;
use std::borrow::Cow;

/// The variables, which together may not become larger than a limit.
pub(crate) struct Variables {
    map: JsonMap,
    bytes: usize,
}

impl Variables {
    pub(crate) fn new(map: JsonMap) -> Self {
        let bytes = map.iter().map(|(name, value)| name.len() + size(value)).sum();
        Self { map, bytes }
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
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_what_is_set_and_removed() {
        let mut variables = Variables::new(JsonMap::new());
        variables.set("a", "12345".into()).unwrap();
        variables.set("a", "1".into()).unwrap();
        variables.set("b", serde_json::json!({"x": [1, null]})).unwrap();
        assert!(variables.remove("a") && variables.remove("b") && !variables.remove("b"));
        assert_eq!(variables.bytes, 0);
    }

    #[test]
    fn variables_may_not_grow_beyond_the_limit_but_may_shrink_from_above_it() {
        let mut variables = Variables::new(JsonMap::new());
        let big = Value::String("x".repeat(VARIABLES_BYTES_MAX));
        assert!(variables.set("a", big.clone()).is_err());
        assert_eq!(variables.map().len(), 0);
        let mut variables = Variables::new(JsonMap::from_iter([("a".to_owned(), big)]));
        assert!(variables.set("b", "1".into()).is_err());
        variables.set("a", "1".into()).unwrap();
        variables.set("b", "1".into()).unwrap();
    }
}
