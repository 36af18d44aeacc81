//! The conditions of hooks, in CEL.

use model::JsonMap;

/// A hook's condition, compiled.
#[derive(Debug)]
pub struct Condition {}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong, in words for a person.
    pub message: String,
    /// Where, in characters from 1, when it is known.
    pub column: Option<u32>,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// When the text is not a condition, or too long or too deeply nested.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        let _ = text;
        Ok(Self {})
    }

    /// Whether the condition holds for an event's variables.
    ///
    /// # Errors
    /// In words for a person, when a field is missing or the result is neither true nor false.
    /// The hook is to be run then, with a warning.
    pub fn holds(&self, variables: &JsonMap) -> Result<bool, String> {
        let _ = variables;
        Ok(true)
    }
}
