//! Secrets of the installation, which flows name and nobody sees again (`${secret.NAME}`).

use crate::{problem::Problem, time::Millis, variable::value_problem};
use serde::{Deserialize, Serialize};

/// The secret that requests are signed with, in the way of Standard Webhooks.
pub const SIGNING_KEY: &str = "WEBHOOK_SIGNING_KEY";
/// What a signing key begins with, before its bytes in base64.
pub const SIGNING_PREFIX: &str = "whsec_";
/// What stands where a secret is not shown.
pub const HIDDEN: &str = "[redacted]";
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1_000;

/// A secret, without its value, which is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret {
    pub name: String,
    pub description: String,
    pub created_at: Millis,
    pub updated_at: Millis,
    /// The person or the token that set it last.
    pub updated_by: String,
}

/// What a secret is set to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretDraft {
    /// Missing leaves the value as it is.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 65536))]
    pub value: Option<String>,
    /// Missing leaves the description as it is.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 1000))]
    pub description: Option<String>,
}

impl std::fmt::Debug for SecretDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretDraft")
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl SecretDraft {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<Problem> {
        let value = self.value.as_deref().and_then(|value| match value {
            "" => Some(Problem::new("/value", "is needed")),
            value => value_problem("value", value),
        });
        let long = |text: &String| text.chars().count() > DESCRIPTION_MAX;
        let description = self.description.as_ref().and_then(|text| match long(text) {
            true => Some(Problem::new(
                "/description",
                format!("has at most {DESCRIPTION_MAX} characters"),
            )),
            false => value_problem("description", text),
        });
        value.into_iter().chain(description).collect()
    }
}
