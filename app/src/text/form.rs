//! What all forms say.

pub const CHOOSE_ONE: &str = "Choose one";
pub const OPTIONAL: &str = "optional";
pub const SAVE: &str = "Save";
pub const CLOSE: &str = "Close";
pub const CANCEL: &str = "Cancel";
pub const DELETE: &str = "Delete";
pub const NOT_SAVED: &str = "This was not saved:";
pub const NO_BASE: &str =
    "This form does not say what it was shown with; copy your text, reload and try again";

/// A detail such as "is needed", made a sentence.
pub fn sentence(detail: &str) -> String {
    let mut chars = detail.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
