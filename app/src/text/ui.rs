//! What the primitives say.

use model::time::Millis;

pub const COPY: &str = "Copy";
pub const COPY_LINK: &str = "Copy link";
pub const COPIED: &str = "Copied";
pub const SEARCH: &str = "Search";
pub const APPLY: &str = "Apply";
pub const CLEAR: &str = "Clear filters";
pub const LOADING: &str = "Loading";
pub const CLOSE: &str = "Close";
pub const PREVIOUS: &str = "Previous";
pub const NEXT: &str = "Next";
pub const OLDER: &str = "Older";
pub const NEWER: &str = "Newer";
pub const PAGES: &str = "Pages";
pub const NOTHING_MATCHES: &str = "Nothing matches";
pub const NOTHING_MATCHES_ABOUT: &str = "Try another word, or clear the filters.";
pub const DISMISS: &str = "Dismiss";
pub const NOBODY_FOUND: &str = "Nothing found";
pub const ACTIONS: &str = "Actions";

pub const CHOOSE_ALL: &str = "Choose all on this page";
pub const CHOOSE_NONE: &str = "Clear";
pub const CHOOSE_HINT: &str =
    "Shift with a click or an arrow key chooses a range. Enter leads here, Esc clears.";
pub const WITH_CHOSEN: &str = "With what is chosen";
pub const ROWS: &str = "Rows";

/// What is said of what cannot be drawn anew.
pub fn as_of(at: Millis) -> String {
    let seconds = at.exact().get(..19).unwrap_or_default().to_owned();
    format!("Cut off: this is how it stood at {seconds} UTC. It is asked for again.")
}

/// The box that chooses a row.
pub fn choose(row: &str) -> String {
    format!("Choose {row}")
}

/// How many rows are chosen.
pub fn chosen(count: usize, what: (&str, &str)) -> String {
    format!("{} chosen", super::time::plural(count as u64, what.0, what.1))
}

/// The link that shows this many rows on a page.
pub fn rows_a_page(count: u32) -> String {
    format!("{count} rows a page")
}

/// Which rows of a list are shown.
pub fn range(first: u64, last: u64, total: &str) -> String {
    format!("{first}–{last} of {total}")
}

/// The label of a chart of one day, hour by hour.
pub fn day_chart(delivered: u64, failed: u64) -> String {
    use super::time::number;
    format!("Last 24 hours: {} delivered, {} failed", number(delivered), number(failed))
}
