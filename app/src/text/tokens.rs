//! The words of the token pages.

use super::time::plural;
use model::user::Scope;

pub const TITLE: &str = "Tokens";
pub const ABOUT: &str = "Programs prove with a token who they are.";
pub const ADD: &str = "New token";
pub const REFERENCE: &str = "API reference";
pub const SEARCH: &str = "Search tokens";
pub const COL_NAME: &str = "Name";
pub const COL_SCOPES: &str = "May";
pub const COL_HINT: &str = "Begins with";
pub const COL_USED: &str = "Last used";
pub const COL_CREATED: &str = "Made";
pub const NEVER: &str = "never";
pub const NAME: &str = "Name";
pub const NAME_HINT: &str = "What uses it: dialler, CRM, monitoring";
pub const SCOPES: &str = "What it may do";
pub const CREATE: &str = "Make token";
pub const MADE: &str = "The token is made.";
pub const MADE_TITLE: &str = "Copy the token now";
pub const MADE_TEXT: &str =
    "It is shown this once. Only its fingerprint is kept, so nobody can look it up later.";
pub const MADE_GONE_TITLE: &str = "The token has been shown";
pub const MADE_GONE_TEXT: &str =
    "A token is shown once. If it is lost, delete it and make another.";
pub const COPY: &str = "Copy the token";
pub const DONE: &str = "Done";
pub const BACK: &str = "All tokens";
pub const TRY_IT: &str = "Try it";
pub const DELETE: &str = "Delete";
pub const DELETE_TITLE: &str = "Delete this token?";
pub const DELETE_TEXT: &str = "Whoever uses it is refused from now on. This cannot be undone.";
pub const KEEP: &str = "Keep the token";
pub const EMPTY_TITLE: &str = "No tokens yet";
pub const EMPTY_TEXT: &str = "A dialler needs a token of scope ingest to send events.";
pub const NONE_TITLE: &str = "Nothing matches";
pub const NONE_TEXT: &str = "No token's name holds this text.";

/// A scope's name.
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Ingest => "Ingest",
        Scope::Manage => "Manage",
        Scope::Read => "Read",
    }
}

/// What a scope allows.
pub fn scope_about(scope: Scope) -> &'static str {
    match scope {
        Scope::Ingest => "Send events",
        Scope::Manage => "Change queues, hooks, flows, variables and secrets; replay",
        Scope::Read => "Read queues, hooks, flows and the log",
    }
}

/// `4 tokens`.
pub fn total(count: usize) -> String {
    plural(count as u64, "token", "tokens")
}

/// Said when a token has been deleted.
pub fn deleted(name: &str) -> String {
    format!("{name} is deleted.")
}

/// The label of what deletes a token.
pub fn delete(name: &str) -> String {
    format!("Delete {name}")
}

/// A first event, sent with the new token.
pub fn try_it(secret: &str) -> String {
    format!(
        "curl -X POST http://127.0.0.1:3000/api/v1/events \\\n  \
         -H 'Authorization: Bearer {secret}' \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         --data '{{\"event\": \"joined\", \"queue_id\": 1, \"data\": {{\"attempt_id\": 1}}}}'"
    )
}
