//! Signing in and setting up.

pub const SIGN_IN: &str = "Sign in";
pub const LOGIN: &str = "Login";
pub const PASSWORD: &str = "Password";
pub const WRONG_PASSWORD: &str = "The login or the password is wrong";
pub const NOT_THE_SAME: &str = "The two passwords are not the same";

pub const NOT_SET_UP: &str = "Nobody can sign in yet";
pub const NOT_SET_UP_ABOUT: &str = "The first administrator is made at a one-time link, which the \
    server prints when it starts. Look at its output; where the link is older than a day, start \
    the server again for a new one.";
pub const NOT_SET_UP_COMMAND: &str = "Or make one on the server itself:";
pub const ADD_USER: &str =
    "printf '%s' 'a long password' | offhook user add you --role admin --password-stdin";

pub const SET_UP: &str = "Set up Offhook";
pub const SET_UP_ABOUT: &str =
    "Choose a login and a password for the first administrator. The link works once.";
pub const SET_UP_SUBMIT: &str = "Create administrator";
pub const SET_UP_DONE: &str = "Welcome. The administrator is made, and you are signed in.";
pub const LOGIN_HINT: &str = "A name without spaces, up to 80 characters.";
pub const PASSWORD_HINT: &str = "At least 10 characters.";
pub const PASSWORD_AGAIN: &str = "Password, again";
pub const LINK_CLOSED: &str = "This link no longer works";
pub const LINK_CLOSED_ABOUT: &str = "It has been used, is older than a day, or was replaced by a \
    newer one. Start the server again and take the link that it prints.";
pub const LINK_DONE: &str = "Offhook is set up";
pub const LINK_DONE_ABOUT: &str = "An administrator exists already; sign in.";

/// What a sign-in link does.
pub const LINK_ABOUT: &str = "This link signs you in once, without a password.";
