//! The words of the user pages.

use super::time::plural;
use model::user::Role;

pub const TITLE: &str = "Users";
pub const ADD: &str = "Add user";
pub const SEARCH: &str = "Search users";
pub const COL_LOGIN: &str = "Login";
pub const COL_ROLE: &str = "Role";
pub const COL_SEEN: &str = "Last seen";
pub const COL_CREATED: &str = "Added";
pub const NEVER: &str = "never";
pub const YOU: &str = "you";
pub const LOGIN: &str = "Login";
pub const LOGIN_HINT: &str = "No spaces; an e-mail address will do";
pub const ROLE: &str = "Role";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_HINT: &str = "At least 10 characters. Tell the person by a safe way.";
pub const NEW_PASSWORD: &str = "New password";
pub const CHANGE: &str = "Change";
pub const CHANGE_ROLE_TITLE: &str = "Change role";
pub const CHANGE_ROLE: &str = "Save role";
pub const SET_PASSWORD: &str = "Set password";
pub const SET_PASSWORD_TEXT: &str = "The person signs in with the new password from now on.";
pub const ADD_TEXT: &str = "The person signs in with this login and password.";
pub const DELETE: &str = "Delete";
pub const DELETE_TITLE: &str = "Delete this user?";
pub const DELETE_TEXT: &str = "The person is signed out at once. What they saved stays.";
pub const KEEP: &str = "Keep the user";
pub const NONE_TITLE: &str = "Nobody matches";
pub const NONE_TEXT: &str = "No login holds this text.";

/// A role's name.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Editor => "Editor",
        Role::Admin => "Admin",
    }
}

/// What a role may do.
pub fn role_about(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Reads everything but users and tokens",
        Role::Editor => "Changes, tests and replays",
        Role::Admin => "Manages users and tokens, too",
    }
}

/// `4 users`.
pub fn total(count: usize) -> String {
    plural(count as u64, "user", "users")
}

/// Said when a user has been made.
pub fn made(login: &str) -> String {
    format!("{login} can sign in.")
}

/// Said when a role has been changed.
pub fn role_changed(login: &str, to: Role) -> String {
    format!("{login} is {} now.", role(to).to_lowercase())
}

/// Said when a password has been changed.
pub fn password_changed(login: &str) -> String {
    format!("{login} has a new password.")
}

/// Said when a user has been deleted.
pub fn deleted(login: &str) -> String {
    format!("{login} is deleted.")
}

/// The label of what deletes a user.
pub fn delete(login: &str) -> String {
    format!("Delete {login}")
}
