//! What is wrong with something a person or a program sent, and where.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One fault of an input: where it is and what is wrong, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Fault))]
pub struct Problem {
    /// A JSON pointer into the body (`/data/attempt_id`); for a form, `/` and the field's name.
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }

    /// The name of the form field this speaks of, without the slash.
    pub fn field(&self) -> &str {
        self.pointer.trim_start_matches('/')
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.detail)
        } else {
            write!(f, "{}: {}", self.pointer, self.detail)
        }
    }
}

/// A piece of a JSON pointer with `~` and `/` escaped (RFC 6901).
pub fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
