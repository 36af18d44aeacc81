//! Lists of numbers, and what else flows keep and ask.

use super::time::number;

pub const TITLE: &str = "Lists";
pub const KEPT: &str = "What flows keep and ask";
pub const SEARCH: &str = "Search lists";
pub const NAME: &str = "Name";
pub const DESCRIPTION: &str = "Description";
pub const NUMBERS: &str = "Numbers";
pub const CHANGED: &str = "Changed";
pub const NEW: &str = "New list";
pub const CREATE: &str = "Make list";
pub const EMPTY: &str = "No lists";
pub const EMPTY_ABOUT: &str = "A list holds numbers that a flow asks for with the step list, such as \
    clients to be answered first, and fills with listAdd.";
pub const HELP: &str = "How a flow asks a list";
pub const NONE: &str = "Nothing matches";
pub const NONE_ABOUT: &str = "No list is called so.";
pub const CLEAR: &str = "Show all";

pub const NUMBER: &str = "Number";
pub const EXPIRES: &str = "Expires";
pub const NEVER: &str = "never";
pub const ADDED: &str = "Added";
pub const REMOVE: &str = "Remove";
pub const SEARCH_NUMBERS: &str = "Numbers that begin with";
pub const NO_NUMBERS: &str = "No numbers";
pub const NO_NUMBERS_ABOUT: &str = "Nothing is in this list yet, or nothing that begins so.";
pub const ADD_TITLE: &str = "Add a number";
pub const ADD: &str = "Add";
pub const EXPIRES_AT: &str = "Expires, in UTC";
pub const EXPIRES_HINT: &str = "Empty: it stays until it is taken out.";
pub const IMPORT_TITLE: &str = "Paste numbers";
pub const IMPORT_LABEL: &str = "One number a line";
pub const IMPORT_HINT: &str = "A comma and a description may follow each. At most 10,000 at once; what \
    is in the list already is replaced.";
pub const IMPORT: &str = "Add them";
pub const SETTINGS: &str = "Settings";
pub const SAVED: &str = "Saved";
pub const DELETE: &str = "Delete list";
pub const DELETE_ABOUT: &str = "Its numbers go with it. A flow that names it fails at that step.";
pub const NEXT: &str = "Next";
pub const FIRST: &str = "From the start";
pub const NO_TIME: &str = "is a day and a time like 2027-01-31T18:00";

/// How many lists there are.
pub fn lists(count: u64) -> String {
    super::time::plural(count, "list", "lists")
}

/// How many numbers are shown or kept.
pub fn total(count: u64) -> String {
    super::time::plural(count, "number", "numbers")
}

/// The label of a button that takes a number out.
pub fn remove(number: &str) -> String {
    format!("Remove {number}")
}

pub fn made(name: &str) -> String {
    format!("The list {name} is made")
}

pub fn deleted(name: &str) -> String {
    format!("The list {name} is deleted")
}

pub fn added(count: usize) -> String {
    match count {
        1 => "Added".into(),
        count => format!("{} numbers added", number(count as u64)),
    }
}

pub fn removed(number: &str) -> String {
    format!("{number} is taken out")
}
