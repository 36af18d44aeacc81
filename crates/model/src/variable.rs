//! Variables of the installation, which all flows share (`$${name}`).

use crate::{cache::has_nul, problem::Problem, time::Millis};
use serde::{Deserialize, Serialize};

/// The longest value of a variable or a secret, in bytes.
pub const VALUE_MAX: usize = 64 << 10;
/// The longest name of a variable, a secret or a mail profile, in characters.
pub const NAME_MAX: usize = 100;

/// A variable of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variable {
    pub name: String,
    /// Null where it is encrypted: then it is never shown again.
    pub value: Option<String>,
    pub encrypted: bool,
    pub updated_at: Millis,
    /// The person, the token or the flow that set it last.
    pub updated_by: String,
}

/// What a variable is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VariableDraft {
    #[cfg_attr(feature = "openapi", schema(max_length = 65536))]
    pub value: String,
    /// Whether it is kept encrypted, hidden in the log, and never shown again.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub encrypted: bool,
}

impl VariableDraft {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        value_problem("value", &self.value).into_iter().collect()
    }
}

/// A value as it is kept: as it is, or sealed with the installation's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Plain(String),
    Sealed(Vec<u8>),
}

/// A variable as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVariable {
    pub name: String,
    pub value: Kept,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// What is wrong with the name of a variable or a secret: it has to stand between `${` and `}`.
pub fn name_problem(name: &str) -> Option<Problem> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let detail = if name.is_empty() {
        "is needed".to_owned()
    } else if name.chars().count() > NAME_MAX {
        format!("has at most {NAME_MAX} characters")
    } else if !begins || !name.chars().all(fits) {
        "begins with a letter, and has letters, digits, _ and - alone".to_owned()
    } else {
        return None;
    };
    Some(Problem::new("/name", detail))
}

/// What is wrong with a value: it is longer than it may be, or no database keeps it.
pub fn value_problem(field: &str, value: &str) -> Option<Problem> {
    let detail = if value.len() > VALUE_MAX {
        format!("has at most {} KiB", VALUE_MAX >> 10)
    } else {
        has_nul(value)?
    };
    Some(Problem::new(format!("/{field}"), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_a_flow_can_write() {
        for good in ["a", "CRM_KEY", "_x", "черга-2", &"n".repeat(NAME_MAX)] {
            assert_eq!(name_problem(good), None, "{good}");
            let template = crate::flow::template::Template::parse(&format!("$${{{good}}}"));
            assert_eq!(template.unwrap().whole().unwrap().name, good);
        }
        for bad in ["", "2a", "a b", "a.b", "a}", "a{", "-a", &"n".repeat(NAME_MAX + 1)] {
            assert!(name_problem(bad).is_some(), "{bad}");
        }
    }
}
