//! The account page.

pub const TITLE: &str = "Your account";
pub const LOGIN: &str = "Login";
pub const ROLE: &str = "Role";
pub const PASSWORD: &str = "Change your password";
pub const CURRENT: &str = "Present password";
pub const NEW: &str = "New password";
pub const AGAIN: &str = "New password, again";
pub const SAVE: &str = "Change password";
pub const WRONG: &str = "This is not your present password";
pub const CHANGED: &str = "Your password is changed";
pub const THEME: &str = "Appearance";
pub const SIGN_OUT_ABOUT: &str = "You will need your password to come back.";

/// What a role may do.
pub fn role(role: model::user::Role) -> &'static str {
    use model::user::Role;
    match role {
        Role::Viewer => "Viewer: sees everything, changes nothing",
        Role::Editor => "Editor: changes queues, hooks and flows",
        Role::Admin => "Administrator: manages users and tokens as well",
    }
}
