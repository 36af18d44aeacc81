//! What went wrong.

use model::problem::Problem;

pub const SIGNED_OUT: &str = "You are signed out. Sign in and try again.";
pub const UNAVAILABLE: &str = "This cannot be used at the moment. Try again in a little while.";
pub const RETRY: &str = "Try again";
pub const SIGN_IN: &str = "Sign in";
pub const BACK: &str = "To the queues";

pub const NOT_FOUND: &str = "This page does not exist";
pub const NOT_FOUND_ABOUT: &str =
    "The address may be mistyped, or what it led to has been deleted.";

pub const TITLE_DENIED: &str = "Your role does not allow this";
pub const EDITORS_ONLY: &str = "It needs the role editor or admin.";
pub const TITLE_SIGNED_OUT: &str = "You are signed out";
pub const TITLE_NOT_FOUND: &str = "Not found";
pub const TITLE_OTHER: &str = "This did not work";
pub const TITLE_UNAVAILABLE: &str = "Not available at the moment";

/// There is no such thing (any more).
pub fn no_such(what: &str, id: &str) -> String {
    format!("There is no {what} {id} here. It may have been deleted.")
}

/// More was posted at once than so many bytes.
pub fn too_large(max: usize) -> String {
    format!(
        "This is too large: what is sent at once may have {} MiB. Nothing of it was taken.",
        max >> 20
    )
}

/// Too many wrong passwords, or too many who sign in at once.
pub fn slow_down(seconds: u64) -> String {
    match seconds {
        1 => "Too many tries to sign in. Try again in a second.".into(),
        seconds => format!("Too many tries to sign in. Try again in {seconds} seconds."),
    }
}

/// Several faults in one line.
pub fn problems(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.detail.as_str()).collect::<Vec<_>>().join("; ")
}
