//! Lists: pages of small tables, cursors of the log.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A page of a small table, with the number of all rows that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// How many rows match in all.
    pub total: u64,
}

/// Which page of a small table, from 1, and how many rows it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    pub page: u32,
    pub size: u32,
}

impl Paging {
    /// The rows before this page.
    pub fn offset(self) -> i64 {
        i64::from(self.page.max(1) - 1) * i64::from(self.size)
    }
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, size: 25 }
    }
}

/// A stretch of the log, newest first, and the cursors that lead on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice<T> {
    pub items: Vec<T>,
    /// The cursor of the next older stretch, if there is one.
    pub older: Option<i64>,
    /// The cursor of the next newer stretch, if there is one.
    pub newer: Option<i64>,
    /// How far the log was looked through before enough had been looked at, where little of it
    /// matches several filters at once, or text; the cursors lead on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searched_to: Option<Millis>,
}

/// Where a stretch of the log begins. Cursors are the log's own row numbers, so that rows that
/// arrive meanwhile do not move what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Cursor {
    /// The newest rows.
    #[default]
    Newest,
    /// Rows older than this one.
    Before(i64),
    /// Rows newer than this one.
    After(i64),
}

/// The order of a list: a column's name, and whether it runs downwards.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

impl Sort {
    /// Reads `name`, `+name` or `-name`.
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(column) => Self { column: column.into(), descending: true },
            None => Self { column: text.trim_start_matches(['+', ' ']).into(), descending: false },
        }
    }
}
