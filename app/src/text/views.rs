//! Saved views, and the choice of columns.

use super::{deliveries, flows, hooks, queues};
use model::view::ViewList;

pub const TITLE: &str = "Saved views";
pub const MENU: &str = "Views";
pub const YOURS: &str = "Your saved views of this list";
pub const NONE: &str = "No view is saved yet.";
pub const SAVE_THIS: &str = "Save this view…";
pub const ALL: &str = "All saved views";
pub const NEW: &str = "Save this view";
pub const NEW_ABOUT: &str =
    "The filters, the order and the columns, under a name. Only you see it.";
pub const NAME: &str = "Name";
pub const REPLACE: &str = "If I have a view of this name, replace it";
pub const SHOWS: &str = "Shows";
pub const EVERYTHING: &str = "Everything, without filters";
pub const SAVE: &str = "Save view";
pub const SAVED: &str = "The view is saved";
pub const CAPTION: &str = "Your saved views";
pub const EMPTY: &str = "No saved views yet";
pub const EMPTY_ABOUT: &str =
    "Set the filters of a list, then save them under a name from its menu Views.";
pub const COL_LIST: &str = "List";
pub const COL_SAVED: &str = "Saved";
pub const DELETE_TITLE: &str = "Delete this view?";
pub const DELETE_TEXT: &str = "The list itself, and what it shows, stay as they are.";
pub const DELETE: &str = "Delete view";

pub const COLUMNS: &str = "Columns";
pub const COLUMNS_SHOWN: &str = "Columns that are shown";

/// A list's name.
pub fn list(list: ViewList) -> &'static str {
    match list {
        ViewList::Queues => queues::TITLE,
        ViewList::Flows => flows::TITLE,
        ViewList::Hooks => hooks::TITLE,
        ViewList::Deliveries => deliveries::TITLE,
    }
}

/// The menu's own words while this view is shown.
pub fn current(name: &str) -> String {
    format!("{MENU}: {name}")
}

/// A part of a view: `state: on`.
pub fn part(name: &str, value: &str) -> String {
    format!("{name}: {value}")
}

/// The label of what deletes a view.
pub fn delete(name: &str) -> String {
    format!("Delete the view {name}")
}

/// It is deleted.
pub fn deleted(name: &str) -> String {
    format!("The view {name} is deleted")
}
