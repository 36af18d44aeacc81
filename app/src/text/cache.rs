//! The cache.

pub const TITLE: &str = "Cache";
pub const SEARCH: &str = "Keys that begin with";
pub const KEY: &str = "Key";
pub const VALUE: &str = "Value";
pub const EXPIRES: &str = "Expires";
pub const NEVER: &str = "never";
pub const FORGET: &str = "Forget";
pub const EMPTY: &str = "The cache is empty";
pub const EMPTY_ABOUT: &str = "What flows keep for later runs with the step cache appears here.";
pub const NONE: &str = "Nothing matches";
pub const NONE_ABOUT: &str = "No key begins so.";
pub const CLEAR: &str = "Show all";
pub const HELP: &str = "How a flow keeps a value";
pub const NEXT: &str = "Next";
pub const FIRST: &str = "From the start";

/// The label of a button that forgets a key.
pub fn forget(key: &str) -> String {
    format!("Forget {key}")
}

pub fn forgotten(key: &str) -> String {
    format!("{key} is forgotten")
}
