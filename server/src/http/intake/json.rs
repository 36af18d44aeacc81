//! Reading JSON, and saying what is wrong where it is none.
//!
//! An array is read an item at a time, so that each is measured before it is taken apart.

use super::{fault, too_large};
use crate::http::problem::ApiProblem;
use axum::http::StatusCode;
use model::settings::{DEPTH_MAX, EVENT_BYTES_MAX};
use serde_json::{Value, value::RawValue};

/// Why a text is not read as JSON.
#[derive(Debug)]
pub enum NotJson {
    /// It nests deeper than a reader goes, which is deeper than an event may.
    Deep,
    /// It is malformed at a line and a column, both from 1.
    Malformed { what: String, line: usize, column: usize },
}

/// Reads a whole text as one value.
pub fn read(text: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(text).map_err(NotJson::from)
}

/// The items of an array, as they stand there; nothing where the text is no array.
pub fn items(text: &[u8]) -> Result<Option<Vec<&RawValue>>, NotJson> {
    if !text.trim_ascii_start().starts_with(b"[") {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(text)?))
}

/// Reads an item, which may be as large as a body with one event.
pub fn read_item(item: &RawValue) -> Result<Value, ApiProblem> {
    if item.get().len() > EVENT_BYTES_MAX {
        return Err(too_large());
    }
    serde_json::from_str(item.get()).map_err(|error| NotJson::from(error).of_item())
}

impl From<serde_json::Error> for NotJson {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let told = error.to_string();
        let what = told.trim_end_matches(&format!(" at line {line} column {column}"));
        if what.starts_with("recursion limit") {
            return Self::Deep;
        }
        Self::Malformed { what: what.to_owned(), line, column }
    }
}

impl NotJson {
    /// The text was the body.
    pub fn of_body(self) -> ApiProblem {
        match self {
            Self::Deep => fault(deep()),
            Self::Malformed { what, line, column } => {
                malformed(format!("the body is not JSON: {what} at line {line} column {column}"))
            }
        }
    }

    /// The text was an item of an array.
    fn of_item(self) -> ApiProblem {
        match self {
            Self::Deep => fault(deep()),
            Self::Malformed { what, line, column } => malformed(format!(
                "the event is not JSON: {what} at line {line} column {column} of it"
            )),
        }
    }

    /// The text was this line of the body.
    pub fn of_line(self, number: usize) -> ApiProblem {
        match self {
            Self::Deep => fault(deep()),
            Self::Malformed { what, column, .. } => {
                malformed(format!("line {number} is not JSON: {what} at column {column}"))
            }
        }
    }

    /// The text stood packed within the body: what is to be said of its place.
    pub fn of_part(self) -> String {
        match self {
            Self::Deep => deep(),
            Self::Malformed { what, line, column } => {
                format!("holds no JSON: {what} at line {line} column {column} of it")
            }
        }
    }
}

fn deep() -> String {
    format!("nests more than {DEPTH_MAX} levels deep")
}

fn malformed(detail: String) -> ApiProblem {
    ApiProblem::new(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let of = |text: &str| read(text.as_bytes()).expect_err("malformed");
        assert_eq!(
            of("{\"a\":\n1,}").of_body().detail,
            "the body is not JSON: trailing comma at line 2 column 3"
        );
        assert_eq!(
            of("{\"a\": ]").of_line(7).detail,
            "line 7 is not JSON: expected value at column 7"
        );
        let deep = of(&"[".repeat(1_000)).of_line(7);
        assert_eq!((deep.status, deep.errors.len()), (422, 1));
        assert_eq!(of("").of_body().status, 400);
    }

    #[test]
    fn an_array_is_read_an_item_at_a_time() {
        let text = format!(
            r#" [ {{"a": [1, 2]}}, 1e999, "\ud800", {}1{} ]"#,
            "[".repeat(200),
            "]".repeat(200)
        );
        let items = items(text.as_bytes()).expect("an array").expect("an array");
        let read: Vec<_> = items.into_iter().map(read_item).collect();
        assert_eq!(read[0].as_ref().ok(), Some(&serde_json::json!({"a": [1, 2]})));
        let refused = |place: usize| read[place].as_ref().expect_err("not read").status;
        assert_eq!([refused(1), refused(2), refused(3)], [400, 400, 422]);
    }

    #[test]
    fn what_is_no_array_has_no_items_and_one_that_is_cut_off_none_that_are_read() {
        assert!(items(b"{\"a\": [1]}").expect("no array").is_none());
        assert!(items(b"").expect("no array").is_none());
        for cut in ["[", "[1", "[1,", "[1 2]", "[1]]", "[\"\x01\"]"] {
            assert!(items(cut.as_bytes()).is_err(), "{cut}");
        }
    }

    #[test]
    fn an_item_has_the_limit_of_one_event() {
        let of_size = |size: usize| format!("[\"{}\"]", "x".repeat(size - 2));
        for (size, status) in [(EVENT_BYTES_MAX, None), (EVENT_BYTES_MAX + 1, Some(413))] {
            let text = of_size(size);
            let items = items(text.as_bytes()).expect("an array").expect("an array");
            assert_eq!(read_item(items[0]).err().map(|problem| problem.status), status);
        }
    }
}
