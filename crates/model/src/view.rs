//! Saved views: the filters, the order and the columns of a list, kept by a person under a name.

use crate::{ids::ViewId, time::Millis};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A list whose views can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewList {
    Queues,
    Flows,
    /// Hooks, of one queue or of all.
    Hooks,
    Deliveries,
}

impl ViewList {
    pub const ALL: [Self; 4] = [Self::Queues, Self::Flows, Self::Hooks, Self::Deliveries];

    /// The word in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queues => "queues",
            Self::Flows => "flows",
            Self::Hooks => "hooks",
            Self::Deliveries => "deliveries",
        }
    }

    /// The names that stand in the query of this list's address and belong to a view of it.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Queues => &["search", "type", "state", "sort", "columns"],
            Self::Flows => &["search", "kind", "mode", "sort", "columns"],
            Self::Hooks => &["search", "queue", "flow", "event", "state", "sort", "columns"],
            Self::Deliveries => &[
                "search", "text", "state", "event", "queue", "hook", "flow", "failure", "span",
                "from", "to", "test", "warned",
            ],
        }
    }

    /// What of an address's query belongs to a view of this list, as a view keeps it.
    pub fn view_of(self, query: &str) -> String {
        let names = self.names();
        written(pairs(query).into_iter().filter(|(name, _)| names.contains(&name.as_str())))
    }
}

crate::user::word!(ViewList, "list");

/// Where in a list one stands, which is not part of a view.
const PLACE_NAMES: [&str; 3] = ["page", "before", "after"];

/// A view that a person has saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: ViewId,
    pub list: ViewList,
    /// Unique among the views that the person has of the list.
    pub name: String,
    /// The query of the address as [`canonical_query`] writes it.
    pub query: String,
    pub created_at: Millis,
}

/// The query of an address without `?`, without the place in the list and what is empty, in the
/// order of the alphabet and always escaped alike, so that equal views are equal texts.
pub fn canonical_query(query: &str) -> String {
    written(pairs(query).into_iter())
}

/// The names and values of a query, read.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (unescaped(name), unescaped(value))
    };
    parts.map(pair).collect()
}

fn written(pairs: impl Iterator<Item = (String, String)>) -> String {
    let kept =
        pairs.filter(|(name, value)| !value.is_empty() && !PLACE_NAMES.contains(&name.as_str()));
    let mut parts: Vec<_> =
        kept.map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value))).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join("&")
}

/// A text as it stands in a query.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// `%` that begins no byte stands for itself.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match coded(rest.clone()) {
                Some(coded) => {
                    bytes.push(coded);
                    rest.nth(1);
                }
                None => bytes.push(b'%'),
            },
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that the next two digits name.
fn coded(mut digits: impl Iterator<Item = u8>) -> Option<u8> {
    let mut digit = || char::from(digits.next()?).to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_views_are_equal_texts() {
        assert_eq!(canonical_query("?state=on&page=3&search=&type=task"), "state=on&type=task");
        assert_eq!(canonical_query("type=task&state=on&state=on"), "state=on&type=task");
        assert_eq!(canonical_query("?"), "");
        let written = "search=a%20b%20%26%20%D1%97-1%25";
        assert_eq!(canonical_query("search=a+b%20%26+ї%2D1%"), written);
        assert_eq!(canonical_query(written), written);
    }

    #[test]
    fn what_belongs_to_no_view_of_the_list_is_left_out() {
        let query = "list=queues&back=%2Fqueues&state=on&before=7&mode=strict";
        assert_eq!(ViewList::Queues.view_of(query), "state=on");
        assert_eq!(ViewList::Flows.view_of(query), "mode=strict");
        assert_eq!(
            pairs("search=a%3Db&x"),
            [("search".to_owned(), "a=b".to_owned()), ("x".to_owned(), String::new()),]
        );
    }
}
