//! Reading JSON, and saying what is wrong where it is none.

use super::fault;
use crate::http::problem::ApiProblem;
use axum::http::StatusCode;
use model::settings::DEPTH_MAX;
use serde_json::Value;

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
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let told = error.to_string();
        let what = told.trim_end_matches(&format!(" at line {line} column {column}"));
        if what.starts_with("recursion limit") {
            return NotJson::Deep;
        }
        NotJson::Malformed { what: what.to_owned(), line, column }
    })
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
}
