//! What was odd about a delivery when it was made, though it ran.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a hook's condition could not be decided, so that its flow ran all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    pub kind: WarningKind,
    /// What exactly was wrong, in technical words.
    pub detail: String,
    /// The field, variable or member that the condition asks for and that is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What kind of thing was wrong with the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// It names a field or variable that the event does not carry.
    NoField,
    /// It names a member that a value does not have.
    NoMember,
    /// It gives something that is neither true nor false.
    NotABoolean,
    /// It could not be evaluated: values that cannot be compared, a division by zero.
    NotEvaluated,
    /// It cannot be read at all.
    Unreadable,
}

impl Warning {
    /// A warning without a name.
    pub fn new(kind: WarningKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: None }
    }

    /// A warning about a thing of this name, which is not there.
    pub fn about(kind: WarningKind, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: Some(field.into()) }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
